//! Compares an observation with the truth.
//!
//! Each check reports one kind of false verdict, and `mutations.rs` proves of each that it does.

mod rows;
mod sessions;
mod unregistered;

use std::fmt;

use crate::backend::Observation;
use crate::ground_truth::GroundTruth;
use crate::machine::MachineView;

/// Everything that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// A row has no entry, or an entry has no row.
    RowsAreEntries,
    /// An entry belongs to a process that never was started.
    EntryHasProcess,
    /// An entry belongs to a process that is no session.
    EntryIsSession,
    /// A session that signed off holds its number.
    GoodbyeFreesNumber,
    /// A process is shown as active and has provably ended.
    EndedIsNotActive,
    /// A process has ended unprovably, and is shown as active after the timeout.
    QuietIsNotActive,
    /// A process that ended at its start, unused, is shown as stale.
    UnusedIsNotStale,
    /// A process that provably runs is shown as stale.
    RunningIsNotStale,
    /// A session that runs and showed life within the timeout is shown as stale.
    FreshIsNotStale,
    /// A session that runs is shown as inactive.
    RunningIsNotInactive,
    /// A session is shown in an unknown state.
    StateIsKnown,
    /// A session is counted as active more than once.
    CountedOnce,
    /// A session runs and is not registered.
    RunningIsRegistered,
    /// The number of a running session is offered.
    HeldNumberIsNotFree,
    /// The number of a running session changed without a person's doing.
    NumberStays,
    /// A process is shown as an unregistered session and is no running session.
    UnregisteredIsSession,
    /// A process is shown as unregistered and is registered.
    RegisteredIsNotUnregistered,
    /// A running session is neither registered nor shown as unregistered.
    RunningIsShown,
    /// A model believes another number than its session has.
    ModelKnowsNumber,
    /// A cleanup marked a session that provably runs.
    CleanupSparesRunning,
    /// A cleanup marked what was not shown as stale, or left what was.
    CleanupMarksStale,
    /// The registry has more entries than sessions were ever in use at once.
    EntriesAreReused,
    /// Everything has ended and was cleaned up, and something is left.
    NothingIsLeft,
    /// A session was registered in another workspace's registry.
    OtherRegistryIsUntouched,
}

impl Check {
    /// Every check.
    pub(crate) const ALL: [Self; 24] = [
        Self::RowsAreEntries,
        Self::EntryHasProcess,
        Self::EntryIsSession,
        Self::GoodbyeFreesNumber,
        Self::EndedIsNotActive,
        Self::QuietIsNotActive,
        Self::UnusedIsNotStale,
        Self::RunningIsNotStale,
        Self::FreshIsNotStale,
        Self::RunningIsNotInactive,
        Self::StateIsKnown,
        Self::CountedOnce,
        Self::RunningIsRegistered,
        Self::HeldNumberIsNotFree,
        Self::NumberStays,
        Self::UnregisteredIsSession,
        Self::RegisteredIsNotUnregistered,
        Self::RunningIsShown,
        Self::ModelKnowsNumber,
        Self::CleanupSparesRunning,
        Self::CleanupMarksStale,
        Self::EntriesAreReused,
        Self::NothingIsLeft,
        Self::OtherRegistryIsUntouched,
    ];
}

/// A verdict of Headcount that differs from the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FalseVerdict {
    pub(crate) check: Check,
    /// What was said of what.
    pub(crate) text: String,
}

impl FalseVerdict {
    pub(crate) fn new(check: Check, text: impl Into<String>) -> Self {
        Self { check, text: text.into() }
    }
}

impl fmt::Display for FalseVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.check, self.text)
    }
}

/// What an observation is compared with.
pub(crate) struct Checked<'a> {
    pub(crate) truth: &'a GroundTruth,
    pub(crate) observation: &'a Observation,
    pub(crate) view: MachineView,
    /// The conversation that the record of a pid names, if that is whole and not of a process started in advance.
    pub(crate) recorded: &'a dyn Fn(u32) -> Option<String>,
}

impl Checked<'_> {
    /// Everything that is false.
    pub(crate) fn false_verdicts(&self) -> Vec<FalseVerdict> {
        let mut found = self.check_rows();
        found.extend(self.check_sessions());
        found.extend(self.check_unregistered());
        found
    }
}
