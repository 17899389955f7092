//! Passing time, suspends and clock changes, on a virtual clock.

use std::sync::Arc;
use std::time::Duration;

use chrono::{SubsecRound as _, TimeDelta};
use headcount_core::Time;
use headcount_core::claude::ProcessKey;
use headcount_core::liveness::cleanup::{CautionCode, Selection};
use headcount_core::liveness::suspend::ClockReading;
use headcount_core::liveness::{Process, Reason, State};
use headcount_core::notification::snooze::Snooze;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock, Wait};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::process::Processes;
use headcount_engine::{Error, Workspace, suspend};

use crate::clocks::Virtual;
use crate::fixture::{Fixture, eventually, state};

const TIMEOUT: TimeDelta = TimeDelta::minutes(120);
const GRACE_PERIOD: TimeDelta = TimeDelta::minutes(10);

fn start() -> Time {
    SystemClock.now().trunc_subsecs(0)
}

fn caution(snapshot: &Snapshot) -> Option<CautionCode> {
    snapshot.cleanup.caution.as_ref().map(|caution| caution.code)
}

#[tokio::test]
async fn a_session_goes_stale_exactly_at_the_timeout() {
    let fixture = Fixture::with(&[1, 100, 119], start());
    let clock = Virtual::at(start());
    let view = clock.view();
    let mut following = fixture.follow(view.clone());
    let beats = following.until_active(3).await;
    // One alarm at a time, each for the first moment that is more than the timeout after a heartbeat.
    for number in [3, 2, 1] {
        let beat = beats.row(number).unwrap().last_heartbeat.unwrap();
        let moment = beat + TIMEOUT + TimeDelta::nanoseconds(1);
        eventually("the alarm", || view.alarm() == Some(moment)).await;
        clock.pass_until(moment - TimeDelta::nanoseconds(1));
        let before = following.snapshots.borrow().clone().unwrap();
        assert_eq!(state(&before, number), State::Active);
        clock.pass(TimeDelta::nanoseconds(1));
        let stale = following.until("stale", |snapshot| state(snapshot, number) == State::Stale).await;
        assert_eq!((stale.at, stale.row(number).unwrap().reason), (moment, Reason::Timeout));
    }
    assert_eq!(following.seen().len(), 4, "one snapshot a change");
    // No session is left that time alone could change.
    eventually("no alarm", || view.alarms().last() == Some(&None)).await;
}

