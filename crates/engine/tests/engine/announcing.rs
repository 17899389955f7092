//! Announcements over a followed workspace: once, together, and never again for the same thing (design §5).

use std::sync::Arc;

use chrono::{SubsecRound as _, TimeDelta};
use headcount_core::Time;
use headcount_core::notification::announcement::{Announcement, Report, Step};
use headcount_core::notification::snooze::Snooze;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::announcements::{Reporter, announce};
use headcount_engine::tasks::throttle::MIN_INTERVAL;
use headcount_engine::workspace::paths::CliOverrides;
use tokio::sync::mpsc::{Receiver, channel, unbounded_channel};

use crate::clocks::{View, Virtual};
use crate::scene::{DEADLINE, Following, Scene, eventually};

/// The story: three of twelve are running.
const TWELVE: [i64; 12] = [1, 1, 1, 332, 332, 332, 332, 332, 332, 332, 332, 332];

const TOGETHER: TimeDelta = TimeDelta::seconds(5);

fn start() -> Time {
    SystemClock.now().trunc_subsecs(0)
}

/// A workspace, somebody who follows it, and somebody who announces what follows from that.
struct Desk {
    clock: Virtual,
    /// The announcer's view of it.
    view: Arc<View>,
    following: Following,
    steps: Receiver<Step>,
    reporter: Reporter,
    task: tokio::task::JoinHandle<()>,
}

impl Desk {
    fn open(scene: &Scene, clock: &Virtual) -> Self {
        Self::over(scene.follow(clock.view()), clock)
    }

    fn over(following: Following, clock: &Virtual) -> Self {
        let (view, (sender, steps)) = (clock.view(), channel(16));
        let (reporter, reports) = unbounded_channel();
        let snapshots = following.snapshots.clone();
        let task =
            tokio::spawn(announce(following.openings.clone(), Arc::<View>::clone(&view), snapshots, sender, reports));
        Self { clock: clock.clone(), view, following, steps, reporter, task }
    }

    async fn step(&mut self) -> Step {
        tokio::time::timeout(DEADLINE, self.steps.recv()).await.expect("a step in time").unwrap()
    }

    async fn shown(&mut self) -> Announcement {
        match self.step().await {
            Step::Show(announcement) => {
                self.reporter.send(Report::Shown).unwrap();
                announcement
            }
            step => panic!("{step:?} instead of an announcement"),
        }
    }

    /// Waits until the announcer means to speak at a moment, and lets that come.
    async fn let_it_speak_at(&self, moment: Time) {
        eventually("the announcer's alarm", || self.view.alarm() == Some(moment)).await;
        self.clock.pass_until(moment);
    }

