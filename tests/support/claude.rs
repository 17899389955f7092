//! A simulation of Claude Code: real processes that write session records and run the hooks of the settings.
//!
//! Guarantees: behaves as measured with the real client; `make test-claude` asserts the same facts about both. Every
//! hook gets the session's variables, including `CLAUDE_CODE_CHILD_SESSION=1`, and one line of JSON on a standard input
//! that stays open. A hook with `args` is started directly, others by `/bin/sh -c`. The record is written in place, may
//! appear after the first event, and is removed before the last one. The plain output of an `async` hook is dropped;
//! its JSON reaches the model with the next prompt. Every process ends with its session. A hook that hangs or does not
//! exit with 0 causes a panic. Not simulated: being the parent of the hooks, running them concurrently, and a terminal.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a failing step fails its test"
)]
#![allow(clippy::must_use_candidate, reason = "used by tests only")]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Timeout of a hook on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// Claude Code's folder and environment.
#[derive(Clone, Debug)]
pub struct Home {
    /// The configuration folder, `.claude`.
    pub config: PathBuf,
    /// The complete environment of the session's process. Its hooks inherit it.
    pub environment: Vec<(String, String)>,
}

/// A running session.
#[derive(Debug)]
pub struct Claude {
    home: Home,
    process: Child,
    /// The folder in which it was started.
    project: PathBuf,
    /// The working directory of its shell, which follows `cd`.
    pub cwd: PathBuf,
    /// Its session id, which `/clear` changes.
    pub session_id: String,
    /// The value of `CLAUDE_CODE_ENTRYPOINT`.
    pub entrypoint: &'static str,
    /// Whether a person is at its terminal: false with `claude -p`, the SDK or a background session.
    pub is_attended: bool,
    /// Output of asynchronous hooks that reaches the model with the next prompt.
    late: Mutex<String>,
}

impl Claude {
    /// Starts a process that has not written its record and not run a hook.
    pub fn without_record(home: &Home, cwd: &Path, session_id: &str) -> Self {
        let mut command = Command::new("sleep");
        command.arg("100000").env_clear().envs(home.environment.iter().cloned()).stdin(Stdio::null());
        Self {
            home: home.clone(),
            process: command.spawn().unwrap(),
            project: cwd.to_owned(),
            cwd: cwd.to_owned(),
            session_id: session_id.to_owned(),
            entrypoint: "cli",
            is_attended: true,
            late: Mutex::default(),
        }
    }

    /// Starts a process that has written its record and run no hook, like one started before the hooks were installed.
    pub fn unnoticed(home: &Home, cwd: &Path, session_id: &str) -> Self {
        let claude = Self::without_record(home, cwd, session_id);
        claude.rewrite_record(&json!({}));
        claude
    }

    /// Starts a session. Returns the context added for its model.
    pub fn start(home: &Home, cwd: &Path, session_id: &str) -> (Self, String) {
        let claude = Self::unnoticed(home, cwd, session_id);
        let told = claude.event("SessionStart", &json!({ "source": "startup" }));
        (claude, told)
    }

