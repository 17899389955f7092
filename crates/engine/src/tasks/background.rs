//! Keepalive heartbeats for sessions that are proven alive, removal of Headcount's old heartbeats, and sign-off of
//! sessions that ended unused, while the tray runs.
//!
//! Guarantees: does what core reports as due, and sleeps until something else is due. After a failed write it waits
//! before it tries again. Does nothing while no session is proven alive. Does not decide verdicts.

use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::cleanup::Target;
use headcount_core::liveness::keepalive::{PeriodicWork, periodic_work};
use headcount_core::view::history::Actor;
use headcount_core::{Number, Time, time};

use crate::Workspace;
use crate::clock::Clock;
use crate::files::failpoints;
use crate::ops::{self, ActionContext};
use crate::tasks::supervisor;
use crate::tasks::workspace_task::{ConfigUpdates, Snapshots};

/// The delay before failed work is tried again.
const RETRY_DELAY: TimeDelta = TimeDelta::minutes(5);

/// When failed work may be tried again. After successful work a snapshot without that work follows.
#[derive(Default)]
struct Retry {
    not_before: Option<Time>,
}

impl Retry {
    /// Whether to try now.
    fn is_due(&mut self, has_work: bool, now: Time) -> bool {
        if !has_work {
            self.not_before = None;
            return false;
        }
        let is_due = self.not_before.is_none_or(|moment| moment <= now);
        if is_due {
            self.not_before = Some(time::later(now, RETRY_DELAY));
        }
        is_due
    }
}

/// Does the work of each snapshot, until the snapshots end. After a panic the work is tried again after a delay.
pub async fn run(config_updates: ConfigUpdates, clock: Arc<dyn Clock>, snapshots: Snapshots) {
    let start = || follow(config_updates.clone(), Arc::clone(&clock), snapshots.clone());
    supervisor::supervise("background work", start).await;
}

async fn follow(config_updates: ConfigUpdates, clock: Arc<dyn Clock>, mut snapshots: Snapshots) {
    let (mut heartbeats, mut releases) = (Retry::default(), Retry::default());
    loop {
        let now = clock.now();
        let opened = Arc::clone(&config_updates.borrow());
        // The receiver may still hold a snapshot of another workspace; one of this workspace follows.
        let snapshot = snapshots.borrow_and_update().clone().filter(|snapshot| opened.is_shown_in(snapshot));
        let PeriodicWork { due, next, unused } =
            snapshot.map(|snapshot| periodic_work(&snapshot, now)).unwrap_or_default();
        let context = ActionContext { by: Actor::Tray, at: now };
        if heartbeats.is_due(!due.is_empty(), now) {
            let workspace = opened.workspace.clone();
            supervisor::blocking(move || write_heartbeats(&workspace, &due, context)).await;
        }
        if releases.is_due(!unused.is_empty(), now) {
            let workspace = opened.workspace.clone();
            supervisor::blocking(move || release(&workspace, &unused, context)).await;
        }
        let alarm = [next, heartbeats.not_before, releases.not_before].into_iter().flatten().min();
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { return },
            () = clock.wait(alarm) => {}
        }
    }
}

fn release(workspace: &Workspace, unused: &[Number], context: ActionContext) {
    if let Err(error) = ops::release_unused(workspace, unused, context) {
        tracing::warn!("{error}");
    }
}

fn write_heartbeats(workspace: &Workspace, due: &[Target], context: ActionContext) {
    failpoints::may_panic(&workspace.heartbeats);
    for target in due {
        if let Err(error) = ops::heartbeat(workspace, target.clone(), BeatKind::Background, context) {
            tracing::warn!("{error}");
        }
    }
    let numbers: Vec<Number> = due.iter().map(|target| target.number).collect();
    ops::prune(workspace, &numbers, context);
}
