//! The registry's lock against other processes: waiting is bounded, the holder is named correctly, and a dead holder
//! leaves nothing.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use headcount_core::Time;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_engine::Error;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::model::Model;

use crate::fixture::Fixture;

fn now() -> Time {
    SystemClock.now()
}

fn context() -> ActionContext {
    ActionContext { by: Actor::Tray, at: now() }
}

/// Another process that holds a fixture's lock until it is dropped.
struct Holder(Child);

impl Holder {
    /// `script` is run once the lock is held, before the process reports it.
    fn of(fixture: &Fixture, script: &str) -> Self {
        let mut child = Command::new("flock")
            .arg(fixture.folder().join(".claude_sessions.json.lock"))
            // Without a child process, which would keep the lock when this one is killed.
            .args(["sh", "-c", &format!("{script}; echo held; read -r line")])
            .current_dir(fixture.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "held\n");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Its input ends, and so it exits.
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

fn release_times_out(fixture: &Fixture) -> (String, Duration) {
    let before = fixture.read_registry();
    let start = Instant::now();
    let error = ops::release(&fixture.workspace(), 2, context()).unwrap_err();
    let waited = start.elapsed();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert_eq!(fixture.read_registry(), before);
    (error.to_string(), waited)
}

/// A holder that writes its pid to the lock file, as Headcount does.
fn a_named_holder() {
    let fixture = Fixture::with(&[1, 332], now());
    let holder = Holder::of(&fixture, "echo $PPID > .claude_sessions.json.lock");
    let (message, waited) = release_times_out(&fixture);
    assert!(message.contains(&format!("process {} ", holder.0.id())), "{message}");
    assert!(message.contains(".claude_sessions.json.lock") && message.contains("try again"), "{message}");
    assert!(waited >= Duration::from_secs(5) && waited < Duration::from_secs(7), "{waited:?}");
    // Reading needs no lock.
    assert_eq!(Model::look(&fixture.workspace(), now()).unwrap().table().counts().stale, 1);
    drop(holder);
    assert_eq!(ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap().done.marked, [2]);
}

/// A holder that writes no pid. Headcount had the lock before, and must not have left a stale pid in it.
fn a_nameless_holder() {
    let fixture = Fixture::with(&[1, 332], now());
    ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap();
    let _holder = Holder::of(&fixture, ":");
    let (message, _) = release_times_out(&fixture);
    assert!(message.contains("locked by another program"), "{message}");
}

#[test]
fn waiting_for_a_lock_ends_and_names_only_the_actual_holder() {
    // Concurrently, because each waits the full five seconds.
    std::thread::scope(|scope| {
        scope.spawn(a_named_holder);
        scope.spawn(a_nameless_holder);
    });
}

#[test]
fn the_lock_is_acquired_as_soon_as_its_holder_ends() {
    let fixture = Fixture::with(&[1, 332], now());
    let mut holder = Holder::of(&fixture, ":");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ops::cleanup(&fixture.workspace(), &Selection::All, false, context()));
        std::thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished());
        // Killed, so that the kernel releases the lock. The shell below reads the end of its input and exits too.
        holder.0.kill().unwrap();
        drop(holder.0.stdin.take());
        let start = Instant::now();
        assert_eq!(waiting.join().unwrap().unwrap().done.marked, [2]);
        assert!(start.elapsed() < Duration::from_secs(3));
    });
}

#[test]
fn a_decision_is_based_on_the_state_under_the_lock() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let holder = Holder::of(&fixture, ":");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ops::cleanup(&fixture.workspace(), &Selection::All, false, context()));
        std::thread::sleep(Duration::from_millis(200));
        fixture.beat(2, now());
        drop(holder);
        assert_eq!(waiting.join().unwrap().unwrap().done.marked, [3]);
    });
}
