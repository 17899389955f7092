//! The tray's periodic work: keepalive heartbeats for sessions that are proven alive, so that programs which only read
//! heartbeats see them as alive too, and signing off sessions that ended without ever being used.
//!
//! Guarantees: returns the sessions that are due and the time of the next one; never a session without a proof of life
//! or end. Does not write files.

use chrono::TimeDelta;

use crate::liveness::cleanup::Target;
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::{self, Time};
use crate::view::snapshot::Snapshot;

/// Maximum age of the last heartbeat of a session that is proven alive.
const MAX_AGE: TimeDelta = TimeDelta::minutes(30);

/// The work that is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodicWork {
    /// The sessions that need a heartbeat now.
    pub due: Vec<Target>,
    /// When the next session needs one; `None` if no session is proven alive.
    pub next: Option<Time>,
    /// The sessions that ended unused and still have their number in the registry.
    pub unused: Vec<Number>,
}

/// The work due for a snapshot at `now`.
#[must_use]
pub fn periodic_work(snapshot: &Snapshot, now: Time) -> PeriodicWork {
    let mut work = PeriodicWork::default();
    if snapshot.trouble.is_some() {
        return work;
    }
    for row in snapshot.in_state(State::Active).filter(|row| row.process == Process::Alive) {
        match row.last_heartbeat.map(|last| time::later(last, MAX_AGE)) {
            Some(then) if then > now => work.next = work.next.into_iter().chain([then]).min(),
            _ => work.due.push(Target::of(row)),
        }
    }
    let unused = snapshot.in_state(State::Inactive).filter(|row| row.reason == Reason::Ended);
    work.unused = unused.map(|row| row.number).collect();
    work
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::announcement::tests::snapshot;
    use crate::view::snapshot::Trouble;
    use std::sync::Arc;

    #[test]
    fn only_quiet_sessions_proven_alive_are_due() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let mut mixed = snapshot(&[(1, 29), (2, 31), (3, 119), (4, 500), (5, 10)], now);
        for (at, process) in [(0, Process::Alive), (1, Process::Alive), (3, Process::Gone), (4, Process::Alive)] {
            Arc::make_mut(&mut mixed.rows[at]).process = process;
        }
        let found = periodic_work(&mixed, now);
        assert_eq!(found.due.iter().map(|target| target.number).collect::<Vec<_>>(), [2]);
        assert_eq!(found.next, Some(now + TimeDelta::minutes(1)));
        assert!(found.unused.is_empty());
        let row = Arc::make_mut(&mut mixed.rows[4]);
        (row.state, row.reason) = (State::Inactive, Reason::Ended);
        assert_eq!(periodic_work(&mixed, now).unused, [5]);
        let trouble = Trouble { code: String::new(), message: String::new(), path: String::new() };
        assert_eq!(periodic_work(&Snapshot { trouble: Some(trouble), ..mixed }, now), PeriodicWork::default());
        assert_eq!(periodic_work(&snapshot(&[(1, 5), (2, 50)], now), now), PeriodicWork::default());
    }
}
