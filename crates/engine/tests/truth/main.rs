//! The truth simulator: days of Claude Code sessions of which everything is known, and what Headcount says of them.
//!
//! A day is made from a seed: starts, turns, `/clear`, kills, sleeps, clock changes and the like, in the measured habits of
//! the real client (`habits.rs`). After each step the verdicts of Headcount's own code are compared with the truth. Most
//! days run on the core in memory (`memory.rs`), some on the engine with real files (`disk.rs`).
//!
//! `HEADCOUNT_TRUTH_DAYS` days are simulated, from `HEADCOUNT_TRUTH_SEED` on (`make truth`); a few without.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::struct_excessive_bools,
    reason = "a test that cannot go on fails; figures are for the person who runs it"
)]

mod client;
mod day;
mod dice;
mod disk;
mod habits;
mod headcount;
mod judge;
mod machine;
mod memory;
mod report;
mod script;
mod step;
mod truth;
mod world;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::day::Day;
use crate::habits::DAY;
use crate::headcount::Headcount;
use crate::machine::Machine;
use crate::world::Outcome;

/// Of so many days, one runs on real files.
const ON_DISK: u64 = 12;

/// A zone with two clock changes a year, without the system's table of zones.
const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// Set in the process that simulates, because the zone is a process's.
const INNER: &str = "HEADCOUNT_TRUTH_INNER";

#[test]
fn verdicts_are_true() {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "simulates", "--nocapture"])
        .envs([("TZ", ZONE), (INNER, "1")])
        .status()
        .unwrap();
    assert!(status.success(), "false verdicts: see above");
}

/// Not a test of its own: what `verdicts_are_true` starts.
#[test]
fn simulates() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (days, seed) = (number("HEADCOUNT_TRUTH_DAYS", 6), number("HEADCOUNT_TRUTH_SEED", 1));
    let next = AtomicU64::new(0);
    let sum = Mutex::new((Outcome::default(), BTreeMap::<String, (u64, Day, String, bool)>::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= days {
                        return;
                    }
                    let (day, is_on_disk) = (day::day(seed + at), at.is_multiple_of(ON_DISK));
                    let outcome = run(&day, is_on_disk);
                    let mut sum = sum.lock().unwrap();
                    sum.0.sessions += outcome.sessions;
                    sum.0.hooks += outcome.hooks;
                    sum.0.verdicts += outcome.verdicts;
                    sum.0.session_time += outcome.session_time;
                    if let Some((_, falsehood)) = outcome.falsehood {
                        let kind = report::kind(&falsehood).to_owned();
                        sum.1.entry(kind).or_insert_with(|| (0, day, falsehood, is_on_disk)).0 += 1;
                    }
                }
            });
        }
    });
    let (sum, falsehoods) = sum.into_inner().unwrap();
    println!(
        "\n{days} days from seed {seed}: {} sessions, {:.0} session-days, {} hooks, {} verdicts, {} days with a false one",
        sum.sessions,
        sum.session_time as f64 / DAY as f64,
        sum.hooks,
        sum.verdicts,
        falsehoods.values().map(|found| found.0).sum::<u64>(),
    );
    for (kind, (count, day, falsehood, is_on_disk)) in &falsehoods {
        let (shortest, said) = report::shortest(day, falsehood, &|day| run(day, *is_on_disk).falsehood);
        let place = if *is_on_disk { "on disk" } else { "in memory" };
        println!("\n{kind}: {count} days, {place}. Shortest history:\n{}  {said}", report::history(&shortest));
    }
    assert!(falsehoods.is_empty());
}

fn run(day: &Day, is_on_disk: bool) -> Outcome {
    let machine = Machine::new(day.begins);
    let mut headcount: Box<dyn Headcount> =
        if is_on_disk { Box::new(disk::Disk::new(&machine)) } else { Box::new(memory::Memory::new(&machine)) };
    world::run(day, &mut *headcount, machine)
}
