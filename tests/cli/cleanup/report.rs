//! `cleanup`: its exact output, which other scripts parse (protocol §6), and its changes to the file.

use serde_json::Value;

use crate::environment::{AT, Environment, Session, now, run};
use headcount_core::{Time, time};

/// One session for each kind of line in the report. The file order differs from the numeric order.
const SESSIONS: [Session<'static>; 9] = [
    (2, "session-2", "active", Some(332)),
    (13, "session-13", "working", Some(50 * 60 + 5)),
    (1, "ai-automation-builder", "active", Some(15)),
    (100, "session-100", "idle", Some(119)),
    (3, "session-3", "active", None),
    (4, "session-4", "inactive", Some(3000)),
    (5, "session-5", "offline", Some(2)),
    (6, "session-6", "napping", Some(1)),
    (7, "session-7", "", None),
];

const HEAD: &str = "\
🧹 Session Cleanup Tool
=======================

Configuration:
  Timeout: 120 minutes
  Dry Run: DRY

Checking sessions:

  ✅ Session # 1 (ai-automation-builder)
     Last heartbeat: 0h 15m ago
     Current status: active
     → Staying ACTIVE

  💤 Session # 2 (session-2)
     Last heartbeat: 5h 32m ago
     Current status: active
     → Will mark as INACTIVE (timeout exceeded)

  💤 Session # 3 (session-3)
     Last heartbeat: Never
     Current status: active
     → Will mark as INACTIVE (timeout exceeded)

  💤 Session # 4 (session-4)
     Last heartbeat: 50h 0m ago
     Current status: inactive

  ✅ Session # 5 (session-5)
     Last heartbeat: 0h 2m ago
     Current status: offline

  ✅ Session # 6 (session-6)
     Last heartbeat: 0h 1m ago
     Current status: napping

  💤 Session # 7 (session-7)
     Last heartbeat: Never
     Current status: 

  💤 Session #13 (session-13)
     Last heartbeat: 50h 5m ago
     Current status: working
     → Will mark as INACTIVE (timeout exceeded)

  ✅ Session #100 (session-100)
     Last heartbeat: 1h 59m ago
     Current status: idle
     → Staying ACTIVE


Summary:
  ✅ Active sessions: 2
  💤 Stale sessions: 3

Stale sessions to update:
  #2 (session-2) - Last seen: 5h 32m ago
  #3 (session-3) - Last seen: Never
  #13 (session-13) - Last seen: 50h 5m ago

";

fn env(moment: Time) -> Environment {
    Environment::with(&SESSIONS, moment)
}

#[test]
fn a_dry_run_reports_the_changes_and_writes_nothing() {
    let env = env(time::parse(AT).unwrap());
    let before = env.read_registry();
    let run = env.run(&["cleanup", "--dry-run", "--at", AT]);
    assert_eq!(run.code, 0);
    assert_eq!(run.stdout, HEAD.replace("DRY", "true") + "🔍 DRY RUN - No changes made\n\nDone!\n");
    // Warnings go to standard error: two unknown statuses.
    assert_eq!(run.stderr.lines().filter(|line| line.starts_with("headcount: warning: ")).count(), 2, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 2);
    assert_eq!(env.read_registry(), before);
    assert!(!env.state().exists());
}

#[test]
fn cleanup_marks_exactly_the_stale_sessions() {
    let env = env(now());
    let before = env.read_registry();
    let run = env.run(&["cleanup"]);
    assert_eq!(run.code, 0);
    let tail = "Updating session registry...\n✅ Marked 3 session(s) as inactive\n\nDone!\n";
    assert_eq!(run.stdout, HEAD.replace("DRY", "false") + tail);

    // Reverting the changes described by the protocol restores the original bytes: nothing else changed.
    let after = env.read_registry();
    let registry: Value = serde_json::from_str(&after).unwrap();
    let marked_at = registry["2"]["marked_inactive_at"].as_str().unwrap();
    assert_eq!(time::python(time::parse(marked_at).unwrap()), marked_at);
    let mut restored = after.replace(&format!(",\n    \"marked_inactive_at\": \"{marked_at}\""), "");
    for (number, status) in [(2, "active"), (3, "active"), (13, "working")] {
        let entry = restored.find(&format!("\"{number}\": {{")).unwrap();
        let at = entry + restored[entry..].find("\"inactive\"").unwrap();
        restored.replace_range(at..at + "\"inactive\"".len(), &format!("\"{status}\""));
    }
    assert_eq!(restored, before);

    let again = env.run(&["cleanup"]);
    assert_eq!(again.code, 0);
    assert!(
        again.stdout.ends_with("  💤 Stale sessions: 0\n\n✨ All active sessions are healthy!\n\nDone!\n"),
        "{again:?}"
    );
    assert_eq!(env.read_registry(), after);
}

