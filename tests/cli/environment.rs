//! A world of its own for every test: an empty home, a cleared environment, a workspace in a temp folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

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

impl Environment {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["home", "workspace"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root().join("home")
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

    /// The command in this world: nothing of the caller's environment, nothing but this home.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headcount"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("TZ", "UTC")
            .current_dir(self.workspace())
            .stdin(Stdio::null());
        command
    }

    /// Runs it on this world's registry.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = self.command();
        command.arg("--registry").arg(self.registry()).args(args);
        run(&mut command)
    }

    /// Runs it with `--json` and reads what it prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[args, &["--json"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }
}

pub(crate) fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}
