//! The cost of following: nothing while nothing happens, and little under load.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_engine::clock::{Clock as _, SystemClock};

use crate::clocks::Counted;
use crate::fixture::{Fixture, registry};

fn now() -> Time {
    SystemClock.now()
}

#[tokio::test]
async fn following_does_not_wake_up_while_idle() {
    let fixture = Fixture::with(&[1, 5, 332], now());
    let clock = Arc::new(Counted::default());
    let mut following = fixture.follow(Arc::<Counted>::clone(&clock));
    following.until_active(2).await;
    // Foreign files, and reads of our own files.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (before, seen) = (clock.counts(), following.seen().len());
    for (at, pause) in (0..).zip([Duration::from_millis(400); 5]) {
        std::fs::write(fixture.folder().join(format!("neighbour-{at}.txt")), "x").unwrap();
        std::fs::write(fixture.folder().join(".claude_sessions.json.lock"), "x").unwrap();
        std::fs::write(fixture.workspace.heartbeats.join(".hidden"), "x").unwrap();
        std::fs::write(fixture.workspace.heartbeats.join("notes.txt"), "x").unwrap();
        assert!(!fixture.read_registry().is_empty());
        assert!(std::fs::read_dir(&fixture.workspace.heartbeats).unwrap().count() > 2);
        tokio::time::sleep(pause).await;
    }
    assert_eq!(clock.counts(), before, "the task woke up");
    assert_eq!(following.seen().len(), seen);
}

#[tokio::test]
async fn a_change_without_effect_gives_no_snapshot() {
    let fixture = Fixture::with(&[1, 332], now());
    let clock = Arc::new(Counted::default());
    let mut following = fixture.follow(Arc::<Counted>::clone(&clock));
    following.until_active(1).await;
    let seen = following.seen().len();
    let (reads, _) = clock.counts();
    fixture.write_registry(&registry(2));
    std::fs::write(fixture.workspace.heartbeats.join("session-of-nobody.json"), "{}").unwrap();
    // It reads the change, and finds nothing new.
    crate::fixture::eventually("a look", || clock.counts().0 > reads).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(following.seen().len(), seen);
}

#[tokio::test]
async fn changes_within_a_window_are_one_snapshot() {
    let fixture = Fixture::with(&[332; 20], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until("all stale", |snapshot| snapshot.counts.stale == 20).await;
    let (before, start) = (following.seen().len(), Instant::now());
    for number in 1..=20 {
        fixture.beat(number, now());
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    following.until_active(20).await;
    let (snapshots, windows) = (following.seen().len() - before, start.elapsed().as_millis() / 25 + 1);
    assert!(snapshots as u128 <= windows, "{snapshots} snapshots in {windows} windows");
}

#[tokio::test]
async fn many_heartbeats_give_few_snapshots_and_none_is_missed() {
    const SESSIONS: u64 = 20;
    const BEATS: u64 = 2000;
    let fixture = Fixture::with(&[332; SESSIONS as usize], now());
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until("all stale", |snapshot| snapshot.counts.stale == SESSIONS as usize).await;
    let before = following.seen().len();
    let start = Instant::now();
    let newest = now();
    let heartbeats = fixture.workspace.heartbeats.clone();
    // Each session's heartbeats are written newest first, so that a missed one is not masked by a later one.
    let storm = std::thread::spawn(move || {
        for at in 0..BEATS {
            let moment = newest - TimeDelta::seconds((at / SESSIONS) as i64);
            crate::fixture::beat_in(&heartbeats, 1 + at % SESSIONS, moment);
        }
    });
    let all_newest = |snapshot: &headcount_core::view::snapshot::Snapshot| {
        snapshot.rows.iter().all(|row| row.last_heartbeat == Some(newest))
    };
    following.until("every newest beat", all_newest).await;
    while !storm.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    storm.join().unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let snapshots = following.seen().len() - before;
    let windows = start.elapsed().as_millis() / 25;
    assert!(snapshots as u128 <= windows, "{snapshots} snapshots in {windows} windows");
    assert!(snapshots < BEATS as usize / 4, "{snapshots} snapshots");
    assert!(all_newest(following.seen().last().unwrap()));
    // Coalesced heartbeats are still known: without its newest heartbeat each session has the previous one.
    let name = newest.with_timezone(&chrono::Local).format("%Y-%m-%d_%H-%M-%S");
    for number in 1..=SESSIONS {
        std::fs::remove_file(fixture.workspace.heartbeats.join(format!("{name}-session-{number}.json"))).unwrap();
    }
    let second = newest - TimeDelta::seconds(1);
    following.until("every second beat", |it| it.rows.iter().all(|row| row.last_heartbeat == Some(second))).await;
}
