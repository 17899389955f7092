//! Wrong usage: exit code 2 and an explanation on standard error, without any effect.

use crate::environment::Environment;

#[test]
fn wrong_usage_exits_with_two_and_changes_nothing() {
    let env = Environment::twelve();
    let before = (env.read_registry(), env.everything());
    for args in [
        &["--timeout-minutes", "-5"][..],
        &["--timeout-minutes", "+5"],
        &["--timeout-minutes", "abc"],
        &["--timeout-minutes", "525601"],
        &["--timeout-minutes", "5.0"],
        &["--timeout-minutes", "0x10"],
        &["--timeout-minutes", ""],
        &["cleanup", "--timeout-minutes"],
        &["status", "--timeout-minutes", "1", "--timeout-minutes", "2"],
        &["cleanup", "--at", "2025-11-17T20:00:00Z"],
        &["cleanup", "--dry-run", "--at", "yesterday"],
        &["status", "--at", "25:00"],
        &["cleanup", "--only", "x"],
        &["cleanup", "--only", "-1"],
        &["cleanup", "--only", "1,,2"],
        &["cleanup", "--only"],
        &["cleanup", "2"],
        &["undo", "a", "b"],
        &["register", "20", "--role", "r"],
        &["register", "--role", "r", "--goal", "g"],
        &["register", "x", "--role", "r", "--goal", "g"],
        &["reassign", "1"],
        &["reassign", "1", "x"],
        &["reassign", "1", "2", "3"],
        &["compact", "1"],
        &["heartbeat", "-1"],
        &["release", "1", "2"],
        &["reactivate"],
        &["restore", "--yes"],
        &["cleanup", "--quiet", "--json"],
        &["identify", "--number", "x"],
        &["identify", "--auto-cleanup", "--no-cleanup"],
        &["identify", "--heartbeat-only", "--role", "r"],
        &["status", "--quiet"],
        &["hooks", "install", "--project", "--plugin"],
        &["hooks", "status", "now"],
        &["log", "-n", "many"],
        &["--color", "sometimes"],
        &["--registry"],
        &["tidy"],
        &["--verbose"],
    ] {
        let run = env.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {run:?}");
        assert!(run.stderr.starts_with("error: "), "{args:?}: {run:?}");
    }
    assert_eq!((env.read_registry(), env.everything()), before);
}

#[test]
fn invalid_values_are_explained() {
    let run = Environment::new().run(&["--timeout-minutes", "-5"]);
    assert!(run.stderr.contains("whole number of minutes from 0 to 525600"), "{run:?}");
    let run = Environment::new().run(&["status", "--at", "noon"]);
    assert!(run.stderr.contains("2025-11-17T20:00:00Z"), "{run:?}");
}

#[test]
fn the_limits_of_the_timeout_are_accepted() {
    let env = Environment::twelve();
    for (timeout, minutes) in [("0", 0), ("010", 10), ("525600", 525_600)] {
        assert_eq!(env.json(&["--timeout-minutes", timeout])["timeout_minutes"], minutes);
    }
}

#[test]
fn help_and_version_exit_with_zero() {
    let env = Environment::new();
    for args in [&["--help"][..], &["cleanup", "--help"], &["--version"]] {
        let run = env.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("headcount"), "{run:?}");
    }
    assert_eq!(env.everything().len(), 2);
}
