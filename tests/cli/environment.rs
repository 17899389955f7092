//! A world of its own for every test: an empty home, a cleared environment, a workspace in a temp folder.
//!
//! Promises: nothing of the caller's environment reaches the command; a command that hangs is ended and fails its test;
//! sessions and beats are laid out relative to one moment. Does not judge what a command prints.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use headcount_core::{Time, time};
use serde_json::{Map, Value, json};

/// How long a command may take on a busy machine. None waits longer than five seconds on purpose.
const DEADLINE: Duration = Duration::from_secs(30);

/// The moment of what is asked with `--at`.
pub(crate) const AT: &str = "2025-11-17T20:00:00Z";

/// One session to be laid out: number, id, status, minutes since its beat.
pub(crate) type Session<'a> = (u64, &'a str, &'a str, Option<u64>);

/// One test's world.
pub(crate) struct Environment {
    root: tempfile::TempDir,
}

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The moment of what is asked without `--at`.
pub(crate) fn now() -> Time {
    Time::from(SystemTime::now())
}

/// So many minutes before a moment, and half a minute more: a test may take that long before the minute changes.
pub(crate) fn minutes_before(moment: Time, minutes: u64) -> Time {
    moment - Duration::from_secs(60 * minutes + 30)
}

/// A registry as the protocol's scripts write it, in the order given. Everybody was registered long ago.
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

    /// A world with these sessions and beats, their ages measured from `moment`.
    pub(crate) fn with(sessions: &[Session<'_>], moment: Time) -> Self {
        let world = Self::new();
        world.write_registry(&registry(sessions));
        std::fs::create_dir(world.heartbeats()).unwrap();
        for (_, id, _, minutes) in sessions {
            if let Some(minutes) = minutes {
                world.beat(id, minutes_before(moment, *minutes));
            }
        }
        world
    }

    /// The story: twelve sessions are registered as active, three are running.
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

    /// A beat's file; the folder is made when it is not there.
    pub(crate) fn write_beat(&self, name: &str, body: &str) -> PathBuf {
        let path = self.heartbeats().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, body).unwrap();
        path
    }

    /// A beat of an id at a moment, as the identify script writes it.
    pub(crate) fn beat(&self, id: &str, moment: Time) {
        let name = format!("{}-{id}.json", moment.format("%Y-%m-%d_%H-%M-%S"));
        let path = self.write_beat(&name, &json!({ "timestamp": time::wire(moment) }).to_string());
        std::fs::File::options().write(true).open(path).unwrap().set_modified(moment.into()).unwrap();
    }

    /// Whatever there is in this world, as paths from its root.
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

    /// The command in this world: nothing of the caller's environment, nothing but this home.
    pub(crate) fn command(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_headcount"))
    }

    /// Another program in this world.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("HOME", self.home())
            .env("TZ", "UTC")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .current_dir(self.workspace())
            .stdin(Stdio::null());
        command
    }

    /// The command about this world's registry.
    pub(crate) fn about(&self, args: &[&str]) -> Command {
        let mut command = self.command();
        command.arg("--registry").arg(self.registry()).args(args);
        command
    }

    /// Runs it on this world's registry.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run(&mut self.about(args))
    }

    /// Runs it with `--json` and reads what it prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[args, &["--json"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (drained(child.stdout.take()), drained(child.stderr.take()));
    let code = ended(&mut child, command);
    Run { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// The exit code of a child, 128 and more where a signal ended it. One that hangs is ended, and a panic.
pub(crate) fn ended(child: &mut Child, what: &Command) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    panic!("{what:?} did not end");
}

fn drained(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

/// Says on the real standard error, past the test harness, that something could not be tested here.
pub(crate) fn skipped(why: &str) {
    use std::io::Write as _;
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}
