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

use crate::fixture::{Fixture, beat_in, registry};

fn now() -> Time {
    SystemClock.now()
}

/// A registry with `count` sessions in a separate folder.
fn registry_in(fixture: &Fixture, folder: &str, count: usize) -> PathBuf {
    let path = fixture.root().join(folder).join("real.json");
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
    let fixture = Fixture::with(&[1, 1, 1, 1], now());
    let first = registry_in(&fixture, "first", 1);
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    symlink(&first, &fixture.workspace.registry).unwrap();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    std::fs::write(&first, registry(2)).unwrap();
    following.until_active(2).await;
    // Headcount's own change goes through the link, and is observed.
    fixture.beat(2, now() - chrono::TimeDelta::minutes(1));
    let at = now() + chrono::TimeDelta::minutes(300);
    ops::cleanup(&fixture.workspace(), &Selection::All, false, ActionContext { by: Actor::Tray, at }).unwrap();
    following.until("the cleanup", |snapshot| snapshot.counts.inactive == 2).await;
    assert!(fixture.workspace.registry.is_symlink());

    // The link is changed to another file, which is then followed.
    let second = registry_in(&fixture, "second", 3);
    retarget(&fixture.workspace.registry, &second);
    following.until_active(3).await;
    std::fs::write(&second, registry(4)).unwrap();
    following.until_active(4).await;
    // A regular file replaces the link.
    let plain = fixture.folder().join("plain");
    std::fs::write(&plain, registry(2)).unwrap();
    std::fs::rename(plain, &fixture.workspace.registry).unwrap();
    following.until_active(2).await;
    // And a link replaces the file.
    retarget(&fixture.workspace.registry, &first);
    following.until("the first again", |snapshot| snapshot.counts.inactive == 2).await;
    std::fs::write(&first, registry(1)).unwrap();
    following.until_active(1).await;
}

#[tokio::test]
async fn a_dangling_link_is_reported_until_its_target_exists() {
    let fixture = Fixture::with(&[1], now());
    let target = fixture.root().join("later/real.json");
    retarget(&fixture.workspace.registry, &target);
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    retarget(&fixture.workspace.registry, &registry_in(&fixture, "there", 1));
    let healed = following.until_active(1).await;
    assert_eq!(healed.trouble, None);
}

#[tokio::test]
async fn a_linked_heartbeats_folder_is_followed() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let [first, second] = ["first", "second"].map(|name| fixture.root().join(name));
    std::fs::rename(&fixture.workspace.heartbeats, &first).unwrap();
    symlink(&first, &fixture.workspace.heartbeats).unwrap();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    beat_in(&first, 2, now());
    following.until_active(2).await;
    std::fs::create_dir(&second).unwrap();
    retarget(&fixture.workspace.heartbeats, &second);
    following.until("no active session in the second", |snapshot| snapshot.counts.stale == 3).await;
    beat_in(&second, 3, now());
    following.until_active(1).await;
}
