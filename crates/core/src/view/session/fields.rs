//! What each field of a session is called and where it is shown.
//!
//! Guarantees: one entry for each field of a row's JSON, and one for each time of its details. Tests compare the
//! entries with the JSON and with the command's table; the page's details take their labels and order from here.

/// Whether a view shows a field, else the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// It shows the field.
    Shown,
    /// It does not, for this reason.
    Hidden(&'static str),
}

/// A field of a session.
#[derive(Clone, Copy, Debug)]
pub struct SessionField {
    /// Its name in JSON.
    pub name: &'static str,
    /// Whether the command's table shows it.
    pub table: Visibility,
    /// Its label in the details; `None` if they do not show it, which `details` explains.
    pub label: Option<&'static str>,
    /// Why the details do not show it; empty if they do.
    pub details: &'static str,
}

const NO_ROOM: Visibility = Visibility::Hidden("no room in a terminal; see --json and the window's details");
const IN_ROW: &str = "the row above the details shows it";

const fn labelled(name: &'static str, table: Visibility, label: &'static str) -> SessionField {
    SessionField { name, table, label: Some(label), details: "" }
}

const fn unlabelled(name: &'static str, table: Visibility, details: &'static str) -> SessionField {
    SessionField { name, table, label: None, details }
}

/// The fields of a row, in the order of the details.
pub const ROW_FIELDS: [SessionField; 20] = [
    labelled("role", Visibility::Shown, "Role"),
    labelled("goal", NO_ROOM, "Goal"),
    labelled("activity", Visibility::Shown, "Activity"),
    labelled("session_id", Visibility::Shown, "Session ID"),
    labelled("status", Visibility::Shown, "Registry status"),
    labelled("terminal", Visibility::Shown, "Terminal"),
    labelled("own_timeout_minutes", NO_ROOM, "Timeout"),
    labelled("last_heartbeat", Visibility::Shown, "Last heartbeat"),
    labelled("last_sign_of_life", Visibility::Shown, "Last sign of life"),
    labelled("pid", NO_ROOM, "Process"),
    unlabelled("number", Visibility::Shown, IN_ROW),
    unlabelled("state", Visibility::Shown, IN_ROW),
    unlabelled("reason", Visibility::Shown, IN_ROW),
    unlabelled("is_beating", Visibility::Shown, IN_ROW),
    unlabelled("is_background", Visibility::Shown, IN_ROW),
    unlabelled("is_kept", Visibility::Shown, IN_ROW),
    unlabelled("histogram", Visibility::Hidden("a chart needs the window"), IN_ROW),
    unlabelled("age_seconds", Visibility::Hidden("computed from last_sign_of_life"), "computed from last_sign_of_life"),
    unlabelled("process", Visibility::Hidden("part of the reason"), "part of the reason"),
    unlabelled("warnings", Visibility::Hidden("`headcount doctor` reports them"), "a list of its own below the fields"),
];

/// The fields that are read when the details are opened.
pub const DETAIL_FIELDS: [(&str, &str); 4] = [
    ("registered_at", "Registered"),
    ("reactivated_at", "Reactivated"),
    ("marked_inactive_at", "Marked inactive"),
    ("former_numbers", "Former numbers"),
];

/// The labels of the details, in their order.
pub fn labels() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROW_FIELDS.iter().filter_map(|field| Some((field.name, field.label?))).chain(DETAIL_FIELDS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::claude::activity::{Activity, ActivityKind};
    use crate::heartbeat::activity_histogram::ActivityHistogram;
    use crate::registry::Registry;
    use crate::time;
    use crate::view::session::details::Details;
    use crate::view::session::row::Row;
    use crate::view::snapshot::wire::{Reader, SessionRow};

    fn names(value: &impl serde::Serialize) -> BTreeSet<String> {
        serde_json::to_value(value).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_field_of_the_json_is_described() {
        let now = time::parse("2025-11-17T20:00:00Z").unwrap();
        let snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5)], now);
        let row = Row {
            activity: Some(Activity { kind: ActivityKind::Idle, since: None }),
            histogram: ActivityHistogram::of([now]),
            ..(*snapshot.rows[0]).clone()
        };
        let described: BTreeSet<String> = ROW_FIELDS.iter().map(|field| field.name.to_owned()).collect();
        assert_eq!(names(&SessionRow::of(&row, now, Reader::Window)), described);
        for field in &ROW_FIELDS {
            assert!(field.label.is_some() == field.details.is_empty(), "{} needs a label or a reason", field.name);
        }
    }

    #[test]
    fn every_field_of_the_details_is_described() {
        let registry = Registry::read(br#"{"5": {"status": "active"}}"#.to_vec()).unwrap();
        let listed_apart = ["number", "fields", "beats", "beats_that_day", "warnings"];
        let mut wanted: BTreeSet<String> = listed_apart.map(str::to_owned).into();
        wanted.extend(DETAIL_FIELDS.map(|(name, _)| name.to_owned()));
        assert_eq!(names(&Details::of(&registry, 5, Vec::new(), Vec::new()).unwrap()), wanted);
    }
}
