//! A session with its state, and the number of sessions per state.
//!
//! Guarantees: plain data, the same for all user interfaces. Does not judge sessions.

use serde::Serialize;

use crate::claude::activity::{Activity, WaitingFor};
use crate::heartbeat::activity_histogram::ActivityHistogram;
use crate::liveness::process_matching::{Elsewhere, Unregistered};
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::{Time, Timeout};
use crate::view::warning::Code;

/// The number of sessions per state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Counts {
    /// Active sessions.
    pub active: usize,
    /// Stale sessions: registered as active, without a sign of life.
    pub stale: usize,
    /// Inactive sessions: signed off or cleaned up.
    pub inactive: usize,
    /// Sessions with an unknown status.
    pub unknown: usize,
    /// Running sessions that are not registered.
    pub unregistered: usize,
    /// All running sessions: active, not registered, and those of other registries.
    pub running: usize,
    /// Sessions that wait for a person, registered ones and others.
    pub waiting: usize,
}

impl Counts {
    /// Counts rows. Only registered sessions are included.
    pub fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let counts = rows.fold(Self::default(), |mut counts, row| {
            *match row.state {
                State::Active => &mut counts.active,
                State::Stale => &mut counts.stale,
                State::Inactive => &mut counts.inactive,
                State::Unknown => &mut counts.unknown,
            } += 1;
            counts.waiting += usize::from(row.waiting_for().is_some());
            counts
        });
        Self { running: counts.active, ..counts }
    }

    /// Adds the running sessions that are not registered here.
    #[must_use]
    pub fn with_others(self, unregistered: &[Unregistered], elsewhere: &[Elsewhere]) -> Self {
        let elsewhere: usize = elsewhere.iter().map(|other| other.running).sum();
        let is_waiting = |other: &&Unregistered| other.activity.and_then(Activity::waiting_for).is_some();
        Self {
            unregistered: unregistered.len(),
            running: self.active + unregistered.len() + elsewhere,
            waiting: self.waiting + unregistered.iter().filter(is_waiting).count(),
            ..self
        }
    }
}

/// A session with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub number: Number,
    /// Its id.
    pub session_id: String,
    /// Its role.
    pub role: String,
    /// Its goal.
    pub goal: String,
    /// Its terminal.
    pub terminal: Option<String>,
    /// Its status, unchanged.
    pub status: Option<String>,
    /// Its state.
    pub state: State,
    /// The reason for its state.
    pub reason: Reason,
    /// The time of its newest heartbeat.
    pub last_heartbeat: Option<Time>,
    /// Its last sign of life.
    pub last_sign_of_life: Option<Time>,
    /// It has a heartbeat within the timeout that is newer than the mark as inactive, if any.
    pub is_beating: bool,
    /// The evidence about its process.
    pub process: Process,
    /// What it is doing; `None` if that is not known.
    pub activity: Option<Activity>,
    /// The pid it was registered with.
    pub pid: Option<u32>,
    /// It runs in the background, without a terminal.
    pub is_background: bool,
    /// Cleanup neither marks nor offers it.
    pub is_kept: bool,
    /// Its own timeout, in place of the general one.
    pub own_timeout: Option<Timeout>,
    /// Its heartbeats in the 24 hours before its last one.
    pub histogram: Option<ActivityHistogram>,
    /// Its warnings.
    pub warnings: Vec<Code>,
}

impl Row {
    /// What the session waits for a person to give; `None` if it is not known to wait.
    #[must_use]
    pub fn waiting_for(&self) -> Option<WaitingFor> {
        self.activity.and_then(Activity::waiting_for)
    }
}

#[cfg(test)]
impl Row {
    /// An active session for tests, so that a new field needs no change of theirs.
    pub(crate) fn example(number: Number) -> Self {
        Self {
            number,
            session_id: format!("session-{number}"),
            role: String::new(),
            goal: String::new(),
            terminal: None,
            status: None,
            state: State::Active,
            reason: Reason::Heartbeat,
            last_heartbeat: None,
            last_sign_of_life: None,
            is_beating: true,
            process: Process::Unknown,
            activity: None,
            pid: None,
            is_background: false,
            is_kept: false,
            own_timeout: None,
            histogram: None,
            warnings: Vec::new(),
        }
    }
}
