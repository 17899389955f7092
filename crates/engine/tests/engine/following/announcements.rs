//! Announcements for a followed workspace: once, combined, and not repeated for the same sessions (design §5).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{SubsecRound as _, TimeDelta};
use headcount_core::Time;
use headcount_core::notification::Slot;
use headcount_core::notification::announcement::{Announcement, AnnouncementReport, AnnouncementStep};
use headcount_core::notification::attention;
use headcount_core::notification::snooze::Snooze;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::announcements::{DesktopReport, DesktopStep, Reporter, announce};
use headcount_engine::tasks::throttle::MIN_INTERVAL;
use headcount_engine::workspace::config::resolved::CliOverrides;
use tokio::sync::mpsc::{Receiver, channel, unbounded_channel};

use crate::clocks::{View, Virtual};
use crate::fixture::{DEADLINE, Fixture, Following, eventually};
use crate::following::processes::{self, Session, record};

/// Twelve sessions, of which three run.
const TWELVE: [i64; 12] = [1, 1, 1, 332, 332, 332, 332, 332, 332, 332, 332, 332];

const COMBINE_DELAY: TimeDelta = TimeDelta::seconds(5);

fn start() -> Time {
    SystemClock.now().trunc_subsecs(0)
}

/// A followed workspace with a running announcer.
struct RunningAnnouncer {
    clock: Virtual,
    /// The announcer's view of the clock.
    view: Arc<View>,
    following: Following,
    steps: Receiver<DesktopStep>,
    reporter: Reporter,
    /// Whether the terminal of session 1 has the focus.
    has_focus: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl RunningAnnouncer {
    fn open(fixture: &Fixture, clock: &Virtual) -> Self {
        Self::over(fixture.follow(clock.view()), clock)
    }

    fn over(following: Following, clock: &Virtual) -> Self {
        let (view, (sender, steps)) = (clock.view(), channel(16));
        let (reporter, reports) = unbounded_channel();
        let snapshots = following.snapshots.clone();
        let has_focus = Arc::new(AtomicBool::new(false));
        let is_focused = Arc::clone(&has_focus);
        let task = tokio::spawn(announce(
            following.config_updates.clone(),
            Arc::<View>::clone(&view),
            snapshots,
            Arc::new(move |_, number| number == 1 && is_focused.load(Ordering::Relaxed)),
            sender,
            reports,
        ));
        Self { clock: clock.clone(), view, following, steps, reporter, has_focus, task }
    }

    async fn any_step(&mut self) -> DesktopStep {
        tokio::time::timeout(DEADLINE, self.steps.recv()).await.expect("a step in time").unwrap()
    }

    async fn step(&mut self) -> AnnouncementStep {
        match self.any_step().await {
            DesktopStep::Announcement(step) => step,
            other @ DesktopStep::Attention(_) => panic!("{other:?}"),
        }
    }

    async fn shown(&mut self) -> Announcement {
        match self.step().await {
            AnnouncementStep::Show(announcement) => {
                self.reporter.send(DesktopReport::Announcement(AnnouncementReport::Shown)).unwrap();
                announcement
            }
            step => panic!("{step:?} instead of an announcement"),
        }
    }

    /// Waits until the announcer waits for `moment`, and advances the clock to it.
    async fn advance_to_alarm(&self, moment: Time) {
        eventually("the announcer's alarm", || self.view.alarm() == Some(moment)).await;
        self.clock.pass_until(moment);
    }

    /// Checks that no step arrives although all pending work is done, including the announcer's throttled snapshot.
    async fn assert_no_step(&mut self) {
        tokio::time::sleep(MIN_INTERVAL * 3).await;
        if let Ok(step) = self.steps.try_recv() {
            panic!("{step:?}");
        }
    }
}

impl Drop for RunningAnnouncer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn numbers(announcement: &Announcement) -> Vec<u64> {
    announcement.targets.iter().map(|target| target.number).collect()
}

#[tokio::test]
async fn nine_stale_sessions_are_announced_together_and_once() {
    let fixture = Fixture::with(&TWELVE, start());
    let clock = Virtual::at(start());
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.advance_to_alarm(clock.now() + COMBINE_DELAY).await;
    let shown = announcer.shown().await;
    assert_eq!(shown.title, "9 sessions look stale");
    assert_eq!(numbers(&shown), [4, 5, 6, 7, 8, 9, 10, 11, 12]);
    clock.pass(TimeDelta::minutes(30));
    announcer.assert_no_step().await;
    drop(announcer);

    // The same after a restart: announced sessions are stored in a file readable by this user only.
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.following.until_active(3).await;
    clock.pass(TimeDelta::minutes(30));
    announcer.assert_no_step().await;
    assert_eq!(announcer.view.alarm(), None);
    let file = std::fs::metadata(fixture.workspace.memory.join("announced.json")).unwrap();
    assert!(file.is_file());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&file) & 0o777, 0o600);

    // Only a session that was active in between is announced again.
    fixture.beat(5, clock.now());
    announcer.following.until_active(4).await;
    fixture.beat(1, clock.now() + TimeDelta::minutes(119));
    fixture.beat(2, clock.now() + TimeDelta::minutes(119));
    fixture.beat(3, clock.now() + TimeDelta::minutes(119));
    clock.pass(TimeDelta::minutes(119));
    announcer.following.until_active(4).await;
    clock.pass(TimeDelta::minutes(1) + TimeDelta::nanoseconds(1));
    announcer.following.until_active(3).await;
    announcer.advance_to_alarm(clock.now() + COMBINE_DELAY).await;
    assert_eq!(numbers(&announcer.shown().await), [5]);
}

