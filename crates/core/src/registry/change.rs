//! Changes to the registry.
//!
//! Guarantees: a change records, per session, the JSON text before and after of everything it touched. Does not write
//! files: it computes one text from another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::edit::{Edit, edited};
use crate::registry::{Number, Registry};

const REGISTERED_AT: &str = "registered_at";

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
        /// The JSON text of the entry afterwards; `None` in records of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
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
    pub(super) fn reversed(&self, registry: &Registry) -> Self {
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
                let (session_id, entry) = (id(registry, *from), registry.raw_entry(*from).map(str::to_owned));
                Self::Moved { from: *to, to: *from, session_id, fields: back(fields), entry }
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
                changes.push(EntryChange::Moved { from, to, session_id: String::new(), fields, entry: None });
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
        if let EntryChange::Moved { entry, .. } = change {
            *entry = after.raw_entry(number).map(str::to_owned);
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

/// What tells that an entry is again the one from before a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Before {
    /// Fields were changed: the whole entry as it was.
    Entry(Value),
    /// The session was moved: when it was registered. Another session that takes the number that became free may have
    /// the same default id, but was registered at another time.
    RegisteredAt(Option<Value>),
}

/// What stood under each number before `changes`, given a registry in which the changes are in effect. Entries that
/// are not valid JSON are left out.
#[must_use]
pub fn entries_before(registry: &Registry, changes: &[EntryChange]) -> BTreeMap<Number, Before> {
    let before = |change: &EntryChange| {
        let mut entry: Map<String, Value> = serde_json::from_str(registry.raw_entry(change.number())?).ok()?;
        let (number, fields) = match change {
            EntryChange::Fields { number, fields, .. } => (*number, fields),
            EntryChange::Moved { from, .. } => return Some((*from, Before::RegisteredAt(entry.remove(REGISTERED_AT)))),
            EntryChange::Whole { .. } => return None,
        };
        for field in fields {
            match &field.before {
                Some(raw) => drop(entry.insert(field.field.clone(), serde_json::from_str(raw).ok()?)),
                None => drop(entry.remove(&field.field)),
            }
        }
        Some((number, Before::Entry(Value::Object(entry))))
    };
    changes.iter().filter_map(before).collect()
}

/// As [`entries_before`], for a move alone, by the entry that it recorded.
pub(super) fn moved_before(change: &EntryChange) -> BTreeMap<Number, Before> {
    let EntryChange::Moved { from, entry: Some(entry), .. } = change else { return BTreeMap::new() };
    let entry: Result<Map<String, Value>, _> = serde_json::from_str(entry);
    entry.map(|mut entry| (*from, Before::RegisteredAt(entry.remove(REGISTERED_AT)))).into_iter().collect()
}

/// Whether the entry under `number` is the one from before a change, independent of its layout.
#[must_use]
pub fn is_entry_before(registry: &Registry, number: Number, before: &Before) -> bool {
    let now: Option<Value> = registry.raw_entry(number).and_then(|raw| serde_json::from_str(raw).ok());
    match before {
        Before::Entry(before) => now.as_ref() == Some(before),
        Before::RegisteredAt(before) => now.is_some_and(|now| now.get(REGISTERED_AT) == before.as_ref()),
    }
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
