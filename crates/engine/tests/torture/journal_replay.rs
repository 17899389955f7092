//! Replays the journal from the start, one change after the other, without Headcount's own code for it.
//!
//! Guarantees: every change must find the recorded previous values, so the journal's order is the order of the
//! registry's changes, without gaps. Compares values, not layout.

use std::collections::{BTreeMap, BTreeSet};

use headcount_core::registry::change::{EntryChange, FieldChange};
use headcount_engine::store::journal::Record;
use serde_json::{Map, Value};

/// The values of a registry.
pub(crate) type Values = BTreeMap<u64, Map<String, Value>>;

pub(crate) fn values(text: &str) -> Values {
    serde_json::from_str(text).unwrap()
}

/// The values of the registry after all of these records.
pub(crate) fn replayed(start: &str, records: &[Record]) -> Values {
    let withdrawn: BTreeSet<&str> =
        records.iter().filter(|record| record.what == "withdrawn").filter_map(|record| record.of.as_deref()).collect();
    let mut values = values(start);
    for record in records.iter().filter(|record| !withdrawn.contains(record.id.as_str())) {
        apply(&mut values, record);
    }
    values
}

fn apply(values: &mut Values, record: &Record) {
    // Moving entries are removed first, because two may swap.
    let mut moving: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    for change in &record.entries {
        if let EntryChange::Moved { from, to, .. } = change {
            let entry = values.remove(from).unwrap_or_else(|| panic!("no session to move from {from}: {record:?}"));
            moving.insert(*to, entry);
        }
    }
    for (to, entry) in moving {
        assert!(values.insert(to, entry).is_none(), "number {to} is taken: {record:?}");
    }
    for change in &record.entries {
        match change {
            EntryChange::Fields { number, fields, .. } | EntryChange::Moved { to: number, fields, .. } => {
                let entry = values.get_mut(number).unwrap_or_else(|| panic!("no session {number}: {record:?}"));
                for field in fields {
                    set(entry, field, record);
                }
            }
            EntryChange::Whole { number, before, after } => {
                let found = values.remove(number).map(Value::Object);
                assert_eq!(found, before.as_deref().map(value), "{record:?}");
                let after = after.as_deref().map(|after| serde_json::from_str(after).unwrap());
                values.extend(after.map(|after| (*number, after)));
            }
        }
    }
}

fn set(entry: &mut Map<String, Value>, FieldChange { field, before, after }: &FieldChange, record: &Record) {
    assert_eq!(entry.get(field), before.as_deref().map(value).as_ref(), "{field} in {record:?}");
    match after {
        Some(after) => drop(entry.insert(field.clone(), value(after))),
        None => drop(entry.remove(field)),
    }
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}
