//! The details of one session that the list does not show.
//!
//! Guarantees: contains the entry's times, its other fields unchanged, its former numbers, its heartbeats and its
//! warnings as whole sentences. Long values are cut. Does not judge the session: see its row.

use chrono::TimeDelta;
use serde::Serialize;

use crate::json;
use crate::registry::{Number, Registry};
use crate::time::{self, Time};
use crate::view::warning::Warning;

/// Fields that the row or a named field of [`Details`] shows.
const NAMED_FIELDS: [&str; 11] = [
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
    "headcount",
];

/// Maximum length of a value, in characters.
const MAX_VALUE_LENGTH: usize = 1000;

/// Maximum number of fields and of heartbeats.
const MAX_ITEMS: usize = 40;

/// Another field of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct OtherField {
    /// Its name.
    pub name: String,
    /// A string's text, or the JSON of anything else.
    pub value: String,
}

/// The details of one session. Times are RFC 3339 in UTC, null if unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Details {
    /// Its number.
    pub number: Number,
    /// When it was registered.
    pub registered_at: Option<String>,
    /// When it was reactivated.
    pub reactivated_at: Option<String>,
    /// When it was last marked inactive.
    pub marked_inactive_at: Option<String>,
    /// The numbers it had before, oldest first.
    pub former_numbers: Vec<Number>,
    /// The other fields of its entry.
    pub fields: Vec<OtherField>,
    /// Its newest heartbeats in the 24 hours before its last one, the last first.
    pub beats: Vec<String>,
    /// The number of heartbeats in these 24 hours.
    pub beats_that_day: usize,
    /// Its warnings.
    pub warnings: Vec<Warning>,
}

impl Details {
    /// The details of a session; `None` if it does not exist. `beats` are the times of its heartbeats, in any order.
    #[must_use]
    pub fn of(registry: &Registry, number: Number, beats: Vec<Time>, warnings: Vec<Warning>) -> Option<Self> {
        let entry = registry.entry(number)?;
        // A heartbeat copied to another number counts once.
        let mut beats: Vec<Time> = beats.into_iter().map(time::whole_seconds).collect();
        beats.sort_unstable_by(|a, b| b.cmp(a));
        beats.dedup();
        if let Some(last) = beats.first().copied() {
            beats.retain(|beat| last.signed_duration_since(*beat) <= TimeDelta::days(1));
        }
        let others = registry.fields(number).filter(|(name, _)| !NAMED_FIELDS.contains(name)).take(MAX_ITEMS);
        Some(Self {
            number,
            registered_at: entry.registered_at.map(time::wire),
            reactivated_at: entry.reactivated_at.map(time::wire),
            marked_inactive_at: entry.marked_inactive_at.map(time::wire),
            former_numbers: entry.former_numbers.clone(),
            fields: others.map(|(name, raw)| OtherField { name: cut(name), value: value(raw) }).collect(),
            beats_that_day: beats.len(),
            beats: beats.into_iter().take(MAX_ITEMS).map(time::wire).collect(),
            warnings,
        })
    }
}

/// A value for display.
fn value(raw: &str) -> String {
    json::string(raw).map_or_else(|| cut(&json::byte_escape::shown(raw)), |text| cut(&text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_contain_times_fields_and_heartbeats() {
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
    fn long_values_are_cut() {
        let text = format!("{{\"1\": {{\"work\": \"{}\"}}}}", "ä".repeat(1 << 20));
        let registry = Registry::read(text.into_bytes()).unwrap();
        let details = Details::of(&registry, 1, Vec::new(), Vec::new()).unwrap();
        assert_eq!(details.fields[0].value.chars().count(), MAX_VALUE_LENGTH + 1);
    }
}
