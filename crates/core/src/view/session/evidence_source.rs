//! Where the table of sessions gets its evidence: heartbeats by id, and facts about the processes of entries.
//!
//! Guarantees: everything is a lookup that the caller provides; this module reads no files.

use crate::claude::activity::Activity;
use crate::heartbeat::Beat;
use crate::heartbeat::activity_histogram::ActivityHistogram;
use crate::liveness::Process;
use crate::liveness::boot::Boot;
use crate::registry::Entry;

/// The known heartbeats of an id.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownBeats<'b> {
    /// The heartbeats that were opened, at least all that can affect the state.
    pub opened: &'b [Beat],
    /// The histogram of its heartbeats.
    pub histogram: Option<ActivityHistogram>,
}

impl<'b> KnownBeats<'b> {
    /// Opened heartbeats without a histogram.
    #[must_use]
    pub fn of(opened: &'b [Beat]) -> Self {
        Self { opened, histogram: None }
    }
}

/// Evidence about a session from outside the registry.
pub struct EvidenceSource<'w, 'b> {
    /// The known heartbeats of an id.
    pub beats: &'w dyn Fn(&str) -> KnownBeats<'b>,
    /// The evidence about the process of an entry's session.
    pub process: &'w dyn Fn(&Entry) -> Process,
    /// What the session of an entry is doing.
    pub activity: &'w dyn Fn(&Entry) -> Option<Activity>,
    /// The running kernel.
    pub boot: Option<&'w Boot>,
}

impl<'w, 'b> EvidenceSource<'w, 'b> {
    /// A source of heartbeats only.
    #[must_use]
    pub fn of_beats(beats: &'w dyn Fn(&str) -> KnownBeats<'b>) -> Self {
        Self { beats, process: &|_| Process::Unknown, activity: &|_| None, boot: None }
    }
}
