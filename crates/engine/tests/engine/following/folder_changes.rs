//! Folders that are created, removed, renamed or exchanged while they are followed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use headcount_core::Time;
use headcount_core::liveness::cleanup::CautionCode;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};

use crate::fixture::{Fixture, beat_in, registry};

fn now() -> Time {
    SystemClock.now()
}

/// Both locations of a heartbeats folder: next to the registry, where the parent is watched anyway, and elsewhere.
fn scenes(minutes: &[i64]) -> [Fixture; 2] {
    let beside = Fixture::with(minutes, now());
    let mut elsewhere = Fixture::with(minutes, now());
    let moved = elsewhere.root().join("elsewhere/heartbeats");
    std::fs::create_dir(moved.parent().unwrap()).unwrap();
    std::fs::rename(&elsewhere.workspace.heartbeats, &moved).unwrap();
    elsewhere.workspace.heartbeats = moved;
    [beside, elsewhere]
}

fn has_no_folder(snapshot: &Snapshot) -> bool {
    let caution = snapshot.cleanup.caution.as_ref();
    caution.is_some_and(|caution| caution.code == CautionCode::NoHeartbeatsFolder)
}

#[tokio::test]
async fn a_heartbeats_folder_created_later_is_followed() {
    for fixture in scenes(&[1, 1]) {
        std::fs::remove_dir_all(&fixture.workspace.heartbeats).unwrap();
        let mut following = fixture.follow(Arc::new(SystemClock));
        following.until("no folder", has_no_folder).await;
        std::fs::create_dir(&fixture.workspace.heartbeats).unwrap();
        following.until("the folder", |snapshot| snapshot.warnings.is_empty() && snapshot.counts.stale == 2).await;
        fixture.beat(1, now());
        following.until_active(1).await;
        // Removed with its heartbeats, and created again with one.
        std::fs::remove_dir_all(&fixture.workspace.heartbeats).unwrap();
        following.until("no folder again", has_no_folder).await;
        std::fs::create_dir(&fixture.workspace.heartbeats).unwrap();
        fixture.beat(1, now());
        following.until_active(1).await;
        fixture.beat(2, now());
        assert!(!following.until_active(2).await.is_polling);
    }
}

#[tokio::test]
async fn a_heartbeats_folder_renamed_away_and_back_is_followed() {
    for fixture in scenes(&[1, 332]) {
        let mut following = fixture.follow(Arc::new(SystemClock));
        following.until_active(1).await;
        let away = fixture.workspace.heartbeats.with_file_name("away");
        std::fs::rename(&fixture.workspace.heartbeats, &away).unwrap();
        following.until("no folder", has_no_folder).await;
        // A heartbeat in the renamed folder counts only after the folder is renamed back.
        beat_in(&away, 2, now());
        std::fs::rename(&away, &fixture.workspace.heartbeats).unwrap();
        following.until_active(2).await;
        let beaten = now();
        fixture.beat(1, beaten);
        following.until("the next beat", |snapshot| snapshot.row(1).unwrap().last_heartbeat == Some(beaten)).await;
    }
}

#[tokio::test]
async fn an_exchanged_heartbeats_folder_is_followed() {
    for fixture in scenes(&[1, 332, 332]) {
        let mut following = fixture.follow(Arc::new(SystemClock));
        following.until_active(1).await;
        // Exchanged atomically: there is a folder at every moment.
        let other = fixture.workspace.heartbeats.with_file_name("other");
        std::fs::create_dir(&other).unwrap();
        beat_in(&other, 1, now());
        beat_in(&other, 2, now());
        exchange(&fixture.workspace.heartbeats, &other);
        following.until_active(2).await;
        // The new folder is watched, the old one no longer.
        beat_in(&other, 3, now());
        fixture.beat(1, now());
        let beaten = now();
        fixture.beat(2, beaten);
        following.until("the new folder's beat", |it| it.row(2).unwrap().last_heartbeat == Some(beaten)).await;
        assert_eq!(following.snapshots.borrow().as_ref().unwrap().counts.active, 2);
        fixture.beat(3, now());
        following.until_active(3).await;
    }
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn exchange(one: &Path, other: &Path) {
    let between = one.with_file_name("between");
    std::fs::rename(one, &between).unwrap();
    std::fs::rename(other, one).unwrap();
    std::fs::rename(between, other).unwrap();
}

#[tokio::test]
async fn a_coordination_folder_created_later_is_followed() {
    // Without a pause, and one folder at a time.
    for pause in [None, Some(Duration::from_millis(60))] {
        let mut fixture = Fixture::bare();
        let folder = fixture.root().join("ws/docs/a/b/coordination");
        fixture.workspace.registry = folder.join("claude_sessions.json");
        fixture.workspace.heartbeats = folder.join("heartbeats");
        let mut following = fixture.follow(Arc::new(SystemClock));
        following.until("no sessions", |snapshot| snapshot.rows.is_empty()).await;
        for below in ["ws/docs", "ws/docs/a", "ws/docs/a/b", "ws/docs/a/b/coordination"] {
            std::fs::create_dir(fixture.root().join(below)).unwrap();
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        }
        fixture.write_registry(&registry(2));
        following.until("two sessions", |snapshot| snapshot.counts.stale == 2).await;
        std::fs::create_dir(&fixture.workspace.heartbeats).unwrap();
        fixture.beat(1, now());
        following.until_active(1).await;
        fixture.beat(2, now());
        assert!(!following.until_active(2).await.is_polling);
    }
}

#[tokio::test]
async fn a_coordination_folder_renamed_away_and_back_is_followed() {
    let fixture = Fixture::with(&[1, 332], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let away = fixture.root().join("ws/away");
    std::fs::rename(fixture.folder(), &away).unwrap();
    following.until("no sessions", |snapshot| snapshot.rows.is_empty()).await;
    std::fs::rename(&away, fixture.folder()).unwrap();
    following.until_active(1).await;
    fixture.beat(2, now());
    following.until_active(2).await;
    std::fs::remove_dir_all(fixture.folder()).unwrap();
    following.until("no sessions", |snapshot| snapshot.rows.is_empty()).await;
}

#[tokio::test]
async fn a_rapidly_recreated_folder_is_still_watched() {
    let fixture = Fixture::with(&[332, 332], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until("two stale", |snapshot| snapshot.counts.stale == 2).await;
    let heartbeats = fixture.workspace.heartbeats.clone();
    // Without pauses, so that folders vanish between lookup and watching.
    let flicker = std::thread::spawn(move || {
        for _ in 0..3000 {
            drop(std::fs::remove_dir_all(&heartbeats));
            // On Windows the name of a folder can stay until the last handle of it is closed, and the watch has one.
            let created = std::fs::create_dir(&heartbeats);
            assert!(created.is_ok() || cfg!(windows), "{created:?}");
        }
        while !heartbeats.is_dir() {
            drop(std::fs::create_dir(&heartbeats));
        }
    });
    while !flicker.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    flicker.join().unwrap();
    following.until("the folder", |snapshot| snapshot.warnings.is_empty()).await;
    fixture.beat(2, now());
    assert!(!following.until_active(1).await.is_polling, "a lost race must not cause permanent polling");
}
