//! An isolated environment for each test: an empty home, a cleared process environment, a workspace in a temporary
//! folder.
//!
//! Guarantees: the caller's environment does not reach the command. A command that hangs is killed, and its test fails.
//! Sessions and heartbeats are created relative to one moment. Does not check output.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use headcount_core::{Time, time};
use serde_json::{Map, Value, json};

/// Timeout of a command on a busy machine. No command waits longer than five seconds on purpose.
const DEADLINE: Duration = Duration::from_secs(30);

/// The time passed with `--at`.
pub(crate) const AT: &str = "2025-11-17T20:00:00Z";

/// A session to create: number, id, status, minutes since its heartbeat.
pub(crate) type Session<'a> = (u64, &'a str, &'a str, Option<u64>);

/// The isolated environment of one test.
pub(crate) struct Environment {
    root: tempfile::TempDir,
}

/// The result of a run of the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The current time, for runs without `--at`.
pub(crate) fn now() -> Time {
    Time::from(SystemTime::now())
}

/// The time `minutes` and a half before `moment`. The half minute lets a test run that long without reaching the next
/// minute.
pub(crate) fn minutes_before(moment: Time, minutes: u64) -> Time {
    moment - Duration::from_secs(60 * minutes + 30)
}

/// A registry in the format of the protocol's scripts, with its entries in the given order. All were registered long
/// ago.
pub(crate) fn registry(sessions: &[Session<'_>]) -> String {
    let entries: Map<String, Value> = sessions
        .iter()
        .map(|(number, id, status, _)| {
            let entry = json!({
                "session_id": id, "number": number, "role": format!("Role {number}"), "goal": "g", "status": status,
                "registered_at": "2025-11-01T22:15:00Z", "terminal": format!("s{number:03}"),
            });
            (number.to_string(), entry)
        })
        .collect();
    serde_json::to_string_pretty(&entries).unwrap()
}

impl Environment {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["home", "workspace"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    /// An environment with these sessions and heartbeats; ages are relative to `moment`.
    pub(crate) fn with(sessions: &[Session<'_>], moment: Time) -> Self {
        let env = Self::new();
        env.write_registry(&registry(sessions));
        std::fs::create_dir(env.heartbeats()).unwrap();
        for (_, id, _, minutes) in sessions {
            if let Some(minutes) = minutes {
                env.beat(id, minutes_before(moment, *minutes));
            }
        }
        env
    }

    /// Twelve sessions registered as active, of which three run.
    pub(crate) fn twelve() -> Self {
        let ids: Vec<String> = (1..=12).map(|number| format!("session-{number}")).collect();
        let sessions: Vec<Session<'_>> = (1..)
            .zip(&ids)
            .map(|(number, id)| (number, id.as_str(), "active", Some(if number <= 3 { 1 } else { 332 })))
            .collect();
        Self::with(&sessions, now())
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home().join(".local/state/headcount")
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.root().join("workspace")
    }

    pub(crate) fn registry(&self) -> PathBuf {
        self.workspace().join("claude_sessions.json")
    }

    pub(crate) fn heartbeats(&self) -> PathBuf {
        self.workspace().join("heartbeats")
    }

    pub(crate) fn write_registry(&self, text: &str) {
        std::fs::write(self.registry(), text).unwrap();
    }

    pub(crate) fn read_registry(&self) -> String {
        std::fs::read_to_string(self.registry()).unwrap()
    }

    /// Writes a heartbeat file; creates the folder if necessary.
    pub(crate) fn write_beat(&self, name: &str, body: &str) -> PathBuf {
        let path = self.heartbeats().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, body).unwrap();
        path
    }

    /// Writes a heartbeat of an id at a moment, in the identify script's format.
    pub(crate) fn beat(&self, id: &str, moment: Time) {
        let name = format!("{}-{id}.json", moment.format("%Y-%m-%d_%H-%M-%S"));
        let path = self.write_beat(&name, &json!({ "timestamp": time::wire(moment) }).to_string());
        std::fs::File::options().write(true).open(path).unwrap().set_modified(moment.into()).unwrap();
    }

    /// All files and folders in this environment, as paths relative to its root.
    pub(crate) fn everything(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
                found.push(entry.path().strip_prefix(self.root()).unwrap().to_owned());
            }
        }
        found.sort();
        found
    }

    /// The command, with this environment's home and no variables of the caller.
    pub(crate) fn command(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_headcount"))
    }

    /// Another program in this environment.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("HOME", self.home())
            .env("TZ", "UTC")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .current_dir(self.workspace())
            .stdin(Stdio::null());
        // Without it Windows starts no program that uses the network or random numbers.
        command.envs(std::env::vars_os().filter(|(name, _)| name == "SystemRoot"));
        command
    }

    /// The command for this environment's registry.
    pub(crate) fn about(&self, args: &[&str]) -> Command {
        let mut command = self.command();
        command.arg("--registry").arg(self.registry()).args(args);
        command
    }

    /// Runs the command for this environment's registry.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run(&mut self.about(args))
    }

    /// Runs the command with `--json`, and parses its output.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[args, &["--json"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }
}

/// Runs a command and waits for its exit.
pub(crate) fn run(command: &mut Command) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (drained(child.stdout.take()), drained(child.stderr.take()));
    let code = ended(&mut child, command);
    Run { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Waits for a child; returns its exit code, or 128 plus the signal that ended it. Kills a child that hangs, and
/// panics.
pub(crate) fn ended(child: &mut Child, what: &Command) -> i32 {
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or_else(|| 128 + signal_of(status));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    panic!("{what:?} did not end");
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().unwrap_or_default()
}

#[cfg(not(unix))]
fn signal_of(_status: ExitStatus) -> i32 {
    0
}

fn drained(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

/// Prints on the process's standard error, which the test harness does not capture, that something could not be tested.
/// Fails in the long rounds: their figures must not come from tests that did not run.
pub(crate) fn skipped(why: &str) {
    use std::io::Write as _;
    assert!(std::env::var_os("HEADCOUNT_TORTURE").is_none(), "{why}");
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}
