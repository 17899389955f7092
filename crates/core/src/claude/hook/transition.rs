//! Decides how an event of a Claude Code session changes the registry: register, keep, take over, sign off.
//!
//! Guarantees: a session keeps its number for as long as it or its process is known, for any change of its id and any
//! order of events; a new session gets the lowest free number; a `SessionEnd` signs off the session of its own process
//! and no other one; a late event of a process that has ended or of a session that has just signed off registers
//! nothing. Does not look up processes or write files. `admission` decides which processes are sessions.

use chrono::TimeDelta;

use crate::claude::hook::payload::{HookEvent, StartSource};
use crate::claude::hook::{memory, sign_off};
use crate::claude::session_role;
use crate::claude::{Claude, PidSpace, ProcessKey};
use crate::json::quote;
use crate::liveness::boot::Boot;
use crate::liveness::{Process, is_unused_and_gone};
use crate::registry::change::{self, EntryChange, EntryEdit};
use crate::registry::registration::{self, NewSession, RegistrationError};
use crate::registry::{Class, Entry, Number, Registry};
use crate::time::Time;

/// How long after a sign-off its session's late events are ignored.
const SIGN_OFF_GRACE: TimeDelta = TimeDelta::seconds(10);

/// How long after a session's sign-off a background job that was forked from it may follow (`/bg`: 0.56 s measured, 4.6
/// s on a busy machine where the background service had to start first). A wrong match costs little: the job gets the
/// number that was freed last in its folder.
const FORK_DELAY: TimeDelta = TimeDelta::seconds(30);

/// The session of an event, with the facts known to its hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookSession {
    /// Its known facts. `told`, `auto_role`, `parked` and similar fields belong to the entry and are empty here.
    pub claude: Claude,
    /// The pid of its process, even if that can no longer be looked up.
    pub pid: Option<u32>,
    /// Where that pid counts.
    pub pid_space: PidSpace,
    /// Its role if it is new.
    pub role: String,
    /// The name that a person gave it.
    pub title: Option<String>,
    /// The title that Claude Code shows, set by a person or a program.
    pub shown_title: Option<String>,
    /// Its terminal.
    pub terminal: Option<String>,
    /// The event comes from a subagent: a sign of life, nothing more.
    pub is_subagent: bool,
    /// Whether the event may register it or take over an entry: see `admission`.
    pub may_register: bool,
}

/// The evidence about processes while a hook runs.
pub trait ProcessKnowledge {
    /// The evidence about a process.
    fn look(&self, process: &ProcessKey) -> Process;

    /// The background job that continues the session of a process, from Claude Code's record of that process.
    fn parked_job(&self, process: &ProcessKey) -> Option<String>;

    /// The running kernel; `None` if processes of an earlier one cannot be told by it.
    fn boot(&self) -> Option<Boot> {
        None
    }
}

/// Whether a process of an entry is proven to have ended.
pub(super) fn has_ended(entry: &Entry, process: &ProcessKey, known: &dyn ProcessKnowledge) -> bool {
    match known.look(process) {
        Process::Gone => true,
        Process::Alive => false,
        Process::Unknown => {
            let last = entry.registered_at.max(entry.reactivated_at);
            known.boot().is_some_and(|boot| boot.has_ended(process, last))
        }
    }
}

/// The change that an event requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// None: it is not a session of this registry, or not any more.
    Ignored,
    /// The event belongs to this session.
    Matched(MatchedSession),
    /// The session has signed off: its entry, or every entry that can be its own (see `sign_off`).
    SignedOff(Vec<Number>, Changed),
}

/// The registry's new text, and the changes.
pub type Changed = (String, Vec<EntryChange>);

/// The entry of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedSession {
    /// Its number.
    pub number: Number,
    /// Its id in the registry.
    pub session_id: String,
    /// Its role after the change.
    pub role: String,
    /// `register`, `reactivate`, or `update` for an entry that was active already.
    pub what: &'static str,
    /// The change; `None` if the entry is up to date.
    pub changed: Option<Changed>,
    /// The number that the model of this conversation was last given; `None` if it was given none.
    pub told_before: Option<Number>,
}

impl MatchedSession {
    fn of(entry: &Entry, what: &'static str, changed: Option<Changed>) -> Self {
        Self {
            number: entry.number,
            session_id: entry.session_id.clone(),
            role: entry.role.clone(),
            what,
            changed,
            told_before: entry.claude.as_ref().and_then(|claude| claude.told),
        }
    }
}

