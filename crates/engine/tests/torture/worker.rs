//! A worker process that changes the registry repeatedly.
//!
//! Guarantees: prints each change reported to it as `change ID`, one per line, and each failed one as `failed CODE`. An
//! error that other writers cannot cause ends it with a panic.

use std::io::Write as _;
use std::path::Path;

use chrono::TimeDelta;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::registry::registration::NewSession;
use headcount_core::time;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::{Error, Workspace};

use crate::seeded_random::SeededRandom;

/// Environment variables with the worker's folder and its work: the kind, the seed and the number of turns.
pub(crate) const FOLDER: &str = "HEADCOUNT_TORTURE_FOLDER";
pub(crate) const WORK: &str = "HEADCOUNT_TORTURE_WORK";

/// The numbers that all workers compete for.
const NUMBERS: u64 = 12;

/// Not a test by itself: the entry point of worker processes.
#[test]
fn works() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let workspace = crate::fixture::workspace(Path::new(&folder));
    // Starts a new line after the one begun by the test harness.
    print("");
    let work = std::env::var(WORK).unwrap();
    let [work, seed, turns] = work.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let (seed, turns) = (seed.parse().unwrap(), turns.parse().unwrap());
    match work {
        "random_changes" => random_changes(&workspace, &mut SeededRandom::of(seed), turns),
        "to-and-fro" => to_and_fro(&workspace),
        _ => panic!("no such work: {work}"),
    }
}

fn print(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").and_then(|()| out.flush()).unwrap();
}

fn random_changes(workspace: &Workspace, random: &mut SeededRandom, turns: usize) {
    let mut own: Vec<String> = Vec::new();
    for _ in 0..turns {
        match turn(workspace, random, &own) {
            Ok(Some(change)) => {
                print(&format!("change {change}"));
                own.push(change);
            }
            Ok(None) => print("nothing"),
            Err(error) => {
                let is_caused_by_others = matches!(
                    error,
                    Error::Refused { .. }
                        | Error::NoSession { .. }
                        | Error::Locked { .. }
                        | Error::ConcurrentModification { .. }
                        | Error::Unreadable { .. }
                );
                assert!(is_caused_by_others, "{error}");
                print(&format!("failed {}", error.code()));
            }
        }
    }
}

fn turn(workspace: &Workspace, random: &mut SeededRandom, own: &[String]) -> Result<Option<String>, Error> {
    let now = SystemClock.now();
    let context = ActionContext { by: Actor::Command, at: now };
    let (number, other) = (1 + random.below(NUMBERS), 1 + random.below(NUMBERS));
    match random.below(10) {
        0..=2 => {
            // Half of them registered long ago and never beat, so there is always something to clean up.
            let at = if random.below(2) == 0 { now } else { now - TimeDelta::hours(5) };
            let id = (random.below(2) == 0).then(|| format!("own-{}", random.below(1 << 32)));
            let role = "Zoë 🚀 \"quoted\" \\ ".repeat(1 + random.below(30) as usize);
            let new_session =
                NewSession { number, session_id: id, role, goal: String::new(), terminal: "s001".into(), claude: None };
            ops::register(workspace, &new_session, ActionContext { at, ..context })
        }
        3 => Ok(ops::cleanup(workspace, &Selection::All, true, context)?.done.change),
        4 => Ok(ops::reassign(workspace, number, other, None, context)?.change),
        5 => ops::release(workspace, number, context),
        6 => ops::reactivate(workspace, number, context),
        7 => ops::heartbeat(workspace, number, BeatKind::Manual, context).map(|()| None),
        _ if own.is_empty() => Ok(None),
        _ => {
            let change = &own[own.len() - 1 - random.below(own.len().min(3) as u64) as usize];
            ops::undo(workspace, change, context).map(|_| None)
        }
    }
}

/// Signs session 2 off and reactivates it, endlessly: the registry has one of two texts.
fn to_and_fro(workspace: &Workspace) {
    let context = ActionContext { by: Actor::Command, at: time::parse("2025-11-17T20:00:00Z").unwrap() };
    print("ready");
    loop {
        // Only one applies: the previous worker may have been killed anywhere.
        for result in [ops::release(workspace, 2, context), ops::reactivate(workspace, 2, context)] {
            assert!(matches!(result, Ok(_) | Err(Error::Refused { .. })), "{result:?}");
        }
    }
}
