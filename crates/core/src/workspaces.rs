//! The workspaces that the configuration names: `[[workspace]]` tables.
//!
//! Guarantees: a name is one short line and unique; paths are absolute. A table that is not valid is reported, and the
//! others apply. Does not read files.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::settings::path;

/// Maximum number of workspaces; each is followed by one task.
pub const MAX_WORKSPACES: usize = 64;

/// Maximum length of a name in characters, so that it fits into a menu.
const MAX_NAME: usize = 40;

/// The keys of a table, as they are documented.
pub const WORKSPACE_KEYS: [&str; 3] = ["name", "registry", "heartbeats"];

/// A workspace that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedWorkspace {
    /// Its name.
    pub name: String,
    /// Its registry, which need not exist.
    pub registry: PathBuf,
    /// Its heartbeats folder, if that is not next to the registry.
    pub heartbeats: Option<PathBuf>,
}

/// Why a `[[workspace]]` table is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWorkspace {
    /// It is not a table.
    #[error("it is not a table")]
    NotATable,
    /// It has a key that does not exist.
    #[error("the key {0:?} is unknown")]
    Key(String),
    /// It has no valid name.
    #[error(
        "the name is missing or invalid: expected one line of 1 to 40 visible characters without spaces around it or two in a row"
    )]
    Name,
    /// Another table has the name.
    #[error("the name {0:?} is used twice")]
    Duplicate(String),
    /// A path is missing or not absolute.
    #[error("{0} is missing or invalid: expected an absolute path")]
    Path(&'static str),
    /// There are too many.
    #[error("there are more than {MAX_WORKSPACES}")]
    TooMany,
}

/// Whether a text can be the name of a workspace.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.chars().count()) && crate::foreign_text::plain(text, MAX_NAME) == text
}

/// The workspaces of the `[[workspace]]` tables in their order, and the problems as texts without a full stop.
#[must_use]
pub fn read_workspaces(tables: &[Value]) -> (Vec<NamedWorkspace>, Vec<String>) {
    let (mut workspaces, mut complaints) = (Vec::new(), Vec::new());
    for (index, table) in tables.iter().enumerate() {
        match one(table, &workspaces) {
            Ok(workspace) => workspaces.push(workspace),
            Err(invalid) => complaints.push(format!("[[workspace]] {} is ignored: {invalid}", index + 1)),
        }
    }
    (workspaces, complaints)
}

fn one(table: &Value, before: &[NamedWorkspace]) -> Result<NamedWorkspace, InvalidWorkspace> {
    let table: &Map<String, Value> = table.as_object().ok_or(InvalidWorkspace::NotATable)?;
    if let Some(key) = table.keys().find(|key| !WORKSPACE_KEYS.contains(&key.as_str())) {
        return Err(InvalidWorkspace::Key(key.clone()));
    }
    let name = table.get("name").and_then(Value::as_str).filter(|name| is_name(name)).ok_or(InvalidWorkspace::Name)?;
    let at = |key: &'static str| match table.get(key) {
        None => Ok(None),
        Some(value) => path(value).map(Some).ok_or(InvalidWorkspace::Path(key)),
    };
    let registry = at("registry")?.ok_or(InvalidWorkspace::Path("registry"))?;
    let workspace = NamedWorkspace { name: name.to_owned(), registry, heartbeats: at("heartbeats")? };
    if before.iter().any(|other| other.name == workspace.name) {
        return Err(InvalidWorkspace::Duplicate(workspace.name));
    }
    if before.len() >= MAX_WORKSPACES { Err(InvalidWorkspace::TooMany) } else { Ok(workspace) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ROOT: &str = if cfg!(windows) { "C:\\" } else { "/" };

    fn complaint(table: &Value) -> String {
        let (workspaces, mut complaints) = read_workspaces(std::slice::from_ref(table));
        assert!(workspaces.is_empty(), "{workspaces:?}");
        complaints.remove(0)
    }

    #[test]
    fn valid_tables_are_read_in_their_order() {
        let tables = [
            json!({ "name": "market engine", "registry": format!("{ROOT}m.json") }),
            json!({ "name": "bürö", "registry": format!("{ROOT}b.json"), "heartbeats": format!("{ROOT}beats") }),
        ];
        let (workspaces, complaints) = read_workspaces(&tables);
        assert!(complaints.is_empty(), "{complaints:?}");
        assert_eq!(workspaces[0].name, "market engine");
        assert_eq!(workspaces[1].heartbeats, Some(format!("{ROOT}beats").into()));
    }

    #[test]
    fn each_invalid_table_is_reported_and_the_others_apply() {
        let registry = format!("{ROOT}r.json");
        for (table, wanted) in [
            (json!(5), "it is not a table"),
            (json!({ "registry": registry }), "the name is missing"),
            (json!({ "name": "a\nb", "registry": registry }), "the name is missing or invalid"),
            (json!({ "name": " a", "registry": registry }), "the name is missing or invalid"),
            (json!({ "name": "x".repeat(41), "registry": registry }), "the name is missing or invalid"),
            (json!({ "name": "a" }), "registry is missing"),
            (json!({ "name": "a", "registry": "r.json" }), "registry is missing or invalid"),
            (json!({ "name": "a", "registry": registry, "heartbeats": 1 }), "heartbeats is missing or invalid"),
            (json!({ "name": "a", "registry": registry, "color": "red" }), "the key \"color\" is unknown"),
        ] {
            let complaint = complaint(&table);
            assert!(complaint.starts_with("[[workspace]] 1 is ignored: ") && complaint.contains(wanted), "{complaint}");
        }
        let tables =
            [json!({ "name": "a", "registry": registry }), json!([]), json!({ "name": "a", "registry": registry })];
        let (workspaces, complaints) = read_workspaces(&tables);
        assert_eq!(workspaces.len(), 1);
        assert!(complaints[1].contains("3 is ignored: the name \"a\" is used twice"), "{complaints:?}");
    }

    #[test]
    fn their_number_is_limited() {
        let table = |number: usize| json!({ "name": format!("w{number}"), "registry": format!("{ROOT}{number}") });
        let tables: Vec<Value> = (0..MAX_WORKSPACES + 2).map(table).collect();
        let (workspaces, complaints) = read_workspaces(&tables);
        assert_eq!((workspaces.len(), complaints.len()), (MAX_WORKSPACES, 2));
    }
}
