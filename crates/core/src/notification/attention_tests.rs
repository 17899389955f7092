//! Tests: when waiting sessions and finished turns are announced, over simulated minutes.

use std::sync::Arc;

use super::*;
use crate::claude::activity::{Activity, WaitingFor};
use crate::view::snapshot::Trouble;

const RULES: Rules = Rules { waiting_after: Some(TimeDelta::seconds(20)), announces_finished: true };
const PERMISSION: ActivityKind = ActivityKind::Waiting(WaitingFor::Permission);
const ANSWER: ActivityKind = ActivityKind::Waiting(WaitingFor::Answer);

fn at(seconds: i64) -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap() + TimeDelta::seconds(seconds)
}

/// Sessions 1, 2 and 3 with what they are doing, and since which second.
fn snapshot(doing: &[(usize, ActivityKind, Option<i64>)]) -> Snapshot {
    let mut snapshot = crate::notification::announcement::tests::snapshot(&[(1, 1), (2, 1), (3, 1)], at(0));
    for (number, kind, since) in doing {
        let activity = Some(Activity { kind: *kind, since: since.map(at) });
        let row = &mut snapshot.rows[number - 1];
        *row = Arc::new(Row { activity, ..(**row).clone() });
    }
    snapshot
}

struct Fixture(AttentionAnnouncer);

impl Fixture {
    fn new() -> Self {
        Self(AttentionAnnouncer::default())
    }

    fn observe(&mut self, doing: &[(usize, ActivityKind, Option<i64>)], seconds: i64) -> NextSteps<AttentionStep> {
        self.0.observe(&snapshot(doing), at(seconds), RULES)
    }

    /// The titles of what is shown and the slots of what is withdrawn. The server accepts what is shown.
    fn steps(&mut self, doing: &[(usize, ActivityKind, Option<i64>)], seconds: i64) -> Vec<String> {
        let answer = self.observe(doing, seconds);
        answer.steps.iter().map(|step| self.accept(step, seconds)).collect()
    }

    fn accept(&mut self, step: &AttentionStep, seconds: i64) -> String {
        match step {
            AttentionStep::Show(shown) => {
                self.0.report_shown(shown.slot, true, at(seconds));
                shown.title.clone()
            }
            AttentionStep::Withdraw(slot) => format!("withdraw {slot:?}"),
        }
    }

    /// The same program after a restart.
    fn restarted(&self) -> Self {
        Self(serde_json::from_str(&serde_json::to_string(&self.0).unwrap()).unwrap())
    }
}

#[test]
fn a_wait_is_announced_once_after_twenty_seconds_and_withdrawn_when_answered() {
    let mut fixture = Fixture::new();
    let waits = [(2, PERMISSION, Some(0))];
    let early = fixture.observe(&waits, 1);
    assert_eq!(early, NextSteps { steps: vec![], again_at: Some(at(20)) });
    let NextSteps { steps, again_at } = fixture.observe(&waits, 20);
    let [AttentionStep::Show(shown)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((shown.title.as_str(), &shown.place), ("#2 <b>Role</b> 2 waits for a permission", &View::Session(2)));
    assert_eq!((shown.slot, again_at), (Slot::Waiting, None));
    fixture.accept(&steps[0], 20);
    assert!(fixture.0.take_unsaved_flag());
    assert_eq!(fixture.steps(&waits, 500), [""; 0], "never twice");
    assert_eq!(fixture.restarted().steps(&waits, 600), [""; 0], "not after a restart either");
    assert_eq!(fixture.steps(&[(2, ActivityKind::Working, Some(601))], 601), ["withdraw Waiting"]);
    assert_eq!(fixture.steps(&[(2, ANSWER, Some(610))], 631), ["#2 <b>Role</b> 2 waits for an answer"], "another wait");
}

#[test]
fn an_answer_within_twenty_seconds_announces_nothing() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.steps(&[(1, PERMISSION, Some(0))], 19), [""; 0]);
    assert_eq!(fixture.observe(&[(1, ActivityKind::Working, Some(19))], 20), NextSteps::default());
    // The next wait begins anew, also if its time is not known.
    assert_eq!(fixture.observe(&[(1, PERMISSION, None)], 30).again_at, Some(at(50)));
    assert_eq!(fixture.observe(&[(1, PERMISSION, None)], 40).again_at, Some(at(50)));
    assert_eq!(fixture.steps(&[(1, PERMISSION, None)], 50).len(), 1);
    assert_eq!(fixture.steps(&[(1, PERMISSION, None)], 90), [""; 0]);
}

