//! The configuration: a TOML file that the user edits, directly or through Headcount.
//!
//! Guarantees: `core::settings` defines the keys. An unknown key or invalid value is reported, and the other keys
//! apply. A file that cannot be read is reported, and the defaults apply. Writing changes one key atomically, and keeps
//! all comments and the layout; a file that cannot be parsed is not overwritten. Accepted limit: if an editor saves at
//! the same moment, one of the two versions wins as a whole, as between two editors.

pub mod named;
pub mod resolved;

use std::path::Path;

use headcount_core::settings::{KEYS, Setting, Settings};
use headcount_core::workspaces::{NamedWorkspace, read_workspaces};
use serde_json::Value;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use crate::Error;
use crate::files::atomic::OtherNames;
use crate::files::folder::Place;
use crate::files::{atomic, file, temp_files};
use crate::store::lock::{self, Lock};

/// Maximum size of a configuration in bytes.
const LIMIT: u64 = 1024 * 1024;

/// The key of the tables that name workspaces.
const WORKSPACE: &str = "workspace";

/// Maximum number of attempts if another program keeps writing the file.
const ATTEMPTS: usize = 5;

/// The user's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// All settings.
    pub settings: Settings,
    /// The workspaces that it names.
    pub workspaces: Vec<NamedWorkspace>,
    /// The problems of the file, as whole sentences.
    pub complaints: Vec<String>,
    /// Whether the whole file could not be parsed, so that all settings are the defaults.
    pub is_lost: bool,
}

impl Config {
    /// Reads a configuration file. If it does not exist, the defaults apply.
    #[must_use]
    pub fn read(path: Option<&Path>) -> Self {
        let Some(path) = path else { return Self::default() };
        let parsed = match text(path) {
            Ok(None) => return Self::default(),
            Ok(Some(text)) => Self::parse(&text),
            Err(reason) => Err(reason),
        };
        let lost = |reason| Self { complaints: vec![reason], is_lost: true, ..Self::default() };
        let mut config = parsed.unwrap_or_else(lost);
        for complaint in &mut config.complaints {
            *complaint = format!("Configuration {}: {complaint}.", path.display());
        }
        config
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut config = Self::default();
        for (key, item) in document(text)?.iter() {
            if key == WORKSPACE {
                let tables = plain(item).as_array().cloned().unwrap_or_else(|| vec![Value::Null]);
                let complaints;
                (config.workspaces, complaints) = read_workspaces(&tables);
                config.complaints.extend(complaints);
                continue;
            }
            match Setting::new(key, Some(&plain(item))) {
                Ok(setting) => config.settings.set(setting),
                Err(invalid) => config.complaints.push(invalid.to_string()),
            }
        }
        Ok(config)
    }
}

/// Sets one key in a configuration file. Creates the file if necessary.
///
/// # Errors
///
/// [`Error::Misconfigured`] if the file cannot be parsed, [`Error::Locked`], [`Error::ConcurrentModification`] or
/// [`Error::Io`].
pub fn set(path: &Path, setting: &Setting) -> Result<(), Error> {
    rewrite(path, &|text| Ok(edited(text, setting)?))
}

/// Adds a workspace to a configuration file. Creates the file if necessary.
///
/// # Errors
///
/// [`Error::InvalidWorkspace`] if it is not valid or its name is taken, and as [`set`].
pub fn add_workspace(path: &Path, workspace: &NamedWorkspace) -> Result<(), Error> {
    for path in std::iter::once(&workspace.registry).chain(&workspace.heartbeats) {
        if path.to_str().is_none() {
            return Err(Error::InvalidWorkspace(format!("the path {} is not valid UTF-8", path.display())));
        }
    }
    rewrite(path, &|text| {
        let mut values: Vec<Value> = Config::parse(text)?.workspaces.iter().map(as_value).collect();
        values.push(as_value(workspace));
        if let Some(complaint) = read_workspaces(&values).1.pop() {
            return Err(Error::InvalidWorkspace(complaint).into());
        }
        Ok(with_tables(text, |tables| tables.push(as_table(workspace)))?)
    })
}

