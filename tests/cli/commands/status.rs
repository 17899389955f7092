//! `status`: the table for people, and the JSON for programs (design §4).

use headcount_core::{Time, time};
use serde_json::{Value, json};

use crate::environment::{AT, Environment, Session};

const SESSIONS: [Session<'static>; 5] = [
    (2, "session-2", "active", Some(332)),
    (1, "ai-automation-builder", "active", Some(15)),
    (13, "session-13", "inactive", None),
    (4, "session-4", "napping", None),
    (3, "session-3", "active", None),
];

fn at() -> Time {
    time::parse(AT).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_table_has_a_headline_and_one_line_per_session() {
    let env = Environment::with(&SESSIONS, at());
    let run = env.run(&["status", "--at", AT]);
    assert_eq!(run.code, 0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("1 active · 2 stale"), "{}", run.stdout);
    assert!(lines[0].ends_with(env.registry().to_str().unwrap()), "{}", run.stdout);
    let rows: Vec<Vec<&str>> = lines[2..7].iter().map(|line| line.split_whitespace().collect()).collect();
    let beginnings: Vec<_> = rows.iter().map(|words| words[..5].to_vec()).collect();
    assert_eq!(
        beginnings,
        [
            ["1", "●", "active", "Role", "1"],
            ["2", "◌", "stale", "Role", "2"],
            ["3", "◌", "stale", "Role", "3"],
            ["4", "?", "unknown", "Role", "4"],
            ["13", "·", "inactive", "Role", "13"],
        ]
    );
    assert!(lines[3].contains("no heartbeat for 5 h 32 min") && lines[3].ends_with("s002"), "{}", run.stdout);
    // The columns begin at the same position in each line.
    let columns: Vec<usize> =
        lines[2..7].iter().map(|line| line[..line.find("Role").unwrap()].chars().count()).collect();
    assert!(columns.iter().all(|column| *column == columns[0]), "{}", run.stdout);
    assert_eq!(lines.last(), Some(&"Free numbers: 5, 6, 7, 8, 9, 10, 11, 12, 13"));
    assert!(run.stderr.contains("headcount: warning: The status of session 4"), "{run:?}");
}

#[test]
fn status_is_the_default_command() {
    let env = Environment::with(&SESSIONS, at());
    let (plain, named) = (env.run(&[]), env.run(&["status"]));
    assert_eq!((plain.code, plain.stdout), (0, named.stdout));
    assert_eq!(keys(&env.json(&[])), keys(&env.json(&["status"])));
}

#[test]
fn status_without_a_registry_is_empty() {
    let env = Environment::new();
    let run = env.run(&["status"]);
    // A missing heartbeats folder is not reported: it is not needed yet.
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("No session is registered yet."), "{run:?}");
    assert_eq!(env.everything().len(), 2, "status must not create files");
}

