//! `headcount show` without a terminal to show. With real terminals it is tested on a desktop (`tests/desktop`).

use std::process::Command;

use headcount_engine::process::{Processes as _, SystemProcesses};
use serde_json::{Value, json};

use crate::environment::{Environment, run};

const FOLDER: &str = "/tmp/it's $(id)";
const ID: &str = "31d88d15-0a1b-4c2d-8e3f-000000000001";

/// A registry of session 1 with this data of Claude Code.
fn env(claude: &Value) -> Environment {
    let env = Environment::new();
    let entry = json!({ "session_id": "session-1", "number": 1, "role": "\u{1b}[31mR\n", "goal": "", "status": "active",
        "registered_at": "2025-11-15T22:15:00Z", "terminal": "-x", "claude": claude });
    env.write_registry(&json!({ "1": entry }).to_string());
    env
}

/// The outcome of `show 1 --json`, its text and its command. It fails with 1.
fn refused(claude: &Value) -> (String, String, Option<String>) {
    let env = env(claude);
    let result = run(&mut env.about(&["show", "1", "--json"]));
    assert_eq!(result.code, 1, "{result:?}");
    let shown: Value = serde_json::from_str(&result.stdout).unwrap();
    let text = shown["text"].as_str().unwrap().to_owned();
    assert!(result.stderr.contains(&format!("Session 1 was not shown: {text}")), "{result:?}");
    (shown["outcome"].as_str().unwrap().to_owned(), text, shown["command"].as_str().map(str::to_owned))
}

#[test]
fn a_session_without_a_running_process_is_not_shown() {
    let command = Some(format!(r"cd '/tmp/it'\''s $(id)' && claude --resume {ID}"));
    let (outcome, text, offered) = refused(&json!({ "session_id": ID, "cwd": FOLDER }));
    assert_eq!((outcome.as_str(), offered), ("not_running", command.clone()));
    assert!(text.contains("its process is not known"), "{text}");
    // A pid that is in use by another process.
    let own = SystemProcesses::new().key(std::process::id()).unwrap();
    let reused =
        json!({ "session_id": ID, "cwd": FOLDER, "pid": own.pid, "proc_start": "1", "pid_domain": own.domain });
    let (outcome, text, offered) = refused(&reused);
    assert_eq!((outcome.as_str(), offered), ("not_running", command));
    assert!(text == "its process has ended" || own.domain.is_none(), "{text}");
    // A session without a usable id or folder offers no command.
    assert_eq!(refused(&json!({ "session_id": "--help", "cwd": FOLDER })).2, None);
    assert_eq!(refused(&json!({ "session_id": ID, "cwd": "/tmp/a\nb" })).2, None);
}

#[test]
fn a_session_elsewhere_is_named_with_its_place() {
    let of = |domain: &str| {
        refused(&json!({ "session_id": ID, "cwd": FOLDER, "pid": 7, "proc_start": "1", "pid_domain": domain }))
    };
    let (outcome, text, offered) = of("win32:DESK-1");
    assert_eq!((outcome.as_str(), text.as_str(), offered), ("elsewhere", "it runs on DESK-1 (Windows)", None));
    assert!(of("linux:fedcba9876543210:pid:[1]").1.contains("machine fedcba98"));
}

#[test]
fn every_reason_is_reported_if_there_is_no_terminal() {
    // Its shell ends, so that no terminal is above it in which the tests run.
    let script = "sleep 1000 >/dev/null 2>&1 & echo $!";
    let started = Command::new("sh").args(["-c", script]).env_clear().output().unwrap();
    let pid: u32 = String::from_utf8(started.stdout).unwrap().trim().parse().unwrap();
    let key = SystemProcesses::new().key(pid).unwrap();
    let env = env(&json!({ "session_id": ID, "cwd": FOLDER, "pid": key.pid, "proc_start": key.started,
        "pid_domain": key.domain, "boot": key.boot }));
    let result = run(&mut env.about(&["show", "1"]));
    assert!(Command::new("kill").arg(pid.to_string()).status().unwrap().success());
    assert_eq!(result.code, 1, "{result:?}");
    assert_eq!(result.stdout, "");
    for part in
        ["note: tmux: it does not run in tmux", "sway does not run here", "hint: to go on in another terminal: cd "]
    {
        assert!(result.stderr.contains(part), "{part}: {result:?}");
    }
}

#[test]
fn an_unknown_number_is_an_error() {
    let env = env(&json!({}));
    let result = run(&mut env.about(&["show", "2"]));
    assert_eq!(result.code, 1);
    assert!(result.stderr.contains("There is no session 2"), "{result:?}");
    assert_eq!(run(&mut env.about(&["show", "x"])).code, 2);
}
