//! A stand-in for Claude Code: real processes that write their records and run the hooks of its settings.
//!
//! Promises: behaves as Claude Code was observed to. The record is written before the first event and removed on a clean end
//! only; each hook that `settings.json` names is started directly, with one JSON value on a standard input that stays open,
//! and its session's pid in the environment. Every process it starts ends with it. Does not judge what a hook prints, but one
//! that does not end, or not with 0, is a panic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on fails"
)]
#![allow(clippy::must_use_candidate, reason = "of use to tests only")]
#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long a hook may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// Where Claude Code keeps its things, and what is in its environment.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its folder, `.claude`.
    pub config: PathBuf,
    /// The environment of what it starts.
    pub environment: Vec<(String, String)>,
}

/// A running session.
#[derive(Debug)]
pub struct Claude {
    home: Home,
    cwd: PathBuf,
    process: Child,
    /// Its id, which `/clear` changes.
    pub session_id: String,
}

impl Claude {
    /// Starts a process and writes its record, and tells nobody: as one that was started before there were hooks.
    pub fn unnoticed(home: &Home, cwd: &Path, session_id: &str) -> Self {
        let process = Command::new("sleep").arg("100000").stdin(Stdio::null()).spawn().unwrap();
        let claude = Self { home: home.clone(), cwd: cwd.to_owned(), process, session_id: session_id.to_owned() };
        std::fs::create_dir_all(home.config.join("sessions")).unwrap();
        std::fs::write(claude.record(), claude.record_text(&json!({})).to_string()).unwrap();
        claude
    }

    /// Starts a session. Returns what its hooks said to the model.
    pub fn start(home: &Home, cwd: &Path, session_id: &str) -> (Self, String) {
        let claude = Self::unnoticed(home, cwd, session_id);
        let said = claude.event("SessionStart", &json!({ "source": "startup" }));
        (claude, said)
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    fn record(&self) -> PathBuf {
        self.home.config.join(format!("sessions/{}.json", self.pid()))
    }

    /// The record, with some fields other than usual.
    pub fn record_text(&self, more: &Value) -> Value {
        let pid = self.pid();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap();
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let space = std::fs::read_link(format!("/proc/{pid}/ns/pid")).unwrap();
        let mut record = json!({
            "pid": pid, "sessionId": self.session_id, "cwd": self.cwd, "startedAt": 1_791_212_478_356_u64,
            "procStart": started, "version": "2.1.330", "kind": "interactive", "entrypoint": "cli",
            "pidDomain": format!("linux:{}:{}", machine.trim(), space.display()),
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    }

    /// Writes the record anew, in place as Claude Code does.
    pub fn rewrite_record(&self, more: &Value) {
        std::fs::write(self.record(), self.record_text(more).to_string()).unwrap();
    }

    /// An event: runs what the settings say. Returns what was said to the model.
    pub fn event(&self, name: &str, more: &Value) -> String {
        let mut payload = json!({
            "session_id": self.session_id, "transcript_path": format!("/t/{}.jsonl", self.session_id),
            "cwd": self.cwd, "hook_event_name": name,
        });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings = std::fs::read(self.home.config.join("settings.json")).unwrap_or_else(|_| b"{}".to_vec());
        let settings: Value = serde_json::from_slice(&settings).unwrap();
        let groups = settings["hooks"][name].as_array().cloned().unwrap_or_default();
        let hooks = groups.iter().flat_map(|group| group["hooks"].as_array().cloned().unwrap_or_default());
        hooks.map(|hook| self.run(&hook, &payload)).collect()
    }

    fn run(&self, hook: &Value, payload: &Value) -> String {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let command = text(&hook["command"]);
        // A command with arguments is started directly, one without by a shell.
        let (program, args) = match hook["args"].as_array() {
            Some(args) => (command, args.iter().map(text).collect()),
            None => ("/bin/sh".to_owned(), vec!["-c".to_owned(), command]),
        };
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(self.home.environment.iter().cloned())
            .env("CLAUDE_PID", self.pid().to_string())
            .env("CLAUDE_CODE_SESSION_ID", &self.session_id)
            .env("CLAUDECODE", "1")
            .current_dir(&self.cwd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Kept open to the end, as several versions do.
        let mut input = child.stdin.take().unwrap();
        let _ = input.write_all(payload.to_string().as_bytes());
        let start = Instant::now();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if start.elapsed() > DEADLINE => {
                    let _ = child.kill();
                    panic!("a hook did not end: {payload}");
                }
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        drop(input);
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(status.success(), "{status}: {payload}");
        context(&said)
    }

    /// A prompt, and the turn's end. Returns what was said to the model at the prompt.
    pub fn turn(&self) -> String {
        let said = self.event("UserPromptSubmit", &json!({ "prompt": "go on" }));
        assert_eq!(self.event("Stop", &json!({ "stop_hook_active": false })), "");
        said
    }

    /// `/clear`: another id in the same process.
    pub fn clear(&mut self, session_id: &str) {
        let before = std::mem::replace(&mut self.session_id, session_id.to_owned());
        self.rewrite_record(&json!({}));
        self.event("SessionEnd", &json!({ "reason": "clear", "session_id": before }));
        self.event("SessionStart", &json!({ "source": "clear" }));
    }

    /// A clean end.
    pub fn exit(mut self) {
        self.event("SessionEnd", &json!({ "reason": "prompt_input_exit" }));
        std::fs::remove_file(self.record()).unwrap();
        self.end();
    }

    /// The end that nobody is told of.
    pub fn kill(mut self) -> u32 {
        let pid = self.pid();
        self.end();
        pid
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What of a hook's output reaches the model.
fn context(output: &str) -> String {
    let Ok(answer) = serde_json::from_str::<Value>(output) else { return output.to_owned() };
    answer["hookSpecificOutput"]["additionalContext"].as_str().map(|text| format!("{text}\n")).unwrap_or_default()
}

impl Drop for Claude {
    fn drop(&mut self) {
        self.end();
    }
}
