//! Changes to the registry, and their undo.
//!
//! Guarantees: a change records, per session, the JSON text before and after of everything it touched. Undo restores
//! these bytes exactly, and only for sessions that still are as the change left them; a swap of numbers is undone for
//! all of its sessions or for none. Does not write files: it computes one text from another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::edit::{Edit, edited};
use crate::registry::{Number, Registry};

/// The change of one field. `None`: the field was absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name.
    pub field: String,
    /// Its JSON text before.
    pub before: Option<String>,
    /// Its JSON text after.
    pub after: Option<String>,
}

/// The change of one session's entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryChange {
    /// Fields were set or removed.
    Fields {
        /// Its number.
        number: Number,
        /// Its id after the change. A later session with the same number has another id.
        session_id: String,
        /// The fields, in the order they were changed.
        fields: Vec<FieldChange>,
    },
    /// The session moved to another number.
    Moved {
        /// The number before.
        from: Number,
        /// The number afterwards.
        to: Number,
        /// Its id afterwards.
        session_id: String,
        /// The fields changed by the move.
        fields: Vec<FieldChange>,
    },
    /// The entry was written, replaced or removed as a whole.
    Whole {
        /// Its number.
        number: Number,
        /// The JSON text of the entry before.
        before: Option<String>,
        /// The JSON text of the entry afterwards.
        after: Option<String>,
    },
}

impl EntryChange {
    /// The session's number after the change.
    #[must_use]
    pub fn number(&self) -> Number {
        match self {
            Self::Fields { number, .. } | Self::Whole { number, .. } => *number,
            Self::Moved { to, .. } => *to,
        }
    }

    /// The numbers concerned, before and after the change.
    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        let from = match self {
            Self::Moved { from, .. } => Some(*from),
            _ => None,
        };
        from.into_iter().chain([self.number()])
    }

    /// The inverse of this change; `registry` is the registry after it.
    fn reversed(&self, registry: &Registry) -> Self {
        let back = |fields: &[FieldChange]| {
            let turned = |field: &FieldChange| {
                let FieldChange { field, before, after } = field.clone();
                FieldChange { field, before: after, after: before }
            };
            fields.iter().rev().map(turned).collect()
        };
        match self {
            Self::Fields { number, fields, .. } => {
                Self::Fields { number: *number, session_id: id(registry, *number), fields: back(fields) }
            }
            Self::Moved { from, to, fields, .. } => {
                Self::Moved { from: *to, to: *from, session_id: id(registry, *from), fields: back(fields) }
            }
            Self::Whole { number, before, after } => {
                Self::Whole { number: *number, before: after.clone(), after: before.clone() }
            }
        }
    }
}

fn id(registry: &Registry, number: Number) -> String {
    registry.entry(number).map(|entry| entry.session_id.clone()).unwrap_or_default()
}

/// A requested session that was not changed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Skipped {
    /// Its number.
    pub number: Number,
    /// A phrase that continues "session 5": "is active again".
    pub why: String,
}

/// Fields to set in one entry: name and JSON text; `None` removes the field.
pub(crate) type Fields = Vec<(&'static str, Option<String>)>;

/// The edit of one entry.
pub(crate) enum EntryEdit {
    /// Set or remove fields.
    Set(Number, Fields),
    /// Change the number, and set or remove fields.
    Move(Number, Number, Fields),
    /// Write the whole entry.
    Write(Number, String),
}

/// Applies edits. Returns the new text and the changes made. Edits of missing sessions are ignored.
pub(crate) fn apply(registry: &Registry, entry_edits: Vec<EntryEdit>) -> (String, Vec<EntryChange>) {
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for edit in entry_edits {
        match edit {
            EntryEdit::Set(number, fields) if registry.entry(number).is_some() => {
                let fields = set(registry, number, fields, &mut edits);
                changes.push(EntryChange::Fields { number, session_id: String::new(), fields });
            }
            EntryEdit::Move(from, to, fields) if registry.entry(from).is_some() => {
                edits.push(Edit::Rename { number: from, to });
                let fields = set(registry, from, fields, &mut edits);
                changes.push(EntryChange::Moved { from, to, session_id: String::new(), fields });
            }
            EntryEdit::Write(number, after) => {
                let before = registry.raw_entry(number).map(str::to_owned);
                edits.push(Edit::Entry { number, value: Some(after.clone()) });
                changes.push(EntryChange::Whole { number, before, after: Some(after) });
            }
            EntryEdit::Set(..) | EntryEdit::Move(..) => {}
        }
    }
    let text = edited(registry, &edits);
    let after = Registry::of_text(text.clone()).unwrap_or_default();
    for change in &mut changes {
        let number = change.number();
        if let EntryChange::Fields { session_id, .. } | EntryChange::Moved { session_id, .. } = change {
            *session_id = id(&after, number);
        }
    }
    (text, changes)
}

fn set(registry: &Registry, number: Number, fields: Fields, edits: &mut Vec<Edit>) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for (field, after) in fields {
        let before = registry.raw(number, field).map(str::to_owned);
        if before != after {
            edits.push(Edit::Field { number, field: field.into(), value: after.clone() });
            changes.push(FieldChange { field: field.into(), before, after });
        }
    }
    changes
}

