//! A change to the registry, and how it is taken back.
//!
//! Promises: a change remembers, per session, the JSON text before and after of what it touched, so that undoing puts back
//! what stood there to the byte, and only where it still is as the change left it; a move is taken back with those it was
//! swapped with, or not at all. Does not write: it turns one text into another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::edit::{Edit, edited};
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
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryChange {
    /// Some fields were set or removed.
    Fields {
        /// Its number.
        number: Number,
        /// Its id afterwards: a later holder of the number is somebody else.
        session_id: String,
        /// The fields, in the order they were changed.
        fields: Vec<FieldChange>,
    },
    /// It moved to another number.
    Moved {
        /// The number before.
        from: Number,
        /// The number afterwards.
        to: Number,
        /// Its id afterwards.
        session_id: String,
        /// The fields that changed with it.
        fields: Vec<FieldChange>,
    },
    /// It was written, replaced or removed as a whole.
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

    /// The numbers it was about, before and after.
    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        let from = match self {
            Self::Moved { from, .. } => Some(*from),
            _ => None,
        };
        from.into_iter().chain([self.number()])
    }

    /// The opposite change; `registry` is the registry after that.
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

/// What is to be done to one session.
pub(crate) enum EntryEdit {
    /// Set or remove fields.
    Set(Number, Fields),
    /// Move to another number, and set fields.
    Move(Number, Number, Fields),
    /// Write the whole entry.
    Write(Number, String),
}

