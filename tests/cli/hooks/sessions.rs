//! `headcount hook` as Claude Code runs it: sessions that start, change, end or do not count.

use serde_json::{Value, json};

use crate::claude::{Claude, Home};
use crate::environment::{Environment, run};

pub(crate) const EMPTY: &str = "{}";

/// An environment with hooks in Claude Code's settings, and an empty registry in the workspace.
pub(crate) fn env() -> (Environment, Home) {
    let env = Environment::new();
    env.write_registry(EMPTY);
    let installed = run(env.command().args(["hooks", "install", "--every-tool"]));
    assert_eq!(installed.code, 0, "{installed:?}");
    let environment = ["HOME", "TZ", "PATH"].map(|name| {
        let found = env.command().get_envs().find(|(of, _)| *of == name).and_then(|(_, value)| Some(value?.to_owned()));
        (name.to_owned(), found.unwrap().into_string().unwrap())
    });
    let home = Home { config: env.home().join(".claude"), environment: environment.into() };
    (env, home)
}

pub(crate) fn entries(env: &Environment) -> Vec<(u64, String)> {
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    let status = |entry: &Value| entry["status"].as_str().unwrap().to_owned();
    let mut entries: Vec<_> =
        registry.as_object().unwrap().iter().map(|(key, entry)| (key.parse().unwrap(), status(entry))).collect();
    entries.sort();
    entries
}

/// The number and the only entry of a session's process.
fn entry_of(env: &Environment, claude: &Claude) -> (u64, Value) {
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    let mut own = registry.as_object().unwrap().iter().filter(|(_, entry)| entry["claude"]["pid"] == claude.pid());
    let (key, entry) = own.next().unwrap();
    assert!(own.next().is_none(), "{registry}");
    (key.parse().unwrap(), entry.clone())
}

pub(crate) fn active(numbers: &[u64]) -> Vec<(u64, String)> {
    numbers.iter().map(|number| (*number, "active".to_owned())).collect()
}

pub(crate) fn beats(env: &Environment) -> usize {
    std::fs::read_dir(env.heartbeats()).map_or(0, Iterator::count)
}

fn state(env: &Environment, number: usize) -> (String, String) {
    let session = &env.json(&["status"])["sessions"][number - 1];
    (session["state"].as_str().unwrap().into(), session["reason"].as_str().unwrap().into())
}

pub(crate) fn log(env: &Environment) -> String {
    std::fs::read_to_string(env.state().join("hook.log")).unwrap_or_default()
}

#[test]
fn a_session_registers_beats_and_signs_off() {
    let (env, home) = env();
    let (first, said) = Claude::start(&home, &env.workspace(), "a");
    assert_eq!(said, "Headcount: this Claude Code session has the number 1.\nOther active sessions: none.\n");
    let (second, said) = Claude::start(&home, &env.workspace(), "b");
    assert_eq!(
        said,
        "Headcount: this Claude Code session has the number 2.\nOther active sessions: #1 \"workspace\".\n"
    );
    assert_eq!(entries(&env), active(&[1, 2]));
    for _ in 0..5 {
        assert_eq!(first.turn(), "");
        assert_eq!(first.event("PostToolUse", &json!({ "tool_name": "Read", "tool_input": {} })), "");
    }
    // One of each start, and one of each minute; the minute of a start can be that of its start's file.
    assert!((2..=4).contains(&beats(&env)), "one file a minute");
    first.exit();
    assert_eq!(entries(&env), [(1, "inactive".into()), (2, "active".into())]);
    // A killed process sends no event, and is still detected as ended.
    second.turn();
    second.kill();
    assert_eq!(state(&env, 2), ("stale".into(), "ended".into()));
    assert_eq!(log(&env), "");
}