#[test]
fn cleanup_without_stale_sessions_does_not_touch_the_file() {
    use std::os::unix::fs::MetadataExt as _;
    let env = Environment::with(&[(1, "session-1", "active", Some(1)), (2, "session-2", "inactive", None)], now());
    let identity = || {
        let found = std::fs::metadata(env.registry()).unwrap();
        (found.ino(), found.mtime(), found.mtime_nsec(), found.ctime_nsec())
    };
    let before = identity();
    let run = env.run(&["cleanup"]);
    let tail = "\n\nSummary:\n  ✅ Active sessions: 1\n  💤 Stale sessions: 0\n\n✨ All active sessions are healthy!\n\nDone!\n";
    assert!(run.stdout.ends_with(tail), "{run:?}");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(identity(), before);
    assert!(!env.state().exists());
}

#[test]
fn an_empty_registry_is_healthy() {
    let env = Environment::with(&[], now());
    let run = env.run(&["cleanup"]);
    assert!(run.stdout.contains("Checking sessions:\n\n\nSummary:\n"), "{run:?}");
    assert!(run.stdout.ends_with("✨ All active sessions are healthy!\n\nDone!\n"), "{run:?}");
    assert_eq!(env.read_registry(), "{}");
}

#[test]
fn the_identify_script_can_parse_the_stale_count() {
    let env = Environment::twelve();
    for args in ["--dry-run", ""] {
        let script = format!(
            "'{}' cleanup {args} | grep '💤 Stale sessions:' | awk '{{print $4}}'",
            env!("CARGO_BIN_EXE_headcount")
        );
        let run = run(env.program("sh").args(["-c", &script]));
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "9\n", ""));
    }
    assert_eq!(env.json(&["status"])["counts"]["stale"], 0);
}

#[test]
fn only_marks_the_requested_sessions() {
    let env = env(now());
    let run = env.run(&["cleanup", "--only", "13,1,4,6"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("→ Skipped (not selected)"), "{run:?}");
    assert!(
        run.stdout.contains("Stale sessions to update:\n  #13 (session-13) - Last seen: 50h 5m ago\n\n"),
        "{run:?}"
    );
    assert!(run.stdout.contains("✅ Marked 1 session(s) as inactive\n"), "{run:?}");
    for note in ["session 1 is active", "session 4 is already inactive", "session 6 has an unknown status"] {
        assert!(run.stderr.contains(&format!("headcount: note: {note}\n")), "{run:?}");
    }
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    assert_eq!(registry["13"]["status"], "inactive");
    assert_eq!(registry["2"]["status"], "active");

    // None of the requested sessions is stale, but others are: the report must not call them healthy.
    let before = env.read_registry();
    let run = env.run(&["cleanup", "--only", "1"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("💤 Stale sessions: 2\n") && !run.stdout.contains("healthy"), "{run:?}");
    assert!(run.stdout.ends_with("\n\nDone!\n"), "{run:?}");
    assert_eq!(env.read_registry(), before);
}

#[test]
fn only_with_an_unknown_number_changes_nothing() {
    let env = env(now());
    let before = env.read_registry();
    let run = env.run(&["cleanup", "--only", "2,99"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("no session 99") && run.stderr.contains("headcount status"), "{run:?}");
    assert_eq!(env.read_registry(), before);
}

#[test]
fn json_lists_the_marked_sessions() {
    let env = Environment::twelve();
    let dry = env.json(&["cleanup", "--dry-run"]);
    assert_eq!(dry["marked"], serde_json::json!([4, 5, 6, 7, 8, 9, 10, 11, 12]));
    assert_eq!((&dry["dry_run"], &dry["change"]), (&Value::Bool(true), &Value::Null));
    let real = env.json(&["cleanup", "--only", "5,1"]);
    assert_eq!(real["marked"], serde_json::json!([5]));
    assert_eq!(real["skipped"][0]["number"], 1);
    assert_eq!((&real["dry_run"], real["change"].is_string()), (&Value::Bool(false), true));
    assert_eq!(env.json(&["status"])["undo"]["marked"], serde_json::json!([5]));
}

#[test]
fn a_missing_heartbeats_folder_requires_force() {
    let env = env(now());
    std::fs::remove_dir_all(env.heartbeats()).unwrap();
    let before = env.read_registry();
    for args in [&["cleanup", "--dry-run"][..], &["cleanup"]] {
        let run = env.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains("no heartbeats folder") && run.stderr.contains("--force"), "{run:?}");
        assert_eq!(env.read_registry(), before);
    }
    let run = env.run(&["cleanup", "--force"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("✅ Marked 5 session(s) as inactive"), "{run:?}");
    assert_ne!(env.read_registry(), before);
}

#[test]
fn cleanup_does_not_create_a_missing_registry() {
    let env = Environment::new();
    let run = env.run(&["cleanup"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = crate::environment::run(
        env.command().arg("--registry").arg(env.root().join("mistyped/claude_sessions.json")).arg("cleanup"),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(env.everything(), ["home", "workspace"].map(std::path::PathBuf::from));
}
