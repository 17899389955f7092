//! Registries and folders that are symbolic links: their targets are followed, also after a link is changed.

#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::Time;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};

use crate::scene::{Scene, beat_in, registry};

fn now() -> Time {
    SystemClock.now()
}

/// A registry with `count` sessions in a separate folder.
fn registry_in(scene: &Scene, folder: &str, count: usize) -> PathBuf {
    let path = scene.root().join(folder).join("real.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, registry(count)).unwrap();
    path
}

fn retarget(link: &Path, target: &Path) {
    let new = link.with_file_name("turned");
    symlink(target, &new).unwrap();
    std::fs::rename(new, link).unwrap();
}

#[tokio::test]
async fn the_target_of_a_linked_registry_is_followed() {
    let scene = Scene::with(&[1, 1, 1, 1], now());
    let first = registry_in(&scene, "first", 1);
    std::fs::remove_file(&scene.workspace.registry).unwrap();
    symlink(&first, &scene.workspace.registry).unwrap();
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    std::fs::write(&first, registry(2)).unwrap();
    following.until_active(2).await;
    // Headcount's own change goes through the link, and is observed.
    scene.beat(2, now() - chrono::TimeDelta::minutes(1));
    let at = now() + chrono::TimeDelta::minutes(300);
    ops::cleanup(&scene.workspace(), &Selection::All, false, ActionContext { by: Actor::Tray, at }).unwrap();
    following.until("the cleanup", |snapshot| snapshot.counts.inactive == 2).await;
    assert!(scene.workspace.registry.is_symlink());

    // The link is changed to another file, which is then followed.
    let second = registry_in(&scene, "second", 3);
    retarget(&scene.workspace.registry, &second);
    following.until_active(3).await;
    std::fs::write(&second, registry(4)).unwrap();
    following.until_active(4).await;
    // A regular file replaces the link.
    let plain = scene.folder().join("plain");
    std::fs::write(&plain, registry(2)).unwrap();
    std::fs::rename(plain, &scene.workspace.registry).unwrap();
    following.until_active(2).await;
    // And a link replaces the file.
    retarget(&scene.workspace.registry, &first);
    following.until("the first again", |snapshot| snapshot.counts.inactive == 2).await;
    std::fs::write(&first, registry(1)).unwrap();
    following.until_active(1).await;
}

#[tokio::test]
async fn a_dangling_link_is_reported_until_its_target_exists() {
    let scene = Scene::with(&[1], now());
    let target = scene.root().join("later/real.json");
    retarget(&scene.workspace.registry, &target);
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    retarget(&scene.workspace.registry, &registry_in(&scene, "there", 1));
    let healed = following.until_active(1).await;
    assert_eq!(healed.trouble, None);
}

#[tokio::test]
async fn a_linked_heartbeats_folder_is_followed() {
    let scene = Scene::with(&[1, 332, 332], now());
    let [first, second] = ["first", "second"].map(|name| scene.root().join(name));
    std::fs::rename(&scene.workspace.heartbeats, &first).unwrap();
    symlink(&first, &scene.workspace.heartbeats).unwrap();
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    beat_in(&first, 2, now());
    following.until_active(2).await;
    std::fs::create_dir(&second).unwrap();
    retarget(&scene.workspace.heartbeats, &second);
    following.until("nobody in the second", |snapshot| snapshot.counts.stale == 3).await;
    beat_in(&second, 3, now());
    following.until_active(1).await;
}
