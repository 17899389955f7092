//! Actions on one session: registration, numbers, which session a command belongs to.

mod calling_session;
mod identify;
mod numbering;
mod preferences;
mod registration;
mod running;

use headcount_core::claude::ProcessKey;
use headcount_core::claude::hook::transition::{MatchedSession, ProcessKnowledge};
use headcount_core::heartbeat::heartbeat_file::{BeatKind, NewBeat};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;

pub use calling_session::{CallingSession, calling_session, own_number, registry_of_caller};
pub use identify::{Identified, IdentifyContext, identify, identify_context};
pub(super) use numbering::{SignsOfLife, finish_moves, last_signs_of_life};
pub use numbering::{compact, preview_compact, preview_reassign, reassign};
pub use preferences::{keep, set_own_timeout};
pub use registration::{heartbeat, reactivate, register, release, release_unused};
pub use running::{register_all_running, register_running};

use super::ActionContext;
use crate::Workspace;
use crate::claude::claude_records::ClaudeRecords;
use crate::store::heartbeat_writer;

/// Reads processes and Claude Code's records of them.
pub(in crate::ops) struct SystemKnowledge<'w> {
    pub(in crate::ops) workspace: &'w Workspace,
}

impl ProcessKnowledge for SystemKnowledge<'_> {
    fn look(&self, process: &ProcessKey) -> Process {
        self.workspace.processes.look(process)
    }

    fn boot(&self) -> Option<Boot> {
        self.workspace.processes.boot()
    }

    fn parked_job(&self, process: &ProcessKey) -> Option<String> {
        let folders = self.workspace.records.iter();
        let record = folders.filter_map(|folder| ClaudeRecords::one(folder, process.pid));
        record
            .filter(|record| record.process.as_ref().is_some_and(|own| own.is(process)))
            .find_map(|record| record.parked)
    }
}

/// Writes the heartbeat of a registered session. A failure is logged.
pub(in crate::ops) fn write_beat(
    workspace: &Workspace,
    matched: &MatchedSession,
    is_start: bool,
    context: ActionContext,
) {
    let kind = if is_start || matched.what != "update" { BeatKind::Identity } else { BeatKind::Activity };
    let beat = NewBeat { number: matched.number, session_id: &matched.session_id, kind, at: context.at };
    if let Err(error) = heartbeat_writer::write(workspace, &beat) {
        tracing::warn!("{error}");
    }
}
