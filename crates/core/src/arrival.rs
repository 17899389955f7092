//! What an event of a Claude Code session means for the registry: who comes, who stays, who goes.
//!
//! Promises: a session keeps its number for as long as it or its process is known, whatever its id becomes and in
//! whatever order events arrive; a newcomer gets the lowest free number; what comes late, from a process that has ended or
//! a session that has just signed off, brings nobody back. Does not look at processes or write.

use chrono::TimeDelta;

use crate::change::{self, EntryChange, Wish};
use crate::claude::{self, Claude, Kind, ProcessKey, Record};
use crate::enrolment::{self, Newcomer, Refusal};
use crate::hook::{Ending, Event};
use crate::json::quote;
use crate::liveness::{Process, State};
use crate::registry::{Class, Entry, Number, Registry};
use crate::row::Row;
use crate::running;
use crate::time::Time;
use crate::words;

/// How long after a sign-off events may still arrive that were under way before it.
const SETTLING: TimeDelta = TimeDelta::seconds(10);

/// How many of the others are named to a model.
const NAMED: usize = 12;

/// A session that something happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// What is known of it.
    pub claude: Claude,
    /// What it does, for when it is new.
    pub role: String,
    /// Its terminal.
    pub terminal: Option<String>,
    /// It is only a part of a session: a sign of its life, and nothing more.
    pub is_subagent: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing: it is no session here, or not any more.
    Nobody,
    /// It is this session.
    Here(Here),
    /// It has signed off.
    Left(Number, Changed),
}

/// The registry's new text, and what changed.
pub type Changed = (String, Vec<EntryChange>);

/// A session that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// Its number.
    pub number: Number,
    /// Its id in the registry.
    pub session_id: String,
    /// How it came: `register`, `reactivate`, or `attend` where it was here already.
    pub what: &'static str,
    /// What changes; nothing where everything is known already.
    pub changed: Option<Changed>,
    /// The number its model knew before, where that is another one.
    pub moved_from: Option<Number>,
}

impl Here {
    fn of(entry: &Entry, what: &'static str, changed: Option<Changed>, moved_from: Option<Number>) -> Self {
        Self { number: entry.number, session_id: entry.session_id.clone(), what, changed, moved_from }
    }
}

/// Whether a hook speaks for a session that is counted. `entrypoint` is how Claude Code was started, where that is said;
/// the record knows better.
#[must_use]
pub fn is_counted(record: Option<&Record>, entrypoint: Option<&str>, is_nested: bool, counts_sdk: bool) -> bool {
    match record {
        Some(record) => match record.kind {
            None => false,
            Some(Kind::Sdk) => counts_sdk,
            Some(Kind::Interactive | Kind::Background) => true,
        },
        None if entrypoint.is_some_and(|entrypoint| entrypoint.starts_with("sdk")) => counts_sdk,
        None => !is_nested,
    }
}

/// What an event means.
pub fn arrive(
    registry: &Registry,
    visitor: &Visitor,
    event: &Event,
    now: Time,
    process: impl Fn(&ProcessKey) -> Process,
) -> Result<Arrival, Refusal> {
    let own = visitor.claude.process.as_ref();
    let entry = entry_of(registry, visitor, &process);
    if visitor.is_subagent {
        let known = entry.filter(|entry| entry.class() == Class::Active && !matches!(event, Event::SessionEnd(_)));
        return Ok(known.map_or(Arrival::Nobody, |entry| Arrival::Here(Here::of(entry, "attend", None, None))));
    }
    if let Event::SessionEnd(ending) = event {
        return leave(registry, entry, visitor, *ending, now);
    }
    let is_start = matches!(event, Event::SessionStart(_));
    // Processes that are started to be at hand end before their hook has run.
    if own.is_some_and(|key| process(key) == Process::Gone) {
        return Ok(Arrival::Nobody);
    }
    let Some(entry) = entry else {
        return register(registry, visitor, now);
    };
    let moved_from = entry.claude.as_ref().and_then(|claude| claude.told).filter(|told| *told != entry.number);
    let tells = is_start || *event == Event::UserPromptSubmit;
    let claude = remembered(entry, visitor, tells);
    let here = |what, changed| Ok(Arrival::Here(Here::of(entry, what, changed, moved_from.filter(|_| tells))));
    match entry.class() {
        Class::Inactive if !is_start && has_just_left(entry, now) => Ok(Arrival::Nobody),
        Class::Inactive => here("reactivate", Some(enrolment::reactivate(registry, entry.number, Some(&claude))?)),
        Class::Active if entry.claude.as_ref() != Some(&claude) => {
            let fields = vec![("claude", Some(enrolment::claude_object(registry, &claude)))];
            here("attend", Some(change::apply(registry, vec![Wish::Set(entry.number, fields)])))
        }
        Class::Active | Class::Unknown => here("attend", None),
    }
}

