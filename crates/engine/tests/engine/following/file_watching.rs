//! Watching a workspace's files: heartbeats, the registry, and Headcount's state. Real folders, real clock.

use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::liveness::State;
use headcount_core::notification::snooze::Snooze;
use headcount_core::view::history::Actor;
use headcount_core::{Time, time};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};

use crate::fixture::{Fixture, registry, state};

fn now() -> Time {
    SystemClock.now()
}

fn context() -> ActionContext {
    ActionContext { by: Actor::Tray, at: now() }
}

#[tokio::test]
async fn a_heartbeat_gives_a_new_snapshot() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    assert_eq!(following.until_active(1).await.counts.stale, 2);
    fixture.beat(2, now());
    let snapshot = following.until_active(2).await;
    assert_eq!(state(&snapshot, 2), State::Active);
    assert!(!snapshot.is_polling);
    // A file that is rewritten in place for each heartbeat.
    let untimed = fixture.workspace.heartbeats.join("session-3.json");
    for minutes in [200, 0] {
        let moment = now() - TimeDelta::minutes(minutes);
        std::fs::write(&untimed, format!("{{\"timestamp\": \"{}\"}}", time::wire(moment))).unwrap();
        let seen = |snapshot: &headcount_core::view::snapshot::Snapshot| {
            snapshot.row(3).unwrap().last_heartbeat == Some(moment)
        };
        following.until("the rewritten beat", seen).await;
    }
    // A removed heartbeat no longer counts.
    std::fs::remove_file(untimed).unwrap();
    following.until_active(2).await;
    // Written under a temporary name, then renamed.
    let hidden = fixture.workspace.heartbeats.join(".tmp");
    std::fs::write(&hidden, format!("{{\"timestamp\": \"{}\"}}", time::wire(now()))).unwrap();
    std::fs::rename(hidden, fixture.workspace.heartbeats.join("session-3.json")).unwrap();
    following.until_active(3).await;
    // A heartbeat moved out of the folder no longer counts.
    std::fs::create_dir(fixture.workspace.heartbeats.join("archive")).unwrap();
    let archived = fixture.workspace.heartbeats.join("archive/session-3.json");
    std::fs::rename(fixture.workspace.heartbeats.join("session-3.json"), archived).unwrap();
    following.until_active(2).await;
}

#[tokio::test]
async fn a_replaced_deleted_or_recreated_registry_is_followed() {
    let fixture = Fixture::with(&[1, 1, 1], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    let replacement = fixture.folder().join("new");
    for count in [2, 1, 3] {
        std::fs::write(&replacement, registry(count)).unwrap();
        std::fs::rename(&replacement, &fixture.workspace.registry).unwrap();
        following.until_active(count).await;
    }
    fixture.write_registry(&registry(2));
    following.until_active(2).await;
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    let empty = following.until("no sessions", |snapshot| snapshot.rows.is_empty()).await;
    assert_eq!(empty.trouble, None);
    fixture.write_registry(&registry(3));
    following.until_active(3).await;
}

#[tokio::test]
async fn a_registry_replaced_by_a_folder_is_reported() {
    let fixture = Fixture::with(&[1, 1], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(2).await;
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    std::fs::create_dir(&fixture.workspace.registry).unwrap();
    let code =
        |snapshot: &headcount_core::view::snapshot::Snapshot| snapshot.trouble.clone().map(|trouble| trouble.code);
    following.until("a folder", |snapshot| code(snapshot).as_deref() == Some("not_a_file")).await;
    std::fs::remove_dir(&fixture.workspace.registry).unwrap();
    fixture.write_registry(&registry(1));
    let healed = following.until_active(1).await;
    assert_eq!(healed.trouble, None);
}

#[tokio::test]
async fn snooze_and_undo_state_are_followed() {
    let fixture = Fixture::with(&[1, 332], now());
    // The state folder does not exist yet.
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    ops::snooze(&fixture.workspace(), Snooze::Hour, context()).unwrap();
    let snoozed = following.until("the snooze", |snapshot| snapshot.snoozed_until.is_some()).await;
    assert!(snoozed.snoozed_until.unwrap() > now() + TimeDelta::minutes(50));
    ops::snooze(&fixture.workspace(), Snooze::Off, context()).unwrap();
    following.until("no snooze", |snapshot| snapshot.snoozed_until.is_none()).await;

    let cleanup =
        ops::cleanup(&fixture.workspace(), &headcount_core::liveness::cleanup::Selection::All, false, context())
            .unwrap();
    let cleaned = following.until("the cleanup", |snapshot| snapshot.undo.is_some()).await;
    assert_eq!(cleaned.undo.as_ref().unwrap().marked, [2]);
    let marked = following.until("inactive", |snapshot| snapshot.counts.inactive == 1).await;
    assert_eq!(state(&marked, 2), State::Inactive);
    ops::undo(&fixture.workspace(), &cleanup.done.change.unwrap(), context()).unwrap();
    let undone = following.until("the undo", |snapshot| snapshot.undo.is_none() && snapshot.counts.stale == 1).await;
    assert_eq!(state(&undone, 2), State::Stale);
}