    /// The same, but the record is written after the hooks have run, as happens when many sessions start at once.
    pub fn start_before_record(home: &Home, cwd: &Path, session_id: &str) -> (Self, String) {
        let claude = Self::without_record(home, cwd, session_id);
        let told = claude.event("SessionStart", &json!({ "source": "startup" }));
        claude.rewrite_record(&json!({}));
        (claude, told)
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    fn record(&self) -> PathBuf {
        self.home.config.join(format!("sessions/{}.json", self.pid()))
    }

    /// The contents of the record, with some fields changed.
    pub fn record_text(&self, more: &Value) -> Value {
        let pid = self.pid();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap();
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let space = std::fs::read_link(format!("/proc/{pid}/ns/pid")).unwrap();
        let mut record = json!({
            "pid": pid, "sessionId": self.session_id, "cwd": self.cwd, "startedAt": 1_791_212_478_356_u64,
            "procStart": started, "version": "2.1.332", "kind": "interactive", "entrypoint": self.entrypoint,
            "pidDomain": format!("linux:{}:{}", machine.trim(), space.display()),
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    }

    /// Writes the record in place, as Claude Code does.
    pub fn rewrite_record(&self, more: &Value) {
        std::fs::create_dir_all(self.home.config.join("sessions")).unwrap();
        std::fs::write(self.record(), self.record_text(more).to_string()).unwrap();
    }

    /// Removes the record.
    pub fn remove_record(&self) {
        std::fs::remove_file(self.record()).unwrap();
    }

    /// Sends an event: runs the hooks configured for it. Returns the context added for the model.
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
        let is_prompt = name == "UserPromptSubmit";
        // Plain output is added to the model's context for these two events only.
        let is_plain_context = is_prompt || name == "SessionStart";
        let mut told = if is_prompt { std::mem::take(&mut *self.late.lock().unwrap()) } else { String::new() };
        for hook in hooks {
            let output = self.run(&hook, &payload);
            match (context(&output), hook["async"] == true) {
                (Some(context), true) => self.late.lock().unwrap().push_str(&context),
                (Some(context), false) => told.push_str(&context),
                (None, false) if is_plain_context => told.push_str(&output),
                (None, _) => {}
            }
        }
        told
    }

    /// Runs one hook. Returns its output.
    fn run(&self, hook: &Value, payload: &Value) -> String {
        let command = hook["command"].as_str().unwrap();
        let (program, args) = match hook["args"].as_array() {
            Some(args) => (command, args.iter().map(|arg| arg.as_str().unwrap()).collect()),
            None => ("/bin/sh", vec!["-c", command]),
        };
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(self.home.environment.iter().cloned())
            .env("CLAUDE_PID", self.pid().to_string())
            .env("CLAUDE_CODE_SESSION_ID", payload["session_id"].as_str().unwrap())
            .env("CLAUDE_PROJECT_DIR", &self.project)
            .env("CLAUDE_CODE_ENTRYPOINT", self.entrypoint)
            .env("CLAUDE_CODE_SESSION_ATTENDED", if self.is_attended { "1" } else { "0" })
            .envs([("CLAUDECODE", "1"), ("CLAUDE_CODE_CHILD_SESSION", "1")])
            .current_dir(&self.cwd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Stays open until the hook has ended, as in several versions.
        let mut input = child.stdin.take().unwrap();
        let _ = input.write_all(format!("{payload}\n").as_bytes());
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
        let mut output = String::new();
        child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        assert!(status.success(), "{status}: {payload}");
        output
    }

    /// A prompt and the end of its turn. Returns the context added with the prompt.
    pub fn turn(&self) -> String {
        let told = self.event("UserPromptSubmit", &json!({ "prompt": "go on" }));
        assert_eq!(self.event("Stop", &json!({ "stop_hook_active": false })), "");
        told
    }

    /// `/clear`: a new session id in the same process. Returns the context added to the new conversation.
    pub fn clear(&mut self, session_id: &str) -> String {
        self.event("SessionEnd", &json!({ "reason": "clear" }));
        session_id.clone_into(&mut self.session_id);
        self.rewrite_record(&json!({}));
        self.event("SessionStart", &json!({ "source": "clear" }))
    }

    /// A clean exit: the record is removed, then the hooks run, then the process ends.
    pub fn exit(mut self) {
        self.remove_record();
        self.event("SessionEnd", &json!({ "reason": "prompt_input_exit" }));
        self.end();
    }

    /// Kills the process without an event: the record stays.
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

/// The context for the model in the JSON output of a hook; `None` if the output is not JSON.
fn context(output: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(output).ok()?;
    let text = answer["hookSpecificOutput"]["additionalContext"].as_str();
    Some(text.map(|text| format!("{text}\n")).unwrap_or_default())
}

impl Drop for Claude {
    fn drop(&mut self) {
        self.end();
    }
}