    /// Nothing is said although everything that was under way is done, a breath of the announcer's included.
    async fn stays_silent(&mut self) {
        tokio::time::sleep(MIN_INTERVAL * 3).await;
        if let Ok(step) = self.steps.try_recv() {
            panic!("{step:?}");
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn numbers(announcement: &Announcement) -> Vec<u64> {
    announcement.targets.iter().map(|target| target.number).collect()
}

#[tokio::test]
async fn nine_sessions_are_one_announcement_and_never_again() {
    let scene = Scene::with(&TWELVE, start());
    let clock = Virtual::at(start());
    let mut desk = Desk::open(&scene, &clock);
    desk.let_it_speak_at(clock.now() + TOGETHER).await;
    let shown = desk.shown().await;
    assert_eq!(shown.title, "9 sessions look stale");
    assert_eq!(numbers(&shown), [4, 5, 6, 7, 8, 9, 10, 11, 12]);
    clock.pass(TimeDelta::minutes(30));
    desk.stays_silent().await;
    drop(desk);

    // Neither after a restart: what was told is in a file, for this user alone.
    let mut desk = Desk::open(&scene, &clock);
    desk.following.until_active(3).await;
    clock.pass(TimeDelta::minutes(30));
    desk.stays_silent().await;
    assert_eq!(desk.view.alarm(), None);
    let told = std::fs::metadata(scene.places.memory.join("announced.json")).unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&told) & 0o777, 0o600);

    // Until one was active in between: that one alone.
    scene.beat(5, clock.now());
    desk.following.until_active(4).await;
    scene.beat(1, clock.now() + TimeDelta::minutes(119));
    scene.beat(2, clock.now() + TimeDelta::minutes(119));
    scene.beat(3, clock.now() + TimeDelta::minutes(119));
    clock.pass(TimeDelta::minutes(119));
    desk.following.until_active(4).await;
    clock.pass(TimeDelta::minutes(1) + TimeDelta::nanoseconds(1));
    desk.following.until_active(3).await;
    desk.let_it_speak_at(clock.now() + TOGETHER).await;
    assert_eq!(numbers(&desk.shown().await), [5]);
}

#[tokio::test]
async fn it_is_withdrawn_when_all_beat_again() {
    let scene = Scene::with(&[1, 332, 332], start());
    let clock = Virtual::at(start());
    let mut desk = Desk::open(&scene, &clock);
    desk.let_it_speak_at(clock.now() + TOGETHER).await;
    assert_eq!(numbers(&desk.shown().await), [2, 3]);
    scene.beat(2, clock.now());
    desk.following.until_active(2).await;
    desk.stays_silent().await;
    scene.beat(3, clock.now());
    assert_eq!(desk.step().await, Step::Withdraw);
    desk.stays_silent().await;
}

#[tokio::test]
async fn what_was_closed_is_not_withdrawn() {
    let scene = Scene::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let mut desk = Desk::open(&scene, &clock);
    desk.let_it_speak_at(clock.now() + TOGETHER).await;
    desk.shown().await;
    eventually("the announcer waits again", || desk.view.alarms().last() == Some(&None)).await;
    let waits = desk.view.alarms().len();
    desk.reporter.send(Report::Closed).unwrap();
    eventually("the announcer knows", || desk.view.alarms().len() > waits).await;
    scene.beat(2, clock.now());
    desk.following.until_active(2).await;
    desk.stays_silent().await;
}

#[tokio::test]
async fn while_snoozed_nothing_is_said() {
    let scene = Scene::with(&[1, 332], start());
    let clock = Virtual::at(start());
    ops::snooze(&scene.workspace(), Snooze::Hour, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    let mut desk = Desk::open(&scene, &clock);
    let until = clock.now() + TimeDelta::hours(1);
    eventually("the announcer's alarm", || desk.view.alarm() == Some(until)).await;
    clock.pass(TimeDelta::minutes(59));
    desk.stays_silent().await;
    desk.let_it_speak_at(until).await;
    assert_eq!(numbers(&desk.shown().await), [2]);

    // A snooze that is called off is over at once.
    let scene = Scene::with(&[1, 332], start());
    let clock = Virtual::at(start());
    ops::snooze(&scene.workspace(), Snooze::Hour, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    let mut desk = Desk::open(&scene, &clock);
    eventually("the announcer's alarm", || desk.view.alarm() == Some(until_of(&clock))).await;
    clock.pass(TimeDelta::minutes(1));
    ops::snooze(&scene.workspace(), Snooze::Off, ActionContext { by: Actor::Tray, at: clock.now() }).unwrap();
    assert_eq!(numbers(&desk.shown().await), [2]);
}

fn until_of(clock: &Virtual) -> Time {
    clock.now() + TimeDelta::hours(1)
}

#[tokio::test]
async fn after_a_sleep_running_sessions_get_to_beat_first() {
    let scene = Scene::with(&[1, 10], start());
    let clock = Virtual::at(start());
    let mut desk = Desk::open(&scene, &clock);
    desk.following.until_active(2).await;
    clock.sleep(TimeDelta::hours(3));
    let quiet = clock.now() + TimeDelta::minutes(10);
    desk.following.until("both stale", |snapshot| snapshot.counts.stale == 2).await;
    eventually("the announcer's alarm", || desk.view.alarm() == Some(quiet)).await;
    clock.pass(TimeDelta::minutes(5));
    scene.beat(1, clock.now());
    desk.following.until_active(1).await;
    desk.stays_silent().await;
    desk.let_it_speak_at(quiet).await;
    assert_eq!(numbers(&desk.shown().await), [2]);
}

#[tokio::test]
async fn an_unreadable_registry_is_no_reason_to_speak() {
    let scene = Scene::with(&[1, 332], start());
    let clock = Virtual::at(start());
    let mut desk = Desk::open(&scene, &clock);
    desk.let_it_speak_at(clock.now() + TOGETHER).await;
    desk.shown().await;
    scene.write_registry("[]");
    desk.following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    scene.write_registry(&crate::scene::registry(2));
    desk.following.until("healed", |snapshot| snapshot.trouble.is_none()).await;
    desk.stays_silent().await;
}

#[tokio::test]
async fn notifications_are_switched_off_and_on_while_it_runs() {
    let now = start();
    let scene = Scene::with(&TWELVE, now);
    let line = format!("registry = \"{}\"\n", scene.places.registry.display());
    scene.configure(&line);
    let clock = Virtual::at(now);
    let following = scene.follow_configured(CliOverrides::default(), clock.view());
    let mut desk = Desk::over(following, &clock);
    desk.let_it_speak_at(now + TOGETHER).await;
    assert_eq!(desk.shown().await.targets.len(), 9);
    scene.configure(&format!("{line}notifications = false\n"));
    assert_eq!(desk.step().await, Step::Withdraw);
    clock.pass(TimeDelta::hours(3));
    desk.following.until("all stale", |snapshot| snapshot.counts.stale == 12).await;
    desk.stays_silent().await;
    scene.configure(&line);
    let on_again = now + TimeDelta::hours(3) + TOGETHER * 2;
    desk.let_it_speak_at(on_again).await;
    assert_eq!(desk.shown().await.targets.len(), 3);
}
