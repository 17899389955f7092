//! A process that changes the registry again and again.
//!
//! Promises: every change it was told of is printed, `change ID`, one a line, and every one that failed, `failed CODE`; an
//! error that no other writer can be the reason for ends it with a panic.

use std::io::Write as _;
use std::path::Path;

use chrono::TimeDelta;
use headcount_core::heartbeat::heartbeat_file::Kind;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::registry::registration::NewSession;
use headcount_core::time;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::{Error, Workspace};

use crate::chance::Chance;

/// Where a worker is told its folder, and what to do there: the work, its seed, its turns.
pub(crate) const FOLDER: &str = "HEADCOUNT_TORTURE_FOLDER";
pub(crate) const WORK: &str = "HEADCOUNT_TORTURE_WORK";

/// Numbers they all want.
const NUMBERS: u64 = 12;

/// Not a test of its own: what the others start as processes.
#[test]
fn works() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let workspace = crate::scene::workspace(Path::new(&folder));
    // Off the line the test harness has begun.
    say("");
    let work = std::env::var(WORK).unwrap();
    let [work, seed, turns] = work.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let (seed, turns) = (seed.parse().unwrap(), turns.parse().unwrap());
    match work {
        "anything" => anything(&workspace, &mut Chance::of(seed), turns),
        "to-and-fro" => to_and_fro(&workspace),
        _ => panic!("no such work: {work}"),
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").and_then(|()| out.flush()).unwrap();
}

fn anything(workspace: &Workspace, dice: &mut Chance, turns: usize) {
    let mut own: Vec<String> = Vec::new();
    for _ in 0..turns {
        match turn(workspace, dice, &own) {
            Ok(Some(change)) => {
                say(&format!("change {change}"));
                own.push(change);
            }
            Ok(None) => say("nothing"),
            Err(error) => {
                let is_others_doing = matches!(
                    error,
                    Error::Refused { .. }
                        | Error::NoSession { .. }
                        | Error::Locked { .. }
                        | Error::ConcurrentModification { .. }
                        | Error::Unreadable { .. }
                );
                assert!(is_others_doing, "{error}");
                say(&format!("failed {}", error.code()));
            }
        }
    }
}

fn turn(workspace: &Workspace, dice: &mut Chance, own: &[String]) -> Result<Option<String>, Error> {
    let now = SystemClock.now();
    let act = ActionContext { by: Actor::Command, at: now };
    let (number, other) = (1 + dice.below(NUMBERS), 1 + dice.below(NUMBERS));
    match dice.below(10) {
        0..=2 => {
            // Half of them came long ago and never beat: there is always something to clean up.
            let at = if dice.below(2) == 0 { now } else { now - TimeDelta::hours(5) };
            let id = (dice.below(2) == 0).then(|| format!("own-{}", dice.below(1 << 32)));
            let role = "Zoë 🚀 \"quoted\" \\ ".repeat(1 + dice.below(30) as usize);
            let new_session =
                NewSession { number, session_id: id, role, goal: String::new(), terminal: "s001".into(), claude: None };
            ops::register(workspace, &new_session, ActionContext { at, ..act })
        }
        3 => Ok(ops::cleanup(workspace, &Selection::All, true, act)?.done.change),
        4 => Ok(ops::reassign(workspace, number, other, None, act)?.change),
        5 => ops::release(workspace, number, act),
        6 => ops::reactivate(workspace, number, act),
        7 => ops::heartbeat(workspace, number, Kind::Manual, act).map(|()| None),
        _ if own.is_empty() => Ok(None),
        _ => {
            let change = &own[own.len() - 1 - dice.below(own.len().min(3) as u64) as usize];
            ops::undo(workspace, change, act).map(|_| None)
        }
    }
}

/// Signs session 2 off and brings it back, for ever: the registry is one of two texts.
fn to_and_fro(workspace: &Workspace) {
    let act = ActionContext { by: Actor::Command, at: time::parse("2025-11-17T20:00:00Z").unwrap() };
    say("ready");
    loop {
        // Whichever fits: the one before may have been ended anywhere.
        for result in [ops::release(workspace, 2, act), ops::reactivate(workspace, 2, act)] {
            assert!(matches!(result, Ok(_) | Err(Error::Refused { .. })), "{result:?}");
        }
    }
}
