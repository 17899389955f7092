//! Removing Headcount's own old heartbeats: a hook does a bounded part of it, a cleanup the rest.

use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::claude::Claude;
use crate::environment::{Environment, now, skipped};
use crate::hooks::sessions as hook;
use crate::strace;

/// Number of heartbeats and of records.
const MANY: i64 = 100_000;

/// The limits of a hook: directory entries that it looks at, and files that it opens.
const NAMES: usize = 2_000;
const FILES: usize = 100;

#[test]
fn the_end_of_a_session_prunes_a_bounded_number_of_heartbeats() {
    let (env, home) = hook::env();
    let (session, _) = Claude::start(&home, &env.workspace(), "a");
    // All of them are old, are the session's and were written by Headcount, so that all of them may go.
    let start = now() - TimeDelta::days(9);
    for second in 0..MANY {
        let name = (start + TimeDelta::seconds(second)).format("%Y-%m-%d_%H-%M-%S-session-1.json");
        env.write_beat(&name.to_string(), r#"{"source": "headcount"}"#);
    }
    let records = home.config.join("sessions");
    for pid in 5_000_000..5_000_000 + MANY {
        std::fs::write(records.join(format!("{pid}.json")), "{}").unwrap();
    }
    session.remove_record();
    let before = hook::beats(&env);
    let pid = session.pid().to_string();
    let workspace = env.workspace();
    let variables = [("CLAUDE_PID", pid.as_str()), ("CLAUDE_PROJECT_DIR", workspace.to_str().unwrap())];
    let input = json!({ "session_id": "a", "hook_event_name": "SessionEnd", "reason": "other" }).to_string();
    let Some(log) = strace::log(&env, "openat,getdents64,unlinkat", &["hook"], &variables, &input) else {
        return skipped("no strace here to see what a hook reads");
    };
    assert_eq!(hook::entries(&env), [(1, "inactive".into())]);
    let removed = before - hook::beats(&env);
    assert!((1..=FILES).contains(&removed), "{removed} removed");
    // A name has 24 bytes beside its text in the kernel's answer, and the last answer can have more names than needed.
    let listed = |folder: &std::path::Path| -> i64 {
        let of_it = format!("<{}>", folder.display());
        let lists = log.iter().filter(|line| strace::call(line) == "getdents64" && line.contains(&of_it));
        lists.filter_map(|line| strace::result(line)).sum()
    };
    let of_one = 24 + "2025-11-17_20-00-00-session-1.json".len() + 8;
    let most = (NAMES * of_one + 64 * 1024) as i64;
    assert!((1..=most).contains(&listed(&env.heartbeats())), "{} bytes of names", listed(&env.heartbeats()));
    assert_eq!(listed(&records), 0, "the records were listed");
    let opened = |folder: &std::path::Path| {
        let inside = format!("<{}/", folder.display());
        log.iter().filter(|line| strace::call(line) == "openat" && line.contains(&inside)).count()
    };
    let (beats, records) = (opened(&env.heartbeats()), opened(&records));
    assert!((removed..=FILES + 3).contains(&beats) && records <= 1, "opened {beats} beats and {records} records");
}

#[test]
fn a_cleanup_removes_own_heartbeats_of_numbers_that_are_not_used_any_more() {
    let env = Environment::twelve();
    let beat = |id: &str, days: i64, source: &str| {
        let at = now().with_timezone(&Utc) - TimeDelta::days(days) - TimeDelta::minutes(1);
        let name = format!("{}-{id}.json", at.format("%Y-%m-%d_%H-%M-%S"));
        env.write_beat(&name, &json!({ "timestamp": at, "source": source }).to_string())
    };
    let gone = beat("session-77", 3, "headcount");
    let kept = [
        ("a fresh one", beat("session-77", 0, "headcount")),
        ("one of yesterday", beat("session-78", 1, "headcount")),
        ("another program's", beat("session-79", 3, "script")),
    ];
    assert_eq!(env.run(&["cleanup", "--dry-run"]).code, 0);
    assert!(gone.exists(), "a dry run removed it");
    assert_eq!(env.run(&["cleanup"]).code, 0);
    assert!(!gone.exists());
    // Also if no session is stale.
    let again = beat("session-77", 3, "headcount");
    assert_eq!(env.run(&["cleanup"]).code, 0);
    assert!(!again.exists());
    for (about, path) in kept {
        assert!(path.exists(), "{about}");
    }
}
