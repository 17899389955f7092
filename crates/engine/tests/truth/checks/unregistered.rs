//! The sessions that run unregistered are shown, and no others.

use headcount_core::registry::{Class as Status, Entry};

use super::{Check, Checked, FalseVerdict};
use crate::day::client_behavior::Version;
use crate::day::step::Place;
use crate::ground_truth::Fact;

impl Checked<'_> {
    pub(super) fn check_unregistered(&self) -> Vec<FalseVerdict> {
        // Which records are of running processes cannot be told then.
        if self.view.is_proc_unreadable {
            return Vec::new();
        }
        let mut found = Vec::new();
        let host = || self.truth.facts.values().filter(|fact| fact.spawn.place == Place::Host);
        let entries = self.observation.registry.entries();
        for pid in &self.observation.unregistered {
            let fact = host().find(|fact| fact.is_alive() && fact.class.counts() && fact.key.pid == *pid);
            let Some(fact) = fact else {
                found.push(FalseVerdict::new(Check::UnregisteredIsSession, format!("pid {pid}")));
                continue;
            };
            let is_its = |entry: &&Entry| entry.process().is_some_and(|key| fact.key.is(key));
            if entries.iter().filter(is_its).any(|entry| entry.class() == Status::Active) {
                found.push(FalseVerdict::new(Check::RegisteredIsNotUnregistered, format!("pid {pid}")));
            }
        }
        // Nothing but its record reveals an unregistered session, and only if that names the start of its process.
        let can_be_seen = |fact: &&Fact| {
            fact.runs()
                && matches!(fact.spawn.version, Version::Current | Version::NoDomain)
                && (self.recorded)(fact.key.pid).is_some()
                && fact.has_own_record
        };
        // A job is shown by the entry of its terminal, until an event of the job takes that over.
        let has_active_entry = |fact: &Fact| {
            let is_its = |entry: &&Entry| entry.process().is_some_and(|key| fact.key.is(key));
            entries.iter().filter(is_its).any(|entry| entry.class() == Status::Active)
        };
        let is_shown_by_terminal = |fact: &&Fact| {
            let is_its =
                |other: &&Fact| other.spawn.session == fact.spawn.session && other.is_alive() && other.is_parked;
            fact.spawn.job.is_some() && host().filter(is_its).any(has_active_entry)
        };
        for fact in host().filter(can_be_seen).filter(|fact| !is_shown_by_terminal(fact)) {
            let recorded = (self.recorded)(fact.key.pid);
            // An entry that remembers no process is known by its conversation.
            let is_of_conversation =
                |entry: &Entry| entry.claude.as_ref().is_some_and(|claude| claude.session_id == recorded);
            let is_its =
                |entry: &Entry| entry.process().map_or_else(|| is_of_conversation(entry), |key| key.is(&fact.key));
            if !entries.iter().any(is_its) && !self.observation.unregistered.contains(&fact.key.pid) {
                let text = format!("process {}, pid {}", fact.spawn.process, fact.key.pid);
                found.push(FalseVerdict::new(Check::RunningIsShown, text));
            }
        }
        found
    }
}
