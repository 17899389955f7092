//! From evidence to verdict.
//!
//! Guarantees: implements the table of protocol §4 from an entry, its heartbeats, the evidence about its process, the
//! timeout and the current time only; gives the exact next moment at which the result changes without any file
//! changing.

use chrono::TimeDelta;

use crate::heartbeat::{self, Beat};
use crate::liveness::boot::Boot;
use crate::liveness::{Process, Reason, State};
use crate::registry::{Class, Entry};
use crate::time::{self, Time, Timeout};
use crate::view::warning::Code;

/// Everything a session's state depends on, except the timeout and the current time.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// Its entry in the registry.
    pub entry: &'a Entry,
    /// Its heartbeats, at least all that can affect the state.
    pub beats: Vec<&'a Beat>,
    /// The evidence about its process.
    pub process: Process,
    /// The running kernel, if it can prove that a process of an earlier boot has ended.
    pub boot: Option<&'a Boot>,
}

/// The result of evaluating the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// The reason for it.
    pub reason: Reason,
    /// The time of its newest heartbeat.
    pub last_heartbeat: Option<Time>,
    /// Its last sign of life: heartbeat, registration, reactivation or sign-off.
    pub last_sign_of_life: Option<Time>,
    /// It has a heartbeat within the timeout that is newer than the mark as inactive, if any.
    pub is_beating: bool,
    /// The evidence about its process, including a later boot of the computer.
    pub process: Process,
    /// The file of its newest heartbeat, if that is broken.
    pub broken: Option<String>,
    /// Warnings about its times.
    pub warnings: Vec<Code>,
}

impl Verdict {
    /// The parts that users see changing: all except the times.
    fn visible_parts(&self) -> (State, Reason, bool, &[Code]) {
        (self.state, self.reason, self.is_beating, &self.warnings)
    }
}

/// Whether an entry's process ended before the session was ever used. Such a session is neither stale nor announced,
/// and its number is free, because nothing is lost; many processes are started in advance and never used. A kept session
/// stays stale.
#[must_use]
pub fn is_unused_and_gone(entry: &Entry, process: Process) -> bool {
    entry.class() == Class::Active
        && process == Process::Gone
        && !entry.preferences.is_kept
        && entry.claude.as_ref().is_some_and(|claude| claude.is_unused)
}

impl Evidence<'_> {
    /// The state of the session at `now`. Its own timeout takes precedence over `timeout`.
    #[must_use]
    pub fn verdict(&self, now: Time, timeout: Timeout) -> Verdict {
        let timeout = self.entry.preferences.timeout.unwrap_or(timeout);
        let newest = heartbeat::newest(self.beats.iter().copied(), now);
        let beat = newest.map(|beat| beat.time(now));
        let started = self.started(now);
        let mut warnings = Vec::new();
        let is_ahead = self.entry.has_far_time || self.starts().any(|time| !time::usable(time, now));
        if is_ahead || beat.is_some_and(|beat| beat.is_skewed) {
            warnings.push(Code::ClockSkew);
        }
        let is_much_newer =
            |written: Time| beat.is_some_and(|beat| written.signed_duration_since(beat.at) > timeout.span());
        if newest.and_then(|beat| beat.modified).is_some_and(is_much_newer) {
            warnings.push(Code::MtimeDisagrees);
        }

        let last_heartbeat = beat.map(|beat| beat.at);
        let last_sign_of_life = last_heartbeat.max(started);
        let has_signed_off = newest.is_some_and(|beat| beat.content.is_disconnect) && last_heartbeat >= started;
        let is_fresh = |time: Option<Time>| time.is_some_and(|time| now.signed_duration_since(time) <= timeout.span());
        let is_beating = is_fresh(last_heartbeat)
            && !has_signed_off
            && (self.entry.class() != Class::Inactive || last_heartbeat > self.entry.marked_inactive_at);

        let process = self.process(last_sign_of_life);
        let (state, reason) = match (self.entry.class(), process) {
            (Class::Inactive, _) => (State::Inactive, Reason::Marked),
            (Class::Unknown, _) => (State::Unknown, Reason::Status),
            (Class::Active, process) if is_unused_and_gone(self.entry, process) => (State::Inactive, Reason::Ended),
            (Class::Active, Process::Gone) => (State::Stale, Reason::Ended),
            (Class::Active, process) => match () {
                () if !has_signed_off && is_fresh(last_sign_of_life) && last_heartbeat >= started => {
                    (State::Active, Reason::Heartbeat)
                }
                () if !has_signed_off && is_fresh(last_sign_of_life) => (State::Active, Reason::Registered),
                () if process == Process::Alive => (State::Active, Reason::Process),
                () if has_signed_off => (State::Stale, Reason::Disconnected),
                () if last_heartbeat.is_none() => (State::Stale, Reason::Never),
                () => (State::Stale, Reason::Timeout),
            },
        };
        let broken = newest.filter(|beat| beat.content.is_broken).map(|beat| beat.file.clone());
        Verdict { state, reason, last_heartbeat, last_sign_of_life, is_beating, process, broken, warnings }
    }

    /// The evidence about the process. A process of an earlier boot has ended, even if it cannot be looked up.
    fn process(&self, last_sign_of_life: Option<Time>) -> Process {
        let key = self.entry.process().filter(|_| self.process == Process::Unknown);
        match key.zip(self.boot) {
            Some((key, boot)) if boot.has_ended(key, last_sign_of_life) => Process::Gone,
            _ => self.process,
        }
    }

    /// The next moment after `now` at which the state, its reason or its warnings change by themselves: exact, so that
    /// nothing changes before it and something does at it. `None` if nothing ever changes.
    #[must_use]
    pub fn next_change(&self, now: Time, timeout: Timeout) -> Option<Time> {
        let timeout = self.entry.preferences.timeout.unwrap_or(timeout);
        let of_beats = self.beats.iter().flat_map(|beat| beat.times());
        // A heartbeat that counts as now becomes newer than the boot at the moment of the boot, if the clock was set
        // back.
        let started = self.boot.map(|boot| boot.started);
        let times = of_beats.chain(self.starts()).chain(self.entry.marked_inactive_at).chain(started);
        let instant = TimeDelta::nanoseconds(1);
        // Every comparison in `verdict` changes at one of these: a time becomes usable, is reached, expires, or is the
        // timeout ahead of what counts as now.
        let edges = |time: Time| {
            [
                time::earlier(time, time::TOLERANCE),
                time,
                time::later(time, instant),
                time::later(time, timeout.span() + instant),
                time::earlier(time, timeout.span()),
                time::earlier(time, timeout.span() - instant),
            ]
        };
        let mut moments: Vec<Time> = times.flat_map(edges).filter(|moment| *moment > now).collect();
        moments.sort_unstable();
        moments.dedup();
        let current = self.verdict(now, timeout);
        moments.into_iter().find(|moment| self.verdict(*moment, timeout).visible_parts() != current.visible_parts())
    }

    /// The times of registration and reactivation, if present.
    fn starts(&self) -> impl Iterator<Item = Time> {
        [self.entry.registered_at, self.entry.reactivated_at].into_iter().flatten()
    }

    fn started(&self, now: Time) -> Option<Time> {
        self.starts().filter(|time| time::usable(*time, now)).max()
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