#[test]
fn the_json_has_the_keys_of_the_design() {
    let env = Environment::with(&SESSIONS, at());
    let status = env.json(&["status", "--at", AT, "--timeout-minutes", "60"]);
    let designed =
        ["registry", "heartbeats", "at", "timeout_minutes", "counts", "sessions", "available_numbers", "warnings"];
    let beyond =
        ["unregistered", "elsewhere", "trouble", "cleanup", "undo", "reverted_change", "snoozed_until", "is_polling"];
    assert_eq!(keys(&status), [&["version"][..], &designed, &beyond].concat());
    assert_eq!(status["version"], 1);
    assert_eq!(status["registry"], json!(env.registry()));
    assert_eq!(status["heartbeats"], json!(env.heartbeats()));
    assert_eq!((&status["at"], &status["timeout_minutes"]), (&json!(AT), &json!(60)));
    assert_eq!(
        status["counts"],
        json!({ "active": 1, "stale": 2, "inactive": 1, "unknown": 1, "unregistered": 0, "running": 1, "waiting": 0 })
    );
    assert_eq!(
        keys(&status["counts"]),
        ["active", "stale", "inactive", "unknown", "unregistered", "running", "waiting"]
    );
    assert_eq!(status["available_numbers"], json!([5, 6, 7, 8, 9, 10, 11, 12, 13]));
    assert_eq!(keys(&status["warnings"][0]), ["code", "message", "path"]);
    assert_eq!(status["warnings"][0]["code"], "unknown_status");
    let second = &status["sessions"][1];
    let wanted = json!({
        "number": 2, "session_id": "session-2", "role": "Role 2", "goal": "g", "terminal": "s002", "status": "active",
        "state": "stale", "reason": "timeout", "last_heartbeat": "2025-11-17T14:27:30Z",
        "last_sign_of_life": "2025-11-17T14:27:30Z", "age_seconds": 19950, "is_beating": false, "warnings": [],
        "process": "unknown", "pid": null, "is_background": false, "is_kept": false, "own_timeout_minutes": null,
    });
    assert_eq!(*second, wanted);
    // In the order of the design as well, which people read.
    let order: Vec<&str> = "number session_id role goal terminal status state reason last_heartbeat last_sign_of_life \
                            age_seconds is_beating warnings process pid is_background is_kept own_timeout_minutes"
        .split_whitespace()
        .collect();
    for session in status["sessions"].as_array().unwrap() {
        assert_eq!(keys(session), order);
    }
}

#[test]
fn missing_fields_are_null() {
    let env = Environment::new();
    std::fs::create_dir(env.heartbeats()).unwrap();
    env.write_registry(r#"{"7": {}}"#);
    let session = env.json(&["status"])["sessions"][0].clone();
    for key in ["terminal", "status", "last_heartbeat", "last_sign_of_life", "age_seconds"] {
        assert_eq!(session[key], Value::Null, "{key}");
    }
    assert_eq!((&session["role"], &session["session_id"]), (&json!(""), &json!("session-7")));
}

#[test]
fn at_selects_the_time_of_judgement() {
    let env = Environment::with(&SESSIONS, at());
    let state = |at: &str| env.json(&["status", "--at", at])["sessions"][1]["state"].clone();
    // Session 2 beat at 14:27:30. The heartbeat counts from two minutes before its time on, and is stale after more
    // than two hours.
    assert_eq!(state("2025-11-17T14:28:00Z"), "active");
    assert_eq!(state("2025-11-17T16:27:30Z"), "active");
    assert_eq!(state("2025-11-17T16:27:30.000001Z"), "stale");
    assert_eq!(state("2025-11-17T08:27:30-08:00"), "active");
    let future = env.json(&["status", "--at", "2025-11-17T14:27:00Z"]);
    assert_eq!(future["sessions"][1]["age_seconds"], 0, "never negative");
}

#[test]
fn the_last_cleanup_is_offered_for_undo() {
    let env = Environment::twelve();
    assert_eq!(env.json(&["status"])["undo"], Value::Null);
    let change = env.json(&["cleanup"])["change"].clone();
    let undo = env.json(&["status"])["undo"].clone();
    assert_eq!(undo, json!({ "change": change, "marked": [4, 5, 6, 7, 8, 9, 10, 11, 12] }));
}

#[test]
fn one_line_for_scripts_and_bars() {
    let env = Environment::with(&SESSIONS, at());
    let line = |args: &[&str]| env.run(&[&["status", "--at", AT], args].concat()).stdout;
    assert_eq!(line(&["--short"]), "1 active, 2 stale\n");
    assert_eq!(line(&["--format", "{running} {active} {stale} {waiting} {{é}}"]), "1 1 2 0 {é}\n");
    assert_eq!(line(&["--format", "{inactive}/{unknown}/{unregistered}"]), "1/1/0\n");
    for odd in [
        &["--format", "{nobody}"][..],
        &["--format", "{stale"],
        &["--format"],
        &["--short", "--format", "x"],
        &["--short", "--json"],
        &["--format", "x", "--json"],
    ] {
        let run = env.run(&[&["status"], odd].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{odd:?}: {run:?}");
    }
    env.write_registry("{");
    assert_eq!(env.run(&["status", "--short"]).code, 1);
}
