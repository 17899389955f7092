//! An unprivileged user: failures for lack of permission are reported, and nothing is half done. Tests that run as root
//! switch to another user.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use crate::environment::{Environment, Run, run, skipped};

/// The unprivileged user on most systems.
const NOBODY: u32 = 65534;

impl Environment {
    /// The command as another user who owns home and workspace; `None` if switching users is not permitted.
    pub(crate) fn as_user(&self, uid: u32) -> Option<Command> {
        let may = Command::new("setpriv").args(setpriv_args(uid)).arg("true").output();
        may.ok().filter(|output| output.status.success())?;
        // The temporary folder and the built program may be inaccessible to other users.
        allow(self.root(), 0o755);
        let binary = self.root().join("headcount");
        if !binary.exists() {
            // Copied by another process: concurrently started processes inherit this process's open files for a moment,
            // and a file that is open for writing cannot be executed.
            assert_eq!(run(self.program("cp").arg(env!("CARGO_BIN_EXE_headcount")).arg(&binary)).code, 0);
        }
        for path in self.everything() {
            std::os::unix::fs::lchown(self.root().join(path), Some(uid), Some(uid)).unwrap();
        }
        let mut command = self.program("setpriv");
        command.args(setpriv_args(uid)).arg(binary);
        Some(command)
    }

    /// The command for this environment's registry, as a user without privileges.
    fn unprivileged(&self) -> Option<Command> {
        let is_root = std::fs::metadata(self.root()).unwrap().uid() == 0;
        let command = if is_root { self.as_user(NOBODY) } else { Some(self.command()) };
        command.map(|mut command| {
            command.arg("--registry").arg(self.registry());
            command
        })
    }
}

fn setpriv_args(uid: u32) -> [String; 3] {
    [format!("--reuid={uid}"), format!("--regid={uid}"), "--clear-groups".into()]
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Changes the mode of a path, runs commands, restores the mode. Checks that the registry is unchanged.
fn while_forbidden(path: &Path, mode: u32, env: &Environment, args: &[&[&str]]) -> Option<Vec<Run>> {
    let Some(command) = env.unprivileged() else {
        skipped("cannot become a user without special powers here");
        return None;
    };
    let before = (env.read_registry(), std::fs::metadata(env.registry()).unwrap().ino());
    let former = std::fs::metadata(path).unwrap().permissions().mode();
    allow(path, mode);
    let again = |args: &[&str]| {
        let mut command = clone(&command);
        run(command.args(args))
    };
    let runs = args.iter().map(|args| again(args)).collect();
    allow(path, former);
    assert_eq!((env.read_registry(), std::fs::metadata(env.registry()).unwrap().ino()), before);
    Some(runs)
}

/// A copy of a command.
pub(crate) fn clone(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args()).env_clear().stdin(std::process::Stdio::null());
    copy.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    copy.current_dir(command.get_current_dir().unwrap());
    copy
}

fn assert_permission_error(run: &Run, path: &Path) {
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (1, "", 1), "{run:?}");
    for wanted in [path.to_str().unwrap(), "Permission denied", "you can read and write"] {
        assert!(run.stderr.contains(wanted), "{wanted}: {run:?}");
    }
}

#[test]
fn a_read_only_folder_refuses_changes() {
    let env = Environment::twelve();
    let folder = env.workspace();
    let Some(runs) = while_forbidden(&folder, 0o555, &env, &[&["status"], &["cleanup", "--dry-run"], &["cleanup"]])
    else {
        return;
    };
    assert!(runs[0].stdout.starts_with("3 active · 9 stale") && runs[0].stderr.is_empty(), "{runs:?}");
    assert_eq!((runs[1].code, runs[1].stderr.as_str()), (0, ""));
    assert_permission_error(&runs[2], &folder);
    // The lock file can be locked, but the new file cannot be created.
    std::fs::write(folder.join(".claude_sessions.json.lock"), "").unwrap();
    let runs = while_forbidden(&folder, 0o555, &env, &[&["cleanup"]]).unwrap();
    assert_permission_error(&runs[0], &folder);
    let change = std::fs::read_to_string(env.state()).unwrap_or_default();
    assert_eq!(change, "");
    assert_eq!(env.json(&["status"])["undo"], serde_json::Value::Null, "a failed cleanup must not be offered for undo");
}

#[test]
fn an_unreadable_registry_is_reported() {
    let env = Environment::twelve();
    let registry = env.registry();
    if let Some(runs) = while_forbidden(&registry, 0o000, &env, &[&["status"], &["cleanup", "--dry-run"], &["cleanup"]])
    {
        for run in &runs {
            assert_permission_error(run, &registry);
        }
    }
}

#[test]
fn an_unreadable_heartbeats_folder_needs_force() {
    let env = Environment::twelve();
    let folder = env.heartbeats();
    let Some(runs) = while_forbidden(&folder, 0o000, &env, &[&["status"], &["cleanup"], &["cleanup", "--dry-run"]])
    else {
        return;
    };
    assert!(runs[0].code == 0 && runs[0].stderr.contains("cannot be read"), "{runs:?}");
    for run in &runs[1..] {
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("cannot be read") && run.stderr.contains("--force"), "{run:?}");
    }
    // Names can be read, contents cannot: the heartbeats count.
    let runs = while_forbidden(&folder, 0o444, &env, &[&["status"]]).unwrap();
    assert!(runs[0].stdout.starts_with("3 active · 9 stale"), "{runs:?}");
}

#[test]
fn an_unwritable_state_folder_refuses_changes() {
    let env = Environment::twelve();
    let home = env.home();
    let Some(runs) = while_forbidden(&home, 0o555, &env, &[&["status"], &["cleanup"]]) else { return };
    assert_eq!((runs[0].code, runs[0].stderr.as_str()), (0, ""));
    // Without a copy and a journal record there is no cleanup.
    assert_permission_error(&runs[1], &home);
    assert!(!env.workspace().join(".claude_sessions.json.tmp").exists());
}

#[test]
fn a_foreign_registry_is_not_replaced_without_keeping_its_owner() {
    let env = Environment::twelve();
    let Some(mut command) = env.unprivileged() else { return skipped("cannot become another user here") };
    if chown(env.registry(), Some(12345), Some(12345)).is_err() {
        return skipped("cannot give a file away here");
    }
    let before = env.read_registry();
    let run = run(command.arg("cleanup"));
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("keep mode and owner"), "{run:?}");
    assert_eq!(env.read_registry(), before);
    // A user with permission keeps both.
    allow(&env.registry(), 0o664);
    assert_eq!(env.run(&["cleanup"]).code, 0);
    let found = std::fs::metadata(env.registry()).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (12345, 12345, 0o664));
}

#[test]
fn an_unreadable_configuration_is_reported() {
    let env = Environment::twelve();
    let config = env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, "timeout_minutes = 1\n").unwrap();
    if let Some(runs) = while_forbidden(&config, 0o000, &env, &[&["status"]]) {
        assert!(runs[0].code == 0 && runs[0].stdout.starts_with("3 active · 9 stale"), "{runs:?}");
        assert!(runs[0].stderr.contains(config.to_str().unwrap()), "{runs:?}");
    }
}
