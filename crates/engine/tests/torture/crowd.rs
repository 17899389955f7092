//! A crowd on one registry: alone, and beside a writer that knows of no lock.
//!
//! Promises: somebody looks at the file all the time. Alone, every change is accounted for: the journal replayed from the
//! start gives what stands there. Beside a script, whose slow writes may put back an older copy, what is checked is
//! wholeness; its own torn moments are fenced off, so that a torn file outside of one is Headcount's doing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Child;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use headcount_core::Registry;

use crate::chance::{Chance, seed};
use crate::replay;
use crate::rounds;
use crate::scene::{SCRIPT, Scene};

/// What workers said, counted.
#[derive(Default, Debug)]
struct Said {
    changes: Vec<String>,
    failed: BTreeMap<String, usize>,
    nothing: usize,
}

impl Said {
    fn turns(&self) -> usize {
        self.changes.len() + self.nothing + self.failed.values().sum::<usize>()
    }

    fn listen(&mut self, worker: Child) {
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

/// Lets a crowd at a scene while somebody looks, outside of the script's own torn moments.
fn let_loose(scene: &Scene, seed: u64, beside: impl Fn(&RwLock<()>, &AtomicBool) + Sync) -> (Said, usize) {
    let (processes, turns) = (rounds(8, 16), rounds(60, 200));
    let (fence, is_over, looks) = (RwLock::new(()), AtomicBool::new(false), AtomicUsize::new(0));
    let start = Instant::now();
    let said = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                let outside = fence.read().unwrap();
                scene.check_whole();
                drop(outside);
                looks.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        scope.spawn(|| beside(&fence, &is_over));
        let workers: Vec<Child> =
            (0..processes as u64).map(|index| scene.worker("anything", seed.wrapping_add(index), turns)).collect();
        let heard = std::panic::catch_unwind(|| {
            let mut said = Said::default();
            for worker in workers {
                said.listen(worker);
            }
            said
        });
        is_over.store(true, Ordering::SeqCst);
        looking.join().unwrap();
        heard.unwrap()
    });
    let looks = looks.into_inner();
    let (changes, failed, elapsed) = (said.changes.len(), &said.failed, start.elapsed());
    println!("  {processes} processes × {turns}: {changes} changes, failed {failed:?}, {looks} looks, {elapsed:.1?}");
    assert_eq!(said.turns(), processes * turns, "every turn was told of");
    assert!(looks > 50 && changes > processes * turns / 8, "{said:?}");
    (said, processes * turns)
}

fn check_end(scene: &Scene) {
    scene.check_whole();
    assert!(scene.litter().is_empty(), "{:?}", scene.litter());
    for copy in scene.workspace().journal().copies().list().unwrap() {
        Registry::read(copy.read().unwrap()).unwrap_or_else(|why| panic!("a copy of half a registry: {why}"));
    }
}

#[test]
fn a_crowd_loses_nothing() {
    let scene = Scene::new();
    let (said, _) = let_loose(&scene, seed("crowd"), |_, _| {});
    check_end(&scene);
    let records = scene.workspace().journal().all().unwrap();
    assert_eq!(
        replay::replayed(&scene.start, &records),
        replay::meaning(&scene.text()),
        "the journal tells another story"
    );
    // Whoever was told that a change was made finds it in the journal, once.
    let ids: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "two changes share an id");
    assert!(said.changes.iter().all(|change| ids.contains(change.as_str())));
    let undone = records.iter().filter(|record| record.what == "undo" && !record.entries.is_empty()).count();
    let made: BTreeSet<&str> = records.iter().map(|record| record.what.as_str()).collect();
    println!("  journal: {} records, {undone} taken back; replayed, it gives the registry", records.len());
    assert!(
        ["register", "cleanup", "reassign", "release", "reactivate", "undo"].iter().all(|what| made.contains(what))
    );
    // Among those who ask for the lock nobody finds the file torn or changed.
    assert!(!said.failed.keys().any(|code| code == "registry_unreadable" || code == "restless"), "{said:?}");
}

/// Reads, waits, truncates, writes in two halves, and knows of no lock, as the scripts do.
fn write_unlocked(scene: &Scene, chance: &mut Chance, fence: &RwLock<()>, is_over: &AtomicBool) -> usize {
    let path = scene.places().registry;
    let mut written = 0;
    while !is_over.load(Ordering::SeqCst) {
        let before = scene.check_whole();
        let old = format!("\"script\": {}", before.raw(SCRIPT, "script").unwrap());
        std::thread::sleep(chance.pause(Duration::from_millis(20)));
        let text = before.text().replacen(&old, &format!("\"script\": {}", written + 1), 1);
        let torn = fence.write().unwrap();
        let mut file = std::fs::File::create(&path).unwrap();
        let (first, second) = text.as_bytes().split_at(chance.below(text.len() as u64) as usize);
        for piece in [first, second] {
            std::thread::sleep(chance.pause(Duration::from_millis(2)));
            file.write_all(piece).unwrap();
        }
        drop((file, torn));
        written += 1;
        std::thread::sleep(chance.pause(Duration::from_millis(40)));
    }
    written
}

#[test]
fn a_crowd_beside_a_script_never_writes_half_a_registry() {
    let scene = Scene::new();
    let seed = seed("crowd beside a script");
    let written = AtomicUsize::new(0);
    let_loose(&scene, seed, |fence, is_over| {
        written.store(write_unlocked(&scene, &mut Chance::of(!seed), fence, is_over), Ordering::SeqCst);
    });
    check_end(&scene);
    let written = written.into_inner();
    println!("  the script wrote {written} times");
    assert!(written > 20, "the script wrote only {written} times");
}
