//! Concurrent writers: eight threads of Headcount, and two writers without locking that write in place, as the scripts
//! do.
//!
//! Guarantees: the foreign writers' partial writes are excluded by a fence, so a file that does not parse outside of it
//! is a fault of Headcount. Known limit, as in the store: a foreign write at the moment of a rename can be lost, so the
//! final check is validity, not which change came last.

use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_core::{Registry, Time};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::{Error, Workspace};

use crate::fixture::Fixture;

const THREADS: usize = 8;
/// Each turn is a cleanup and an undo.
const TURNS: usize = 25;
const SESSIONS: usize = 12;

fn now() -> Time {
    SystemClock.now()
}

fn context() -> ActionContext {
    ActionContext { by: Actor::Tray, at: now() }
}

/// Checks what holds for every text of the registry, whichever writer wrote it last.
fn check_whole(bytes: Vec<u8>) {
    let registry = Registry::read(bytes).unwrap();
    assert_eq!(registry.entries().len(), SESSIONS);
    for number in 1..=SESSIONS as u64 {
        assert_eq!(registry.raw(number, "x"), Some("1e3"), "nothing was set right or lost");
        assert_eq!(registry.entry(number).unwrap().role, format!("Rôle {number}"));
        assert!(matches!(registry.raw(number, "status"), Some("\"active\"" | "\"inactive\"")));
    }
}

/// A cleanup and its undo. Errors that other writers can cause are no failure.
fn turn(workspace: &Workspace, done: &AtomicUsize) {
    let is_caused_by_others = |error: &Error| {
        matches!(error, Error::ConcurrentModification { .. } | Error::Locked { .. } | Error::Unreadable { .. })
    };
    match ops::cleanup(workspace, &Selection::All, false, context()) {
        Ok(cleanup) => {
            done.fetch_add(1, Ordering::SeqCst);
            let Some(change) = cleanup.done.change else { return };
            if let Err(error) = ops::undo(workspace, &change, context()) {
                assert!(is_caused_by_others(&error), "{error}");
            }
        }
        Err(error) => assert!(is_caused_by_others(&error), "{error}"),
    }
}

/// A writer without locking: reads, waits, truncates, waits, writes half, waits, writes the rest.
fn write_unlocked(fixture: &Fixture, fence: &RwLock<()>, is_over: &AtomicBool) {
    let pause = || std::thread::sleep(Duration::from_millis(1));
    while !is_over.load(Ordering::SeqCst) {
        let before = std::fs::read_to_string(&fixture.workspace.registry).unwrap();
        if Registry::read(before.clone().into_bytes()).is_ok() {
            let text = before.replacen("\"status\": \"inactive\"", "\"status\": \"active\"", 1);
            pause();
            let _torn = fence.write().unwrap();
            let mut file = std::fs::File::create(&fixture.workspace.registry).unwrap();
            let (first, second) = text.as_bytes().split_at(text.len() / 2);
            for piece in [first, second] {
                pause();
                std::io::Write::write_all(&mut file, piece).unwrap();
            }
        }
        std::thread::sleep(Duration::from_millis(15));
    }
}

#[test]
fn readers_never_see_half_a_registry() {
    let fixture = Fixture::with(&[1, 1, 1, 332, 332, 332, 332, 332, 332, 332, 332, 332], now());
    let (fence, is_over, done) = (RwLock::new(()), AtomicBool::new(false), AtomicUsize::new(0));
    let looks = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| write_unlocked(&fixture, &fence, &is_over));
        }
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                let whole = fence.read().unwrap();
                check_whole(std::fs::read(&fixture.workspace.registry).unwrap());
                drop(whole);
                looks.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let workspace = fixture.workspace();
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (workspace, done) = (workspace.clone(), &done);
                scope.spawn(move || (0..TURNS).for_each(|_| turn(&workspace, done)))
            })
            .collect();
        let ends: Vec<_> = threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::SeqCst);
        assert!(ends.iter().all(Result::is_ok));
    });
    check_whole(std::fs::read(&fixture.workspace.registry).unwrap());
    assert!(looks.load(Ordering::SeqCst) > 100);
    let done = done.load(Ordering::SeqCst);
    assert!(done > THREADS * TURNS / 2, "only {done} cleanups got through");
    // Every copy is a valid registry, and no temporary file is left.
    let copies = std::fs::read_dir(fixture.workspace.memory.join("copies")).unwrap().flatten();
    let copies: Vec<_> = copies.map(|copy| std::fs::read(copy.path()).unwrap()).collect();
    assert_eq!(copies.len(), 20);
    copies.into_iter().for_each(check_whole);
    let mut left: Vec<_> = std::fs::read_dir(fixture.folder()).unwrap().map(|it| it.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".claude_sessions.json.lock", "claude_sessions.json", "heartbeats"]);
}

#[test]
fn locked_writers_lose_no_change() {
    let fixture = Fixture::with(&[1, 332, 332, 332, 332, 332, 332, 332, 332], now());
    let before = fixture.read_registry();
    // Each thread cleans up its own session and undoes that, concurrently with all others.
    std::thread::scope(|scope| {
        for number in 2..=9 {
            let workspace = fixture.workspace();
            scope.spawn(move || {
                let only = Selection::Only(vec![headcount_core::liveness::cleanup::Target::number(number)]);
                for _ in 0..12 {
                    let done = ops::cleanup(&workspace, &only, false, context()).unwrap().done;
                    assert_eq!(done.marked, [number]);
                    assert_eq!(ops::undo(&workspace, &done.change.unwrap(), context()).unwrap().restored, [number]);
                }
            });
        }
    });
    assert_eq!(fixture.read_registry(), before, "every byte came back");
    assert_eq!(fixture.workspace().journal().undo_offer(SystemClock.now()).unwrap(), None);
}