/// Removes the workspace with this name from a configuration file.
///
/// # Errors
///
/// [`Error::NoWorkspace`], and as [`set`].
pub fn remove_workspace(path: &Path, name: &str) -> Result<(), Error> {
    let is_other = |table: &Table| table.get("name").and_then(Item::as_str) != Some(name);
    rewrite(path, &|text| {
        let known: Vec<String> = Config::parse(text)?.workspaces.into_iter().map(|known| known.name).collect();
        if !known.iter().any(|known| known == name) {
            return Err(Error::NoWorkspace { name: name.to_owned(), known }.into());
        }
        Ok(with_tables(text, |tables| tables.retain(is_other))?)
    })
}

fn as_value(workspace: &NamedWorkspace) -> Value {
    let NamedWorkspace { name, registry, heartbeats } = workspace;
    let mut value = serde_json::json!({ "name": name, "registry": registry.to_string_lossy() });
    if let (Some(heartbeats), Some(fields)) = (heartbeats, value.as_object_mut()) {
        fields.insert("heartbeats".into(), heartbeats.to_string_lossy().into());
    }
    value
}

fn as_table(workspace: &NamedWorkspace) -> Table {
    let mut table = Table::new();
    table.insert("name", toml_edit::value(workspace.name.as_str()));
    table.insert("registry", toml_edit::value(workspace.registry.to_string_lossy().as_ref()));
    if let Some(heartbeats) = &workspace.heartbeats {
        table.insert("heartbeats", toml_edit::value(heartbeats.to_string_lossy().as_ref()));
    }
    table
}

/// A configuration's text with changed `[[workspace]]` tables.
fn with_tables(text: &str, change: impl Fn(&mut ArrayOfTables)) -> Result<String, String> {
    let mut document = document(text)?;
    let item = document.entry(WORKSPACE).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let tables = item.as_array_of_tables_mut().ok_or("workspace is not written as [[workspace]] tables")?;
    change(tables);
    if tables.is_empty() {
        document.remove(WORKSPACE);
    }
    Ok(with_line_ends_of(text, &document))
}

/// A changed document with the line ends of the text before.
fn with_line_ends_of(before: &str, document: &DocumentMut) -> String {
    let text = document.to_string();
    if before.contains("\r\n") { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
}

/// Why an edit leaves a configuration as it is.
enum Unedited {
    /// The text is not as a configuration must be.
    Misconfigured(String),
    Refused(Error),
}

impl From<String> for Unedited {
    fn from(reason: String) -> Self {
        Self::Misconfigured(reason)
    }
}

impl From<Error> for Unedited {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Writes what `edit` makes of a configuration's text, which it is given under the lock.
fn rewrite(path: &Path, edit: &dyn Fn(&str) -> Result<String, Unedited>) -> Result<(), Error> {
    // A link is followed: users keep configuration files in other folders and link them.
    let target = file::real_or_same(path);
    atomic::create_private_folder(target.parent().unwrap_or(Path::new(".")))?;
    let _lock = Lock::take(&lock::path(&target), lock::LOCK_TIMEOUT)?;
    temp_files::sweep(&Place::of(&target, None)?, |_| {});
    let misconfigured = |reason| Error::Misconfigured { path: target.clone(), reason };
    for _ in 0..ATTEMPTS {
        let before = text(&target).map_err(misconfigured)?;
        let after = edit(before.as_deref().unwrap_or_default()).map_err(|unedited| match unedited {
            Unedited::Misconfigured(reason) => misconfigured(reason),
            Unedited::Refused(error) => error,
        })?;
        if before.as_ref() == Some(&after) {
            return Ok(());
        }
        if before.is_none() {
            return atomic::replace_private(&target, after.as_bytes());
        }
        let prepared = atomic::prepare(&target, after.as_bytes(), OtherNames::Follow)?;
        if text(&target).map_err(misconfigured)? == before {
            return prepared.put();
        }
    }
    Err(Error::ConcurrentModification { path: target })
}

/// A file's text; `None` if it does not exist. The error is the reason as text.
fn text(path: &Path) -> Result<Option<String>, String> {
    match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => {
            String::from_utf8(contents.bytes).map(Some).map_err(|error| error.to_string())
        }
        Ok(_) => Err("it is not a small text file".into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn document(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}"))
    })
}

/// A value in the form that core checks.
fn plain(item: &Item) -> Value {
    match item {
        Item::Value(toml_edit::Value::String(text)) => text.value().as_str().into(),
        Item::Value(toml_edit::Value::Integer(number)) => (*number.value()).into(),
        Item::Value(toml_edit::Value::Boolean(flag)) => (*flag.value()).into(),
        Item::Value(toml_edit::Value::Array(list)) => {
            list.iter().map(|item| plain(&Item::Value(item.clone()))).collect()
        }
        Item::Value(toml_edit::Value::InlineTable(table)) => {
            fields(table.iter().map(|(key, value)| (key, value.clone().into())))
        }
        Item::Table(table) => fields(table.iter().map(|(key, item)| (key, item.clone()))),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| plain(&Item::Table(table.clone()))).collect(),
        // No key has a value of another type.
        _ => Value::Object(serde_json::Map::new()),
    }
}

