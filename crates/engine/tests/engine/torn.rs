//! A registry caught while somebody writes it (protocol §5): a second of patience, then trouble, and never an empty list.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use headcount_core::Time;
use headcount_engine::clock::{Clock as _, SystemClock};

use crate::scene::{Scene, registry};

fn now() -> Time {
    SystemClock.now()
}

/// Truncates the registry and writes it piece by piece, as a slow writer does.
async fn rewrite_slowly(scene: &Scene, text: &str, pieces: &[usize], pause: Duration) {
    let mut file = std::fs::File::create(&scene.places.registry).unwrap();
    let mut from = 0;
    for to in pieces.iter().copied().chain([text.len()]) {
        tokio::time::sleep(pause).await;
        file.write_all(&text.as_bytes()[from..to]).unwrap();
        from = to;
    }
}

#[tokio::test]
async fn one_that_heals_within_a_second_is_never_trouble() {
    let scene = Scene::with(&[1, 1, 1], now());
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    let text = registry(2);
    // In the middle of an entry, of a word, of an "ô".
    let pieces = [1, 8, 20, text.find('ô').unwrap() + 1, text.len() - 1];
    for count in [2, 3, 2] {
        rewrite_slowly(&scene, &registry(count), &pieces, Duration::from_millis(90)).await;
        following.until_active(count).await;
    }
    for snapshot in following.seen() {
        assert_eq!(snapshot.trouble, None);
        assert!(snapshot.rows.len() >= 2, "what was shown stays on show: {snapshot:#?}");
    }
}

#[tokio::test]
async fn one_that_stays_torn_is_trouble_and_the_last_good_state_stays() {
    let scene = Scene::with(&[1, 332], now());
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let start = Instant::now();
    scene.write_registry("{\n  \"1\": {");
    let troubled = following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(troubled.trouble.as_ref().unwrap().code, "registry_unreadable");
    assert_eq!((troubled.counts.active, troubled.counts.stale), (1, 1));
    assert!(troubled.cleanup.caution.is_some(), "no cleanup by one click");
    // Meanwhile beats go on counting.
    scene.beat(2, now());
    let beaten = following.until_active(2).await;
    assert!(beaten.trouble.is_some());
    scene.write_registry(&registry(2));
    following.until("healed", |snapshot| snapshot.trouble.is_none() && snapshot.counts.active == 2).await;
    // The next time a second is given again.
    rewrite_slowly(&scene, &registry(2), &[3], Duration::from_millis(100)).await;
    scene.beat(1, now());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(following.seen().last().unwrap().trouble, None);
}

#[tokio::test]
async fn what_cannot_heal_is_trouble_at_once() {
    let scene = Scene::with(&[1, 1], now());
    let mut following = scene.follow(Arc::new(SystemClock));
    following.until_active(2).await;
    for text in ["[]", "{\"1\": {}, \"1\": {}}", "{\"1\": }"] {
        scene.write_registry(text);
        let troubled = following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
        assert_eq!(troubled.rows.len(), 2);
        scene.write_registry(&registry(2));
        following.until("healed", |snapshot| snapshot.trouble.is_none()).await;
    }
}

#[tokio::test]
async fn one_that_is_torn_at_first_is_not_shown_as_empty() {
    let scene = Scene::with(&[1, 1], now());
    scene.write_registry("");
    let mut following = scene.follow(Arc::new(SystemClock));
    tokio::time::sleep(Duration::from_millis(200)).await;
    scene.write_registry(&registry(2));
    following.until_active(2).await;
    assert!(following.seen().iter().all(|snapshot| snapshot.rows.len() == 2));
    // Where it never heals, that is said.
    let scene = Scene::with(&[1], now());
    scene.write_registry("");
    let mut following = scene.follow(Arc::new(SystemClock));
    let first = following.until("trouble", |_| true).await;
    assert!(first.trouble.is_some());
}