#[tokio::test]
async fn nothing_wakes_up_during_an_idle_hour() {
    let fixture = Fixture::with(&[0, 1, 2, 3, 5, 8, 13, 21, 34, 332, 500, 600, 700], start());
    let clock = Virtual::at(start());
    let view = clock.view();
    let mut following = fixture.follow(view.clone());
    following.until_active(9).await;
    eventually("the alarm", || view.alarms().len() == 1).await;
    let reads = view.reads();
    for _ in 0..60 {
        clock.pass(TimeDelta::minutes(1));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!((view.reads(), view.alarms().len()), (reads, 1), "the task woke up");
    assert_eq!(following.seen().len(), 1);
}

#[tokio::test]
async fn newly_stale_sessions_are_not_offered_for_ten_minutes_after_a_suspend() {
    // A suspended laptop, and a changed wall clock.
    type Interruption = fn(&Virtual);
    let interruptions: [Interruption; 3] = [
        |clock| clock.sleep(TimeDelta::minutes(115)),
        |clock| clock.set(TimeDelta::minutes(115)),
        |clock| {
            clock.set(TimeDelta::minutes(-5));
            clock.set(TimeDelta::minutes(120));
        },
    ];
    for interrupt in interruptions {
        let fixture = Fixture::with(&[1, 10], start());
        let clock = Virtual::at(start());
        let view = clock.view();
        let mut following = fixture.follow(view.clone());
        following.until_active(2).await;
        interrupt(&clock);
        let woken = following.until("quiet", |snapshot| snapshot.quiet_until.is_some()).await;
        assert_eq!(woken.quiet_until, Some(clock.now() + GRACE_PERIOD));
        assert_eq!((state(&woken, 2), caution(&woken)), (State::Stale, Some(CautionCode::JustWoke)));
        // During the grace period, session 1 beats and stays active.
        fixture.beat(1, clock.now());
        let beaten = clock.now();
        following.until("the beat", |snapshot| snapshot.row(1).unwrap().last_heartbeat == Some(beaten)).await;
        eventually("the alarm", || view.alarm() == Some(beaten + GRACE_PERIOD)).await;
        clock.pass(GRACE_PERIOD - TimeDelta::nanoseconds(1));
        clock.pass(TimeDelta::nanoseconds(1));
        let over = following.until("no longer quiet", |snapshot| snapshot.quiet_until.is_none()).await;
        assert_eq!((over.at, over.cleanup.numbers.as_slice(), caution(&over)), (beaten + GRACE_PERIOD, &[2][..], None));
    }
}

#[tokio::test]
async fn a_clock_set_back_revives_no_session_permanently() {
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let mut following = fixture.follow(clock.view());
    following.until_active(1).await;
    clock.set(TimeDelta::hours(-6));
    let back = following.until("quiet", |snapshot| snapshot.quiet_until.is_some()).await;
    assert_eq!(back.quiet_until, Some(clock.now() + GRACE_PERIOD));
    clock.set(TimeDelta::hours(6));
    let forth = following.until("stale again", |snapshot| snapshot.counts.stale == 1).await;
    assert_eq!((state(&forth, 1), state(&forth, 2)), (State::Active, State::Stale));
}

#[tokio::test]
async fn a_short_suspend_has_no_grace_period() {
    let fixture = Fixture::with(&[1, 119], start());
    let clock = Virtual::at(start());
    let view = clock.view();
    let mut following = fixture.follow(view.clone());
    following.until_active(2).await;
    clock.sleep(TimeDelta::seconds(20));
    eventually("a look", || view.alarms().len() == 2).await;
    clock.pass(TimeDelta::minutes(1));
    let stale = following.until_active(1).await;
    assert_eq!(stale.quiet_until, None);
}

#[tokio::test]
async fn a_snooze_ends_at_its_moment() {
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let view = clock.view();
    let mut following = fixture.follow(view.clone());
    following.until_active(1).await;
    ops::snooze(&fixture.workspace(), Snooze::Hour, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    let snoozed = following.until("snoozed", |snapshot| snapshot.snoozed_until.is_some()).await;
    let until = snoozed.snoozed_until.unwrap();
    assert_eq!(until, clock.now() + TimeDelta::hours(1));
    eventually("the alarm", || view.alarm() == Some(until)).await;
    clock.pass_until(until);
    let over = following.until("not snoozed", |snapshot| snapshot.snoozed_until.is_none()).await;
    assert_eq!(over.at, until);
    // The file still contains the past moment: no alarm is set for it again.
    eventually("another alarm", || view.alarm() != Some(until)).await;
}

/// Readings of the clocks of a computer, as `SystemClock` returns them.
fn reading(now: Time, slept: TimeDelta) -> ClockReading {
    let since_boot = Duration::from_hours(100) + slept.to_std().unwrap();
    ClockReading { now, since_boot, awake: Duration::from_hours(100) }
}

#[test]
fn cleanup_right_after_a_suspend_marks_only_proven_or_named_sessions() {
    let before = SystemClock.now();
    let night = TimeDelta::hours(8);
    let fixture = Fixture::with(&[1, 2], before - night);
    let workspace = fixture.workspace();
    let by = |at| ActionContext { by: Actor::Command, at };
    std::fs::create_dir_all(&fixture.workspace.memory).unwrap();
    suspend::note(&workspace, &reading(before - night, TimeDelta::zero()));
    // Cron runs it before any session could beat. It is the first process of Headcount after the night.
    suspend::note(&workspace, &reading(before, night));
    let text = fixture.read_registry();
    let refused = ops::cleanup(&workspace, &Selection::All, false, by(before)).unwrap_err();
    assert!(matches!(&refused, Error::NoEvidence(caution) if caution.code == CautionCode::JustWoke), "{refused}");
    let shown = ops::preview_cleanup(&workspace, &Selection::All, false, before).unwrap().done;
    assert_eq!((shown.marked.len(), shown.skipped.len()), (0, 2));
    assert_eq!(fixture.read_registry(), text);
    // A session named by a person is cleaned up, and all of them are after the grace period.
    let only = Selection::Only(vec![1.into()]);
    assert_eq!(ops::cleanup(&workspace, &only, false, by(before)).unwrap().done.marked, [1]);
    let later = before + TimeDelta::minutes(11);
    assert_eq!(ops::cleanup(&workspace, &Selection::All, false, by(later)).unwrap().done.marked, [2]);
}

/// A process that cannot read its system's processes, nor the id of the boot.
#[derive(Debug)]
struct Blind;

impl Processes for Blind {
    fn look(&self, _: &ProcessKey) -> Process {
        Process::Unknown
    }

    fn ended(&self, _: &ProcessKey) -> Option<Wait<'static>> {
        None
    }

    fn reports_ends(&self) -> Result<(), String> {
        Err("nothing can be read".into())
    }
}

#[test]
fn a_process_that_cannot_read_the_boot_does_not_end_the_grace_period() {
    let before = SystemClock.now();
    let night = TimeDelta::hours(8);
    let fixture = Fixture::with(&[1, 2], before - night);
    let workspace = fixture.workspace();
    let blind = Workspace { processes: Arc::new(Blind), ..fixture.workspace() };
    std::fs::create_dir_all(&fixture.workspace.memory).unwrap();
    suspend::note(&workspace, &reading(before - night, TimeDelta::zero()));
    for (workspace, about) in [(&blind, "the first after the night"), (&workspace, "the next"), (&blind, "another")] {
        assert!(suspend::note(workspace, &reading(before, night)).is_some(), "{about}");
        let all = ops::cleanup(workspace, &Selection::All, false, ActionContext { by: Actor::Command, at: before });
        assert!(matches!(&all, Err(Error::NoEvidence(caution)) if caution.code == CautionCode::JustWoke), "{about}");
    }
}

#[tokio::test]
async fn sessions_are_reevaluated_when_the_clock_is_set_back() {
    let start = SystemClock.now();
    let fixture = Fixture::with(&[1, 2], start);
    std::fs::create_dir_all(&fixture.workspace.memory).unwrap();
    let clock = Virtual::at(start);
    let mut following = fixture.follow(clock.view());
    following.until_active(2).await;
    clock.set(TimeDelta::hours(5));
    following.until("stale by the wrong clock", |snapshot| snapshot.counts.stale == 2).await;
    clock.set(TimeDelta::hours(-5));
    // No file changes.
    following.until_active(2).await;
    let noted = suspend::quiet_until(&fixture.workspace.memory, clock.now());
    assert!(noted.is_some(), "a newly started process must know the grace period");
}
