//! The journal made true again from the start, one change after the other, without Headcount's own code for it.
//!
//! Promises: every change must find what it says stood there before, to the value; so the journal's order is the order in
//! which the registry changed, with nothing left out. Compares meaning: layout is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use headcount_core::registry::change::{EntryChange, FieldChange};
use headcount_engine::store::journal::Record;
use serde_json::{Map, Value};

/// What a registry means.
pub(crate) type Meaning = BTreeMap<u64, Map<String, Value>>;

pub(crate) fn meaning(text: &str) -> Meaning {
    serde_json::from_str(text).unwrap()
}

/// What the registry must mean after all of these.
pub(crate) fn replayed(start: &str, records: &[Record]) -> Meaning {
    let happened_not: BTreeSet<&str> =
        records.iter().filter(|record| record.what == "withdrawn").filter_map(|record| record.of.as_deref()).collect();
    let mut meaning = meaning(start);
    for record in records.iter().filter(|record| !happened_not.contains(record.id.as_str())) {
        apply(&mut meaning, record);
    }
    meaning
}

fn apply(meaning: &mut Meaning, record: &Record) {
    // Those who move leave first: two may swap.
    let mut moving: BTreeMap<u64, Map<String, Value>> = BTreeMap::new();
    for change in &record.entries {
        if let EntryChange::Moved { from, to, .. } = change {
            let entry = meaning.remove(from).unwrap_or_else(|| panic!("nobody moves from {from}: {record:?}"));
            moving.insert(*to, entry);
        }
    }
    for (to, entry) in moving {
        assert!(meaning.insert(to, entry).is_none(), "somebody was at {to}: {record:?}");
    }
    for change in &record.entries {
        match change {
            EntryChange::Fields { number, fields, .. } | EntryChange::Moved { to: number, fields, .. } => {
                let entry = meaning.get_mut(number).unwrap_or_else(|| panic!("nobody is {number}: {record:?}"));
                for field in fields {
                    set(entry, field, record);
                }
            }
            EntryChange::Whole { number, before, after } => {
                let found = meaning.remove(number).map(Value::Object);
                assert_eq!(found, before.as_deref().map(value), "{record:?}");
                let after = after.as_deref().map(|after| serde_json::from_str(after).unwrap());
                meaning.extend(after.map(|after| (*number, after)));
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