/// Registers a session that runs, under the lowest free number.
pub fn register(registry: &Registry, visitor: &Visitor, now: Time) -> Result<Arrival, Refusal> {
    let number = enrolment::lowest_free(registry);
    let newcomer = Newcomer {
        number,
        session_id: None,
        role: visitor.role.clone(),
        goal: String::new(),
        terminal: visitor.terminal.clone().unwrap_or_else(|| "unknown".into()),
        claude: Some(Claude { told: Some(number), ..visitor.claude.clone() }),
    };
    let changed = enrolment::register(registry, &newcomer, now)?;
    let session_id = format!("session-{number}");
    Ok(Arrival::Here(Here { number, session_id, what: "register", changed: Some(changed), moved_from: None }))
}

/// The entry of a visitor. One that is only known by its id may be another process that goes on with the same
/// conversation: while that one runs, it keeps the number.
fn entry_of<'r>(
    registry: &'r Registry,
    visitor: &Visitor,
    process: impl Fn(&ProcessKey) -> Process,
) -> Option<&'r Entry> {
    let (own, id) = (visitor.claude.process.as_ref(), visitor.claude.session_id.as_deref());
    let entry = running::entry_of(registry, own, id)?;
    let its = entry.claude.as_ref().and_then(|claude| claude.process.as_ref());
    let is_another = own.zip(its).is_some_and(|(own, its)| !its.is(own) && process(its) == Process::Alive);
    (!is_another || entry.class() != Class::Active).then_some(entry)
}

fn leave(
    registry: &Registry,
    entry: Option<&Entry>,
    visitor: &Visitor,
    ending: Ending,
    now: Time,
) -> Result<Arrival, Refusal> {
    let Some(entry) = entry.filter(|entry| entry.class() == Class::Active) else { return Ok(Arrival::Nobody) };
    let known = entry.claude.as_ref().and_then(|claude| claude.session_id.as_ref());
    // The end of an id that has been followed by another one already is not the end of the session.
    let is_former = known.zip(visitor.claude.session_id.as_ref()).is_some_and(|(known, ended)| known != ended);
    if ending == Ending::GoesOn || is_former {
        return Ok(Arrival::Nobody);
    }
    Ok(Arrival::Left(entry.number, enrolment::release(registry, entry.number, now)?))
}

/// What an entry is to remember: the newest that is known.
fn remembered(entry: &Entry, visitor: &Visitor, tells: bool) -> Claude {
    let before = entry.claude.clone().unwrap_or_default();
    let new = visitor.claude.clone();
    Claude {
        process: new.process.or(before.process),
        session_id: new.session_id.or(before.session_id),
        transcript: new.transcript.or(before.transcript),
        // Where it was started: the folder of an event can be any below.
        cwd: before.cwd.or(new.cwd),
        told: if tells { Some(entry.number) } else { before.told },
    }
}

fn has_just_left(entry: &Entry, now: Time) -> bool {
    entry.marked_inactive_at.is_some_and(|at| at <= now && now - at < SETTLING)
}

/// What a session does, for want of better words: its title, else its folder and branch.
#[must_use]
pub fn role(title: Option<&str>, folder: Option<&str>, branch: Option<&str>) -> String {
    let title = title.map(|title| words::plain(title, 80)).filter(|title| !title.is_empty());
    title.unwrap_or_else(|| {
        let folder = words::plain(claude::folder_name(folder.unwrap_or_default()), 60);
        match branch.map(|branch| words::plain(branch, 40)) {
            Some(branch) if !folder.is_empty() => format!("{folder} ({branch})"),
            _ if folder.is_empty() => "Claude Code".into(),
            _ => folder,
        }
    })
}

/// What a model is told when its session starts: its number, and who else is active. Two lines. Roles are somebody else's
/// text, so each is one short quoted line.
#[must_use]
pub fn greeting<'a>(number: Number, rows: impl IntoIterator<Item = &'a Row>) -> String {
    let others: Vec<&Row> = rows.into_iter().filter(|row| row.state == State::Active && row.number != number).collect();
    let mut named: Vec<String> = others
        .iter()
        .take(NAMED)
        .map(|row| format!("#{} {}", row.number, quote(&words::plain(&row.role, 40))))
        .collect();
    if others.len() > NAMED {
        named.push(format!("and {} more", others.len() - NAMED));
    }
    let beside = if named.is_empty() { "none".into() } else { named.join(", ") };
    format!("Headcount: this Claude Code session has the number {number}.\nOther active sessions: {beside}.")
}

/// What a model is told when a person gave its session another number. One line.
#[must_use]
pub fn moved(from: Number, to: Number) -> String {
    format!("Headcount: this Claude Code session has the number {to} now; it was {from} before.")
}

#[cfg(test)]
#[path = "arrival_tests.rs"]
mod tests;
