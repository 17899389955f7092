//! What the tray does by itself while it runs: keepalive beats for sessions that are proven alive, so that programs which know
//! beats only see them alive too, and signing off those that ended without ever being used.
//!
//! Guarantees: which sessions are due, and when the next one is; none whose life or end is not proven. Does not write.

use chrono::TimeDelta;

use crate::liveness::cleanup::Target;
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::{self, Time};
use crate::view::snapshot::Snapshot;

/// How long a session that is proven alive may go without a beat.
const EVERY: TimeDelta = TimeDelta::minutes(30);

/// Who is to be beaten for now, and when somebody is next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keepalive {
    /// The sessions that are due.
    pub due: Vec<Target>,
    /// When the next one is; nothing where nobody is proven alive.
    pub next: Option<Time>,
    /// Sessions that ended unused and still hold their number in the registry.
    pub unused: Vec<Number>,
}

/// Looks at a snapshot at `now`.
#[must_use]
pub fn upkeep(snapshot: &Snapshot, now: Time) -> Keepalive {
    let mut upkeep = Keepalive::default();
    if snapshot.trouble.is_some() {
        return upkeep;
    }
    for row in snapshot.in_state(State::Active).filter(|row| row.process == Process::Alive) {
        match row.last_heartbeat.map(|last| time::later(last, EVERY)) {
            Some(then) if then > now => upkeep.next = upkeep.next.into_iter().chain([then]).min(),
            _ => upkeep.due.push(Target::of(row)),
        }
    }
    let unused = snapshot.in_state(State::Inactive).filter(|row| row.reason == Reason::Ended);
    upkeep.unused = unused.map(|row| row.number).collect();
    upkeep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::announcement::tests::snapshot;
    use crate::view::snapshot::Trouble;
    use std::sync::Arc;

    #[test]
    fn only_who_is_proven_alive_and_quiet() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let mut picture = snapshot(&[(1, 29), (2, 31), (3, 119), (4, 500), (5, 10)], now);
        for (at, process) in [(0, Process::Alive), (1, Process::Alive), (3, Process::Gone), (4, Process::Alive)] {
            Arc::make_mut(&mut picture.rows[at]).process = process;
        }
        let found = upkeep(&picture, now);
        assert_eq!(found.due.iter().map(|target| target.number).collect::<Vec<_>>(), [2]);
        assert_eq!(found.next, Some(now + TimeDelta::minutes(1)));
        assert!(found.unused.is_empty());
        let row = Arc::make_mut(&mut picture.rows[4]);
        (row.state, row.reason) = (State::Inactive, Reason::Ended);
        assert_eq!(upkeep(&picture, now).unused, [5]);
        let trouble = Trouble { code: String::new(), message: String::new(), path: String::new() };
        assert_eq!(upkeep(&Snapshot { trouble: Some(trouble), ..picture }, now), Keepalive::default());
        assert_eq!(upkeep(&snapshot(&[(1, 5), (2, 50)], now), now), Keepalive::default());
    }
}
