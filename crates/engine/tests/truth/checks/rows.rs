//! The state of each row.

use chrono::TimeDelta;
use headcount_core::liveness::State;
use headcount_core::registry::{Class as Status, Entry};

use super::{Check, Checked, FalseVerdict};
use crate::ground_truth::Fact;

/// For how long a session may be quiet (the default).
const TIMEOUT: TimeDelta = TimeDelta::minutes(120);

impl Checked<'_> {
    pub(super) fn check_rows(&self) -> Vec<FalseVerdict> {
        let mut found = Vec::new();
        let (entries, rows) = (self.observation.registry.entries(), &self.observation.rows);
        for entry in entries.iter().filter(|entry| rows.iter().all(|row| row.number != entry.number)) {
            found.push(FalseVerdict::new(Check::RowsAreEntries, format!("entry {} is not shown", entry.number)));
        }
        for row in rows {
            let number = row.number;
            let Some(entry) = self.observation.registry.entry(number) else {
                found.push(FalseVerdict::new(Check::RowsAreEntries, format!("row {number} has no entry")));
                continue;
            };
            let Some((handle, fact)) = self.truth.fact_of(entry) else {
                found.push(FalseVerdict::new(Check::EntryHasProcess, format!("{number}")));
                continue;
            };
            let check = if fact.class.counts() {
                self.check_state(entry, fact, row.state)
            } else {
                Some(Check::EntryIsSession)
            };
            found.extend(check.map(|check| {
                let text = format!(
                    "{number}, process {handle}, {:?}, entry {:?}, {:?}: {:?}",
                    fact.class,
                    entry.class(),
                    row.state,
                    row.reason
                );
                FalseVerdict::new(check, text)
            }));
        }
        found
    }

    fn check_state(&self, entry: &Entry, fact: &Fact, state: State) -> Option<Check> {
        let truth = self.truth;
        let is_provable = truth.is_provable(entry, fact, &self.view);
        let quiet = fact.last_event.map(|at| self.view.now - at);
        // Within a minute only the first event of a session writes a beat.
        let is_surely_fresh = quiet.is_some_and(|quiet| quiet <= TIMEOUT - TimeDelta::minutes(1));
        // A beat from before the clock was set back lies in the future, and counts as one of now (protocol, §4). It can be
        // of an earlier session with the same number.
        let is_ahead = truth.set_back_from.is_some_and(|from| self.view.now - from <= TIMEOUT);
        // A beat that another session wrote under a number of a moved entry.
        let inherited = truth.inherited_beat(entry, &self.observation.registry);
        let has_inherited = inherited.is_some_and(|at| self.view.now - at <= TIMEOUT);
        let was_kept_alive = fact.kept_alive.is_some_and(|at| self.view.now - at <= TIMEOUT);
        let may_be_fresh = is_ahead || has_inherited || was_kept_alive || quiet.is_none_or(|quiet| quiet <= TIMEOUT);
        let has_ended = !fact.is_alive() || fact.said_goodbye;
        match (state, has_ended) {
            (State::Active | State::Stale, true) if fact.said_goodbye => Some(Check::GoodbyeFreesNumber),
            (State::Active, true) if is_provable => Some(Check::EndedIsNotActive),
            (State::Active, true) if !may_be_fresh => Some(Check::QuietIsNotActive),
            (State::Stale, true) if is_provable && !fact.was_used => Some(Check::UnusedIsNotStale),
            (State::Stale, false) if fact.runs() && is_provable => Some(Check::RunningIsNotStale),
            (State::Stale, false) if fact.runs() && is_surely_fresh => Some(Check::FreshIsNotStale),
            (State::Inactive, false) if fact.runs() && !truth.marked_while_running.contains(&fact.spawn.session) => {
                Some(Check::RunningIsNotInactive)
            }
            (State::Unknown, _) => Some(Check::StateIsKnown),
            _ => None,
        }
    }
}

/// Whether a row counts as in use.
pub(super) fn is_in_use(entry: &Entry, state: State) -> bool {
    entry.class() == Status::Active && state == State::Active
}
