//! Written files: a command writes next to its registry and in its own state folder, readable by its user only, and
//! nowhere else.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, run, skipped};

pub(crate) const EVERY_COMMAND: [&[&str]; 24] = [
    &["status"],
    &["status", "--json"],
    &["cleanup", "--dry-run"],
    &["cleanup", "--only", "4,5"],
    &["cleanup"],
    &["undo"],
    &["log"],
    &["doctor"],
    &["register", "20", "--role", "r", "--goal", "g"],
    &["heartbeat", "20"],
    &["hooks", "status"],
    &["reassign", "20", "21", "--dry-run"],
    &["reassign", "20", "21"],
    &["reassign", "21", "1"],
    &["compact", "--dry-run"],
    &["compact"],
    &["release", "2"],
    &["reactivate", "2"],
    &["restore"],
    &["undo"],
    &["undo"],
    &["undo", "--json"],
    &["log", "--json"],
    &["--help"],
];

/// Headcount's folders in the real home of the user who runs the tests, and whether they exist.
fn real_folders() -> Vec<(PathBuf, bool)> {
    let home = std::env::home_dir().unwrap();
    let folders = [".config/headcount", ".local/state/headcount", ".local/share/headcount", ".cache/headcount"];
    folders.map(|folder| home.join(folder)).map(|folder| (folder.clone(), folder.exists())).into()
}

#[test]
fn commands_write_only_to_their_own_places() {
    let real = real_folders();
    let env = Environment::twelve();
    let before: BTreeSet<PathBuf> = env.everything().into_iter().collect();
    for args in EVERY_COMMAND {
        assert_eq!(env.run(args).code, 0, "{args:?}");
    }
    assert_eq!(real_folders(), real);
    let memory = Path::new("home/.local/state/headcount/registries");
    let memory = memory.join(std::fs::canonicalize(env.registry()).unwrap().strip_prefix("/").unwrap());
    let traces: Vec<PathBuf> =
        env.everything().into_iter().filter(|path| !before.contains(path) && !memory.starts_with(path)).collect();
    for kept in ["copies", "journal.jsonl"] {
        assert!(traces.contains(&memory.join(kept)), "{traces:?}");
    }
    let belongs = |path: &&PathBuf| {
        let places = [memory.as_path(), Path::new("workspace/heartbeats")];
        places.iter().any(|place| path.starts_with(place))
            || **path == Path::new("workspace/.claude_sessions.json.lock")
    };
    let strays: Vec<_> = traces.iter().filter(|path| !belongs(path)).collect();
    assert!(strays.is_empty(), "{strays:?}");

    for path in env.everything().iter().filter(|path| path.starts_with("home")).skip(1) {
        let found = std::fs::symlink_metadata(env.root().join(path)).unwrap();
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.mode() & 0o7777, wanted, "{path:?}");
    }
}

#[test]
fn no_file_outside_is_opened_for_writing() {
    let env = Environment::twelve();
    let log = env.root().join("calls");
    for args in EVERY_COMMAND {
        let mut strace = env.program("strace");
        strace.args(["-f", "-y", "-e", "trace=%file,ftruncate,fchmod,fchown", "-o"]).arg(&log);
        strace.arg(env!("CARGO_BIN_EXE_headcount")).arg("--registry").arg(env.registry()).args(args);
        if !strace.output().is_ok_and(|output| output.status.success()) {
            return skipped("no strace here to see what is written");
        }
        let calls = std::fs::read_to_string(&log).unwrap();
        let writes = |line: &&str| {
            let is_change =
                ["rename", "unlink", "mkdir", "rmdir", "link(", "linkat", "symlink", "chmod", "chown", "trunc"];
            let call = line.split_whitespace().nth(1).unwrap_or_default();
            ["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| line.contains(flag))
                || is_change.iter().any(|name| call.contains(name) && !call.starts_with("readlink"))
        };
        let root = env.root().to_str().unwrap();
        let outside: Vec<&str> = calls.lines().filter(writes).filter(|line| !line.contains(root)).collect();
        assert!(outside.is_empty(), "{args:?}: {outside:?}");
    }
}

#[test]
fn xdg_state_home_is_respected() {
    let env = Environment::twelve();
    let state = env.root().join("state");
    let mut command = env.about(&["cleanup"]);
    assert_eq!(run(command.env("XDG_STATE_HOME", &state)).code, 0);
    assert!(state.join("headcount/registries").is_dir());
    assert_eq!(std::fs::read_dir(env.home()).unwrap().count(), 0);
}
