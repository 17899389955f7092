//! One session as it was judged, and how many there are of each kind.
//!
//! Promises: plain data, the same whoever shows it. Does not judge.

use serde::Serialize;

use crate::heartbeat::activity_histogram::ActivityHistogram;
use crate::liveness::process_matching::Elsewhere;
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::Time;
use crate::view::warning::Code;

/// How many sessions are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Counts {
    /// Running.
    pub active: usize,
    /// Registered as running, without a sign of life.
    pub stale: usize,
    /// Signed off or cleaned up.
    pub inactive: usize,
    /// With a status nobody knows.
    pub unknown: usize,
    /// Running and not registered.
    pub unregistered: usize,
    /// All that run: active ones, those that are not registered, and those of other registries.
    pub running: usize,
}

impl Counts {
    /// Counts states.
    pub fn of(states: impl Iterator<Item = State>) -> Self {
        let counts = states.fold(Self::default(), |mut counts, state| {
            *match state {
                State::Active => &mut counts.active,
                State::Stale => &mut counts.stale,
                State::Inactive => &mut counts.inactive,
                State::Unknown => &mut counts.unknown,
            } += 1;
            counts
        });
        Self { running: counts.active, ..counts }
    }

    /// The same with the sessions that run beside the registered ones.
    #[must_use]
    pub fn with_others(self, unregistered: usize, elsewhere: &[Elsewhere]) -> Self {
        let elsewhere: usize = elsewhere.iter().map(|other| other.running).sum();
        Self { unregistered, running: self.active + unregistered + elsewhere, ..self }
    }
}

/// One session, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub number: Number,
    /// Its id.
    pub session_id: String,
    /// What it does.
    pub role: String,
    /// What it is after.
    pub goal: String,
    /// Its terminal.
    pub terminal: Option<String>,
    /// Its status, as written.
    pub status: Option<String>,
    /// What it is.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// Its newest beat.
    pub last_heartbeat: Option<Time>,
    /// Its last sign of life.
    pub last_sign_of_life: Option<Time>,
    /// A beat within the timeout, and after it was marked inactive where it was.
    pub is_beating: bool,
    /// What is known of its process.
    pub process: Process,
    /// The pid it was registered with.
    pub pid: Option<u32>,
    /// It runs in the background, without a terminal.
    pub is_background: bool,
    /// When it beat on the day before its last beat.
    pub pulse: Option<ActivityHistogram>,
    /// What is odd about it.
    pub warnings: Vec<Code>,
}
