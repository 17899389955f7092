//! Announcing what went stale, for a desktop to show.
//!
//! Promises: turns snapshots into the steps that core decides, at the moments core asks for, and keeps its memory across
//! restarts. Does not show anything.

use std::path::Path;
use std::sync::Arc;

use chrono::Local;
use headcount_core::announcement::{Announcer, Step};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;

use crate::clock::Clock;
use crate::live::Snapshots;
use crate::{Workspace, atomic, file};

/// No memory of announcements is this large.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Says that what was announced is no longer on show.
pub type Closed = Arc<Notify>;

/// Follows snapshots and sends steps, until the snapshots end or nobody listens.
pub async fn announce(
    workspace: Workspace,
    clock: Arc<dyn Clock>,
    mut snapshots: Snapshots,
    steps: Sender<Step>,
    closed: Closed,
) {
    let path = workspace.places.memory.join("announced.json");
    let mut announcer = recall(&path);
    loop {
        let now = clock.now();
        let snapshot = snapshots.borrow_and_update().clone();
        let before = announcer.clone();
        let answer = snapshot.map(|snapshot| announcer.observe(&snapshot, now, &Local)).unwrap_or_default();
        if !announcer.remembers_as(&before) {
            remember(&path, &announcer);
        }
        for step in answer.steps {
            if steps.send(step).await.is_err() {
                return;
            }
        }
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { return },
            () = clock.wait(answer.again_at) => {}
            () = closed.notified() => announcer.closed(),
        }
    }
}

fn recall(path: &Path) -> Announcer {
    let contents = file::read(path, LIMIT).ok().flatten();
    contents.and_then(|contents| serde_json::from_slice(&contents.bytes).ok()).unwrap_or_default()
}

fn remember(path: &Path, announcer: &Announcer) {
    let written = serde_json::to_vec(announcer).map_err(|error| error.to_string());
    let kept = written.and_then(|text| atomic::replace_private(path, &text).map_err(|error| error.to_string()));
    if let Err(error) = kept {
        tracing::warn!(error, "cannot remember what was announced");
    }
}
