//! Announcing stale sessions, for a desktop to show.
//!
//! Guarantees: turns snapshots into the steps that core decides, at the moments that core requests; passes the
//! desktop's reports about these steps back to core; keeps what was announced across restarts. During a burst it reads
//! no more snapshots than are drawn. Does not show anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Local;
use headcount_core::notification::announcement::{Announcer, NextSteps, Report, Step};
use headcount_core::view::snapshot::Snapshot;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender};

use crate::Workspace;
use crate::clock::Clock;
use crate::files::{atomic, failpoints, file};
use crate::tasks::supervisor::{shared, supervise};
use crate::tasks::throttle::ThrottledSnapshots;
use crate::tasks::workspace_task::{ConfigUpdates, Snapshots};

/// Maximum size of the file in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The channel by which a desktop reports the results of steps.
pub type Reporter = UnboundedSender<Report>;

/// Follows snapshots and sends steps, and takes the results of these from `reports`. Returns when the snapshots end or
/// the receiver of the steps is dropped. Announces nothing while notifications are off. Each workspace has its own file
/// of what was announced. After a panic it goes on with what that file has.
pub async fn announce(
    config_updates: ConfigUpdates,
    clock: Arc<dyn Clock>,
    snapshots: Snapshots,
    steps: Sender<Step>,
    reports: UnboundedReceiver<Report>,
) {
    let reports = shared(reports);
    let start = || {
        let (config_updates, clock, snapshots) = (config_updates.clone(), Arc::clone(&clock), snapshots.clone());
        let (steps, reports) = (steps.clone(), Arc::clone(&reports));
        async move { follow(config_updates, clock, snapshots, steps, &mut *reports.lock().await).await }
    };
    supervise("announcements", start).await;
}

async fn follow(
    mut config_updates: ConfigUpdates,
    clock: Arc<dyn Clock>,
    snapshots: Snapshots,
    steps: Sender<Step>,
    reports: &mut UnboundedReceiver<Report>,
) {
    let mut path = PathBuf::new();
    let mut announcer = Announcer::default();
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    let mut latest: Option<Arc<Snapshot>> = None;
    loop {
        let now = clock.now();
        let opened = Arc::clone(&config_updates.borrow_and_update());
        let workspace = &opened.workspace;
        let mut next_steps = NextSteps::default();
        if path != memory(workspace) {
            path = memory(workspace);
            // Notifications that are shown are about sessions of the previous workspace.
            next_steps = std::mem::replace(&mut announcer, recall(&path)).finish();
        }
        // The receiver may still hold a snapshot of the previous workspace; one of this workspace follows.
        if let Some(snapshot) = latest.as_ref().filter(|snapshot| opened.is_shown_in(snapshot)) {
            failpoints::may_panic(&path);
            let is_wanted = opened.settings().notifications;
            let observed = if is_wanted {
                announcer.observe(snapshot, now, &Local)
            } else {
                announcer.observe_muted(snapshot, now)
            };
            next_steps.steps.extend(observed.steps);
            next_steps.again_at = observed.again_at;
        }
        if announcer.take_unsaved_flag() {
            remember(&path, &announcer);
        }
        for step in next_steps.steps {
            if steps.send(step).await.is_err() {
                return;
            }
        }
        tokio::select! {
            next = snapshots.next() => match next {
                Some(next) => latest = Some(next),
                None => return,
            },
            changed = config_updates.changed() => if changed.is_err() { return },
            () = clock.wait(next_steps.again_at) => {}
            // Without a reporter this branch is disabled.
            Some(report) = reports.recv() => announcer.report(report, clock.now()),
        }
    }
}

fn memory(workspace: &Workspace) -> PathBuf {
    workspace.memory.join("announced.json")
}

fn recall(path: &Path) -> Announcer {
    let contents = if path.is_absolute() { file::read(path, LIMIT).ok().flatten() } else { None };
    contents.and_then(|contents| serde_json::from_slice(&contents.bytes).ok()).unwrap_or_default()
}

fn remember(path: &Path, announcer: &Announcer) {
    let written = serde_json::to_vec(announcer).map_err(|error| error.to_string());
    let kept = written.and_then(|text| atomic::replace_private(path, &text).map_err(|error| error.to_string()));
    if let Err(error) = kept {
        tracing::warn!(error, "cannot remember what was announced");
    }
}
