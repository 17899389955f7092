//! `cleanup` right after the computer slept or its clock was set, as cron runs it: the marker of the sleep is a file
//! that every process of Headcount reads.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use headcount_core::time;
use serde_json::{Value, json};

use crate::claude::Claude;
use crate::environment::{Environment, Run, now, registry};
use crate::hooks::sessions;

/// Twelve sessions, of which nine are stale, and the marker that a first command has written.
fn env() -> (Environment, PathBuf) {
    let env = Environment::twelve();
    // The first change makes the folder of the marker.
    for command in ["release", "reactivate"] {
        assert_eq!(env.run(&[command, "2"]).code, 0);
    }
    let marker = marker(&env);
    (env, marker)
}

/// The marker, which every command writes.
fn marker(env: &Environment) -> PathBuf {
    assert_eq!(env.run(&["status"]).code, 0);
    let found = env.everything().into_iter().find(|path| path.ends_with("suspend.json")).unwrap();
    env.root().join(found)
}

/// Changes fields of the marker.
fn change(marker: &Path, fields: &Value) {
    let mut text: Value = serde_json::from_slice(&std::fs::read(marker).unwrap()).unwrap();
    text.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    std::fs::write(marker, text.to_string()).unwrap();
}

/// A sleep that another process has noted a minute ago.
fn note_sleep(marker: &Path) {
    change(marker, &json!({ "quiet_until": time::wire(now() + TimeDelta::minutes(9)) }));
}

fn assert_refused(env: &Environment, run: &Run) {
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains("woke up") && run.stderr.contains("ten minutes"), "{run:?}");
    assert_eq!(env.json(&["status"])["counts"]["stale"], 9);
}

#[test]
fn a_cleanup_after_a_noted_sleep_marks_only_named_sessions() {
    let (env, marker) = env();
    note_sleep(&marker);
    let before = env.read_registry();
    for _ in 0..2 {
        assert_refused(&env, &env.run(&["cleanup"]));
    }
    assert_eq!(env.read_registry(), before);
    let dry = env.json(&["cleanup", "--dry-run"]);
    assert_eq!((&dry["marked"], &dry["cleanup"]["caution"]["code"]), (&json!([]), &json!("just_woke")));
    // A person who names a session means it.
    assert_eq!(env.json(&["cleanup", "--only", "4"])["marked"], json!([4]));
    // The grace period is over.
    change(&marker, &json!({ "quiet_until": time::wire(now() - TimeDelta::seconds(1)) }));
    assert_eq!(env.json(&["cleanup"])["marked"], json!([5, 6, 7, 8, 9, 10, 11, 12]));
}

#[test]
fn a_cleanup_that_is_the_first_process_after_a_clock_change_notices_it_itself() {
    let (env, marker) = env();
    let noted: Value = serde_json::from_slice(&std::fs::read(&marker).unwrap()).unwrap();
    assert_eq!(noted["quiet_until"], Value::Null, "nothing happened yet: {noted}");
    // By the clock of the last process, the computer was started eight hours later than by the clock now.
    let started = time::parse(noted["started"].as_str().unwrap()).unwrap();
    change(&marker, &json!({ "started": time::wire(started + TimeDelta::hours(8)) }));
    let before = env.read_registry();
    assert_refused(&env, &env.run(&["cleanup"]));
    assert_eq!(env.read_registry(), before);
}

#[test]
fn a_session_with_an_ended_process_is_marked_also_after_a_sleep() {
    let (env, home) = sessions::env();
    env.write_registry(&registry(&[(1, "session-1", "active", None), (2, "session-2", "active", None)]));
    let (session, _) = Claude::start(&home, &env.workspace(), "a");
    session.turn();
    session.kill();
    let marker = marker(&env);
    note_sleep(&marker);
    let done = env.json(&["cleanup"]);
    assert_eq!((&done["marked"], done["skipped"].as_array().unwrap().len()), (&json!([3]), 2), "{done}");
}
