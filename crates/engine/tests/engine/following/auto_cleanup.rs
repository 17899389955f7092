//! Automatic cleanup of sessions whose process ended: at once, only of those, and again after a failure.

use std::fs::File;
use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::liveness::State;
use headcount_core::liveness::cleanup::{CleanupDone, Selection, Target};
use headcount_core::notification::announcement::{AnnouncementReport, AnnouncementStep};
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::announcements::{DesktopReport, DesktopStep, Reporter, announce};
use headcount_engine::{Error, Workspace};
use tokio::sync::mpsc::{Receiver, channel, unbounded_channel};

use crate::clocks::{View, Virtual};
use crate::fixture::{DEADLINE, Fixture, Following, eventually};
use crate::following::processes::{Session, fixture};

/// A tray without a screen: a followed workspace with automatic cleanup, and its announcer.
struct Tray {
    workspace: Workspace,
    following: Following,
    clock: Virtual,
    /// The announcer's view of the clock.
    view: Arc<View>,
    steps: Receiver<DesktopStep>,
    reporter: Reporter,
    announcing: tokio::task::JoinHandle<()>,
}

impl Tray {
    fn start(fixture: &Fixture) -> Self {
        let clock = Virtual::at(SystemClock.now());
        let workspace = Workspace { auto_cleanup: true, ..fixture.workspace() };
        let following = Following::start(workspace.clone(), clock.view());
        let (view, (sender, steps)) = (clock.view(), channel(4));
        let (reporter, reports) = unbounded_channel();
        let (updates, snapshots) = (following.config_updates.clone(), following.snapshots.clone());
        let focus = Arc::new(|_: &Workspace, _| false);
        let announcing = tokio::spawn(announce(updates, Arc::<View>::clone(&view), snapshots, focus, sender, reports));
        Self { workspace, following, clock, view, steps, reporter, announcing }
    }

    /// Advances the clock to the moment that the announcer waits for, which is so much later than now.
    async fn pass(&self, span: TimeDelta) {
        let moment = self.clock.now() + span;
        eventually("the announcer's alarm", || self.view.alarm() == Some(moment)).await;
        self.clock.pass_until(moment);
    }

    async fn targets(&mut self) -> Vec<Target> {
        let step = tokio::time::timeout(DEADLINE, self.steps.recv()).await.unwrap().unwrap();
        let DesktopStep::Announcement(AnnouncementStep::CleanUp(targets)) = step else { panic!("{step:?}") };
        targets
    }

    /// What the tray does with the step.
    fn clean_up(&self, targets: &[Target]) -> Result<CleanupDone, Error> {
        let at: Time = self.clock.now();
        let context = ActionContext { by: Actor::Tray, at };
        ops::cleanup(&self.workspace, &Selection::Only(targets.to_vec()), false, context).map(|cleanup| cleanup.done)
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        self.announcing.abort();
    }
}

#[tokio::test]
async fn auto_cleanup_targets_sessions_whose_process_ended() {
    let (mut ended, runs) = (Session::start(), Session::start());
    let fixture = fixture(&[&ended, &runs]);
    let mut tray = Tray::start(&fixture);
    tray.following.until_active(2).await;
    ended.kill();
    tray.following.until("the end", |snapshot| snapshot.counts.stale == 1).await;
    tray.pass(TimeDelta::seconds(5)).await;
    let targets = tray.targets().await;
    assert_eq!(tray.clean_up(&targets).unwrap().marked, [1]);
}

#[tokio::test]
async fn auto_cleanup_that_met_a_held_lock_is_tried_again() {
    let mut session = Session::start();
    let fixture = fixture(&[&session]);
    let mut tray = Tray::start(&fixture);
    tray.following.until_active(1).await;
    session.kill();
    tray.following.until("the end", |snapshot| snapshot.counts.stale == 1).await;
    tray.pass(TimeDelta::seconds(5)).await;
    let targets = tray.targets().await;
    let lock = File::create(fixture.folder().join(".claude_sessions.json.lock")).unwrap();
    lock.lock().unwrap();
    let refused = tray.clean_up(&targets).unwrap_err();
    assert!(matches!(refused, Error::Locked { .. }), "{refused}");
    tray.reporter.send(DesktopReport::Announcement(AnnouncementReport::NotCleanedUp(targets.clone()))).unwrap();
    drop(lock);
    tray.pass(TimeDelta::minutes(1)).await;
    let again = tray.targets().await;
    assert_eq!(again, targets);
    assert_eq!(tray.clean_up(&again).unwrap().marked, [1]);
    let marked = tray.following.until("marked", |snapshot| snapshot.counts.inactive == 1).await;
    assert_eq!(marked.row(1).unwrap().state, State::Inactive);
    // Once is enough.
    eventually("no further alarm", || tray.view.alarm().is_none()).await;
    assert!(tray.steps.try_recv().is_err());
}