fn fields<'a>(members: impl Iterator<Item = (&'a str, Item)>) -> Value {
    Value::Object(members.map(|(key, item)| (key.to_owned(), plain(&item))).collect())
}

/// A configuration's text with one key changed.
fn edited(text: &str, setting: &Setting) -> Result<String, String> {
    let mut document = document(text)?;
    let was = document.get(setting.key()).map(plain);
    match setting.value() {
        Some(value) if was.as_ref() == Some(&value) => {}
        Some(value) => put(&mut document, setting.key(), &value),
        None => take(&mut document, setting.key()),
    }
    if was != setting.value() {
        setting.dependent_keys().iter().for_each(|key| take(&mut document, key));
    }
    Ok(with_line_ends_of(text, &document))
}

fn put(document: &mut DocumentMut, key: &str, value: &Value) {
    let mut new: toml_edit::Value = match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number.as_i64().unwrap_or_default().into(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().into(),
    };
    if let Some(old) = document.get_mut(key).and_then(Item::as_value_mut) {
        // The value keeps the space before it and the comment after it.
        *new.decor_mut() = old.decor().clone();
        *old = new;
        return;
    }
    take(document, key);
    // A comment above the first key belongs to the file, so it stays at the top.
    let head =
        if document.is_empty() { document.trailing().as_str().unwrap_or_default().to_owned() } else { String::new() };
    if document.is_empty() {
        document.set_trailing("");
    }
    let gap = if head.is_empty() && document.is_empty() || head.ends_with("\n\n") { "" } else { "\n" };
    let meaning = meaning(key).map(|meaning| format!("# {meaning}\n")).unwrap_or_default();
    document.insert(key, Item::Value(new));
    if let Some(mut key) = document.key_mut(key) {
        key.leaf_decor_mut().set_prefix(format!("{head}{gap}{meaning}"));
    }
}

/// Removes a key. Moves the user's comments on it to the end of the file.
fn take(document: &mut DocumentMut, key: &str) {
    let env = document.key(key).and_then(|key| key.leaf_decor().prefix()?.as_str().map(str::to_owned));
    let Some(removed) = document.remove(key) else { return };
    let behind = removed.as_value().and_then(|value| value.decor().suffix()?.as_str()).unwrap_or_default();
    let ours = meaning(key).map(|meaning| format!("# {meaning}")).unwrap_or_default();
    let env = env.unwrap_or_default();
    let kept = env.lines().chain([behind.trim()]).filter(|line| line.contains('#') && line.trim() != ours);
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    let kept = kept.fold(String::new(), |kept, line| kept + line + "\n");
    document.set_trailing(kept + &trailing);
}

fn meaning(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
