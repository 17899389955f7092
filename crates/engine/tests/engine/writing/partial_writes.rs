//! A registry read during a write (protocol §5): one second to become whole, then trouble, and never an empty list.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use headcount_core::Time;
use headcount_engine::clock::{Clock as _, SystemClock};

use crate::fixture::{Fixture, registry};

fn now() -> Time {
    SystemClock.now()
}

/// Truncates the registry and writes it in pieces, like a slow writer.
async fn rewrite_slowly(fixture: &Fixture, text: &str, pieces: &[usize], pause: Duration) {
    let mut file = std::fs::File::create(&fixture.workspace.registry).unwrap();
    let mut from = 0;
    for to in pieces.iter().copied().chain([text.len()]) {
        tokio::time::sleep(pause).await;
        file.write_all(&text.as_bytes()[from..to]).unwrap();
        from = to;
    }
}

#[tokio::test]
async fn a_partial_write_completed_within_a_second_is_not_reported() {
    let fixture = Fixture::with(&[1, 1, 1], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    let text = registry(2);
    // Split within an entry, within a word, and within an "ô".
    let pieces = [1, 8, 20, text.find('ô').unwrap() + 1, text.len() - 1];
    for count in [2, 3, 2] {
        rewrite_slowly(&fixture, &registry(count), &pieces, Duration::from_millis(90)).await;
        following.until_active(count).await;
    }
    for snapshot in following.seen() {
        assert_eq!(snapshot.trouble, None);
        assert!(snapshot.rows.len() >= 2, "the last rows must stay: {snapshot:#?}");
    }
}

#[tokio::test]
async fn a_lasting_partial_write_is_reported_and_the_last_state_kept() {
    let fixture = Fixture::with(&[1, 332], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let start = Instant::now();
    fixture.write_registry("{\n  \"1\": {");
    let troubled = following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(troubled.trouble.as_ref().unwrap().code, "registry_unreadable");
    assert_eq!((troubled.counts.active, troubled.counts.stale), (1, 1));
    assert!(troubled.cleanup.caution.is_some(), "cleanup must need a confirmation");
    // Heartbeats still count meanwhile.
    fixture.beat(2, now());
    let beaten = following.until_active(2).await;
    assert!(beaten.trouble.is_some());
    fixture.write_registry(&registry(2));
    following.until("healed", |snapshot| snapshot.trouble.is_none() && snapshot.counts.active == 2).await;
    // The next partial write gets a second again.
    rewrite_slowly(&fixture, &registry(2), &[3], Duration::from_millis(100)).await;
    fixture.beat(1, now());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(following.seen().last().unwrap().trouble, None);
}

#[tokio::test]
async fn an_invalid_registry_is_reported_immediately() {
    let fixture = Fixture::with(&[1, 1], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(2).await;
    for text in ["[]", "{\"1\": {}, \"1\": {}}", "{\"1\": }"] {
        fixture.write_registry(text);
        let troubled = following.until("trouble", |snapshot| snapshot.trouble.is_some()).await;
        assert_eq!(troubled.rows.len(), 2);
        fixture.write_registry(&registry(2));
        following.until("healed", |snapshot| snapshot.trouble.is_none()).await;
    }
}

#[tokio::test]
async fn a_registry_partial_at_the_start_is_not_shown_as_empty() {
    let fixture = Fixture::with(&[1, 1], now());
    fixture.write_registry("");
    let mut following = fixture.follow(Arc::new(SystemClock));
    tokio::time::sleep(Duration::from_millis(200)).await;
    fixture.write_registry(&registry(2));
    following.until_active(2).await;
    assert!(following.seen().iter().all(|snapshot| snapshot.rows.len() == 2));
    // If it never becomes whole, trouble is reported.
    let fixture = Fixture::with(&[1], now());
    fixture.write_registry("");
    let mut following = fixture.follow(Arc::new(SystemClock));
    let first = following.until("trouble", |_| true).await;
    assert!(first.trouble.is_some());
}