#[test]
fn clear_resume_and_compact_keep_the_number() {
    let (env, home) = env();
    let (mut claude, _) = Claude::start(&home, &env.workspace(), "a");
    let (_other, _) = Claude::start(&home, &env.workspace(), "x");
    claude.clear("b");
    claude.event("SessionStart", &json!({ "source": "compact" }));
    // The two events of a clear in reverse order.
    claude.session_id = "c".into();
    claude.event("SessionStart", &json!({ "source": "clear" }));
    claude.event("SessionEnd", &json!({ "reason": "clear", "session_id": "b" }));
    claude.turn();
    assert_eq!(entries(&env), active(&[1, 2]));
    claude.kill();
    let resumed = Claude::unnoticed(&home, &env.workspace(), "c");
    let said = resumed.event("SessionStart", &json!({ "source": "resume" }));
    assert!(said.starts_with("Headcount: this Claude Code session has the number 1.\n"), "{said}");
    assert_eq!((entries(&env), state(&env, 1).0), (active(&[1, 2]), "active".into()));
}

#[test]
fn twelve_concurrent_starts_get_distinct_numbers() {
    let (env, home) = env();
    let (env, workspace) = (&env, env.workspace());
    let sessions: Vec<Claude> = std::thread::scope(|scope| {
        let start = |n: usize| {
            let (home, workspace) = (&home, &workspace);
            // Of many sessions that start at once, some run their hooks before their record exists.
            let start = if n.is_multiple_of(3) { Claude::start_before_record } else { Claude::start };
            scope.spawn(move || {
                let (session, told) = start(home, workspace, &format!("s{n}"));
                let number = entry_of(env, &session).0;
                assert!(told.contains(&format!("has the number {number}.")), "{told}");
                session
            })
        };
        let starting: Vec<_> = (0..12).map(start).collect();
        starting.into_iter().map(|session| session.join().unwrap()).collect()
    });
    assert_eq!(entries(env), active(&(1..=12).collect::<Vec<_>>()));
    let numbers: std::collections::BTreeSet<u64> = sessions.iter().map(|session| entry_of(env, session).0).collect();
    assert_eq!(numbers.len(), 12);
    assert_eq!(log(env), "");
}

#[test]
fn a_changed_number_is_announced_with_the_next_prompt() {
    let (env, home) = env();
    let (claude, _) = Claude::start(&home, &env.workspace(), "a");
    assert_eq!(env.run(&["reassign", "1", "7"]).code, 0);
    assert_eq!(claude.turn(), "Headcount: this Claude Code session has the number 7 now; it was 1 before.\n");
    assert_eq!(claude.turn(), "");
    assert_eq!(entries(&env), active(&[7]));
}

#[test]
fn a_session_keeps_its_registry_when_its_shell_changes_the_folder() {
    let (env, home) = env();
    let other = env.root().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("claude_sessions.json"), EMPTY).unwrap();
    let (mut claude, _) = Claude::start(&home, &env.workspace(), "a");
    claude.cwd.clone_from(&other);
    for is_recorded in [false, true] {
        if is_recorded {
            claude.rewrite_record(&json!({}));
        }
        claude.turn();
        claude.event("PostToolUse", &json!({ "tool_name": "Read", "tool_input": {} }));
    }
    assert_eq!(entries(&env), active(&[1]));
    claude.exit();
    assert_eq!(entries(&env), [(1, "inactive".into())]);
    assert_eq!(std::fs::read_to_string(other.join("claude_sessions.json")).unwrap(), EMPTY);
    assert!(!other.join("heartbeats").exists());
}

#[test]
fn a_nested_session_is_not_registered() {
    let (env, mut home) = env();
    // The marker counts only in the process's own environment, not in that of a hook.
    home.environment.push(("CLAUDE_CODE_CHILD_SESSION".into(), "1".into()));
    let nested = Claude::without_record(&home, &env.workspace(), "a");
    for event in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"] {
        assert_eq!(nested.event(event, &json!({})), "", "{event}");
    }
    assert_eq!((env.read_registry().as_str(), beats(&env)), (EMPTY, 0));
}

