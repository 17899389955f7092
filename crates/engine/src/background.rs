//! Beating on behalf of sessions that are proven alive, and removing our old beats, while the tray runs.
//!
//! Promises: does what core says is due and sleeps until something else is; where a beat cannot be written it waits before
//! it tries again; nothing at all while nobody is proven alive. Does not judge.

use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::Number;
use headcount_core::cleanup::Target;
use headcount_core::history::Actor;
use headcount_core::new_beat::Kind;
use headcount_core::upkeep::{Upkeep, upkeep};

use crate::Workspace;
use crate::clock::Clock;
use crate::live::{Openings, Snapshots};
use crate::ops::{self, Act};

/// How soon something that failed is tried again.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Follows snapshots until they end.
pub async fn beat(openings: Openings, clock: Arc<dyn Clock>, mut snapshots: Snapshots) {
    // A beat that was written comes back as a snapshot in which nobody is due; one that was not is tried again later.
    let mut not_before = None;
    loop {
        let now = clock.now();
        let opened = Arc::clone(&openings.borrow());
        // A snapshot of another workspace may still be there; one of this will follow.
        let snapshot = snapshots.borrow_and_update().clone().filter(|snapshot| opened.is_seen_in(snapshot));
        let Upkeep { due, next } = snapshot.map(|snapshot| upkeep(&snapshot, now)).unwrap_or_default();
        if due.is_empty() {
            not_before = None;
        } else if not_before.is_none_or(|moment| moment <= now) {
            not_before = Some(now + AGAIN);
            let (workspace, act) = (opened.workspace.clone(), Act { by: Actor::Tray, at: now });
            drop(tokio::task::spawn_blocking(move || stand_in(&workspace, &due, act)).await);
        }
        let alarm = [next, not_before].into_iter().flatten().min();
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { return },
            () = clock.wait(alarm) => {}
        }
    }
}

fn stand_in(workspace: &Workspace, due: &[Target], act: Act) {
    for target in due {
        if let Err(error) = ops::heartbeat(workspace, target.clone(), Kind::Background, act) {
            tracing::warn!("{error}");
        }
    }
    let numbers: Vec<Number> = due.iter().map(|target| target.number).collect();
    ops::prune(workspace, &numbers, act);
}