/// The registry's text with these wishes granted, and what changed. Sessions that do not exist are passed over.
pub(crate) fn apply(registry: &Registry, wishes: Vec<EntryEdit>) -> (String, Vec<EntryChange>) {
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for wish in wishes {
        match wish {
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

/// What undoing gives: the new text, who was put back, who was not.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The registry's text after it.
    pub text: String,
    /// The sessions put back: the opposite changes.
    pub restored: Vec<EntryChange>,
    /// The sessions left as they are.
    pub refused: Vec<Skipped>,
}

/// Puts back what `changes` did, session by session, wherever what was touched still is as the change left it.
#[must_use]
pub fn undo(registry: &Registry, changes: &[EntryChange]) -> Undone {
    let mut refused = Vec::new();
    let mut standing: Vec<&EntryChange> = Vec::new();
    for change in changes {
        match why_not(registry, change) {
            Some(why) => refused.push(Skipped { number: change.number(), why: why.into() }),
            None => standing.push(change),
        }
    }
    refuse_collisions(registry, &mut standing, &mut refused);
    let mut edits = Vec::new();
    for change in &standing {
        take_back(change, &mut edits);
    }
    let text = edited(registry, &edits);
    let after = Registry::of_text(text.clone()).unwrap_or_default();
    Undone { restored: standing.iter().map(|change| change.reversed(&after)).collect(), text, refused }
}

/// Makes changes again that somebody else's older copy took back.
#[must_use]
pub fn redo(registry: &Registry, changes: &[EntryChange]) -> Undone {
    let opposite: Vec<EntryChange> = changes.iter().map(|change| change.reversed(registry)).collect();
    undo(registry, &opposite)
}

/// The sessions among `changes` that stand again exactly as they were before.
#[must_use]
pub fn was_reverted(registry: &Registry, changes: &[EntryChange]) -> BTreeSet<Number> {
    let is_put_back = |change: &&EntryChange| {
        let opposite = change.reversed(registry);
        let touched = match &opposite {
            EntryChange::Fields { fields, .. } => !fields.is_empty(),
            EntryChange::Moved { .. } => true,
            EntryChange::Whole { before, after, .. } => before != after,
        };
        touched && why_not(registry, &opposite).is_none()
    };
    changes.iter().filter(is_put_back).map(|change| change.reversed(registry).number()).collect()
}

/// The sessions of `changes` as whole entries before them, given a registry in which they are in effect. An entry that cannot
/// be read as JSON is left out.
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

/// Whether an entry is as it was, as a whole and whatever its layout.
#[must_use]
pub fn is_entry(registry: &Registry, number: Number, before: &Value) -> bool {
    let now: Option<Value> = registry.raw_entry(number).and_then(|raw| serde_json::from_str(raw).ok());
    now.as_ref() == Some(before)
}

/// The numbers whose entries differ between two texts of a registry.
#[must_use]
pub fn differing(one: &Registry, other: &Registry) -> BTreeSet<Number> {
    let all = one.entries().iter().chain(other.entries()).map(|entry| entry.number);
    let plain = |raw: Option<&str>| raw.map(|raw| serde_json::from_str::<Value>(raw).map_err(|_| raw.to_owned()));
    // What is no JSON is compared by its bytes.
    let is_same = |one: Option<Result<Value, String>>, other| one == other;
    all.filter(|number| {
        let (one, other) = (one.raw_entry(*number), other.raw_entry(*number));
        one != other && !is_same(plain(one), plain(other))
    })
    .collect()
}

/// Why a change cannot be taken back, as far as its own session goes.
fn why_not(registry: &Registry, change: &EntryChange) -> Option<&'static str> {
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

/// A session can only move back to a number that is free, or is being left by one that moves back too.
fn refuse_collisions(registry: &Registry, standing: &mut Vec<&EntryChange>, refused: &mut Vec<Skipped>) {
    loop {
        let left: BTreeSet<Number> =
            standing.iter().filter(|change| is_move(change)).map(|change| change.number()).collect();
        let is_blocked = |change: &&EntryChange| match *change {
            EntryChange::Moved { from, .. } => is_held(registry, *from) && !left.contains(from),
            _ => false,
        };
        let Some(at) = standing.iter().position(is_blocked) else { return };
        let blocked = standing.remove(at);
        refused.push(Skipped { number: blocked.number(), why: "cannot move back: its number is taken".into() });
    }
}

fn is_move(change: &EntryChange) -> bool {
    matches!(change, EntryChange::Moved { .. })
}

fn is_held(registry: &Registry, number: Number) -> bool {
    registry.entry(number).is_some() || registry.bad_entries().contains(&number)
}

fn take_back(change: &EntryChange, edits: &mut Vec<Edit>) {
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
        let wishes = [2, 3, 9].map(|number| EntryEdit::Set(number, fields()));
        let (text, changes) = apply(&read(TEXT), wishes.into());
        (read(&text), changes)
    }

    fn swapped() -> (Registry, Vec<EntryChange>) {
        let number = |number: &str| vec![("number", Some(number.to_owned()))];
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Move(2, 3, number("3")), EntryEdit::Move(3, 2, number("2"))]);
        (read(&text), changes)
    }

    #[test]
    fn undo_gives_the_bytes_back() {
        for (after, changes) in [marked(), swapped()] {
            let undone = undo(&after, &changes);
            assert_eq!(undone.text, TEXT);
            assert_eq!((undone.restored.len(), undone.refused.len()), (2, 0));
            // Undoing the undoing is the change again, and so is redoing it.
            assert_eq!(undo(&read(TEXT), &undone.restored).text, after.text());
            assert_eq!(redo(&read(TEXT), &changes).text, after.text());
        }
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
        let id = "{\n    \"session_id\": \"new\",\n    \"status\": \"inactive\"";
        let reused = after.text().replacen("{\n    \"status\": \"inactive\"", id, 1);
        assert_eq!(undo(&read(&reused), &changes).refused[0].why, "belongs to another session now");
        assert_eq!(undo(&read("{}"), &changes).refused.len(), 2);
    }

    #[test]
    fn half_a_swap_is_not_undone() {
        let (after, changes) = swapped();
        let foreign = after.text().replacen("\"number\": 3", "\"number\": 33", 1);
        let undone = undo(&read(&foreign), &changes);
        assert_eq!((undone.text.as_str(), undone.restored.len(), undone.refused.len()), (foreign.as_str(), 0, 2));
        // One that moved to a free number can move back only while that number is free.
        let (text, changes) = apply(&read(TEXT), vec![EntryEdit::Move(2, 5, vec![])]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let taken = text.replacen("\"3\"", "\"2\"", 1);
        assert_eq!(undo(&read(&taken), &changes).refused.len(), 1);
    }

    #[test]
    fn whole_entries_come_and_go() {
        let (text, changes) =
            apply(&read(TEXT), vec![EntryEdit::Write(9, "{}".into()), EntryEdit::Write(2, "{\"new\": 1}".into())]);
        assert_eq!(undo(&read(&text), &changes).text, TEXT);
        let foreign = text.replacen("\"new\": 1", "\"new\": 2", 1);
        assert_eq!(undo(&read(&foreign), &changes).refused, [Skipped { number: 2, why: "was changed since".into() }]);
    }

    #[test]
    fn an_older_copy_is_noticed() {
        let (after, changes) = marked();
        assert!(was_reverted(&after, &changes).is_empty());
        assert_eq!(was_reverted(&read(TEXT), &changes), [2, 3].into());
        // Somebody who reactivates in another way did not put an older copy back.
        let reactivated = after.text().replacen("\"inactive\"", "\"active\"", 1);
        assert!(was_reverted(&read(&reactivated), &changes).is_empty());
        let (_, moves) = swapped();
        assert_eq!(was_reverted(&read(TEXT), &moves), [2, 3].into());
    }
}