#[test]
fn processes_that_are_not_sessions_are_not_registered() {
    let (env, home) = env();
    for more in [
        json!({ "kind": "daemon" }),
        json!({ "kind": "daemon-worker" }),
        json!({ "entrypoint": "sdk-cli" }),
        json!({ "entrypoint": "sdk-ts" }),
    ] {
        let claude = Claude::unnoticed(&home, &env.workspace(), "a");
        claude.rewrite_record(&more);
        for event in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"] {
            assert_eq!(claude.event(event, &json!({})), "", "{more} {event}");
        }
        assert_eq!(env.read_registry(), EMPTY, "{more}");
    }
    // A process started in advance becomes a session with its first prompt.
    let spare = Claude::unnoticed(&home, &env.workspace(), "spare");
    spare.rewrite_record(&json!({ "kind": "bg", "spare": true }));
    assert_eq!(spare.event("SessionStart", &json!({ "source": "startup" })), "");
    assert_eq!(env.read_registry(), EMPTY);
    assert!(spare.event("UserPromptSubmit", &json!({})).contains("has the number 1."));
    spare.event("SessionEnd", &json!({ "reason": "other" }));
    env.write_registry(EMPTY);
    std::fs::remove_dir_all(env.heartbeats()).unwrap();
    // A subagent of a session that is not registered.
    let claude = Claude::unnoticed(&home, &env.workspace(), "a");
    assert_eq!(claude.event("PostToolUse", &json!({ "agent_id": "sub" })), "");
    assert_eq!(env.read_registry(), EMPTY);
    assert_eq!(beats(&env), 0);
    // SDK runs count if configured.
    let config = env.home().join(".config/headcount");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "count_sdk_runs = true\n").unwrap();
    claude.rewrite_record(&json!({ "entrypoint": "sdk-cli" }));
    assert!(!claude.event("SessionStart", &json!({ "source": "startup" })).is_empty());
    assert_eq!(entries(&env), active(&[1]));
}

#[test]
fn unregistered_sessions_are_shown_and_can_be_registered() {
    let (env, home) = env();
    let claude = Claude::unnoticed(&home, &env.workspace(), "a");
    claude.rewrite_record(&json!({ "name": "Builder", "nameSource": "user" }));
    let elsewhere = Claude::unnoticed(&home, env.root(), "b");
    let status = env.json(&["status"]);
    let pid = claude.pid();
    let wanted = json!([{
        "pid": pid, "name": "Builder", "cwd": env.workspace(), "kind": "interactive",
        "since": "2026-10-05T15:01:18Z", "status": null,
    }]);
    assert_eq!(status["unregistered"], wanted, "the other session belongs to another registry");
    let elsewhere_of = &status["elsewhere"];
    assert_eq!((&elsewhere_of[0]["name"], &elsewhere_of[0]["running"]), (&json!("other folders"), &json!(1)));
    let counts = &status["counts"];
    assert_eq!((&counts["active"], &counts["unregistered"], &counts["running"]), (&json!(0), &json!(1), &json!(2)));
    let text = env.run(&["status"]).stdout;
    assert!(text.starts_with("2 running · 1 not registered · 1 in other folders"), "{text}");
    assert!(text.contains(&format!("process {pid}")), "{text}");
    let other = elsewhere.pid().to_string();
    let refused = env.run(&["register", "--pid", &other]);
    assert!(refused.code == 1 && refused.stderr.contains(&other), "{refused:?}");
    let registered = env.json(&["register", "--pid", &pid.to_string()]);
    assert_eq!(registered["number"], 1);
    let status = env.json(&["status"]);
    assert_eq!((&status["unregistered"], &status["sessions"][0]["role"]), (&json!([]), &json!("Builder")));
    assert_eq!(env.run(&["register", "--pid", &pid.to_string()]).code, 1);
    // Its hooks find the entry, and the model receives the number once, with the next prompt.
    assert!(claude.turn().contains("has the number 1."));
    assert_eq!(claude.turn(), "");
    assert_eq!(entries(&env), active(&[1]));
    assert_eq!(env.run(&["undo"]).code, 1, "the registration of a running session cannot be undone");
}

