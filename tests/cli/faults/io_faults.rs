//! Real I/O failures: full disk, read-only file system, missing permission, held lock, unusual mounts. Each gives exit
//! code 1, one line that names the problem, the path and a remedy, and leaves the registry unchanged to the byte.
//!
//! Guarantees: everything mounted is unmounted again. What this machine does not permit is reported on standard error.

use std::fs::{Permissions, set_permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::environment::{Environment, Run, run, skipped};

/// The unprivileged user and group on most systems.
const NOBODY: u32 = 65534;

/// A mount, unmounted when dropped.
struct Mount<'w>(&'w Environment, PathBuf);

impl<'w> Mount<'w> {
    /// Mounts at a path; `None` if mounting is not permitted.
    fn at(env: &'w Environment, place: &Path, args: &[&str]) -> Option<Self> {
        let mounted = run(env.program("mount").args(args).arg(place));
        if mounted.code != 0 {
            skipped(&format!("mounting is not permitted here: {}", mounted.stderr.trim()));
            return None;
        }
        Some(Self(env, place.to_owned()))
    }

    /// Mounts a small file system at a new folder.
    fn small(env: &'w Environment, place: &Path) -> Option<Self> {
        std::fs::create_dir_all(place).unwrap();
        Self::at(env, place, &["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let unmounted = run(self.0.program("umount").arg(&self.1).current_dir("/"));
        assert!(unmounted.code == 0 || std::thread::panicking(), "{unmounted:?}");
    }
}

fn is_root() -> bool {
    let owner = tempfile::tempfile().unwrap().metadata().unwrap().uid();
    if owner != 0 {
        skipped("only root can change the owner of a file");
    }
    owner == 0
}

fn check(run: &Run, words: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.starts_with("headcount: error: ") && run.stderr.lines().count() == 1, "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{word:?} is missing: {run:?}");
    }
}

/// The names in the registry's folder, without the lock file.
fn sibling_names(registry: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(registry.parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != ".claude_sessions.json.lock");
    names.sort();
    names
}

/// Checks that a command fails with these words, changes nothing and offers no undo.
fn assert_fails_unchanged(env: &Environment, command: &mut Command, words: &[&str]) {
    let (before, around) = (env.read_registry(), sibling_names(&env.registry()));
    check(&run(command), words);
    assert_eq!(env.read_registry(), before);
    assert_eq!(sibling_names(&env.registry()), around, "left-over files");
    let undo = env.json(&["log"]);
    assert!(!undo.to_string().contains("\"cleanup\"") || undo.to_string().contains("withdrawn"), "{undo}");
}

/// Fills the file system.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    path
}

#[test]
fn a_full_disk_changes_nothing() {
    let env = Environment::twelve();
    let text = env.read_registry();
    let Some(_mount) = Mount::small(&env, &env.workspace()) else { return };
    env.write_registry(&text);
    env.beat("session-1", crate::environment::now());
    let filler = fill(&env.workspace());
    let path = format!("write {}", env.registry().display());
    assert_fails_unchanged(
        &env,
        &mut env.about(&["cleanup"]),
        &[&path, "No space left on device", "Free some space there, then try again"],
    );
    // The remedy works: free space, then try again.
    std::fs::remove_file(filler).unwrap();
    assert_eq!(env.run(&["cleanup"]).code, 0);
    assert!(env.read_registry().contains("\"inactive\""));
}

#[test]
fn a_full_disk_of_the_journal_changes_nothing() {
    let env = Environment::twelve();
    let Some(_mount) = Mount::small(&env, &env.state()) else { return };
    fill(&env.state());
    let state = env.state().display().to_string();
    assert_fails_unchanged(
        &env,
        &mut env.about(&["cleanup"]),
        &[&state, "No space left on device", "Free some space there"],
    );
}

/// The command under a file size limit of `halves` × 512 bytes.
fn limited(env: &Environment, halves: usize, trap: &str) -> Command {
    let mut shell = env.program("sh");
    shell.args(["-c", &format!("{trap} ulimit -c 0; ulimit -f {halves}; exec \"$0\" \"$@\"")]);
    let about = env.about(&["cleanup"]);
    shell.arg(about.get_program()).args(about.get_args());
    shell
}