/// Whether an event's hook is synchronous: its output reaches the model with that event, and it is never late.
#[must_use]
pub fn reaches_model(event: &HookEvent) -> bool {
    matches!(event, HookEvent::SessionStart(_) | HookEvent::UserPromptSubmit)
}

/// Whether an event is sent when a process starts, before a person has done anything in it. A fork goes on with what was
/// done before.
pub(super) fn begins_process(event: &HookEvent) -> bool {
    matches!(event, HookEvent::SessionStart(StartSource::Startup | StartSource::Resume))
}

/// Decides which change an event requires.
///
/// # Errors
/// If no number is left, or the entry cannot be changed.
pub fn decide(
    registry: &Registry,
    session: &HookSession,
    event: &HookEvent,
    now: Time,
    known: &dyn ProcessKnowledge,
) -> Result<Transition, RegistrationError> {
    if let HookEvent::SessionEnd(ending) = event {
        return Ok(sign_off::sign_off(registry, session, *ending, now, known));
    }
    if session.is_subagent {
        let entry = own_entry(registry, session).or_else(|| of_id(registry, session).next());
        let entry = entry.filter(|entry| entry.class() == Class::Active);
        return Ok(
            entry.map_or(Transition::Ignored, |entry| Transition::Matched(MatchedSession::of(entry, "update", None)))
        );
    }
    // A process that was started in advance can have ended before its hook has run.
    if session.claude.process.as_ref().is_some_and(|key| known.look(key) == Process::Gone) {
        return Ok(Transition::Ignored);
    }
    let entry = own_entry(registry, session)
        .or_else(|| session.may_register.then(|| takeover(registry, session, event, now, known)).flatten());
    let Some(entry) = entry else {
        return if session.may_register {
            register(registry, session, event, now, known)
        } else {
            Ok(Transition::Ignored)
        };
    };
    let told_before = memory::told_before(entry, session);
    let matched = |matched| Transition::Matched(MatchedSession { told_before, ..matched });
    let claude = memory::updated_claude(entry, session, event, known);
    match entry.class() {
        // Only an asynchronous event of its own process can have been sent before the sign-off.
        Class::Inactive if !reaches_model(event) && is_own(entry, session) && has_just_left(entry, now) => {
            Ok(Transition::Ignored)
        }
        Class::Inactive => {
            let changed = registration::reactivate(registry, entry.number, Some(&claude))?;
            Ok(matched(MatchedSession::of(entry, "reactivate", Some(changed))))
        }
        Class::Active => Ok(matched(updated(registry, entry, session, claude))),
        Class::Unknown => Ok(matched(MatchedSession::of(entry, "update", None))),
    }
}

/// Registers a running session with the lowest free number. The number of an entry that ended unused is free.
///
/// # Errors
/// If the number cannot be given.
pub fn register(
    registry: &Registry,
    session: &HookSession,
    event: &HookEvent,
    now: Time,
    known: &dyn ProcessKnowledge,
) -> Result<Transition, RegistrationError> {
    let is_vacant = |entry: &Entry| {
        entry.class() == Class::Inactive
            || is_unused_and_gone(entry, entry.process().map_or(Process::Unknown, |key| known.look(key)))
    };
    let number = registration::lowest_vacant(registry, is_vacant);
    let new_session = NewSession {
        number,
        session_id: None,
        role: session.role.clone(),
        goal: String::new(),
        terminal: session.terminal.clone().unwrap_or_else(|| "unknown".into()),
        claude: Some(Claude {
            told: reaches_model(event).then_some(number),
            auto_role: Some(session.role.clone()),
            is_unused: begins_process(event),
            ..session.claude.clone()
        }),
    };
    let changed = registration::register_vacant(registry, &new_session, now, is_vacant)?;
    Ok(Transition::Matched(MatchedSession {
        number,
        session_id: format!("session-{number}"),
        role: session.role.clone(),
        what: "register",
        changed: Some(changed),
        told_before: None,
    }))
}

/// Resets the number that a model was given, after the output for the model was lost.
#[must_use]
pub fn forget_told(registry: &Registry, number: Number, told: Option<Number>) -> Option<Changed> {
    let claude = registry.entry(number)?.claude.clone()?;
    let claude = registration::claude_object(registry, &Claude { told, ..claude });
    Some(change::apply(registry, vec![EntryEdit::Set(number, vec![("claude", Some(claude))])]))
}

/// The entry of the session's own process, an active one first.
fn own_entry<'r>(registry: &'r Registry, session: &HookSession) -> Option<&'r Entry> {
    let own = session.claude.process.as_ref()?;
    let is_own = |entry: &&Entry| entry.claude.as_ref().is_some_and(|claude| claude.is_of_process(own));
    let entries = || registry.entries().iter().filter(is_own);
    entries().find(|entry| entry.class() == Class::Active).or_else(|| entries().next())
}

