//! What a change costs: files opened and asked about, whatever the folder holds. Counted, so that it holds on any machine.

use std::path::Path;

use chrono::{Local, TimeDelta};
use headcount_core::{Time, Timeout, time};

use super::*;
use crate::files::io_counters::{Counts, count};
use crate::workspace::paths::Places;

const SESSIONS: u64 = 50;
const EACH: i64 = 40;

fn now() -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap()
}

/// Fifty sessions with forty beats each, a minute apart, and one that beat under no session's id.
fn scene(folder: &Path) -> Workspace {
    let places = Places {
        registry: folder.join("claude_sessions.json"),
        heartbeats: folder.join("heartbeats"),
        memory: folder.join("memory"),
        state: folder.join("state"),
        ..Places::default()
    };
    std::fs::create_dir(&places.heartbeats).unwrap();
    std::fs::write(&places.registry, registry("")).unwrap();
    for minutes in 0..EACH {
        for number in 1..=SESSIONS {
            beat(&places.heartbeats, &format!("session-{number}"), minutes + 5);
        }
    }
    beat(&places.heartbeats, "nobody", 5);
    Workspace::new(places, Timeout::default())
}

fn registry(goal: &str) -> String {
    let entry = |number| format!("\"{number}\": {{\"status\": \"active\", \"goal\": \"{goal}\"}}");
    format!("{{{}}}", (1..=SESSIONS).map(entry).collect::<Vec<_>>().join(", "))
}

/// A beat so many minutes ago. Returns its name.
fn beat(folder: &Path, id: &str, minutes: i64) -> String {
    let at = now() - TimeDelta::minutes(minutes);
    let name = format!("{}-{id}.json", at.with_timezone(&Local).format("%Y-%m-%d_%H-%M-%S"));
    std::fs::write(folder.join(&name), format!("{{\"timestamp\": \"{}\"}}", time::wire(at))).unwrap();
    name
}

fn costs(stats: usize, opens: usize, scans: usize) -> Counts {
    Counts { stats, opens, scans }
}

#[test]
fn a_first_look_opens_a_few_beats_a_session_and_asks_about_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = scene(folder.path());
    let (model, cost) = count(|| Model::look(&workspace, now()).unwrap());
    assert_eq!(model.table().counts().active, 50);
    // The registry, and of each session the newest three names, whatever they say.
    let few = 1 + 3 * SESSIONS as usize;
    assert!(cost.opens <= few && cost.stats <= few + 4 && cost.scans == 1, "{cost:?}");
}

#[test]
fn a_beat_costs_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = scene(folder.path());
    let beats = workspace.places.heartbeats.clone();
    let mut model = Model::look(&workspace, now()).unwrap();
    let mut touched = |id: &str, minutes| {
        let name = beat(&beats, id, minutes);
        let ((), cost) = count(|| model.beats_touched([name.as_str()], now()));
        cost
    };
    // Whether it is there, whether it can be opened without harm, and what it says.
    assert_eq!(touched("session-7", 1), costs(2, 1, 0));
    // One that cannot be the newest stays closed, and so does one that is nobody's.
    assert_eq!(touched("session-7", 44), costs(1, 0, 0));
    assert_eq!(touched("nobody", 1), costs(1, 0, 0));
    let ((), cost) = count(|| model.pass(now() + TimeDelta::minutes(1)));
    assert_eq!(cost, costs(0, 0, 0));
    let (snapshot, cost) = count(|| model.snapshot(now()));
    assert_eq!((snapshot.counts.active, cost), (50, costs(0, 0, 0)));
}

#[test]
fn a_thousand_beats_at_once_cost_no_more_than_each_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = scene(folder.path());
    let mut model = Model::look(&workspace, now()).unwrap();
    let names: Vec<String> = (0..1000)
        .map(|at| beat(&workspace.places.heartbeats, &format!("session-{}", 1 + at % 50), 50 + at / 50))
        .collect();
    let ((), cost) = count(|| model.beats_touched(names.iter().map(String::as_str), now()));
    assert_eq!(cost, costs(1000, 0, 0), "old beats that arrive late");
}

#[test]
fn another_registry_opens_no_beat_again() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = scene(folder.path());
    let mut model = Model::look(&workspace, now()).unwrap();
    std::fs::write(&workspace.places.registry, registry("another")).unwrap();
    let ((), cost) = count(|| model.registry_read(workspace.store().read(), now()));
    assert_eq!(cost, costs(1, 1, 0));
    assert_eq!(model.rows()[0].goal, "another");
}
