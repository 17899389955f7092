//! `keep` and `timeout`: what is set for one session, and what it changes.

use serde_json::json;

use crate::environment::{Environment, now};

fn env() -> Environment {
    Environment::with(
        &[
            (1, "session-1", "active", Some(332)),
            (2, "session-2", "active", Some(332)),
            (3, "session-3", "active", Some(1)),
        ],
        now(),
    )
}

#[test]
fn a_kept_session_is_never_cleaned_up() {
    let env = env();
    let before = env.read_registry();
    assert_eq!(env.json(&["keep", "1"])["number"], 1);
    let status = env.json(&["status"]);
    let first = &status["sessions"][0];
    assert_eq!((&first["state"], &first["is_kept"]), (&json!("stale"), &json!(true)));
    assert_eq!(status["cleanup"]["numbers"], json!([2]));
    assert!(env.run(&["status"]).stdout.contains("no heartbeat for 5 h 32 min, kept"));
    let named = env.json(&["cleanup", "--only", "1"]);
    assert_eq!((&named["marked"], &named["skipped"][0]["why"]), (&json!([]), &json!("is kept")));
    assert_eq!(env.json(&["cleanup"])["marked"], json!([2]));
    // A second time nothing changes; without it, the file is as before.
    let kept = env.read_registry();
    assert_eq!(env.json(&["keep", "1"])["change"], json!(null));
    assert_eq!(env.read_registry(), kept);
    env.json(&["undo"]);
    assert_eq!(env.json(&["keep", "1", "--off"])["number"], 1);
    assert_eq!(env.read_registry(), before);
    assert_eq!(env.json(&["cleanup"])["marked"], json!([1, 2]));
}

#[test]
fn a_session_has_its_own_timeout() {
    let env = env();
    let before = env.read_registry();
    let states = || {
        env.json(&["status"])["sessions"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states(), ["stale", "stale", "active"]);
    assert_eq!(env.run(&["timeout", "1", "480"]).code, 0);
    assert_eq!(env.run(&["timeout", "3", "0"]).code, 0);
    assert_eq!(states(), ["active", "stale", "stale"]);
    assert_eq!(env.json(&["status"])["sessions"][0]["own_timeout_minutes"], 480);
    for number in ["1", "3"] {
        assert_eq!(env.run(&["timeout", number, "default"]).code, 0);
    }
    assert_eq!(env.read_registry(), before);
    for usage in [
        &["timeout", "1"][..],
        &["timeout", "1", "1.5"],
        &["timeout", "1", "525601"],
        &["timeout", "x", "5"],
        &["keep"],
    ] {
        assert_eq!(env.run(usage).code, 2, "{usage:?}");
    }
    for missing in [&["timeout", "9", "5"][..], &["keep", "9"]] {
        assert_eq!(env.run(missing).code, 1, "{missing:?}");
    }
    assert_eq!(env.read_registry(), before);
}