/// The result of an undo.
#[derive(Clone, Debug)]
pub struct Reversal {
    /// The new text of the registry.
    pub text: String,
    /// The changes made, inverse to the undone ones.
    pub restored: Vec<EntryChange>,
    /// The sessions that were not restored.
    pub refused: Vec<Skipped>,
}

/// Undoes `changes`, session by session, for each session that still is as the change left it.
#[must_use]
pub fn undo(registry: &Registry, changes: &[EntryChange]) -> Reversal {
    let mut refused = Vec::new();
    let mut applicable: Vec<&EntryChange> = Vec::new();
    for change in changes {
        match refusal_reason(registry, change) {
            Some(why) => refused.push(Skipped { number: change.number(), why: why.into() }),
            None => applicable.push(change),
        }
    }
    refuse_collisions(registry, &mut applicable, &mut refused);
    let mut edits = Vec::new();
    for change in &applicable {
        push_undo_edits(change, &mut edits);
    }
    let text = edited(registry, &edits);
    let after = Registry::of_text(text.clone()).unwrap_or_default();
    Reversal { restored: applicable.iter().map(|change| change.reversed(&after)).collect(), text, refused }
}

/// Applies changes again that another program reverted.
#[must_use]
pub fn redo(registry: &Registry, changes: &[EntryChange]) -> Reversal {
    let opposite: Vec<EntryChange> = changes.iter().map(|change| change.reversed(registry)).collect();
    undo(registry, &opposite)
}

/// The sessions of `changes` that are again exactly as they were before, with the numbers they had then.
#[must_use]
pub fn reverted_sessions(registry: &Registry, changes: &[EntryChange]) -> BTreeSet<Number> {
    let is_reverted = |change: &&EntryChange| {
        let opposite = change.reversed(registry);
        let touched = match &opposite {
            EntryChange::Fields { fields, .. } => !fields.is_empty(),
            EntryChange::Moved { .. } => true,
            EntryChange::Whole { before, after, .. } => before != after,
        };
        touched && refusal_reason(registry, &opposite).is_none()
    };
    changes.iter().filter(is_reverted).map(|change| change.reversed(registry).number()).collect()
}

/// The whole entries as they were before `changes`, given a registry in which the changes are in effect. Entries that
/// are not valid JSON are left out.
#[must_use]
pub fn entries_before(registry: &Registry, changes: &[EntryChange]) -> BTreeMap<Number, Value> {
    let before = |change: &EntryChange| {
        let EntryChange::Fields { number, fields, .. } = change else { return None };
        let mut entry: Map<String, Value> = serde_json::from_str(registry.raw_entry(*number)?).ok()?;
        for field in fields {
            match &field.before {
                Some(raw) => drop(entry.insert(field.field.clone(), serde_json::from_str(raw).ok()?)),
                None => drop(entry.remove(&field.field)),
            }
        }
        Some((*number, Value::Object(entry)))
    };
    changes.iter().filter_map(before).collect()
}

/// Whether an entry equals `before` as a JSON value, independent of its layout.
#[must_use]
pub fn is_entry(registry: &Registry, number: Number, before: &Value) -> bool {
    let now: Option<Value> = registry.raw_entry(number).and_then(|raw| serde_json::from_str(raw).ok());
    now.as_ref() == Some(before)
}

/// The numbers of the entries that differ between two texts of a registry.
#[must_use]
pub fn differing(one: &Registry, other: &Registry) -> BTreeSet<Number> {
    let all = one.entries().iter().chain(other.entries()).map(|entry| entry.number);
    let plain = |raw: Option<&str>| raw.map(|raw| serde_json::from_str::<Value>(raw).map_err(|_| raw.to_owned()));
    // Entries that are not valid JSON are compared by their bytes.
    let is_same = |one: Option<Result<Value, String>>, other| one == other;
    all.filter(|number| {
        let (one, other) = (one.raw_entry(*number), other.raw_entry(*number));
        one != other && !is_same(plain(one), plain(other))
    })
    .collect()
}

/// Why a change cannot be undone, considering only its own session; `None` if it can.
fn refusal_reason(registry: &Registry, change: &EntryChange) -> Option<&'static str> {
    let number = change.number();
    let is_in_effect = |fields: &[FieldChange]| {
        fields.iter().all(|field| registry.raw(number, &field.field) == field.after.as_deref())
    };
    match change {
        EntryChange::Whole { after, .. } => {
            (registry.raw_entry(number) != after.as_deref()).then_some("was changed since")
        }
        EntryChange::Fields { session_id, fields, .. } | EntryChange::Moved { session_id, fields, .. } => {
            match registry.entry(number) {
                None => Some("is no longer in the registry"),
                Some(entry) if entry.session_id != *session_id => Some("belongs to another session now"),
                Some(_) if !is_in_effect(fields) => Some("was changed since"),
                Some(_) => None,
            }
        }
    }
}

