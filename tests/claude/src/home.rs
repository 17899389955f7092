//! A scratch home for Claude Code, configured so that no first-run dialog appears.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::api::ModelApi;
use crate::process::Process;
use crate::{DEADLINE, binaries};

/// The last 20 characters of a key are enough to approve it.
const KEY: &str = "sk-ant-fake-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The home, the model API that its clients use, and Headcount's command.
#[derive(Debug)]
pub struct Home {
    folder: tempfile::TempDir,
    claude: PathBuf,
    headcount: PathBuf,
    /// The model.
    pub api: ModelApi,
    /// More variables for everything that is started here.
    pub variables: Vec<(String, String)>,
}

/// The result of a command.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Home {
    /// A home for the newest installed client, with trusted folders in it. `None`, with a message, if none is installed.
    pub fn new(folders: &[&str]) -> Option<Self> {
        let binaries = binaries();
        let Some((_, claude)) = binaries.first() else {
            let _ = writeln!(std::io::stderr(), "skipped: HEADCOUNT_CLAUDE names no client; run `make test-claude`");
            return None;
        };
        Some(Self::with(claude, folders))
    }

    /// A home for a client.
    pub fn with(claude: &Path, folders: &[&str]) -> Self {
        // A short path: sockets are created below it, and their paths are limited to 107 bytes.
        let folder = tempfile::Builder::new().prefix("hc").tempdir_in("/tmp").unwrap();
        let home = Self {
            claude: claude.to_owned(),
            headcount: headcount(),
            api: ModelApi::start(),
            variables: Vec::new(),
            folder,
        };
        assert!(home.headcount.is_file(), "`make test-claude` builds {} first", home.headcount.display());
        for name in [".claude", "tmp"].iter().chain(folders) {
            std::fs::create_dir_all(home.at(name)).unwrap();
        }
        let projects = folders.iter().map(|name| {
            let trusted = json!({ "hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true });
            (home.at(name).display().to_string(), trusted)
        });
        let settings = json!({
            "hasCompletedOnboarding": true, "theme": "dark", "numStartups": 5, "installMethod": "global",
            "autoUpdates": false, "customApiKeyResponses": { "approved": [&KEY[KEY.len() - 20..]], "rejected": [] },
            "projects": projects.collect::<serde_json::Map<_, _>>(),
        });
        std::fs::write(home.at(".claude.json"), settings.to_string()).unwrap();
        home
    }

    /// A path in the home.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Headcount's command.
    pub fn headcount(&self) -> &Path {
        &self.headcount
    }

    /// The whole environment of everything that is started here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let own = |name: &str| self.at(name).display().to_string();
        let off = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY"];
        let off = off.into_iter().chain(["DISABLE_ERROR_REPORTING", "DO_NOT_TRACK"]).map(|name| (name, "1".to_owned()));
        let fixed = [
            ("HOME", self.folder.path().display().to_string()),
            ("TMPDIR", own("tmp")),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin".into()),
            ("SHELL", "/bin/bash".into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("ANTHROPIC_BASE_URL", self.api.url()),
            ("ANTHROPIC_API_KEY", KEY.into()),
        ];
        let fixed = fixed.into_iter().chain(off).map(|(name, value)| (name.to_owned(), value));
        fixed.chain(self.variables.iter().cloned()).collect()
    }

    /// A program of this home, started in one of its folders.
    pub fn command(&self, program: &Path, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.at(folder)).stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub fn run(&self, program: &Path, folder: &str, args: &[&str]) -> Run {
        let mut command = self.command(program, folder);
        let child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let process = Process::open(child.id()).unwrap();
        // Ends a program that hangs; its output is read meanwhile.
        let timer = std::thread::spawn(move || {
            if !process.ends_within(DEADLINE) {
                process.send(Signal::KILL);
            }
        });
        let output = child.wait_with_output().unwrap();
        timer.join().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Runs Headcount's command in a folder, which has to succeed. Returns its standard output.
    #[track_caller]
    pub fn succeed(&self, folder: &str, args: &[&str]) -> String {
        let run = self.run(&self.headcount, folder, args);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        run.stdout
    }

    /// `headcount status --json` in a folder.
    #[track_caller]
    pub fn status(&self, folder: &str) -> Value {
        serde_json::from_str(&self.succeed(folder, &["status", "--json"])).unwrap()
    }

    /// The client, without a terminal.
    pub fn claude(&self) -> &Path {
        &self.claude
    }
}

/// Headcount's command: `HEADCOUNT_PROGRAM`, else the one that was built with this test.
fn headcount() -> PathBuf {
    std::env::var_os("HEADCOUNT_PROGRAM").map_or_else(
        || std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("headcount"),
        PathBuf::from,
    )
}

impl Drop for Home {
    fn drop(&mut self) {
        // What a client started in the background may start another process while it is ended.
        let home = self.folder.path().display().to_string();
        for _ in 0..50 {
            let left = Process::with_variable("HOME", &home);
            if left.is_empty() {
                return;
            }
            for process in &left {
                process.send(Signal::KILL);
            }
            for process in &left {
                process.ends_within(DEADLINE);
            }
        }
    }
}
