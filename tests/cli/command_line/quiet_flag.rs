//! `--quiet`, for cron: no output while all is well, not even warnings. Errors are still printed, and the exit code is
//! unchanged.

use crate::environment::Environment;

#[test]
fn quiet_commands_print_nothing_and_do_their_work() {
    let env = Environment::twelve();
    env.write_beat("session-1.json", "broken");
    let config = env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(config, "nonsense = 1\n").unwrap();
    assert_ne!(env.run(&["cleanup", "--dry-run"]).stderr, "", "without --quiet there are warnings");
    for args in [
        &["cleanup", "--dry-run", "--quiet"][..],
        &["cleanup", "-q"],
        &["identify", "--number", "20", "--role", "r", "--goal", "g", "-q"],
        &["identify", "--heartbeat-only", "-q"],
        &["register", "21", "--role", "r", "--goal", "g", "--quiet"],
        &["heartbeat", "21", "-q"],
        &["heartbeat", "-q"],
        &["release", "21", "-q"],
        &["reactivate", "21", "-q"],
    ] {
        let run = env.run(args);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""), "{args:?}");
    }
    let status = env.json(&["status"]);
    assert_eq!(
        status["counts"],
        serde_json::json!({ "active": 5, "stale": 0, "inactive": 9, "unknown": 0, "unregistered": 0, "running": 5, "waiting": 0 })
    );
}

#[test]
fn quiet_commands_still_print_errors() {
    let env = Environment::twelve();
    for args in [
        &["identify", "--number", "1", "-q"][..],
        &["register", "1", "--role", "r", "--goal", "g", "-q"],
        &["heartbeat", "99", "-q"],
        &["heartbeat", "-q"],
        &["release", "99", "-q"],
        &["reactivate", "1", "-q"],
        &["cleanup", "--only", "99", "-q"],
    ] {
        let run = env.run(args);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (1, "", 1), "{args:?}: {run:?}");
    }
}
