//! What an entry remembers of its Claude Code session after an event.
//!
//! Guarantees: the newest that is known. A late event, which was under way while the session went on under another id or in
//! another process, changes nothing of that: only synchronous events say which conversation a process holds.

use crate::claude::Claude;
use crate::claude::hook::{Event, Source};
use crate::claude::hook_transition::{HookSession, ProcessKnowledge, reaches_model};
use crate::liveness::Process;
use crate::registry::{Entry, Number};

/// What an entry is to remember.
pub(crate) fn remembered(entry: &Entry, session: &HookSession, event: &Event, known: &dyn ProcessKnowledge) -> Claude {
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
    // A conversation that goes on in a process that cannot be named: the one that ended says nothing about it any more.
    let process = new.process.or_else(|| before.process.filter(|key| known.look(key) != Process::Gone));
    // An asynchronous event can be late, so the id that it carries is news only of another process.
    let says_id = reaches_model(event) || is_another || before.session_id.is_none();
    let has_new_id = says_id && new.session_id.is_some() && new.session_id != before.session_id;
    let told = match () {
        () if reaches_model(event) => Some(entry.number),
        // Another conversation or process, whose model was told nothing yet.
        () if has_new_id || is_another => None,
        () => before.told,
    };
    Claude {
        job: if is_another { new.job } else { new.job.or(before.job) },
        process,
        previous_id: if has_new_id { before.session_id.clone().or(before.previous_id) } else { before.previous_id },
        session_id: if has_new_id { new.session_id } else { before.session_id },
        parked,
        transcript: if says_id { new.transcript.or(before.transcript) } else { before.transcript },
        // Where it was started: the folder of an event can be any below.
        cwd: before.cwd.or(new.cwd),
        told,
        auto_role: before.auto_role,
        is_unused: before.is_unused && *event == Event::SessionStart(Source::Startup),
    }
}

/// The number that the model of this session was told last. A new id is another conversation; another process with the same one
/// can have a model that was told the number of its own entry.
pub(crate) fn told_before(entry: &Entry, session: &HookSession) -> Option<Number> {
    let claude = entry.claude.as_ref()?;
    let is_known = session.claude.session_id.is_none() || session.claude.session_id == claude.session_id;
    let is_another = session.claude.process.as_ref().zip(entry.process()).is_some_and(|(own, its)| !own.is(its));
    claude.told.filter(|_| is_known && !is_another)
}

/// Whether an asynchronous event was under way before the session went on under another id, or in the background.
fn is_late(before: &Claude, session: &HookSession) -> bool {
    let id = session.claude.session_id.as_ref();
    let is_of_previous_id = id.is_some() && id == before.previous_id.as_ref() && id != before.session_id.as_ref();
    let is_of_parked =
        before.parked.as_ref().zip(session.claude.process.as_ref()).is_some_and(|(own, its)| own.is(its));
    is_of_previous_id || is_of_parked
}
