//! Many processes on one registry: alone, and with a writer without locking.
//!
//! Guarantees: the file is checked all the time. Alone, every change is accounted for: replaying the journal from the
//! start gives the current registry. With a script, which may restore an older text by slow writes, validity is
//! checked; its partial writes are excluded by a fence, so a partial file outside of it is a fault of Headcount.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Child;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use headcount_core::Registry;

use crate::fixture::{Fixture, SCRIPT};
use crate::journal_replay;
use crate::rounds;
use crate::seeded_random::{SeededRandom, seed};

/// The counted results of workers.
#[derive(Default, Debug)]
struct WorkerResults {
    changes: Vec<String>,
    failed: BTreeMap<String, usize>,
    nothing: usize,
}

impl WorkerResults {
    fn turns(&self) -> usize {
        self.changes.len() + self.nothing + self.failed.values().sum::<usize>()
    }

    fn collect(&mut self, worker: Child) {
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "a worker failed: {text}{}", String::from_utf8_lossy(&output.stderr));
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("change", id)) => self.changes.push(id.to_owned()),
                Some(("failed", code)) => *self.failed.entry(code.to_owned()).or_default() += 1,
                None if line == "nothing" => self.nothing += 1,
                _ => {}
            }
        }
    }
}

/// Runs worker processes on a fixture while the file is checked, except during the script's partial writes.
fn run_workers(
    fixture: &Fixture,
    seed: u64,
    beside: impl Fn(&RwLock<()>, &AtomicBool) + Sync,
) -> (WorkerResults, usize) {
    let (processes, turns) = (rounds(8, 16), rounds(60, 200));
    let (fence, is_over, looks) = (RwLock::new(()), AtomicBool::new(false), AtomicUsize::new(0));
    let start = Instant::now();
    let results = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                let outside = fence.read().unwrap();
                fixture.check_whole();
                drop(outside);
                looks.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        scope.spawn(|| beside(&fence, &is_over));
        let workers: Vec<Child> = (0..processes as u64)
            .map(|index| fixture.worker("random_changes", seed.wrapping_add(index), turns))
            .collect();
        let collected = std::panic::catch_unwind(|| {
            let mut results = WorkerResults::default();
            for worker in workers {
                results.collect(worker);
            }
            results
        });
        is_over.store(true, Ordering::SeqCst);
        looking.join().unwrap();
        collected.unwrap()
    });
    let looks = looks.into_inner();
    let (changes, failed, elapsed) = (results.changes.len(), &results.failed, start.elapsed());
    println!("  {processes} processes × {turns}: {changes} changes, failed {failed:?}, {looks} looks, {elapsed:.1?}");
    assert_eq!(results.turns(), processes * turns, "a turn was not reported");
    assert!(looks > 50 && changes > processes * turns / 8, "{results:?}");
    (results, processes * turns)
}

fn check_end(fixture: &Fixture) {
    fixture.check_whole();
    assert!(fixture.leftovers().is_empty(), "{:?}", fixture.leftovers());
    for copy in fixture.workspace().journal().copies().list().unwrap() {
        Registry::read(copy.read().unwrap()).unwrap_or_else(|why| panic!("a copy of half a registry: {why}"));
    }
}

#[test]
fn concurrent_processes_lose_no_change() {
    let fixture = Fixture::new();
    let (results, _) = run_workers(&fixture, seed("crowd"), |_, _| {});
    check_end(&fixture);
    let records = fixture.workspace().journal().all().unwrap();
    assert_eq!(
        journal_replay::replayed(&fixture.start, &records),
        journal_replay::values(&fixture.text()),
        "the journal does not match the registry"
    );
    // Every change reported by a worker is in the journal, once.
    let ids: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "two changes share an id");
    assert!(results.changes.iter().all(|change| ids.contains(change.as_str())));
    let undone = records.iter().filter(|record| record.what == "undo" && !record.entries.is_empty()).count();
    let made: BTreeSet<&str> = records.iter().map(|record| record.what.as_str()).collect();
    println!("  journal: {} records, {undone} taken back; replayed, it gives the registry", records.len());
    assert!(
        ["register", "cleanup", "reassign", "release", "reactivate", "undo"].iter().all(|what| made.contains(what))
    );
    // Among writers that use the lock, the file is never partial or changed by others.
    assert!(
        !results.failed.keys().any(|code| code == "registry_unreadable" || code == "concurrent_modification"),
        "{results:?}"
    );
}

/// Reads, waits, truncates, and writes in two halves without locking, as the scripts do.
fn write_unlocked(fixture: &Fixture, random: &mut SeededRandom, fence: &RwLock<()>, is_over: &AtomicBool) -> usize {
    let path = fixture.workspace().registry;
    let mut written = 0;
    while !is_over.load(Ordering::SeqCst) {
        let before = fixture.check_whole();
        let old = format!("\"script\": {}", before.raw(SCRIPT, "script").unwrap());
        std::thread::sleep(random.pause(Duration::from_millis(20)));
        let text = before.text().replacen(&old, &format!("\"script\": {}", written + 1), 1);
        let torn = fence.write().unwrap();
        let mut file = std::fs::File::create(&path).unwrap();
        let (first, second) = text.as_bytes().split_at(random.below(text.len() as u64) as usize);
        for piece in [first, second] {
            std::thread::sleep(random.pause(Duration::from_millis(2)));
            file.write_all(piece).unwrap();
        }
        drop((file, torn));
        written += 1;
        std::thread::sleep(random.pause(Duration::from_millis(40)));
    }
    written
}

#[test]
fn concurrent_processes_next_to_a_script_write_whole_registries() {
    let fixture = Fixture::new();
    let seed = seed("crowd beside a script");
    let written = AtomicUsize::new(0);
    run_workers(&fixture, seed, |fence, is_over| {
        written.store(write_unlocked(&fixture, &mut SeededRandom::of(!seed), fence, is_over), Ordering::SeqCst);
    });
    check_end(&fixture);
    let written = written.into_inner();
    println!("  the script wrote {written} times");
    assert!(written > 20, "the script wrote only {written} times");
}
