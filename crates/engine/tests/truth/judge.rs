//! Compares what Headcount says with what is true.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::liveness::State;
use headcount_core::registry::{Class as Status, Entry};

use crate::habits::Version;
use crate::headcount::Picture;
use crate::step::{Place, Session};
use crate::truth::{Fact, Truth};

/// A session may be quiet for so long (the default).
const TIMEOUT: TimeDelta = TimeDelta::minutes(120);

/// The first false verdict, in words that begin with its kind. `record` is the conversation that the record of a pid names, if it is whole.
pub(crate) fn judge(
    truth: &mut Truth,
    picture: &Picture,
    is_blind: bool,
    now: Time,
    record: &dyn Fn(u32) -> Option<String>,
) -> Option<String> {
    let mut entries: BTreeMap<Session, Vec<(u64, State)>> = BTreeMap::new();
    for row in &picture.rows {
        let entry = picture.registry.entry(row.number)?;
        let Some((handle, fact)) = truth.fact_of(entry) else {
            return Some(format!("leak: {} is of a process that never was a session", row.number));
        };
        let about = format!("{} of process {handle} ({:?}, {:?})", row.number, fact.spawn.class, row.reason);
        if !fact.class.counts() {
            return Some(format!("leak: {about} is registered, and is no session"));
        }
        if let Some(falsehood) = judge_row(truth, entry, fact, row.state, is_blind, now) {
            return Some(falsehood.replace("{}", &about));
        }
        if entry.class() == Status::Active && row.state != State::Inactive {
            entries.entry(fact.spawn.session).or_default().push((row.number, row.state));
        }
    }
    judge_sessions(truth, picture, &entries, is_blind)
        .or_else(|| if is_blind { None } else { judge_unregistered(truth, picture, record) })
}

fn judge_row(truth: &Truth, entry: &Entry, fact: &Fact, state: State, is_blind: bool, now: Time) -> Option<String> {
    let is_provable = truth.is_provable(entry, fact, is_blind);
    let is_dismissed = truth.dismissed.contains(&fact.spawn.session);
    // A beat from before the clock was set back lies in the future, and counts as one of now. After a move, beats of
    // another session with that number count as its own. Both are the protocol's (§4).
    let is_plain = truth.clock_sets == 0 && !truth.has_moves;
    let quiet = fact.last_event.filter(|_| is_plain).map(|at| now - at);
    // A beat tells the minute, not the second.
    let is_surely_fresh = quiet.is_some_and(|quiet| quiet <= TIMEOUT - TimeDelta::minutes(1));
    let may_be_fresh = quiet.is_none_or(|quiet| quiet <= TIMEOUT);
    let has_ended = !fact.is_alive() || fact.said_goodbye;
    let false_as = |what: &str| Some(what.to_owned());
    match (state, has_ended) {
        (State::Active | State::Stale, true) if fact.said_goodbye => {
            false_as("goodbye: {} signed off and holds its number")
        }
        (State::Active, true) if is_provable => false_as("dead: {} is shown as active"),
        (State::Active, true) if !may_be_fresh => false_as("dead: {} is shown as active after the timeout"),
        (State::Stale, true) if is_provable && !fact.was_used => false_as("unused: {} ended at its start and is stale"),
        (State::Stale, false) if fact.runs() && is_provable => false_as("stale: {} runs, and can be seen to"),
        (State::Stale, false) if fact.runs() && is_surely_fresh => false_as("stale: {} runs, and was active just now"),
        (State::Inactive, false) if fact.runs() && !is_dismissed => {
            let why = if entry.class() == Status::Inactive { "was signed off" } else { "counts as ended" };
            Some(format!("inactive: {{}} runs and {why}"))
        }
        (State::Unknown, _) => false_as("unknown: {}"),
        _ => None,
    }
}

fn judge_sessions(
    truth: &mut Truth,
    picture: &Picture,
    entries: &BTreeMap<Session, Vec<(u64, State)>>,
    is_blind: bool,
) -> Option<String> {
    for (session, held) in entries {
        let active = held.iter().filter(|(_, state)| *state == State::Active).count();
        if active > 1 && !is_blind {
            return Some(format!("twice: session {session} is counted as {held:?}"));
        }
    }
    let due: Vec<Session> = {
        let running = truth.facts.values().filter(|fact| fact.runs() && fact.is_due);
        running.map(|fact| fact.spawn.session).collect()
    };
    for session in due {
        if truth.dismissed.contains(&session) {
            continue;
        }
        let is_its = |entry: &&Entry| {
            let fact = truth.fact_of(entry).map(|(_, fact)| fact);
            entry.class() == Status::Active && fact.is_some_and(|fact| fact.runs() && fact.spawn.session == session)
        };
        let entry = picture.registry.entries().iter().find(is_its);
        let Some(entry) = entry else { return Some(format!("missing: session {session} runs and is not registered")) };
        if picture.free.contains(&entry.number) {
            return Some(format!("free: {} of session {session} is offered", entry.number));
        }
        let number = *truth.numbers.entry(session).or_insert(entry.number);
        if number != entry.number {
            return Some(format!("number: session {session} had {number} and has {}", entry.number));
        }
    }
    let gone: Vec<Session> =
        truth.numbers.keys().copied().filter(|session| truth.running(*session).next().is_none()).collect();
    for session in gone {
        truth.numbers.remove(&session);
    }
    None
}

/// The sessions that run unregistered are shown, and no others.
fn judge_unregistered(truth: &Truth, picture: &Picture, record: &dyn Fn(u32) -> Option<String>) -> Option<String> {
    let host = || truth.facts.values().filter(|fact| fact.spawn.place == Place::Host);
    for pid in &picture.unregistered {
        let fact = host().find(|fact| fact.is_alive() && fact.key.pid == *pid);
        if !fact.is_some_and(|fact| fact.class.counts()) {
            return Some(format!("unregistered: {pid} is shown, and is no running session"));
        }
        let is_its = |key: &_| fact.is_some_and(|fact| fact.key.is(key));
        if picture
            .registry
            .entries()
            .iter()
            .any(|entry| entry.class() == Status::Active && entry.process().is_some_and(is_its))
        {
            return Some(format!("twice: {pid} is registered and shown as unregistered"));
        }
    }
    let can_be_seen = |fact: &&Fact| {
        fact.runs()
            && matches!(fact.spawn.version, Version::Current | Version::NoDomain)
            && record(fact.key.pid).is_some()
            && fact.has_own_record
    };
    let hidden = host().filter(can_be_seen).find(|fact| {
        let is_known = picture.registry.entries().iter().any(|entry| {
            entry.process().map_or_else(
                // One that remembers no process is known by its conversation.
                || {
                    entry.claude.as_ref().is_some_and(|claude| {
                        claude.session_id.as_deref().is_some_and(|id| record(fact.key.pid).as_deref() == Some(id))
                    })
                },
                |key| key.is(&fact.key),
            )
        });
        !is_known && !picture.unregistered.contains(&fact.key.pid)
    });
    hidden.map(|fact| format!("unregistered: process {} runs and is not shown", fact.spawn.process))
}
