//! What `headcount wait` waits for, judged on snapshots.
//!
//! Guarantees: a condition that holds already is met at once, except for the end of any session, which has to happen
//! while it is waited for. A session that gets another number is followed by its process. An unreadable registry neither
//! meets a condition nor rules it out. Does not wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::claude::activity::ActivityKind;
use crate::liveness::{Reason, State};
use crate::registry::Number;
use crate::view::session::row::Row;
use crate::view::snapshot::Snapshot;

/// What happens to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwaitedEvent {
    /// Its turn has ended.
    Idle,
    /// It waits for a person.
    Waiting,
    /// It ended or is no longer active.
    Ended,
    /// It is stale.
    Stale,
}

/// What is waited for, and what was seen of it.
#[derive(Clone, Debug)]
pub struct WaitCondition {
    event: AwaitedEvent,
    /// The session; `None`: any.
    number: Option<Number>,
    /// The pid of that session, if it is known.
    pid: Option<u32>,
    /// The sessions that were seen active.
    active: BTreeSet<Number>,
    is_first: bool,
}

/// The result of an observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// It has not happened.
    Pending,
    /// It has happened to this session. The row is `None` if the registry no longer contains the session.
    Met(Number, Option<Arc<Row>>),
    /// There was no such session from the beginning.
    NoSession(Number),
    /// The session ended, so that it cannot happen any more.
    Impossible(Number),
}

impl WaitCondition {
    /// A condition on the session with a number, or on any.
    #[must_use]
    pub fn new(event: AwaitedEvent, number: Option<Number>) -> Self {
        Self { event, number, pid: None, active: BTreeSet::new(), is_first: true }
    }

    /// Judges the next snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot) -> Observation {
        if snapshot.trouble.is_some() {
            return Observation::Pending;
        }
        let is_first = std::mem::take(&mut self.is_first);
        let Some(number) = self.number else { return self.observe_any(snapshot) };
        let number = self.moved(number, snapshot).unwrap_or(number);
        let row = snapshot.row(number);
        self.number = Some(number);
        self.pid = row.and_then(|row| row.pid);
        self.observe_one(number, row, is_first)
    }

    /// The number to which the session was moved: the only one whose session has its process, while its own number has
    /// another session or none.
    fn moved(&self, number: Number, snapshot: &Snapshot) -> Option<Number> {
        let pid = Some(self.pid?);
        if snapshot.row(number).is_some_and(|row| row.pid == pid) {
            return None;
        }
        let mut rows = snapshot.rows.iter().filter(|row| row.pid == pid && row.state != State::Inactive);
        rows.next().filter(|_| rows.next().is_none()).map(|row| row.number)
    }

    fn observe_one(&self, number: Number, row: Option<&Arc<Row>>, is_first: bool) -> Observation {
        match row {
            None if is_first => Observation::NoSession(number),
            None if self.event == AwaitedEvent::Ended => Observation::Met(number, None),
            None => Observation::Impossible(number),
            Some(row) if self.event.is_met(row) => Observation::Met(number, Some(Arc::clone(row))),
            Some(row) if AwaitedEvent::Ended.is_met(row) => Observation::Impossible(number),
            Some(_) => Observation::Pending,
        }
    }

    fn observe_any(&mut self, snapshot: &Snapshot) -> Observation {
        let is_active = |row: &&Arc<Row>| row.state == State::Active;
        let met = match self.event {
            AwaitedEvent::Ended => {
                let is_over =
                    |number: &&Number| snapshot.row(**number).is_none_or(|row| AwaitedEvent::Ended.is_met(row));
                let ended = self.active.iter().find(is_over).copied();
                ended.map(|number| (number, snapshot.row(number).map(Arc::clone)))
            }
            event => {
                let row = snapshot.rows.iter().find(|row| event.is_met(row));
                row.map(|row| (row.number, Some(Arc::clone(row))))
            }
        };
        self.active.extend(snapshot.rows.iter().filter(is_active).map(|row| row.number));
        met.map_or(Observation::Pending, |(number, row)| Observation::Met(number, row))
    }
}

