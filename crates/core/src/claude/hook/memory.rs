//! The `claude` object that an entry stores after an event.
//!
//! Guarantees: it has the newest known facts. A late event, sent before the session continued under another id or in
//! another process, does not change them: only synchronous events determine the conversation of a process.

use crate::claude::Claude;
use crate::claude::hook::payload::HookEvent;
use crate::claude::hook::transition::{HookSession, ProcessKnowledge, begins_process, reaches_model};
use crate::liveness::Process;
use crate::registry::{Entry, Number};

/// The `claude` object to store after an event.
pub(crate) fn updated_claude(
    entry: &Entry,
    session: &HookSession,
    event: &HookEvent,
    known: &dyn ProcessKnowledge,
) -> Claude {
    let before = entry.claude.clone().unwrap_or_default();
    if !reaches_model(event) && is_late(&before, session) {
        return before;
    }
    let new = session.claude.clone();
    let is_another = new.process.as_ref().zip(before.process.as_ref()).is_some_and(|(new, before)| !new.is(before));
    let mut parked = before.parked;
    if is_another {
        let still_runs = before.process.as_ref().filter(|key| new.job.is_some() && known.look(key) == Process::Alive);
        parked = still_runs.cloned();
    }
    // If the conversation continues in an unknown process, an ended process is dropped: it is no evidence any more.
    let process = new.process.or_else(|| before.process.filter(|key| known.look(key) != Process::Gone));
    // An asynchronous event can be late, so its id counts only if it is from another process.
    let has_current_id = reaches_model(event) || is_another || before.session_id.is_none();
    let has_new_id = has_current_id && new.session_id.is_some() && new.session_id != before.session_id;
    let told = match () {
        () if reaches_model(event) => Some(entry.number),
        // Another conversation or process: its model was not given a number yet.
        () if has_new_id || is_another => None,
        () => before.told,
    };
    Claude {
        job: if is_another { new.job } else { new.job.or(before.job) },
        process,
        previous_id: if has_new_id { before.session_id.clone().or(before.previous_id) } else { before.previous_id },
        session_id: if has_new_id { new.session_id } else { before.session_id },
        parked,
        transcript: if has_current_id { new.transcript.or(before.transcript) } else { before.transcript },
        // The folder in which it was started: that of an event can be any folder below.
        cwd: before.cwd.or(new.cwd),
        told,
        auto_role: before.auto_role,
        is_unused: begins_process(event) && (is_another || before.is_unused),
    }
}

/// The number that the model of this session was last given. With a new id it is another conversation; another process
/// with the same id can have a model that was given the number of its own entry.
pub(crate) fn told_before(entry: &Entry, session: &HookSession) -> Option<Number> {
    let claude = entry.claude.as_ref()?;
    let is_known = session.claude.session_id.is_none() || session.claude.session_id == claude.session_id;
    let is_another = session.claude.process.as_ref().zip(entry.process()).is_some_and(|(own, its)| !own.is(its));
    claude.told.filter(|_| is_known && !is_another)
}

/// Whether an asynchronous event was sent before the session continued under another id or in the background.
fn is_late(before: &Claude, session: &HookSession) -> bool {
    let id = session.claude.session_id.as_ref();
    let is_of_previous_id = id.is_some() && id == before.previous_id.as_ref() && id != before.session_id.as_ref();
    let is_of_parked =
        before.parked.as_ref().zip(session.claude.process.as_ref()).is_some_and(|(own, its)| own.is(its));
    is_of_previous_id || is_of_parked
}
