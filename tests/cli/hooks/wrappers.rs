//! A hook without `CLAUDE_PID` (Claude Code before 2.1.213) that a wrapper runs: the session is found among the
//! ancestors, and the wrapper, which ends right after the hook, is not taken for it.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::environment::{Environment, run, skipped};
use crate::hooks::sessions;

/// A process that is killed when dropped.
struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The script of a program that stands for Claude Code: waits for its record, runs a hook by `wrapper`, and stays.
const SESSION: &str = r#"
while [ ! -e "$GO" ]; do :; done
eval "$WRAPPER" <"$PAYLOAD" >"$DONE.new" 2>&1
mv "$DONE.new" "$DONE"
read forever
"#;

/// The pid in the only entry after a session has run its hook by a wrapper, and the session's pid. The session has a
/// record of Claude Code only if `has_record`.
fn registered(wrapper: &str, has_record: bool) -> Option<(Environment, Session, Value)> {
    let (env, home) = sessions::env();
    // The kernel names a process by its file: this one is no shell.
    let program = env.root().join("claude");
    assert_eq!(run(env.program("cp").arg("/bin/sh").arg(&program)).code, 0);
    let at = |name: &str| env.root().join(name);
    std::fs::write(at("payload"), json!({ "session_id": "a", "hook_event_name": "SessionStart" }).to_string()).unwrap();
    let mut session = env.program(program.to_str()?);
    session.args(["-c", SESSION]).env("WRAPPER", wrapper).env("HEADCOUNT", env!("CARGO_BIN_EXE_headcount"));
    session.env("GO", at("go")).env("PAYLOAD", at("payload")).env("DONE", at("done"));
    let session = Session(session.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().ok()?);
    if has_record {
        write_record(&home.config, session.0.id());
    }
    std::fs::write(at("go"), "").unwrap();
    let start = Instant::now();
    while !at("done").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "{wrapper}: the hook does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    assert_eq!(registry.as_object().unwrap().len(), 1, "{wrapper}: {registry} {}", sessions::log(&env));
    let pid = registry["1"]["claude"]["pid"].clone();
    Some((env, session, pid))
}

fn write_record(config: &Path, pid: u32) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap();
    std::fs::create_dir_all(config.join("sessions")).unwrap();
    let record = json!({ "pid": pid, "procStart": started, "sessionId": "a", "kind": "interactive" });
    std::fs::write(config.join(format!("sessions/{pid}.json")), record.to_string()).unwrap();
}

#[test]
fn a_wrapper_that_forks_is_not_taken_for_the_session() {
    let python = "python3 -c 'import os, subprocess; subprocess.run([os.environ[\"HEADCOUNT\"], \"hook\"])'";
    for (wrapper, has_record) in [
        ("\"$HEADCOUNT\" hook", false),
        ("sh -c '\"$HEADCOUNT\" hook; true'", false),
        ("sh -c 'sh -c \"\\\"\\$HEADCOUNT\\\" hook; true\"; true'", false),
        ("timeout 20 sh -c '\"$HEADCOUNT\" hook; true'", false),
        (python, true),
        ("sh -c 'timeout 20 \"$HEADCOUNT\" hook; true'", true),
    ] {
        let Some((env, session, pid)) = registered(wrapper, has_record) else {
            return skipped("no copy of the shell can run here");
        };
        assert_eq!(pid, session.0.id(), "{wrapper}");
        let of = |status: &Value| (status["sessions"][0]["state"].clone(), status["sessions"][0]["process"].clone());
        assert_eq!(of(&env.json(&["status"])), (json!("active"), json!("alive")), "{wrapper}");
        drop(session);
        assert_eq!(of(&env.json(&["status"])), (json!("stale"), json!("gone")), "{wrapper}");
    }
}

#[test]
fn a_session_that_cannot_be_told_from_its_wrapper_has_no_process() {
    // An interpreter that started just now can be a launcher or the session.
    let python = "python3 -c 'import os, subprocess; subprocess.run([os.environ[\"HEADCOUNT\"], \"hook\"])'";
    let Some((env, _session, pid)) = registered(python, false) else { return skipped("no copy of the shell") };
    assert_eq!(pid, Value::Null);
    let session = &env.json(&["status"])["sessions"][0];
    assert_eq!((&session["state"], &session["process"]), (&json!("active"), &json!("unknown")), "{session}");
}
