//! A change to the registry, and how it is taken back.
//!
//! Promises: a change remembers, per session and field, the JSON text before and after, so that undoing puts back what
//! stood there to the byte, and only where it still is as the change left it. Does not write: it turns one text into another.

use serde::{Deserialize, Serialize};

use crate::edit::{FieldEdit, edited};
use crate::registry::{Number, Registry};

/// One field of a session, before and after. Nothing means: it was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name.
    pub field: String,
    /// Its JSON text before.
    pub before: Option<String>,
    /// Its JSON text after.
    pub after: Option<String>,
}

/// What a change did to one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryChange {
    /// Its number.
    pub number: Number,
    /// Its id when it was changed: a later holder of the number is somebody else.
    pub session_id: String,
    /// The fields, in the order they were changed.
    pub fields: Vec<FieldChange>,
}

/// A session that was asked for and not changed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Skipped {
    /// Its number.
    pub number: Number,
    /// A phrase that goes on after "session 5": "is active again".
    pub why: String,
}

/// Fields to be set in one session: name and JSON text, nothing to remove.
pub(crate) type Fields = Vec<(&'static str, Option<String>)>;

/// Sets fields and remembers what was there. Sessions that do not exist are passed over.
pub(crate) fn apply(registry: &Registry, wanted: Vec<(Number, Fields)>) -> (String, Vec<EntryChange>) {
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for (number, fields) in wanted {
        let Some(entry) = registry.entry(number) else { continue };
        let mut change = EntryChange { number, session_id: entry.session_id.clone(), fields: Vec::new() };
        for (field, value) in fields {
            let before = registry.raw(number, field).map(str::to_owned);
            if before != value {
                change.fields.push(FieldChange { field: field.into(), before, after: value.clone() });
                edits.push(FieldEdit { number, field: field.into(), value });
            }
        }
        changes.push(change);
    }
    (edited(registry, &edits), changes)
}

/// What undoing gives: the new text, who was put back, who was not.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The registry's text after it.
    pub text: String,
    /// The sessions put back, with what changed for them.
    pub restored: Vec<EntryChange>,
    /// The sessions left as they are.
    pub refused: Vec<Skipped>,
}

/// Puts back what `changes` did, entry by entry, wherever the touched fields still are as the change left them.
#[must_use]
pub fn undo(registry: &Registry, changes: &[EntryChange]) -> Undone {
    let (mut edits, mut restored, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let why = match registry.entry(change.number) {
            None => Some("is no longer in the registry"),
            Some(entry) if entry.session_id != change.session_id => Some("belongs to another session now"),
            Some(_) if !stands(registry, change) => Some("was changed since"),
            Some(_) => None,
        };
        if let Some(why) = why {
            refused.push(Skipped { number: change.number, why: why.into() });
            continue;
        }
        let mut back = EntryChange { fields: Vec::new(), ..change.clone() };
        for field in change.fields.iter().rev() {
            edits.push(FieldEdit { number: change.number, field: field.field.clone(), value: field.before.clone() });
            back.fields.push(FieldChange {
                field: field.field.clone(),
                before: field.after.clone(),
                after: field.before.clone(),
            });
        }
        restored.push(back);
    }
    Undone { text: edited(registry, &edits), restored, refused }
}

fn stands(registry: &Registry, change: &EntryChange) -> bool {
    change.fields.iter().all(|field| registry.raw(change.number, &field.field) == field.after.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    const TEXT: &str = "{\n  \"2\": {\n    \"status\": \"active\",\n    \"x\": 1e3\n  },\n  \"3\": {\n    \"status\": \"working\"\n  }\n}";

    fn marked() -> (Registry, Vec<EntryChange>) {
        let fields = || vec![("status", Some("\"inactive\"".to_owned())), ("m", Some("1".to_owned()))];
        let (text, changes) = apply(&read(TEXT), vec![(2, fields()), (3, fields()), (9, fields())]);
        (read(&text), changes)
    }

    #[test]
    fn undo_gives_the_bytes_back() {
        let (after, changes) = marked();
        let undone = undo(&after, &changes);
        assert_eq!(undone.text, TEXT);
        assert_eq!(undone.restored.len(), 2);
        assert!(undone.refused.is_empty());
        // And undoing the undoing is the change again.
        assert_eq!(undo(&read(TEXT), &undone.restored).text, after.text());
    }

    #[test]
    fn undo_refuses_what_somebody_changed_since_and_only_that() {
        let (after, changes) = marked();
        let foreign = after.text().replacen("\"m\": 1", "\"m\": 2", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!(undone.refused, [Skipped { number: 2, why: "was changed since".into() }]);
        assert!(undone.text.contains("\"working\"") && undone.text.contains("\"m\": 2"));
    }

    #[test]
    fn undo_does_not_touch_a_later_holder_of_the_number() {
        let (after, changes) = marked();
        let reused = after.text().replacen(
            "{\n    \"status\": \"inactive\"",
            "{\n    \"session_id\": \"new\",\n    \"status\": \"inactive\"",
            1,
        );
        assert_eq!(undo(&read(&reused), &changes).refused[0].why, "belongs to another session now");
        assert_eq!(undo(&read("{}"), &changes).refused.len(), 2);
    }
}