impl AwaitedEvent {
    fn is_met(self, row: &Row) -> bool {
        match self {
            Self::Idle => {
                let kind = row.activity.map(|activity| activity.kind);
                matches!(kind, Some(ActivityKind::Idle | ActivityKind::BackgroundShell))
            }
            Self::Waiting => row.waiting_for().is_some(),
            Self::Ended => row.state == State::Inactive || matches!(row.reason, Reason::Ended | Reason::Disconnected),
            Self::Stale => row.state == State::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::activity::{Activity, WaitingFor};
    use crate::view::snapshot::Trouble;

    /// Sessions 1 and 2: active unless changed.
    fn snapshot(change: impl Fn(&mut Row)) -> Snapshot {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let mut snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5), (2, 5)], now);
        let mut row = (*snapshot.rows[0]).clone();
        change(&mut row);
        snapshot.rows[0] = Arc::new(row);
        snapshot
    }

    fn doing(kind: ActivityKind) -> Snapshot {
        snapshot(|row| row.activity = Some(Activity { kind, since: None }))
    }

    fn without_first() -> Snapshot {
        let mut snapshot = snapshot(|_| {});
        snapshot.rows.remove(0);
        snapshot
    }

    fn is_met(progress: &Observation) -> bool {
        matches!(progress, Observation::Met(1, _))
    }

    #[test]
    fn a_session_is_followed_to_another_number() {
        let of_pid = |number, pid: Option<u32>| {
            let mut moved = snapshot(|row| (row.number, row.pid) = (number, pid));
            moved.rows.sort_by_key(|row| row.number);
            moved
        };
        for event in [AwaitedEvent::Ended, AwaitedEvent::Idle] {
            let mut condition = WaitCondition::new(event, Some(1));
            assert_eq!(condition.observe(&of_pid(1, Some(77))), Observation::Pending);
            assert_eq!(condition.observe(&of_pid(9, Some(77))), Observation::Pending, "{event:?}");
            let gone = condition.observe(&without_first());
            let wanted =
                if event == AwaitedEvent::Ended { Observation::Met(9, None) } else { Observation::Impossible(9) };
            assert_eq!(gone, wanted);
        }
        // Nothing tells whether a session without a process was moved.
        let mut condition = WaitCondition::new(AwaitedEvent::Ended, Some(1));
        assert_eq!(condition.observe(&of_pid(1, None)), Observation::Pending);
        assert_eq!(condition.observe(&of_pid(9, None)), Observation::Met(1, None));
    }

    #[test]
    fn each_event_is_met_by_its_session() {
        let waiting = doing(ActivityKind::Waiting(WaitingFor::Answer));
        let inactive = snapshot(|row| row.state = State::Inactive);
        let ended = snapshot(|row| (row.state, row.reason) = (State::Stale, Reason::Ended));
        let stale = snapshot(|row| (row.state, row.reason) = (State::Stale, Reason::Timeout));
        let all = [
            doing(ActivityKind::Working),
            doing(ActivityKind::Idle),
            doing(ActivityKind::BackgroundShell),
            waiting,
            inactive,
            ended,
            stale,
        ];
        for (event, wanted) in [
            (AwaitedEvent::Idle, [false, true, true, false, false, false, false]),
            (AwaitedEvent::Waiting, [false, false, false, true, false, false, false]),
            (AwaitedEvent::Ended, [false, false, false, false, true, true, false]),
            (AwaitedEvent::Stale, [false, false, false, false, false, true, true]),
        ] {
            for (at, (snapshot, wanted)) in all.iter().zip(wanted).enumerate() {
                let progress = WaitCondition::new(event, Some(1)).observe(snapshot);
                assert_eq!(is_met(&progress), wanted, "{event:?} at {at}: {progress:?}");
                let mut of_any = WaitCondition::new(event, None);
                assert_eq!(of_any.observe(&super::tests::snapshot(|_| {})), Observation::Pending);
                assert_eq!(is_met(&of_any.observe(snapshot)), wanted, "any: {event:?} at {at}");
            }
        }
    }

    #[test]
    fn the_end_of_any_session_has_to_happen_while_it_is_waited_for() {
        let inactive = snapshot(|row| row.state = State::Inactive);
        let mut condition = WaitCondition::new(AwaitedEvent::Ended, None);
        assert_eq!(condition.observe(&inactive), Observation::Pending);
        assert_eq!(condition.observe(&snapshot(|_| {})), Observation::Pending);
        assert_eq!(condition.observe(&without_first()), Observation::Met(1, None));
    }

    #[test]
    fn a_session_that_is_missing_or_ended_is_not_waited_for() {
        let of = |event| WaitCondition::new(event, Some(1));
        assert_eq!(of(AwaitedEvent::Ended).observe(&without_first()), Observation::NoSession(1));
        for (event, wanted) in
            [(AwaitedEvent::Idle, Observation::Impossible(1)), (AwaitedEvent::Ended, Observation::Met(1, None))]
        {
            let mut condition = of(event);
            assert_eq!(condition.observe(&snapshot(|_| {})), Observation::Pending);
            assert_eq!(condition.observe(&without_first()), wanted, "{event:?}");
        }
        let ended = snapshot(|row| row.reason = Reason::Ended);
        assert_eq!(of(AwaitedEvent::Waiting).observe(&ended), Observation::Impossible(1));
    }

    #[test]
    fn an_unreadable_registry_decides_nothing() {
        let trouble = Some(Trouble::internal("x", "/r".into()));
        let mut condition = WaitCondition::new(AwaitedEvent::Idle, Some(7));
        assert_eq!(condition.observe(&Snapshot { trouble, ..without_first() }), Observation::Pending);
        assert_eq!(condition.observe(&without_first()), Observation::NoSession(7));
    }
}
