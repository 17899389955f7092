//! The cost of an update in opened files and stats, independent of the folder's size. Counted, not measured, so that
//! the tests hold on any machine.

use std::path::Path;

use chrono::{Local, TimeDelta};
use headcount_core::claude::activity::{ActivityKind, WaitingFor};
use headcount_core::{Time, time};

use super::*;
use crate::Workspace;
use crate::files::io_counters::{Counts, count};

const SESSIONS: u64 = 50;
const HEARTBEATS_EACH: i64 = 40;

fn now() -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap()
}

/// Fifty sessions with forty heartbeats each, a minute apart, and one heartbeat of an id without a session.
fn fixture(folder: &Path) -> Workspace {
    let workspace = Workspace {
        registry: folder.join("claude_sessions.json"),
        heartbeats: folder.join("heartbeats"),
        memory: folder.join("memory"),
        state: folder.join("state"),
        ..Workspace::default()
    };
    std::fs::create_dir(&workspace.heartbeats).unwrap();
    std::fs::write(&workspace.registry, registry("")).unwrap();
    for minutes in 0..HEARTBEATS_EACH {
        for number in 1..=SESSIONS {
            beat(&workspace.heartbeats, &format!("session-{number}"), minutes + 5);
        }
    }
    beat(&workspace.heartbeats, "orphan", 5);
    workspace
}

fn registry(goal: &str) -> String {
    let entry = |number| format!("\"{number}\": {{\"status\": \"active\", \"goal\": \"{goal}\"}}");
    format!("{{{}}}", (1..=SESSIONS).map(entry).collect::<Vec<_>>().join(", "))
}

/// Writes a heartbeat of so many minutes ago. Returns its name.
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
fn the_first_look_opens_at_most_three_heartbeats_per_session() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = fixture(folder.path());
    let (model, cost) = count(|| Model::look(&workspace, now()).unwrap());
    assert_eq!(model.table().counts().active, 50);
    // The registry, and the three newest names of each session.
    let limit = 1 + 3 * SESSIONS as usize;
    assert!(cost.opens <= limit && cost.stats <= limit + 4 && cost.scans == 1, "{cost:?}");
}

#[test]
fn a_new_heartbeat_costs_one_opened_file() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = fixture(folder.path());
    let beats = workspace.heartbeats.clone();
    let mut model = Model::look(&workspace, now()).unwrap();
    let mut reread = |id: &str, minutes| {
        let name = beat(&beats, id, minutes);
        let ((), cost) = count(|| model.reread_heartbeats([name.as_str()], now()));
        cost
    };
    // One stat to check whether it exists, one to check whether it can be opened safely, and one open.
    assert_eq!(reread("session-7", 1), costs(2, 1, 0));
    // A heartbeat that cannot be the newest is not opened, and neither is one without a session.
    assert_eq!(reread("session-7", 44), costs(1, 0, 0));
    assert_eq!(reread("orphan", 1), costs(1, 0, 0));
    let ((), cost) = count(|| model.advance(now() + TimeDelta::minutes(1)));
    assert_eq!(cost, costs(0, 0, 0));
    let (snapshot, cost) = count(|| model.snapshot(now()));
    assert_eq!((snapshot.counts.active, cost), (50, costs(0, 0, 0)));
}

#[test]
fn a_thousand_old_heartbeats_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = fixture(folder.path());
    let mut model = Model::look(&workspace, now()).unwrap();
    // More than a day old: in a zone one hour ahead, a name of an hour ago that is read as UTC is of now.
    let minutes = |at: i64| 30 * 60 + at / 50;
    let names: Vec<String> =
        (0..1000).map(|at| beat(&workspace.heartbeats, &format!("session-{}", 1 + at % 50), minutes(at))).collect();
    let ((), cost) = count(|| model.reread_heartbeats(names.iter().map(String::as_str), now()));
    assert_eq!(cost, costs(1000, 0, 0), "old beats that arrive late");
}

#[test]
fn a_changed_registry_opens_no_heartbeat_again() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = fixture(folder.path());
    let mut model = Model::look(&workspace, now()).unwrap();
    std::fs::write(&workspace.registry, registry("another")).unwrap();
    let ((), cost) = count(|| model.set_registry(workspace.store().read(), now()));
    assert_eq!(cost, costs(1, 1, 0));
    assert_eq!(model.rows()[0].goal, "another");
}

#[test]
fn a_change_of_status_updates_its_own_row_and_opens_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("sessions");
    std::fs::create_dir(&records).unwrap();
    let mut workspace = fixture(folder.path());
    workspace.records = vec![records.clone()];
    let key = workspace.processes.key(std::process::id()).unwrap();
    let claude = |pid: u32| format!("\"claude\": {{\"pid\": {pid}, \"proc_start\": \"{}\"}}", key.started);
    let entry = |number: u32, pid| format!("\"{number}\": {{\"status\": \"active\", {}}}", claude(pid));
    let text = format!("{{{}, {}}}", entry(1, key.pid), entry(2, u32::MAX));
    std::fs::write(&workspace.registry, text).unwrap();
    let name = format!("{}.json", key.pid);
    let record = |status: &str| {
        let process = format!("\"pid\": {}, \"procStart\": \"{}\", \"kind\": \"interactive\"", key.pid, key.started);
        std::fs::write(records.join(&name), format!("{{{process}, \"status\": {status}}}")).unwrap();
    };
    record("\"busy\"");
    let mut model = Model::look(&workspace, now()).unwrap();
    let before = model.snapshot(now());
    assert_eq!(before.rows[0].activity.unwrap().kind, ActivityKind::Working);
    record("\"waiting\", \"waitingFor\": \"permission prompt\"");
    let (has_others, cost) = count(|| model.reread_records([name.as_str()], now()));
    assert_eq!((has_others, cost), (false, costs(1, 1, 0)));
    let after = model.snapshot(now());
    assert_eq!(after.rows[0].waiting_for(), Some(WaitingFor::Permission));
    assert!(Arc::ptr_eq(&before.rows[1], &after.rows[1]) && after.rows[1].activity.is_none());
    assert_eq!((before.counts.waiting, after.counts.waiting), (0, 1));

    // The same session without an entry.
    std::fs::write(&workspace.registry, "{}").unwrap();
    model.set_registry(workspace.store().read(), now());
    assert_eq!(model.snapshot(now()).counts.waiting, 1);
    record("\"idle\"");
    model.reread_records([name.as_str()], now());
    let idle = model.snapshot(now());
    assert_eq!((idle.counts.waiting, idle.unregistered[0].activity.unwrap().kind), (0, ActivityKind::Idle));
}