#[test]
fn commands_in_claudes_shell_apply_to_its_session() {
    let (env, home) = env();
    let (first, _) = Claude::start(&home, &env.workspace(), "a");
    let (second, _) = Claude::start(&home, &env.workspace(), "b");
    let elsewhere = env.root().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    // A shell's identity files are shared by all terminals of the workspace.
    std::fs::write(env.workspace().join(".session_identity"), "1\n").unwrap();
    let in_shell = |of: &Claude, folder: &std::path::Path, args: &[&str]| {
        let mut command = env.command();
        command.env_remove("HEADCOUNT_REGISTRY").current_dir(folder);
        run(command.args(args).env("CLAUDE_PID", of.pid().to_string()))
    };
    let beat = in_shell(&second, &elsewhere, &["heartbeat"]);
    assert_eq!((beat.code, beat.stdout.as_str()), (0, "💓 Heartbeat for session 2\n"), "{beat:?}");
    let known = in_shell(&second, &elsewhere, &["identify", "--json"]);
    let known: Value = serde_json::from_str(&known.stdout).unwrap();
    assert_eq!((&known["number"], &known["how"]), (&json!(2), &json!("known")));
    assert_eq!(in_shell(&first, &env.workspace(), &["release"]).stdout, "👋 Signed off session 1\n");
    assert_eq!(entries(&env), [(1, "inactive".into()), (2, "active".into())]);

    // An unregistered session is not mistaken for another one, and registers once.
    let unknown = Claude::unnoticed(&home, &env.workspace(), "c");
    let refused = in_shell(&unknown, &env.workspace(), &["release"]);
    assert!(refused.code == 1 && refused.stderr.contains("headcount identify"), "{refused:?}");
    let args = ["identify", "--number", "5", "--role", "r", "--goal", "g"];
    assert_eq!(in_shell(&unknown, &env.workspace(), &args).code, 0);
    unknown.turn();
    assert_eq!(entries(&env), [(1, "inactive".into()), (2, "active".into()), (5, "active".into())]);
}

#[test]
fn all_running_sessions_are_registered_in_one_change() {
    let (env, home) = env();
    let mut sessions: Vec<Claude> =
        (0..3).map(|n| Claude::unnoticed(&home, &env.workspace(), &format!("s{n}"))).collect();
    let before = env.json(&["status"]);
    assert_eq!((&before["counts"]["running"], &before["counts"]["unregistered"]), (&json!(3), &json!(3)));
    let registered = env.json(&["register", "--all-running"]);
    assert_eq!(registered["numbers"], json!([1, 2, 3]));
    assert_eq!(entries(&env), active(&[1, 2, 3]));
    let log = env.run(&["log"]).stdout;
    assert_eq!(log.lines().count(), 1, "one change: {log}");
    assert_eq!(env.json(&["register", "--all-running"])["numbers"], json!([]));
    // Each session receives its own number with its next prompt.
    let told: Vec<String> = sessions.drain(..).map(|session| session.turn()).collect();
    assert!(told.iter().all(|told| told.contains("has the number")), "{told:?}");
}

#[test]
fn sessions_of_another_configuration_folder_are_counted() {
    let (env, home) = env();
    let other = env.root().join("second account");
    let mut second = Home { config: other.clone(), ..home.clone() };
    second.environment.push(("CLAUDE_CONFIG_DIR".into(), other.to_str().unwrap().into()));
    let _first = Claude::unnoticed(&home, &env.workspace(), "a");
    let _second = Claude::unnoticed(&second, &env.workspace(), "b");
    let status = env.json(&["status"]);
    assert_eq!(status["counts"]["unregistered"], 2, "{status}");
}
