//! What a running session is doing, from the status in its record.
//!
//! Guarantees: beside the state of a session and independent of it; a status word that is not known, and a time that
//! cannot be right, count as absent. A menu that a person opened (`dialog open`) is not waiting. Does not check whether
//! the session still runs: a record that a killed process left keeps its last status.

use chrono::TimeDelta;
use serde::{Serialize, Serializer};

use crate::time::{self, TOLERANCE, Time};

/// What a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// The permission to use a tool.
    Permission,
    /// The answer to a question.
    Answer,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// It works on a prompt.
    Working,
    /// It waits for a person.
    Waiting(WaitingFor),
    /// Its turn has ended.
    Idle,
    /// Its turn has ended, and a shell that it started runs in the background.
    BackgroundShell,
}

/// What a session is doing, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// What it is doing.
    pub kind: ActivityKind,
    /// Since when; `None` if that is not known.
    pub since: Option<Time>,
}

impl Activity {
    /// The activity by the members `status`, `waitingFor`, `statusUpdatedAt` and `startedAt` of a record. `None` if the
    /// status is absent, not known, or no activity.
    pub(crate) fn read(
        status: Option<&str>,
        waiting_for: Option<&str>,
        updated_at: Option<Time>,
        started_at: Option<Time>,
    ) -> Option<Self> {
        let kind = match (status?, waiting_for) {
            ("busy", _) => ActivityKind::Working,
            ("idle", _) => ActivityKind::Idle,
            ("shell", _) => ActivityKind::BackgroundShell,
            ("waiting", Some("permission prompt")) => ActivityKind::Waiting(WaitingFor::Permission),
            ("waiting", Some("input needed")) => ActivityKind::Waiting(WaitingFor::Answer),
            _ => return None,
        };
        // A status older than its session, such as one of 1970, was not measured.
        let earliest = started_at.map_or(Time::UNIX_EPOCH + TimeDelta::days(1), |at| time::earlier(at, TOLERANCE));
        Some(Self { kind, since: updated_at.filter(|at| *at >= earliest) })
    }

    /// The activity without a time in the future of `now`.
    #[must_use]
    pub fn seen_at(self, now: Time) -> Self {
        Self { since: self.since.filter(|since| time::usable(*since, now)), ..self }
    }

    /// What it waits for; `None` if it does not wait.
    #[must_use]
    pub fn waiting_for(self) -> Option<WaitingFor> {
        match self.kind {
            ActivityKind::Waiting(what) => Some(what),
            ActivityKind::Working | ActivityKind::Idle | ActivityKind::BackgroundShell => None,
        }
    }
}

impl Serialize for Activity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WireActivity::of(*self).serialize(serializer)
    }
}

/// The wire format of an [`ActivityKind`].
#[derive(Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "ActivityKind"))]
#[serde(rename_all = "snake_case")]
pub enum WireKind {
    /// It works on a prompt.
    Working,
    /// It waits for a person.
    Waiting,
    /// Its turn has ended.
    Idle,
    /// Its turn has ended, and a shell that it started runs in the background.
    BackgroundShell,
}

/// The wire format of an [`Activity`].
#[derive(Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "Activity"))]
pub struct WireActivity {
    kind: WireKind,
    /// What it waits for, if it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wire-types", ts(optional))]
    r#for: Option<WaitingFor>,
    /// Since when, in RFC 3339 and UTC; null if that is not known.
    since: Option<String>,
}

impl WireActivity {
    fn of(activity: Activity) -> Self {
        let kind = match activity.kind {
            ActivityKind::Working => WireKind::Working,
            ActivityKind::Waiting(_) => WireKind::Waiting,
            ActivityKind::Idle => WireKind::Idle,
            ActivityKind::BackgroundShell => WireKind::BackgroundShell,
        };
        let since = activity.since.map(|at| time::wire(time::whole_seconds(at)));
        Self { kind, r#for: activity.waiting_for(), since }
    }
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