#[test]
fn a_file_size_limit_changes_nothing() {
    let env = Environment::twelve();
    // The copy just fits, the new registry does not.
    let text = env.read_registry();
    let halves = text.len() / 512 + 8;
    env.write_registry(&format!("{text}{}", " ".repeat(halves * 512 - text.len())));
    let path = format!("write {}", env.registry().display());
    let words = [&path, "File too large", "ulimit -f"];
    assert_fails_unchanged(&env, &mut limited(&env, halves, "trap '' XFSZ;"), &words);
    // Without the trap, the signal kills the command during the write.
    let before = env.read_registry();
    let killed = run(&mut limited(&env, halves, ""));
    assert!(killed.code > 128 || killed.code == 1, "{killed:?}");
    assert_eq!(env.read_registry(), before);
    assert_eq!(env.run(&["cleanup"]).code, 0);
    assert_eq!(
        sibling_names(&env.registry()),
        ["claude_sessions.json", "heartbeats"],
        "temporary files must be removed"
    );
}

#[test]
fn a_partial_journal_record_is_removed() {
    let env = Environment::twelve();
    assert_eq!(env.run(&["register", "20", "--role", "r", "--goal", "g"]).code, 0);
    let journal = env.everything().into_iter().find(|path| path.ends_with("journal.jsonl")).unwrap();
    let journal = env.root().join(journal);
    // There is room for a hundred bytes of the next record, and the kernel writes that many.
    let halves = 200;
    let mut text = std::fs::read(&journal).unwrap();
    text.resize(halves * 512 - 101, b' ');
    text.push(b'\n');
    std::fs::write(&journal, &text).unwrap();
    let words = [&format!("write the journal {}", journal.display()), "File too large", "ulimit -f"];
    assert_fails_unchanged(&env, &mut limited(&env, halves, "trap '' XFSZ;"), &words);
    assert_eq!(std::fs::read(&journal).unwrap(), text);
    // If the process is killed during the record instead, the next record is still valid.
    let before = env.read_registry();
    let killed = run(&mut limited(&env, halves, ""));
    assert!(killed.code > 128, "{killed:?}");
    assert!(std::fs::metadata(&journal).unwrap().len() as usize > text.len(), "half of it is there");
    assert_eq!(env.read_registry(), before);
    assert_eq!(env.run(&["cleanup"]).code, 0);
    let log = env.json(&["log"]);
    let what: Vec<&str> = log.as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["cleanup", "register"]);
    assert_eq!(env.run(&["undo"]).code, 0);
    assert_eq!(env.read_registry(), before);
}

#[test]
fn a_read_only_file_system_is_reported() {
    let env = Environment::twelve();
    let folder = env.workspace();
    let Some(_bound) = Mount::at(&env, &folder, &["--bind", folder.to_str().unwrap()]) else { return };
    if run(env.program("mount").args(["-o", "remount,bind,ro"]).arg(&folder)).code != 0 {
        return skipped("remounting is not permitted here");
    }
    let path = folder.display().to_string();
    let words = [path.as_str(), "Read-only file system", "That file system is read-only"];
    assert_fails_unchanged(&env, &mut env.about(&["cleanup"]), &words);
    assert_eq!(env.run(&["status"]).code, 0, "status must not write");
}

