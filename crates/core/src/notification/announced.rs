//! The memory of announced sessions, kept across restarts.
//!
//! Guarantees: a session is announced again only if it was active since, and at most once an hour; entries that can no
//! longer matter are removed. Does not decide what is announced now.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::liveness::State;
use crate::liveness::cleanup::Target;
use crate::time::{self, Time};
use crate::view::snapshot::Snapshot;

/// Minimum time between two announcements of the same session, however often its state changes.
const MIN_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// How long a session that is no longer in the registry is remembered.
const ABSENT_RETENTION: TimeDelta = TimeDelta::days(1);

/// Number of remembered sessions above which those that are no longer in the registry are removed at once.
const MAX_SESSIONS: usize = 10_000;

/// Maximum number of remembered reverts by another program that were announced.
const MAX_REVERTS: usize = 100;

/// The announced sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Line>", into = "Vec<Line>")]
pub(crate) struct Announced(BTreeMap<Target, Entry>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// When it was announced; `None` in the format of earlier versions.
    at: Option<Time>,
    /// It was active since.
    is_over: bool,
}

/// The stored form of an entry.
#[derive(Clone, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_over: bool,
}

impl From<Vec<Line>> for Announced {
    fn from(lines: Vec<Line>) -> Self {
        Self(lines.into_iter().map(|line| (line.target, Entry { at: line.at, is_over: line.is_over })).collect())
    }
}

impl From<Announced> for Vec<Line> {
    fn from(announced: Announced) -> Self {
        let line = |(target, entry): (Target, Entry)| Line { target, at: entry.at, is_over: entry.is_over };
        announced.0.into_iter().map(line).collect()
    }
}

impl Announced {
    /// Whether a session was announced and has not been active since.
    pub(crate) fn contains(&self, target: &Target) -> bool {
        self.0.get(target).is_some_and(|entry| !entry.is_over)
    }

    /// The earliest moment of a session's next announcement; `None` if there is no restriction.
    pub(crate) fn not_before(&self, target: &Target) -> Option<Time> {
        self.0.get(target)?.at.map(|at| time::later(at, MIN_INTERVAL))
    }

    /// Records these sessions as announced.
    pub(crate) fn add(&mut self, targets: impl IntoIterator<Item = Target>, now: Time) {
        self.0.extend(targets.into_iter().map(|target| (target, Entry { at: Some(now), is_over: false })));
    }

    /// Removes sessions after their announcement was not shown.
    pub(crate) fn remove(&mut self, targets: &[Target]) {
        self.0.retain(|target, _| !targets.contains(target));
    }

    /// Updates the memory from a snapshot. Returns whether it changed.
    pub(crate) fn observe(&mut self, snapshot: &Snapshot, now: Time) -> bool {
        let before = self.0.clone();
        for (target, entry) in &mut self.0 {
            // Limit entries written by a clock that was ahead, so that they do not mute a session for longer.
            entry.at = Some(entry.at.map_or(now, |at| at.min(now)));
            entry.is_over |=
                snapshot.row(target.number).is_some_and(|row| row.state == State::Active && target.is(row));
        }
        let is_past = |entry: &Entry, span| entry.at.is_some_and(|at| time::later(at, span) <= now);
        let is_full = self.0.len() > MAX_SESSIONS;
        // A session that is gone from the registry is kept for a while: a checkout removes the file for a moment.
        self.0.retain(|target, entry| {
            let is_absent = !snapshot.row(target.number).is_some_and(|row| target.is(row));
            let is_forgotten = is_absent && !snapshot.rows.is_empty() && (is_full || is_past(entry, ABSENT_RETENTION));
            let has_settled = entry.is_over && is_past(entry, MIN_INTERVAL);
            !has_settled && !is_forgotten
        });
        self.0 != before
    }
}

/// The changes that another program reverted and that were announced. Change ids begin with their time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reverts(std::collections::BTreeSet<String>);

impl Reverts {
    /// Records a change. Returns whether it is new.
    pub(crate) fn add(&mut self, change: &str) -> bool {
        let is_new = self.0.insert(change.to_owned());
        while self.0.len() > MAX_REVERTS {
            self.0.pop_first();
        }
        is_new
    }

    /// Removes a change after its announcement was not shown.
    pub(crate) fn remove(&mut self, change: &str) {
        self.0.remove(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::announcement::tests::snapshot;

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    fn target(number: u64) -> Target {
        Target { number, session_id: Some(format!("session-{number}")) }
    }

    #[test]
    fn entries_that_can_no_longer_matter_are_removed() {
        let mut announced = Announced::default();
        announced.add([target(1), target(2), target(7)], now());
        let at = |span: TimeDelta| now() + span;
        assert!(
            !announced.observe(&snapshot(&[(1, 121), (2, 121)], at(TimeDelta::minutes(1))), at(TimeDelta::minutes(1)))
        );
        // Session 2 is active, session 7 is not in the registry.
        assert!(
            announced.observe(&snapshot(&[(1, 121), (2, 1)], at(TimeDelta::minutes(2))), at(TimeDelta::minutes(2)))
        );
        assert!(announced.contains(&target(1)) && !announced.contains(&target(2)) && announced.contains(&target(7)));
        assert_eq!(announced.not_before(&target(2)), Some(at(TimeDelta::hours(1))));
        announced.observe(&snapshot(&[(1, 121), (2, 1)], at(TimeDelta::hours(1))), at(TimeDelta::hours(1)));
        assert_eq!(announced.not_before(&target(2)), None);
        let empty = Snapshot { rows: Vec::new(), ..snapshot(&[], at(TimeDelta::days(2))) };
        announced.observe(&empty, at(TimeDelta::days(2)));
        assert_eq!(announced.0.len(), 2, "the registry is away for a moment");
        announced.observe(&snapshot(&[(1, 121)], at(TimeDelta::days(2))), at(TimeDelta::days(2)));
        assert_eq!(announced.0.keys().collect::<Vec<_>>(), [&target(1)]);
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_mute_sessions_for_longer() {
        let mut announced = Announced::default();
        announced.add([target(1)], now() + TimeDelta::days(9));
        announced.observe(&snapshot(&[(1, 1)], now()), now());
        assert_eq!(announced.not_before(&target(1)), Some(now() + TimeDelta::hours(1)));
    }

    #[test]
    fn the_format_of_earlier_versions_is_read() {
        let old = r#"[{"number": 1, "session_id": "session-1"}]"#;
        let mut announced: Announced = serde_json::from_str(old).unwrap();
        assert!(announced.contains(&target(1)));
        assert!(announced.observe(&snapshot(&[(1, 121)], now()), now()));
        let kept = serde_json::to_string(&announced).unwrap();
        assert_eq!(serde_json::from_str::<Announced>(&kept).unwrap(), announced);
    }

    #[test]
    fn reverts_are_remembered_once_and_up_to_a_limit() {
        let mut reverts = Reverts::default();
        assert!((0..300).all(|n| reverts.add(&format!("2025-{n:03}"))));
        assert!(!reverts.add("2025-299"));
        assert_eq!(reverts.0.len(), MAX_REVERTS);
        reverts.remove("2025-299");
        assert!(reverts.add("2025-299"));
    }
}