/// Refuses moves back to a number that is in use and not vacated by another move of the same undo.
fn refuse_collisions(registry: &Registry, applicable: &mut Vec<&EntryChange>, refused: &mut Vec<Skipped>) {
    loop {
        let left: BTreeSet<Number> =
            applicable.iter().filter(|change| is_move(change)).map(|change| change.number()).collect();
        let is_blocked = |change: &&EntryChange| match *change {
            EntryChange::Moved { from, .. } => is_in_use(registry, *from) && !left.contains(from),
            _ => false,
        };
        let Some(at) = applicable.iter().position(is_blocked) else { return };
        let blocked = applicable.remove(at);
        refused.push(Skipped { number: blocked.number(), why: "cannot move back: its number is taken".into() });
    }
}

fn is_move(change: &EntryChange) -> bool {
    matches!(change, EntryChange::Moved { .. })
}

fn is_in_use(registry: &Registry, number: Number) -> bool {
    registry.entry(number).is_some() || registry.bad_entries().contains(&number)
}

fn push_undo_edits(change: &EntryChange, edits: &mut Vec<Edit>) {
    let number = change.number();
    match change {
        EntryChange::Whole { before, .. } => edits.push(Edit::Entry { number, value: before.clone() }),
        EntryChange::Fields { fields, .. } | EntryChange::Moved { fields, .. } => {
            if let EntryChange::Moved { from, .. } = change {
                edits.push(Edit::Rename { number, to: *from });
            }
            edits.extend(fields.iter().rev().map(|field| Edit::Field {
                number,
                field: field.field.clone(),
                value: field.before.clone(),
            }));
        }
    }
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
        let entry_edits = [2, 3, 9].map(|number| EntryEdit::Set(number, fields()));
        let (text, changes) = apply(&read(TEXT), entry_edits.into());
        (read(&text), changes)
    }

    fn swapped() -> (Registry, Vec<EntryChange>) {
        let number = |number: &str| vec![("number", Some(number.to_owned()))];
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Move(2, 3, number("3")), EntryEdit::Move(3, 2, number("2"))]);
        (read(&text), changes)
    }

    #[test]
    fn undo_restores_the_bytes() {
        for (after, changes) in [marked(), swapped()] {
            let undone = undo(&after, &changes);
            assert_eq!(undone.text, TEXT);
            assert_eq!((undone.restored.len(), undone.refused.len()), (2, 0));
            // Undoing the undo gives the change again, and so does redo.
            assert_eq!(undo(&read(TEXT), &undone.restored).text, after.text());
            assert_eq!(redo(&read(TEXT), &changes).text, after.text());
        }
    }

    #[test]
    fn undo_refuses_only_sessions_changed_since() {
        let (after, changes) = marked();
        let foreign = after.text().replacen("\"m\": 1", "\"m\": 2", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!(undone.refused, [Skipped { number: 2, why: "was changed since".into() }]);
        assert!(undone.text.contains("\"working\"") && undone.text.contains("\"m\": 2"));
    }

    #[test]
    fn undo_does_not_change_a_later_session_with_the_number() {
        let (after, changes) = marked();
        let id = "{\n    \"session_id\": \"new\",\n    \"status\": \"inactive\"";
        let reused = after.text().replacen("{\n    \"status\": \"inactive\"", id, 1);
        assert_eq!(undo(&read(&reused), &changes).refused[0].why, "belongs to another session now");
        assert_eq!(undo(&read("{}"), &changes).refused.len(), 2);
    }

    #[test]
    fn a_swap_is_undone_completely_or_not_at_all() {
        let (after, changes) = swapped();
        let foreign = after.text().replacen("\"number\": 3", "\"number\": 33", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!((undone.text.as_str(), undone.restored.len(), undone.refused.len()), (foreign.as_str(), 0, 2));
        // A move to a free number is undone only while the old number is free.
        let (text, changes) = apply(&read(TEXT), vec![EntryEdit::Move(2, 5, vec![])]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let taken = text.replacen("\"3\"", "\"2\"", 1);
        assert_eq!(undo(&read(&taken), &changes).refused.len(), 1);
    }

    #[test]
    fn whole_entries_are_undone() {
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Write(9, "{}".into()), EntryEdit::Write(2, "{\"new\": 1}".into())]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let foreign = text.replacen("\"new\": 1", "\"new\": 2", 1);
        assert_eq!(undo(&read(&foreign), &changes).refused, [Skipped { number: 2, why: "was changed since".into() }]);
    }

    #[test]
    fn reverted_changes_are_detected() {
        let (after, changes) = marked();
        assert!(reverted_sessions(&after, &changes).is_empty());
        assert_eq!(reverted_sessions(&read(TEXT), &changes), [2, 3].into());
        // Reactivating in another way is not a revert.
        let reactivated = after.text().replacen("\"inactive\"", "\"active\"", 1);
        assert!(reverted_sessions(&read(&reactivated), &changes).is_empty());
        let (_, moves) = swapped();
        assert_eq!(reverted_sessions(&read(TEXT), &moves), [2, 3].into());
    }
}
