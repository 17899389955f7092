//! Decides which entries a `SessionEnd` signs off.
//!
//! Guarantees: the end of a conversation that goes on under another id signs off nothing; the end of one process signs
//! off no other one that may run. Works without Claude Code's record, which is removed before the event, and after the
//! process has ended.

use crate::claude::ProcessKey;
use crate::claude::hook::payload::Ending;
use crate::claude::hook::transition::{HookSession, ProcessKnowledge, Transition, has_ended, of_id};
use crate::liveness::cleanup;
use crate::registry::{Class, Entry, Number, Registry};
use crate::time::Time;

/// Signs off the session of a `SessionEnd`.
pub(super) fn sign_off(
    registry: &Registry,
    session: &HookSession,
    ending: Ending,
    now: Time,
    known: &dyn ProcessKnowledge,
) -> Transition {
    if ending == Ending::Continues || session.is_subagent {
        return Transition::Ignored;
    }
    let numbers = match ending_entry(registry, session, known) {
        Some(entry) => {
            let claude = entry.claude.as_ref();
            let ended = session.claude.session_id.as_ref();
            // The end of an id that was followed by another one is not the end of the session. An id that was never
            // seen is: some versions change it without an event.
            let is_former = claude.is_some_and(|claude| {
                ended.is_some() && ended == claude.previous_id.as_ref() && ended != claude.session_id.as_ref()
            });
            if is_former { Vec::new() } else { vec![entry.number] }
        }
        None => entries_of_ended_conversation(registry, session, known),
    };
    if numbers.is_empty() {
        return Transition::Ignored;
    }
    let changed = cleanup::mark(registry, &numbers, now);
    Transition::SignedOff(numbers, changed)
}

/// The active entries that the end of a conversation signs off, if nothing else is known of its process: all with a
/// process that is proven to have ended. Several processes can have held the conversation, and nothing shows which of
/// them signs off, but none of these runs any more. One with a process that may run is a session that continues the
/// same conversation. Without any of them it is an entry that never had a process.
fn entries_of_ended_conversation(
    registry: &Registry,
    session: &HookSession,
    known: &dyn ProcessKnowledge,
) -> Vec<Number> {
    let active = || of_id(registry, session).filter(|entry| entry.class() == Class::Active);
    let has_ended = |entry: &&Entry| entry.process().is_some_and(|its| has_ended(entry, its, known));
    let ended: Vec<Number> = active().filter(has_ended).map(|entry| entry.number).collect();
    if ended.is_empty() {
        active().find(|entry| entry.process().is_none()).map(|entry| entry.number).into_iter().collect()
    } else {
        ended
    }
}

/// The active entry of the process that signs off. A process that has ended already, or that cannot be looked up, is
/// known by its pid in its pid space. Another process can have had that pid before, and if the space is unknown, one in
/// another container can have it now. So the entry must have the session's id too, or its process must be proven to
/// have ended; if several match, none does.
fn ending_entry<'r>(registry: &'r Registry, session: &HookSession, known: &dyn ProcessKnowledge) -> Option<&'r Entry> {
    let active = registry.entries().iter().filter(|entry| entry.class() == Class::Active);
    if let Some(own) = &session.claude.process {
        return active.into_iter().find(|entry| entry.process().is_some_and(|its| own.is(its)));
    }
    let has_pid = |its: &ProcessKey| session.pid == Some(its.pid) && session.pid_space.may_contain(its);
    let with_pid = active.filter(|entry| entry.process().is_some_and(has_pid));
    let id = session.claude.session_id.as_deref();
    let is_its = |entry: &&Entry| id.zip(entry.claude.as_ref()).is_some_and(|(id, claude)| claude.is_of_id(id));
    let mut of_id = with_pid.clone().filter(is_its).peekable();
    if of_id.peek().is_some() {
        return of_id.next().filter(|_| of_id.next().is_none());
    }
    // An id that changed without an event: the only one with a process that has ended too.
    let mut ended = with_pid.filter(|entry| entry.process().is_some_and(|its| has_ended(entry, its, known)));
    ended.next().filter(|_| ended.next().is_none())
}
