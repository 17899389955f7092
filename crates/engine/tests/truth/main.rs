//! Simulated days of Claude Code sessions. Everything about them is known, and each of Headcount's verdicts is compared with it.
//!
//! A day is made from a seed: starts, turns, `/clear`, kills, sleeps, clock changes and the like, as measured on the real
//! client (`day/client_behavior.rs`). After each step the verdicts of Headcount's own code are checked (`checks.rs`). Most
//! days run on the core in memory (`backend/core.rs`), some on the engine with real files (`backend/engine.rs`).
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

mod backend;
mod checks;
mod day;
mod ground_truth;
mod history;
mod machine;
mod minimize;
mod mutations;
mod simulation;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::backend::core::CoreBackend;
use crate::backend::engine::EngineBackend;
use crate::checks::Check;
use crate::day::Day;
use crate::day::client_behavior::DAY;
use crate::machine::Machine;
use crate::minimize::Failure;
use crate::simulation::Outcome;

/// One of so many seeds runs on real files.
const ON_FILES: u64 = 12;

/// A zone with two clock changes a year, without the system's table of zones.
const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// Set in the process that simulates: the zone is set per process.
const INNER: &str = "HEADCOUNT_TRUTH_INNER";

#[test]
fn verdicts_are_true() {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "simulate_days", "--nocapture"])
        .envs([("TZ", ZONE), (INNER, "1")])
        .status()
        .unwrap();
    assert!(status.success(), "false verdicts: see above");
}

/// The days' sums, and the first failure of each check.
#[derive(Default)]
struct Total {
    outcome: Outcome,
    failures: BTreeMap<Check, (u64, Failure)>,
}

/// Not a test of its own: `verdicts_are_true` starts it.
#[test]
fn simulate_days() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let days = number("HEADCOUNT_TRUTH_DAYS", 6);
    // The last day of the short run is on files.
    let seed = number("HEADCOUNT_TRUTH_SEED", ON_FILES + 1 - days.min(ON_FILES));
    let next = AtomicU64::new(seed);
    let total = Mutex::new(Total::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed_of_day = next.fetch_add(1, Ordering::Relaxed);
                    if seed_of_day >= seed + days {
                        return;
                    }
                    let day = day::of_seed(seed_of_day);
                    let outcome = run(&day);
                    total.lock().unwrap().add(day, outcome);
                }
            });
        }
    });
    let Total { outcome, failures } = total.into_inner().unwrap();
    println!(
        "\n{days} days from seed {seed}: {} sessions, {:.0} session-days, {} hooks, {} verdicts, {} days with a false one",
        outcome.sessions,
        outcome.session_time as f64 / DAY as f64,
        outcome.hooks,
        outcome.verdicts,
        failures.values().map(|found| found.0).sum::<u64>(),
    );
    let has_failed = !failures.is_empty();
    for (check, (count, failure)) in failures {
        let shortest = minimize::minimize(failure, &run);
        println!("\n{check:?}: {count} days. Shortest history:\n{}", history::text(&shortest.day));
        for verdict in shortest.verdicts {
            println!("  {verdict}");
        }
    }
    assert!(!has_failed);
}

impl Total {
    fn add(&mut self, day: Day, outcome: Outcome) {
        self.outcome.sessions += outcome.sessions;
        self.outcome.hooks += outcome.hooks;
        self.outcome.verdicts += outcome.verdicts;
        self.outcome.session_time += outcome.session_time;
        if let Some((_, verdicts)) = outcome.failure {
            let first = verdicts[0].check;
            self.failures.entry(first).or_insert_with(|| (0, Failure { day, verdicts })).0 += 1;
        }
    }
}

fn run(day: &Day) -> Outcome {
    let machine = Machine::new(day.begins);
    if day.seed.is_multiple_of(ON_FILES) {
        simulation::run(day, &mut EngineBackend::new(&machine), machine)
    } else {
        simulation::run(day, &mut CoreBackend::new(&machine), machine)
    }
}