#[tokio::test]
async fn an_announcement_is_withdrawn_when_all_sessions_beat_again() {
    let fixture = Fixture::with(&[1, 332, 332], start());
    let clock = Virtual::at(start());
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.advance_to_alarm(clock.now() + COMBINE_DELAY).await;
    assert_eq!(numbers(&announcer.shown().await), [2, 3]);
    fixture.beat(2, clock.now());
    announcer.following.until_active(2).await;
    announcer.assert_no_step().await;
    fixture.beat(3, clock.now());
    assert_eq!(announcer.step().await, AnnouncementStep::Withdraw);
    announcer.assert_no_step().await;
}

#[tokio::test]
async fn a_closed_announcement_is_not_withdrawn() {
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.advance_to_alarm(clock.now() + COMBINE_DELAY).await;
    announcer.shown().await;
    eventually("the announcer waits again", || announcer.view.alarms().last() == Some(&None)).await;
    let waits = announcer.view.alarms().len();
    announcer.reporter.send(DesktopReport::Closed(Slot::Stale)).unwrap();
    eventually("the announcer knows", || announcer.view.alarms().len() > waits).await;
    fixture.beat(2, clock.now());
    announcer.following.until_active(2).await;
    announcer.assert_no_step().await;
}

#[tokio::test]
async fn nothing_is_announced_while_snoozed() {
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    ops::snooze(&fixture.workspace(), Snooze::Hour, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    let until = clock.now() + TimeDelta::hours(1);
    eventually("the announcer's alarm", || announcer.view.alarm() == Some(until)).await;
    clock.pass(TimeDelta::minutes(59));
    announcer.assert_no_step().await;
    announcer.advance_to_alarm(until).await;
    assert_eq!(numbers(&announcer.shown().await), [2]);

    // Ending a snooze takes effect immediately.
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    ops::snooze(&fixture.workspace(), Snooze::Hour, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    eventually("the announcer's alarm", || announcer.view.alarm() == Some(until_of(&clock))).await;
    clock.pass(TimeDelta::minutes(1));
    ops::snooze(&fixture.workspace(), Snooze::Off, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    assert_eq!(numbers(&announcer.shown().await), [2]);
}

fn until_of(clock: &Virtual) -> Time {
    clock.now() + TimeDelta::hours(1)
}

#[tokio::test]
async fn announcements_wait_after_a_suspend() {
    let fixture = Fixture::with(&[1, 10], start());
    let clock = Virtual::at(start());
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.following.until_active(2).await;
    clock.sleep(TimeDelta::hours(3));
    let quiet = clock.now() + TimeDelta::minutes(10);
    announcer.following.until("both stale", |snapshot| snapshot.counts.stale == 2).await;
    eventually("the announcer's alarm", || announcer.view.alarm() == Some(quiet)).await;
    clock.pass(TimeDelta::minutes(5));
    fixture.beat(1, clock.now());
    announcer.following.until_active(1).await;
    announcer.assert_no_step().await;
    announcer.advance_to_alarm(quiet).await;
    assert_eq!(numbers(&announcer.shown().await), [2]);
}

#[tokio::test]
async fn an_unreadable_registry_is_not_announced() {
    let fixture = Fixture::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.advance_to_alarm(clock.now() + COMBINE_DELAY).await;
    announcer.shown().await;
    fixture.write_registry("[]");
    announcer.following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    fixture.write_registry(&crate::fixture::registry(2));
    announcer.following.until("healed", |snapshot| snapshot.trouble.is_none()).await;
    announcer.assert_no_step().await;
}

#[tokio::test]
async fn the_notifications_setting_applies_while_running() {
    let now = start();
    let fixture = Fixture::with(&TWELVE, now);
    // In single quotes a backslash is one.
    let line = format!("registry = '{}'\n", fixture.workspace.registry.display());
    fixture.configure(&line);
    let clock = Virtual::at(now);
    let following = fixture.follow_configured(CliOverrides::default(), clock.view());
    let mut announcer = RunningAnnouncer::over(following, &clock);
    announcer.advance_to_alarm(now + COMBINE_DELAY).await;
    assert_eq!(announcer.shown().await.targets.len(), 9);
    fixture.configure(&format!("{line}notifications = false\n"));
    assert_eq!(announcer.step().await, AnnouncementStep::Withdraw);
    clock.pass(TimeDelta::hours(3));
    announcer.following.until("all stale", |snapshot| snapshot.counts.stale == 12).await;
    announcer.assert_no_step().await;
    fixture.configure(&line);
    let on_again = now + TimeDelta::hours(3) + COMBINE_DELAY * 2;
    announcer.advance_to_alarm(on_again).await;
    assert_eq!(announcer.shown().await.targets.len(), 3);
}

#[tokio::test]
async fn a_session_that_waits_is_announced_once_after_twenty_seconds_and_withdrawn_when_answered() {
    let (session, clock) = (Session::start(), Virtual::at(start()));
    let fixture = processes::fixture(&[&session]);
    record(&fixture, &session, r#", "status": "busy""#);
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.following.until("it works", |snapshot| snapshot.rows.iter().any(|row| row.activity.is_some())).await;
    record(&fixture, &session, r#", "status": "waiting", "waitingFor": "permission prompt""#);
    announcer.advance_to_alarm(clock.now() + TimeDelta::seconds(20)).await;
    let step = announcer.any_step().await;
    let DesktopStep::Attention(attention::AttentionStep::Show(shown)) = &step else { panic!("{step:?}") };
    assert_eq!(shown.title, "#1 session-1 waits for a permission");
    announcer.reporter.send(DesktopReport::AttentionShown(Slot::Waiting, true)).unwrap();
    eventually("the announced wait is stored", || fixture.workspace.memory.join("announced_waits.json").exists()).await;
    clock.pass(TimeDelta::minutes(10));
    announcer.assert_no_step().await;
    record(&fixture, &session, r#", "status": "busy""#);
    assert_eq!(announcer.any_step().await, DesktopStep::Attention(attention::AttentionStep::Withdraw(Slot::Waiting)));
}

#[tokio::test]
async fn a_wait_that_is_seen_in_its_focused_terminal_is_announced_only_later() {
    let (session, clock) = (Session::start(), Virtual::at(start()));
    let fixture = processes::fixture(&[&session]);
    record(&fixture, &session, r#", "status": "busy""#);
    let mut announcer = RunningAnnouncer::open(&fixture, &clock);
    announcer.has_focus.store(true, Ordering::Relaxed);
    announcer.following.until("it works", |snapshot| snapshot.rows.iter().any(|row| row.activity.is_some())).await;
    record(&fixture, &session, r#", "status": "waiting", "waitingFor": "permission prompt""#);
    let due = clock.now() + TimeDelta::seconds(20);
    announcer.advance_to_alarm(due).await;
    let again = due + TimeDelta::minutes(1);
    eventually("it is tried again later", || announcer.view.alarm() == Some(again)).await;
    // By then the person works elsewhere.
    announcer.has_focus.store(false, Ordering::Relaxed);
    announcer.advance_to_alarm(again).await;
    let step = announcer.any_step().await;
    let DesktopStep::Attention(attention::AttentionStep::Show(shown)) = &step else { panic!("{step:?}") };
    assert_eq!(shown.title, "#1 session-1 waits for a permission");
    assert_eq!(clock.now(), again);
}
