//! Times outside of the supported range, and ambiguous or nonexistent local times.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::environment::{AT, Environment, Run, run};

/// Times outside of the years 1970 to 9999.
const FAR: [&str; 7] = [
    "+262142-12-31T23:59:59",
    "-262143-01-01T00:00:00",
    "+262142-12-31T23:59:59Z",
    "+10000-01-01T00:00:00",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-01:00",
];

/// Checks that a command succeeded or failed with a reason.
fn check(run: &Run, what: &str) {
    assert!(run.code == 0 || run.code == 1, "{what}: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{what}: {run:?}");
}

fn every_command(env: &Environment, what: &str) {
    for args in [
        &["status"][..],
        &["status", "--json", "--at", AT],
        &["status", "--at", "1970-01-01T00:00:00Z"],
        &["status", "--at", "9999-12-31T23:59:59Z"],
        &["cleanup", "--dry-run"],
        &["doctor"],
        &["heartbeat", "1"],
        &["compact"],
        &["cleanup", "--force"],
        &["log"],
        &["undo"],
        &["restore"],
    ] {
        check(&env.run(args), &format!("{what} {args:?}"));
    }
}

#[test]
fn times_out_of_range_are_ignored() {
    for far in FAR {
        let env = Environment::new();
        let entry = json!({ "status": "active", "registered_at": far, "reactivated_at": far, "last_heartbeat": far });
        let marked = json!({ "status": "inactive", "marked_inactive_at": far });
        env.write_registry(&json!({ "1": entry, "2": marked }).to_string());
        env.write_beat("2025-11-17_19-30-00-session-1.json", &json!({ "timestamp": far }).to_string());
        env.write_beat("session-2.json", &json!({ "timestamp": far, "last_heartbeat": far }).to_string());
        let status = env.json(&["status", "--at", AT]);
        // The time in the file name applies.
        assert_eq!(status["sessions"][0]["last_heartbeat"], "2025-11-17T19:30:00Z", "{far}");
        assert_eq!(status["sessions"][0]["state"], "active", "{far}");
        let codes: Vec<&str> =
            status["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"broken_heartbeat"), "{far}: {codes:?}");
        every_command(&env, far);
    }
}

#[test]
fn file_names_and_modification_times_out_of_range_are_ignored() {
    let env = Environment::new();
    env.write_registry(&json!({ "1": { "status": "active" }, "2": { "status": "active" } }).to_string());
    for name in ["0000-01-01_00-00", "1969-12-31_23-59-59", "9999-12-31_23-59-59", "9999-12-31_23-59"] {
        env.write_beat(&format!("{name}-session-1.json"), "{}");
    }
    // The latest times that the file system supports.
    for seconds in [u64::from(u32::MAX), 253_402_300_800, i64::MAX as u64 / 2, i64::MAX as u64] {
        let path = env.write_beat(&format!("{seconds}.json"), "{}");
        let link = env.heartbeats().join("session-2.json");
        let _ = std::fs::remove_file(&link);
        std::fs::hard_link(&path, &link).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        if let Some(time) = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)) {
            let _ = file.set_modified(time);
        }
        every_command(&env, &seconds.to_string());
    }
}

#[test]
fn times_out_of_range_in_the_journal_are_tolerated() {
    for far in FAR {
        let env = Environment::new();
        env.write_registry(&json!({ "1": { "status": "active" }, "2": { "status": "active" } }).to_string());
        std::fs::create_dir(env.heartbeats()).unwrap();
        assert_eq!(env.run(&["cleanup", "--force"]).code, 0);
        replace_times(&env.state(), far);
        std::fs::write(env.state().join("snoozed_until"), far).unwrap();
        every_command(&env, far);
    }
}

/// Replaces every time in the journal.
fn replace_times(folder: &Path, far: &str) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            replace_times(&path, far);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(|line| {
                let mut record: Value = serde_json::from_str(line).unwrap();
                record["at"] = json!(far);
                format!("{record}\n")
            });
            std::fs::write(&path, lines.collect::<String>()).unwrap();
        }
    }
}

#[test]
fn at_rejects_times_out_of_range() {
    let env = Environment::new();
    env.write_registry("{}");
    for far in FAR {
        let run = env.run(&["status", &format!("--at={far}")]);
        assert_eq!(run.code, 2, "{run:?}");
    }
}

/// A time zone, the moment of a clock change, and the offsets before and after it in minutes.
const CHANGES: [(&str, &str, i64, i64); 10] = [
    ("EST5EDT,M3.2.0,M11.1.0", "2025-11-02T06:00:00Z", -240, -300),
    ("America/New_York", "2025-11-02T06:00:00Z", -240, -300),
    ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -300, -240),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2025-04-05T15:00:00Z", 660, 630),
    ("Australia/Lord_Howe", "2025-04-05T15:00:00Z", 660, 630),
    ("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "2025-10-26T01:00:00Z", 120, 0),
    ("Antarctica/Troll", "2025-10-26T01:00:00Z", 120, 0),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2025-10-26T01:00:00Z", 60, 0),
    ("Europe/Dublin", "2025-10-26T01:00:00Z", 60, 0),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", -600, 840),
];

#[test]
fn a_session_stays_active_across_clock_changes() {
    for (zone, change, before, after) in CHANGES {
        if zone.contains('/') && !zone.contains(',') && !Path::new("/usr/share/zoneinfo").join(zone).exists() {
            continue;
        }
        let env = Environment::new();
        let entry = json!({ "status": "active", "registered_at": "2010-01-01T00:00:00Z" });
        env.write_registry(&json!({ "1": entry }).to_string());
        let change: DateTime<Utc> = change.parse().unwrap();
        for minute in -150..=200 {
            let now = change + TimeDelta::minutes(minute);
            let local = now + TimeDelta::minutes(if now < change { before } else { after });
            let name = local.format("%Y-%m-%d_%H-%M-%S-session-1.json").to_string();
            let path = env.write_beat(&name, &json!({ "timestamp": now }).to_string());
            std::fs::File::options().write(true).open(path).unwrap().set_modified(now.into()).unwrap();
            if minute % 25 != 0 && ![-1, 1, 29, 31, 59, 61, 119, 121].contains(&minute) {
                continue;
            }
            let mut command = env.about(&["status", "--json", "--timeout-minutes", "5", "--at"]);
            let found = run(command.arg(now.to_rfc3339()).env("TZ", zone));
            let status: Value = serde_json::from_str(&found.stdout).unwrap();
            let session = &status["sessions"][0];
            let last: DateTime<Utc> = session["last_heartbeat"].as_str().unwrap().parse().unwrap();
            assert_eq!((last, session["state"].as_str()), (now, Some("active")), "{zone} {minute}");
        }
    }
}