/// The command as an unprivileged user with its own home, which can read everything in this environment.
fn as_unprivileged(env: &Environment, args: &[&str]) -> Command {
    for path in [env.root().to_owned(), env.heartbeats()] {
        set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    chown(env.home(), Some(NOBODY), Some(NOBODY)).unwrap();
    let program = env.root().join("headcount");
    // Copied by another process: a file that a fork of this process still holds open for writing cannot be executed.
    assert_eq!(run(env.program("cp").arg(env!("CARGO_BIN_EXE_headcount")).arg(&program)).code, 0);
    let mut command = env.program("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    command.arg("--registry").arg(env.registry()).args(args);
    command
}

#[test]
fn a_folder_without_write_permission_is_reported() {
    if !is_root() {
        return;
    }
    let env = Environment::twelve();
    let command = || as_unprivileged(&env, &["cleanup"]);
    set_permissions(env.workspace(), Permissions::from_mode(0o555)).unwrap();
    let remedy = "Check that you can read and write it and its folder";
    let lock = env.registry().with_file_name(".claude_sessions.json.lock");
    let refused = |what: &str| assert_fails_unchanged(&env, &mut command(), &[what, "Permission denied", remedy]);
    refused(&format!("create the lock file {}", lock.display()));
    // A lock file of another user can be locked, but nothing can be written next to it.
    std::fs::write(&lock, "").unwrap();
    set_permissions(&lock, Permissions::from_mode(0o644)).unwrap();
    refused(&format!("write in the folder {}", env.workspace().display()));
    // A registry that cannot be read is not overwritten either.
    set_permissions(env.registry(), Permissions::from_mode(0o600)).unwrap();
    refused(&format!("read the registry {}", env.registry().display()));
}

#[test]
fn a_registry_of_another_user_keeps_its_owner_and_mode() {
    if !is_root() {
        return;
    }
    let env = Environment::twelve();
    set_permissions(env.workspace(), Permissions::from_mode(0o777)).unwrap();
    // A registry without write permission cannot be replaced, because its owner would change.
    set_permissions(env.registry(), Permissions::from_mode(0o644)).unwrap();
    let what = format!("keep mode and owner of {}", env.registry().display());
    let words = [what.as_str(), "Operation not permitted", "Check that you can"];
    assert_fails_unchanged(&env, &mut as_unprivileged(&env, &["cleanup"]), &words);
    // A registry with write permission is written in place.
    set_permissions(env.registry(), Permissions::from_mode(0o666)).unwrap();
    let before = (env.read_registry(), std::fs::metadata(env.registry()).unwrap().ino());
    for (what, is_before) in [("cleanup", false), ("undo", true)] {
        let done = run(&mut as_unprivileged(&env, &[what]));
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(env.read_registry() == before.0, is_before, "{what}");
        let found = std::fs::metadata(env.registry()).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o777, found.ino()), (0, 0o666, before.1), "{what}");
    }
    // Root can replace the file, and keeps its owner.
    chown(env.registry(), Some(NOBODY), Some(NOBODY)).unwrap();
    assert_eq!(env.run(&["cleanup"]).code, 0);
    let found = std::fs::metadata(env.registry()).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (NOBODY, NOBODY, 0o666));
}

#[test]
fn waiting_for_a_held_lock_ends_after_five_seconds() {
    let env = Environment::twelve();
    let path = env.registry().with_file_name(".claude_sessions.json.lock");
    let mut lock = std::fs::File::create(&path).unwrap();
    lock.lock().unwrap();
    writeln!(lock, "{}", std::process::id()).unwrap();
    let start = Instant::now();
    let holder = format!("locked by process {} ({})", std::process::id(), path.display());
    assert_fails_unchanged(
        &env,
        &mut env.about(&["cleanup"]),
        &[&holder, "for more than 5 s; try again when that program has finished"],
    );
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    drop(lock);
    assert_eq!(env.run(&["cleanup"]).code, 0);
}

#[test]
fn a_link_to_another_file_system_is_written_through() {
    let env = Environment::twelve();
    let elsewhere = env.root().join("elsewhere");
    let Some(_mount) = Mount::small(&env, &elsewhere) else { return };
    let real = elsewhere.join("sessions.json");
    std::fs::copy(env.registry(), &real).unwrap();
    std::fs::remove_file(env.registry()).unwrap();
    symlink(&real, env.registry()).unwrap();
    let (before, around) = (env.read_registry(), sibling_names(&env.registry()));
    let device = std::fs::metadata(&real).unwrap().dev();
    assert_ne!(device, std::fs::metadata(env.workspace()).unwrap().dev());
    assert_eq!(env.run(&["cleanup"]).code, 0);
    assert!(env.registry().is_symlink() && env.read_registry() != before);
    assert_eq!(std::fs::metadata(env.registry()).unwrap().dev(), device, "the registry changed its file system");
    assert_eq!(sibling_names(&real), [".sessions.json.lock", "sessions.json"]);
    assert_eq!(env.run(&["undo"]).code, 0);
    assert_eq!(env.read_registry(), before);
    // The same with a full file system there.
    let filler = fill(&elsewhere);
    let path = format!("write {}", real.display());
    check(&env.run(&["cleanup"]), &[&path, "No space left on device", "Free some space there"]);
    assert_eq!(env.read_registry(), before);
    std::fs::remove_file(filler).unwrap();
    assert_eq!((sibling_names(&env.registry()), sibling_names(&real).len()), (around, 2));
}

#[test]
fn a_bind_mounted_registry_is_reported() {
    let env = Environment::twelve();
    let real = env.root().join("real.json");
    std::fs::copy(env.registry(), &real).unwrap();
    let Some(_mount) = Mount::at(&env, &env.registry(), &["--bind", real.to_str().unwrap()]) else { return };
    let path = format!("replace {}", env.registry().display());
    assert_fails_unchanged(&env, &mut env.about(&["cleanup"]), &[&path, "busy", "mount its folder instead"]);
}
