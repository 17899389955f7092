//! Cleanups, and numbers that a person changes.

use headcount_core::Number;
use headcount_core::liveness::{Reason, State};
use headcount_core::registry::Class as Status;
use headcount_core::view::session::row::Row;

use super::Simulation;
use crate::backend::Backend;
use crate::checks::{Check, FalseVerdict};
use crate::day::client_behavior::MINUTE;
use crate::day::step::Ms;

/// Sessions that are only quiet may be left by a cleanup for so long after a sleep or a jump of the clock.
pub(super) const TIME_TO_BEAT: Ms = 10 * MINUTE;

impl Simulation {
    pub(super) fn cleanup(&mut self, backend: &mut dyn Backend) -> Vec<FalseVerdict> {
        let mut found = Vec::new();
        let view = self.machine.view();
        let before = backend.observe(&self.machine);
        let marked = backend.cleanup(&self.machine);
        let has_just_jumped = self.truth.jumped.is_some_and(|jumped| self.machine.awake() - jumped <= TIME_TO_BEAT);
        let may_be_left = |row: &Row| has_just_jumped && row.reason != Reason::Ended;
        let stale = before.rows.iter().filter(|row| row.state == State::Stale);
        for row in stale.filter(|row| !marked.contains(&row.number) && !may_be_left(row)) {
            found.push(FalseVerdict::new(Check::CleanupMarksStale, format!("{} was left", row.number)));
        }
        for number in marked {
            let Some(row) = before.rows.iter().find(|row| row.number == number) else {
                found.push(FalseVerdict::new(Check::CleanupMarksStale, format!("{number} does not exist")));
                continue;
            };
            let fact = before.registry.entry(number).and_then(|entry| Some((entry, self.truth.fact_of(entry)?)));
            let Some((entry, (handle, fact))) = fact else { continue };
            let text = format!("{number}, process {handle}, {:?}: {:?}", row.state, row.reason);
            if fact.runs() && self.truth.is_provable(entry, fact, &view) {
                found.push(FalseVerdict::new(Check::CleanupSparesRunning, text));
            } else if row.state != State::Stale && row.reason != Reason::Ended {
                // What ended unused is marked too: it counts as inactive already.
                found.push(FalseVerdict::new(Check::CleanupMarksStale, text));
            }
            if fact.runs() {
                let session = fact.spawn.session;
                self.truth.marked_while_running.insert(session);
                self.truth.numbers.remove(&session);
            }
        }
        found
    }

    pub(super) fn reassign(&mut self, which: usize, to: Number, backend: &mut dyn Backend) {
        let registry = backend.observe(&self.machine).registry;
        let active = registry.entries().iter().filter(|entry| entry.class() == Status::Active);
        let Some(from) = active.map(|entry| entry.number).nth(which).filter(|from| *from != to) else { return };
        backend.reassign(from, to, &self.machine);
        self.moved += 1;
        self.truth.swap_numbers(from, to, registry.entry(to).is_some());
    }
}
