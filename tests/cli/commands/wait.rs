//! `wait`: blocks until something happens to a session, and says so by its exit code.

use std::process::{Child, Command, Stdio};

use headcount_engine::process::{Processes as _, SystemProcesses};
use serde_json::json;

use crate::environment::{Environment, ended, now};

/// A running `wait`, killed when dropped.
struct Waiting {
    child: Child,
    command: Command,
}

impl Waiting {
    fn start(env: &Environment, args: &[&str]) -> Self {
        let mut command = env.about(&[&["wait"], args].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, command }
    }

    /// Its exit code and its output.
    fn end(mut self) -> (i32, String) {
        let code = ended(&mut self.child, &self.command);
        (code, std::io::read_to_string(self.child.stdout.take().unwrap()).unwrap())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process of this test that is the process of session 1, and its record.
struct Session {
    env: Environment,
    process: Child,
    started: String,
}

impl Session {
    fn new() -> Self {
        let env = Environment::new();
        let process = env.program("sleep").arg("1000").spawn().unwrap();
        let key = SystemProcesses::new().key(process.id()).unwrap();
        let claude = json!({ "pid": key.pid, "proc_start": key.started, "pid_domain": key.domain, "boot": key.boot });
        let entry =
            json!({ "1": { "status": "active", "role": "Builder", "claude": claude }, "2": { "status": "inactive" } });
        env.write_registry(&entry.to_string());
        std::fs::create_dir(env.heartbeats()).unwrap();
        std::fs::create_dir_all(env.home().join(".claude/sessions")).unwrap();
        let session = Self { env, process, started: key.started };
        session.does(&json!({ "status": "busy" }));
        session
    }

    fn does(&self, status: &serde_json::Value) {
        let pid = self.process.id();
        let mut record = json!({ "pid": pid, "procStart": self.started, "kind": "interactive" });
        record.as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
        std::fs::write(self.env.home().join(format!(".claude/sessions/{pid}.json")), record.to_string()).unwrap();
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn it_ends_when_the_session_waits_is_idle_and_ends() {
    let mut session = Session::new();
    let waits = [&["1", "--for", "waiting"][..], &["--for", "waiting"]].map(|args| Waiting::start(&session.env, args));
    session.does(&json!({ "status": "waiting", "waitingFor": "permission prompt" }));
    for wait in waits {
        assert_eq!(wait.end(), (0, "#1 Builder: waits for a permission\n".to_owned()));
    }
    let waits =
        [&["1", "--for", "idle"][..], &["--for", "idle", "--json"]].map(|args| Waiting::start(&session.env, args));
    session.does(&json!({ "status": "idle" }));
    let [(first, line), (second, row)] = waits.map(Waiting::end);
    assert_eq!((first, second, line.as_str()), (0, 0, "#1 Builder: idle\n"));
    let row: serde_json::Value = serde_json::from_str(&row).unwrap();
    assert_eq!((&row["number"], &row["activity"]["kind"]), (&json!(1), &json!("idle")));
    let waits =
        [&["1", "--for", "ended"][..], &["1", "--for", "waiting"]].map(|args| Waiting::start(&session.env, args));
    session.kill();
    let [(ended, line), (impossible, _)] = waits.map(Waiting::end);
    assert_eq!((ended, impossible, line.as_str()), (0, 1, "#1 Builder: process ended\n"));
}

#[test]
fn each_failure_has_its_exit_code() {
    let session = Session::new();
    let code = |args: &[&str]| Waiting::start(&session.env, args).end().0;
    assert_eq!(code(&["1", "--for", "waiting", "--timeout", "0"]), 3);
    assert_eq!(code(&["--for", "ended", "--timeout", "0"]), 3, "session 2 ended before");
    assert_eq!(code(&["2", "--for", "ended", "--timeout", "0"]), 0);
    assert_eq!(code(&["2", "--for", "idle"]), 1);
    assert_eq!(code(&["7", "--for", "idle"]), 1);
    for usage in [&["1"][..], &["1", "--for", "lunch"], &["x", "--for", "idle"], &["--for", "idle", "--timeout", "-1"]]
    {
        assert_eq!(code(usage), 2, "{usage:?}");
    }
    session.env.write_registry("{");
    assert_eq!(code(&["1", "--for", "idle"]), 1);
}

#[test]
fn a_stale_session_is_found_at_once() {
    let env = Environment::with(&[(1, "session-1", "active", Some(1)), (2, "session-2", "active", Some(332))], now());
    let (code, line) = Waiting::start(&env, &["--for", "stale"]).end();
    assert!(code == 0 && line.starts_with("#2 Role 2: no heartbeat for 5 h 32 min"), "{code} {line}");
}
