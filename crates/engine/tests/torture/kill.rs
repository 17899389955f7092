//! Processes killed at random moments of an update.
//!
//! Guarantees: the signal is a real SIGKILL at a random moment. Afterwards the file is one of its two possible texts,
//! to the byte, and the next writer finds no lock, no left-over files, and a journal that undoes only what was done.

use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use headcount_core::registry::undo;
use headcount_core::view::history::Actor;
use headcount_core::{Registry, time};
use headcount_engine::ops::{self, ActionContext};

use crate::fixture::Fixture;
use crate::rounds;
use crate::seeded_random::{SeededRandom, seed};

#[test]
fn a_process_killed_at_any_moment_leaves_the_old_text_or_the_new() {
    let rounds = rounds(30, 500);
    let random = &mut SeededRandom::of(seed("killed"));
    // Large enough that a kill can hit the middle of a write.
    let fixture = Fixture::padded(64 * 1024);
    let context = ActionContext { by: Actor::Command, at: time::parse("2025-11-17T20:00:00Z").unwrap() };
    let workspace = fixture.workspace();
    let here = fixture.text();
    ops::release(&workspace, 2, context).unwrap();
    let gone = fixture.text();
    assert_ne!(here, gone);
    let (mut found_gone, mut found_leftovers, start) = (0, 0, Instant::now());
    for round in 0..rounds {
        let mut worker = fixture.worker("to-and-fro", 0, 0);
        let said = BufReader::new(worker.stdout.take().unwrap())
            .lines()
            .find(|line| line.as_deref().unwrap().contains("ready"));
        assert!(said.is_some(), "round {round}: the worker did not start");
        std::thread::sleep(random.pause(Duration::from_millis(30)));
        // Every second time, waits until a write has begun: most of an update is reading.
        let waiting = Instant::now();
        while round % 2 == 1 && fixture.leftovers().is_empty() && waiting.elapsed() < Duration::from_secs(5) {}
        std::thread::sleep(random.pause(Duration::from_millis(2)));
        worker.kill().unwrap();
        let ended = worker.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&ended),
            Some(9),
            "round {round}: the worker exited by itself"
        );
        let text = fixture.text();
        assert!(text == here || text == gone, "round {round}: {} of {} bytes", text.len(), here.len());
        found_gone += usize::from(text == gone);
        found_leftovers += usize::from(!fixture.leftovers().is_empty());
        check_journal(&fixture);
        // The next writer does not wait, and removes left-over files.
        let next = Instant::now();
        if text == here { ops::release(&workspace, 2, context) } else { ops::reactivate(&workspace, 2, context) }
            .unwrap();
        assert!(next.elapsed() < Duration::from_secs(3), "round {round}: the killed process still holds the lock");
        assert_eq!(fixture.text(), if text == here { gone.as_str() } else { here.as_str() });
        assert!(fixture.leftovers().is_empty(), "round {round}: {:?}", fixture.leftovers());
        check_journal(&fixture);
    }
    println!(
        "  {rounds} killed, {found_gone} after signing off, {found_leftovers} with leftovers, {:.1?}",
        start.elapsed()
    );
    assert!(found_gone > 0 && found_gone < rounds, "all kills hit the same phase");
}

/// Checks that the last record matches the registry: undoing it changes session 2, or is refused.
fn check_journal(fixture: &Fixture) {
    let record = fixture.workspace().journal().last_change().unwrap().expect("something was done");
    let registry = Registry::read(fixture.text().into_bytes()).unwrap();
    let undone = undo::undo(&registry, &record.entries);
    match undone.restored.as_slice() {
        [] => assert_eq!((undone.text.as_str(), undone.refused.len()), (registry.text(), 1)),
        _ => assert_ne!(registry.raw(2, "status"), Registry::read(undone.text.into_bytes()).unwrap().raw(2, "status")),
    }
}