#[test]
fn waits_that_are_due_soon_share_a_notification() {
    let mut fixture = Fixture::new();
    let waits = [(1, PERMISSION, Some(0)), (2, ANSWER, Some(4)), (3, PERMISSION, Some(10))];
    let NextSteps { steps, again_at } = fixture.observe(&waits, 20);
    let [AttentionStep::Show(shown)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(shown.title, "2 sessions wait for you");
    let lines = "· #1 <b>Role</b> 1 waits for a permission\n· #2 <b>Role</b> 2 waits for an answer";
    assert_eq!((shown.body.as_str(), &shown.place, again_at), (lines, &View::Sessions, Some(at(30))));
    fixture.accept(&steps[0], 20);
    assert_eq!(fixture.steps(&waits, 30), ["3 sessions wait for you"], "replaces the first");
    assert_eq!(fixture.steps(&waits[2..], 31), [""; 0], "one of them still waits");
    assert_eq!(fixture.steps(&[], 32), ["withdraw Waiting"]);
}

#[test]
fn snooze_refusal_and_settings_delay_or_prevent_it() {
    let waits = [(1, PERMISSION, Some(0))];
    let mut fixture = Fixture::new();
    let snoozed = Snapshot { snoozed_until: Some(at(100)), ..snapshot(&waits) };
    assert_eq!(fixture.0.observe(&snoozed, at(30), RULES), NextSteps { steps: vec![], again_at: Some(at(100)) });
    assert_eq!(fixture.observe(&waits, 100).steps.len(), 1);
    fixture.0.report_shown(Slot::Waiting, false, at(100));
    assert_eq!(fixture.observe(&waits, 101).again_at, Some(at(160)), "no server took it");
    fixture.0.report_server();
    assert_eq!(fixture.steps(&waits, 102).len(), 1);
    let off = Rules { waiting_after: None, ..RULES };
    assert_eq!(fixture.0.observe(&snapshot(&waits), at(103), off).steps, [AttentionStep::Withdraw(Slot::Waiting)]);
    assert_eq!(Fixture::new().0.observe(&snapshot(&waits), at(999), off), NextSteps::default());
    let trouble = Snapshot { trouble: Some(Trouble::internal("x", "/r".into())), ..snapshot(&[]) };
    assert_eq!(Fixture::new().0.observe(&trouble, at(999), RULES), NextSteps::default());
}

#[test]
fn a_wait_that_is_seen_in_its_terminal_postpones_no_other_one() {
    let mut fixture = Fixture::new();
    let first = [(1, PERMISSION, Some(0))];
    assert_eq!(fixture.observe(&first, 20).steps.len(), 1);
    fixture.0.report_seen(at(20));
    let answer = fixture.observe(&first, 20);
    assert_eq!((answer.steps, answer.again_at), (Vec::new(), Some(at(80))));
    let both = [(1, PERMISSION, Some(0)), (2, ANSWER, Some(10))];
    assert_eq!(fixture.steps(&both, 30), ["#2 <b>Role</b> 2 waits for an answer"]);
    // It is due again after a minute, and the notification then names both.
    assert_eq!(fixture.steps(&both, 80), ["2 sessions wait for you"]);
    assert_eq!(fixture.steps(&both, 999), Vec::<String>::new());
}

#[test]
fn a_dismissed_notification_is_not_withdrawn() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.steps(&[(1, PERMISSION, Some(0))], 20).len(), 1);
    fixture.0.report_closed(Slot::Waiting);
    assert_eq!(fixture.steps(&[(1, PERMISSION, Some(0))], 21), [""; 0]);
    assert_eq!(fixture.steps(&[], 22), [""; 0]);
    assert_eq!(fixture.0.finish(), []);
}

#[test]
fn a_turn_of_more_than_two_minutes_is_announced_when_it_ends() {
    let mut fixture = Fixture::new();
    let working = [(1, ActivityKind::Working, Some(0)), (2, ActivityKind::Working, Some(0))];
    assert_eq!(fixture.steps(&working, 1), [""; 0]);
    // A permission that was given is part of the turn.
    assert_eq!(
        fixture.steps(&[(1, PERMISSION, Some(60)), (2, ActivityKind::Idle, Some(60))], 60),
        [""; 0],
        "a short turn"
    );
    assert_eq!(fixture.steps(&[(1, ActivityKind::Working, Some(70))], 70), [""; 0]);
    assert_eq!(fixture.steps(&[(1, ActivityKind::Idle, Some(121))], 121), ["#1 <b>Role</b> 1 has finished"]);
    assert_eq!(fixture.steps(&[(1, ActivityKind::Idle, Some(121))], 122), [""; 0]);
    assert_eq!(fixture.steps(&[(1, ActivityKind::Working, Some(130))], 130), ["withdraw Finished"]);
    let idle = [(1, ActivityKind::Idle, Some(999))];
    assert_eq!(Fixture::new().steps(&idle, 999), [""; 0], "it was idle at the start");
    let off = Rules { announces_finished: false, ..RULES };
    assert_eq!(fixture.0.observe(&snapshot(&idle), at(999), off), NextSteps::default());
}
