//! One session in every detail, for a person who asks: what a list has no room for.
//!
//! Promises: the entry's own times, its other fields as they stand, its former numbers, when it beat, and what is odd about
//! it in whole sentences. Long values are cut. Does not judge: see the session's row.

use chrono::TimeDelta;
use serde::Serialize;

use crate::json;
use crate::registry::{Number, Registry};
use crate::time::{self, Time};
use crate::view::warning::Warning;

/// Fields that a row shows already, or that are told here by name.
const TOLD: [&str; 10] = [
    "session_id",
    "number",
    "role",
    "goal",
    "status",
    "terminal",
    "registered_at",
    "reactivated_at",
    "marked_inactive_at",
    "former_numbers",
];

/// How much of a value is shown, in characters.
const VALUE: usize = 1000;

/// How many fields are shown, and how many beats.
const MOST: usize = 40;

/// A field of somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "OtherField"))]
pub struct Field {
    /// Its name.
    pub name: String,
    /// A string's text, or the JSON of anything else.
    pub value: String,
}

/// One session in every detail. Times are RFC 3339 in UTC, null where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Details {
    /// Its number.
    pub number: Number,
    /// When it was registered.
    pub registered_at: Option<String>,
    /// When it was brought back.
    pub reactivated_at: Option<String>,
    /// When it was last marked inactive.
    pub marked_inactive_at: Option<String>,
    /// The numbers it had before, oldest first.
    pub former_numbers: Vec<Number>,
    /// What else its entry says.
    pub fields: Vec<Field>,
    /// Its newest beats on the day before its last one, the last first.
    pub beats: Vec<String>,
    /// How many beats there were on that day.
    pub beats_that_day: usize,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

impl Details {
    /// The details of a session; nothing where there is no such one. `beats` are the moments of its beats, in any order.
    #[must_use]
    pub fn of(registry: &Registry, number: Number, beats: Vec<Time>, warnings: Vec<Warning>) -> Option<Self> {
        let entry = registry.entry(number)?;
        // A beat that was carried to another number is the same beat.
        let mut beats: Vec<Time> = beats.into_iter().map(time::whole_seconds).collect();
        beats.sort_unstable_by(|a, b| b.cmp(a));
        beats.dedup();
        if let Some(last) = beats.first().copied() {
            beats.retain(|beat| last.signed_duration_since(*beat) <= TimeDelta::days(1));
        }
        let others = registry.fields(number).filter(|(name, _)| !TOLD.contains(name)).take(MOST);
        Some(Self {
            number,
            registered_at: entry.registered_at.map(time::wire),
            reactivated_at: entry.reactivated_at.map(time::wire),
            marked_inactive_at: entry.marked_inactive_at.map(time::wire),
            former_numbers: entry.former_numbers.clone(),
            fields: others.map(|(name, raw)| Field { name: cut(name), value: value(raw) }).collect(),
            beats_that_day: beats.len(),
            beats: beats.into_iter().take(MOST).map(time::wire).collect(),
            warnings,
        })
    }
}

/// A value as a person reads it.
fn value(raw: &str) -> String {
    json::string(raw).map_or_else(|| cut(&json::byte_escape::shown(raw)), |text| cut(&text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_has_no_room_for() {
        let text = r#"{"5": {"session_id": "session-5", "role": "x", "registered_at": "2025-11-15 22:15:00 UTC",
            "former_numbers": [13, 2], "current_work": "a \"b\"\n<c>", "load": 1e3, "nested": {"a": [1]}, "nothing": null}}"#;
        let registry = Registry::read(text.as_bytes().to_vec()).unwrap();
        let at = |text| time::parse(text).unwrap();
        let beats = ["2025-11-17T19:00:00Z", "2025-11-17T19:59:00.5Z", "2025-11-16T19:00:00Z"].map(at).to_vec();
        let details = Details::of(&registry, 5, beats, Vec::new()).unwrap();
        assert_eq!(details.registered_at.as_deref(), Some("2025-11-15T22:15:00Z"));
        assert_eq!((details.reactivated_at, details.former_numbers), (None, vec![13, 2]));
        assert_eq!(details.beats, ["2025-11-17T19:59:00Z", "2025-11-17T19:00:00Z"]);
        assert_eq!(details.beats_that_day, 2);
        let fields: Vec<(&str, &str)> =
            details.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        let wanted =
            [("current_work", "a \"b\"\n<c>"), ("load", "1e3"), ("nested", "{\"a\": [1]}"), ("nothing", "null")];
        assert_eq!(fields, wanted);
        assert_eq!(Details::of(&registry, 6, Vec::new(), Vec::new()), None);
    }

    #[test]
    fn a_megabyte_is_cut() {
        let text = format!("{{\"1\": {{\"work\": \"{}\"}}}}", "ä".repeat(1 << 20));
        let registry = Registry::read(text.into_bytes()).unwrap();
        let details = Details::of(&registry, 1, Vec::new(), Vec::new()).unwrap();
        assert_eq!(details.fields[0].value.chars().count(), VALUE + 1);
    }
}