/// The entries with the session's id, active ones first.
pub(super) fn of_id<'r>(registry: &'r Registry, session: &HookSession) -> impl Iterator<Item = &'r Entry> {
    let id = session.claude.session_id.clone();
    let is_its =
        move |entry: &&Entry| id.as_deref().is_some_and(|id| entry.claude.as_ref().is_some_and(|c| c.is_of_id(id)));
    let of_class =
        |is_active: bool| registry.entries().iter().filter(move |entry| (entry.class() == Class::Active) == is_active);
    of_class(true).chain(of_class(false)).filter(is_its)
}

/// The entry that another process continues: a background job takes over the session that was parked for it, a resumed
/// conversation the entry of a process that has ended. An entry with a process that may run is not taken over.
fn takeover<'r>(
    registry: &'r Registry,
    session: &HookSession,
    event: &HookEvent,
    now: Time,
    known: &dyn ProcessKnowledge,
) -> Option<&'r Entry> {
    let entries = registry.entries();
    let may_run = |entry: &Entry| {
        entry.class() == Class::Active && entry.process().is_some_and(|key| !has_ended(entry, key, known))
    };
    if let Some(job) = session.claude.job.as_deref() {
        let of_job = |entry: &&Entry| entry.claude.as_ref().is_some_and(|claude| claude.job.as_deref() == Some(job));
        let is_parked_for = |entry: &&Entry| {
            entry.class() == Class::Active
                && entry.process().is_some_and(|key| known.parked_job(key).as_deref() == Some(job))
        };
        let found = entries.iter().filter(|entry| !may_run(entry)).find(of_job);
        if let Some(entry) = found.or_else(|| entries.iter().find(is_parked_for)) {
            return Some(entry);
        }
    }
    if let Some(entry) = of_id(registry, session).find(|entry| !may_run(entry)) {
        return Some(entry);
    }
    forked_from(registry, session, event, now)
}

/// The session that signed off to continue in the background as this one (`/bg`). The two have only the folder, the
/// time and the inherited title in common. If the title matches no entry, the entry must be the only candidate.
fn forked_from<'r>(registry: &'r Registry, session: &HookSession, event: &HookEvent, now: Time) -> Option<&'r Entry> {
    if *event != HookEvent::SessionStart(StartSource::Fork) || session.claude.job.is_none() {
        return None;
    }
    let folder = session.claude.cwd.as_ref()?;
    let found = registry.entries().iter().filter(|entry| {
        entry.class() == Class::Inactive
            && entry.marked_inactive_at.is_some_and(|at| at <= now && now - at < FORK_DELAY)
            && entry.claude.as_ref().is_some_and(|claude| claude.job.is_none() && claude.cwd.as_ref() == Some(folder))
    });
    let has_title = |entry: &&Entry| {
        let title = session.shown_title.as_ref();
        title.is_some_and(|title| *title == entry.role || *title == session_role::title(entry.number, &entry.role))
    };
    only(found.clone().filter(has_title)).or_else(|| only(found))
}

/// The item of an iterator that has one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

/// Whether an entry is of the session's own process, or of the terminal that shows its job.
fn is_own(entry: &Entry, session: &HookSession) -> bool {
    session.claude.process.as_ref().zip(entry.claude.as_ref()).is_some_and(|(own, claude)| claude.is_of_process(own))
}

/// Updates an active entry.
fn updated(registry: &Registry, entry: &Entry, session: &HookSession, mut claude: Claude) -> MatchedSession {
    let mut fields = Vec::new();
    let mut role = entry.role.clone();
    let is_automatic = claude.auto_role.as_ref() == Some(&entry.role);
    if let Some(title) = session.title.as_ref().filter(|title| is_automatic && **title != entry.role) {
        role.clone_from(title);
        claude.auto_role = Some(title.clone());
        fields.push(("role", Some(quote(title))));
    }
    if entry.claude.as_ref() != Some(&claude) {
        fields.push(("claude", Some(registration::claude_object(registry, &claude))));
    }
    let changed = (!fields.is_empty()).then(|| change::apply(registry, vec![EntryEdit::Set(entry.number, fields)]));
    MatchedSession { role, ..MatchedSession::of(entry, "update", changed) }
}

fn has_just_left(entry: &Entry, now: Time) -> bool {
    entry.marked_inactive_at.is_some_and(|at| at <= now && now - at < SIGN_OFF_GRACE)
}

#[cfg(test)]
#[path = "transition_tests.rs"]
mod tests;
