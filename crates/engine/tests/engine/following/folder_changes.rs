//! Folders that are created, removed, renamed or exchanged while they are followed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use headcount_core::Time;
use headcount_core::liveness::cleanup::CautionCode;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};

use crate::scene::{Scene, beat_in, registry};

fn now() -> Time {
    SystemClock.now()
}

/// Both locations of a heartbeats folder: next to the registry, where the parent is watched anyway, and elsewhere.
fn scenes(minutes: &[i64]) -> [Scene; 2] {
    let beside = Scene::with(minutes, now());
    let mut elsewhere = Scene::with(minutes, now());
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
    for scene in scenes(&[1, 1]) {
        std::fs::remove_dir_all(&scene.workspace.heartbeats).unwrap();
        let mut following = scene.follow(Arc::new(SystemClock));
        following.until("no folder", has_no_folder).await;
        std::fs::create_dir(&scene.workspace.heartbeats).unwrap();
        following.until("the folder", |snapshot| snapshot.warnings.is_empty() && snapshot.counts.stale == 2).await;
        scene.beat(1, now());
        following.until_active(1).await;
        // Removed with its heartbeats, and created again with one.
        std::fs::remove_dir_all(&scene.workspace.heartbeats).unwrap();
        following.until("no folder again", has_no_folder).await;
        std::fs::create_dir(&scene.workspace.heartbeats).unwrap();
        scene.beat(1, now());
        following.until_active(1).await;
        scene.beat(2, now());
        assert!(!following.until_active(2).await.is_polling);
    }
}

#[tokio::test]
async fn a_heartbeats_folder_renamed_away_and_back_is_followed() {
    for scene in scenes(&[1, 332]) {
        let mut following = scene.follow(Arc::new(SystemClock));
        following.until_active(1).await;
        let away = scene.workspace.heartbeats.with_file_name("away");
        std::fs::rename(&scene.workspace.heartbeats, &away).unwrap();
        following.until("no folder", has_no_folder).await;
        // A heartbeat in the renamed folder counts only after the folder is renamed back.
        beat_in(&away, 2, now());
        std::fs::rename(&away, &scene.workspace.heartbeats).unwrap();
        following.until_active(2).await;
        let beaten = now();
        scene.beat(1, beaten);
        following.until("the next beat", |snapshot| snapshot.row(1).unwrap().last_heartbeat == Some(beaten)).await;
    }
}

#[tokio::test]
async fn an_exchanged_heartbeats_folder_is_followed() {
    for scene in scenes(&[1, 332, 332]) {
        let mut following = scene.follow(Arc::new(SystemClock));
        following.until_active(1).await;
        // Exchanged atomically: there is a folder at every moment.
        let other = scene.workspace.heartbeats.with_file_name("other");
        std::fs::create_dir(&other).unwrap();
        beat_in(&other, 1, now());
        beat_in(&other, 2, now());
        exchange(&scene.workspace.heartbeats, &other);
        following.until_active(2).await;
        // The new folder is watched, the old one no longer.
        beat_in(&other, 3, now());
        scene.beat(1, now());
        let beaten = now();
        scene.beat(2, beaten);
        following.until("the new folder's beat", |it| it.row(2).unwrap().last_heartbeat == Some(beaten)).await;
        assert_eq!(following.snapshots.borrow().as_ref().unwrap().counts.active, 2);
        scene.beat(3, now());
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
        let mut scene = Scene::bare();
        let folder = scene.root().join("ws/docs/a/b/coordination");
        scene.workspace.registry = folder.join("claude_sessions.json");
        scene.workspace.heartbeats = folder.join("heartbeats");
        let mut following = scene.follow(Arc::new(SystemClock));
        following.until("nobody", |snapshot| snapshot.rows.is_empty()).await;
        for below in ["ws/docs", "ws/docs/a", "ws/docs/a/b", "ws/docs/a/b/coordination"] {
            std::fs::create_dir(scene.root().join(below)).unwrap();
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        }
        scene.write_registry(&registry(2));
        following.until("two sessions", |snapshot| snapshot.counts.stale == 2).await;
        std::fs::create_dir(&scene.workspace.heartbeats).unwrap();
        scene.beat(1, now());
        following.until_active(1).await;
        scene.beat(2, now());
        assert!(!following.until_active(2).await.is_polling);
    }
}

#[tokio::test]
async fn a_coordination_folder_renamed_away_and_back_is_followed() {
    let scene = Scene::with(&[1, 332], now());
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let away = scene.root().join("ws/away");
    std::fs::rename(scene.folder(), &away).unwrap();
    following.until("nobody", |snapshot| snapshot.rows.is_empty()).await;
    std::fs::rename(&away, scene.folder()).unwrap();
    following.until_active(1).await;
    scene.beat(2, now());
    following.until_active(2).await;
    std::fs::remove_dir_all(scene.folder()).unwrap();
    following.until("nobody", |snapshot| snapshot.rows.is_empty()).await;
}

#[tokio::test]
async fn a_rapidly_recreated_folder_is_still_watched() {
    let scene = Scene::with(&[332, 332], now());
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until("two stale", |snapshot| snapshot.counts.stale == 2).await;
    let heartbeats = scene.workspace.heartbeats.clone();
    // Without pauses, so that folders vanish between lookup and watching.
    let flicker = std::thread::spawn(move || {
        for _ in 0..3000 {
            drop(std::fs::remove_dir_all(&heartbeats));
            std::fs::create_dir(&heartbeats).unwrap();
        }
    });
    while !flicker.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    flicker.join().unwrap();
    following.until("the folder", |snapshot| snapshot.warnings.is_empty()).await;
    scene.beat(2, now());
    assert!(!following.until_active(1).await.is_polling, "a lost race must not cause permanent polling");
}
