//! A system that says no, for real: full, read-only, forbidden, locked for ever, mounted oddly. Exit code 1, one line that
//! says what, where and what to do, and the registry as it was to the byte.
//!
//! Promises: what is mounted here is unmounted here. What this machine does not let a test do is said on the standard error.

use std::fs::{Permissions, set_permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::environment::{Environment, Run, run, skipped};

/// Nobody in particular.
const NOBODY: u32 = 65534;

/// Something mounted, until dropped.
struct Mount<'w>(&'w Environment, PathBuf);

impl<'w> Mount<'w> {
    /// Mounts something there; nothing where that is not permitted.
    fn at(world: &'w Environment, place: &Path, args: &[&str]) -> Option<Self> {
        let mounted = run(world.program("mount").args(args).arg(place));
        if mounted.code != 0 {
            skipped(&format!("mounting is not permitted here: {}", mounted.stderr.trim()));
            return None;
        }
        Some(Self(world, place.to_owned()))
    }

    /// A small file system in a new folder.
    fn small(world: &'w Environment, place: &Path) -> Option<Self> {
        std::fs::create_dir_all(place).unwrap();
        Self::at(world, place, &["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
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
        skipped("only root can give a file to somebody else");
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

/// What is in the registry's folder.
fn beside(registry: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(registry.parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != ".claude_sessions.json.lock");
    names.sort();
    names
}

/// A cleanup that fails for a reason, and what must be said; afterwards nothing is different, and nothing is offered.
fn fails(world: &Environment, command: &mut Command, words: &[&str]) {
    let (before, around) = (world.read_registry(), beside(&world.registry()));
    check(&run(command), words);
    assert_eq!(world.read_registry(), before);
    assert_eq!(beside(&world.registry()), around, "litter");
    let undo = world.json(&["log"]);
    assert!(!undo.to_string().contains("\"cleanup\"") || undo.to_string().contains("withdrawn"), "{undo}");
}

/// Takes up all the room there is.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    path
}

#[test]
fn a_full_disk() {
    let world = Environment::twelve();
    let text = world.read_registry();
    let Some(_mount) = Mount::small(&world, &world.workspace()) else { return };
    world.write_registry(&text);
    world.beat("session-1", crate::environment::now());
    let filler = fill(&world.workspace());
    let path = format!("write {}", world.registry().display());
    fails(
        &world,
        &mut world.about(&["cleanup"]),
        &[&path, "No space left on device", "Make room there, then try again"],
    );
    // As it says: made room, tried again.
    std::fs::remove_file(filler).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert!(world.read_registry().contains("\"inactive\""));
}

#[test]
fn no_room_for_the_journal() {
    let world = Environment::twelve();
    let Some(_mount) = Mount::small(&world, &world.state()) else { return };
    fill(&world.state());
    let state = world.state().display().to_string();
    fails(&world, &mut world.about(&["cleanup"]), &[&state, "No space left on device", "Make room there"]);
}

/// The command under a limit of so many half kilobytes a file.
fn limited(world: &Environment, halves: usize, trap: &str) -> Command {
    let mut shell = world.program("sh");
    shell.args(["-c", &format!("{trap} ulimit -c 0; ulimit -f {halves}; exec \"$0\" \"$@\"")]);
    let about = world.about(&["cleanup"]);
    shell.arg(about.get_program()).args(about.get_args());
    shell
}

#[test]
fn a_limit_on_files() {
    let world = Environment::twelve();
    // The copy just fits, what is to be written does not.
    let text = world.read_registry();
    let halves = text.len() / 512 + 8;
    world.write_registry(&format!("{text}{}", " ".repeat(halves * 512 - text.len())));
    let path = format!("write {}", world.registry().display());
    let words = [&path, "File too large", "ulimit -f"];
    fails(&world, &mut limited(&world, halves, "trap '' XFSZ;"), &words);
    // Where nobody asked for the signal to be ignored it ends the command in the middle of writing.
    let before = world.read_registry();
    let killed = run(&mut limited(&world, halves, ""));
    assert!(killed.code > 128 || killed.code == 1, "{killed:?}");
    assert_eq!(world.read_registry(), before);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(beside(&world.registry()), ["claude_sessions.json", "heartbeats"], "swept");
}

#[test]
fn half_a_record_is_taken_back() {
    let world = Environment::twelve();
    assert_eq!(world.run(&["register", "20", "--role", "r", "--goal", "g"]).code, 0);
    let journal = world.everything().into_iter().find(|path| path.ends_with("journal.jsonl")).unwrap();
    let journal = world.root().join(journal);
    // There is room for a hundred bytes of the next record, and the system writes as many.
    let halves = 200;
    let mut text = std::fs::read(&journal).unwrap();
    text.resize(halves * 512 - 101, b' ');
    text.push(b'\n');
    std::fs::write(&journal, &text).unwrap();
    let words = [&format!("write the journal {}", journal.display()), "File too large", "ulimit -f"];
    fails(&world, &mut limited(&world, halves, "trap '' XFSZ;"), &words);
    assert_eq!(std::fs::read(&journal).unwrap(), text);
    // Where the process ends in the middle of the record instead, the next one is none the worse.
    let before = world.read_registry();
    let killed = run(&mut limited(&world, halves, ""));
    assert!(killed.code > 128, "{killed:?}");
    assert!(std::fs::metadata(&journal).unwrap().len() as usize > text.len(), "half of it is there");
    assert_eq!(world.read_registry(), before);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let log = world.json(&["log"]);
    let what: Vec<&str> = log.as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["cleanup", "register"]);
    assert_eq!(world.run(&["undo"]).code, 0);
    assert_eq!(world.read_registry(), before);
}

#[test]
fn a_read_only_file_system() {
    let world = Environment::twelve();
    let folder = world.workspace();
    let Some(_bound) = Mount::at(&world, &folder, &["--bind", folder.to_str().unwrap()]) else { return };
    if run(world.program("mount").args(["-o", "remount,bind,ro"]).arg(&folder)).code != 0 {
        return skipped("remounting is not permitted here");
    }
    let path = folder.display().to_string();
    let words = [path.as_str(), "Read-only file system", "Nothing can be written on that file system"];
    fails(&world, &mut world.about(&["cleanup"]), &words);
    assert_eq!(world.run(&["status"]).code, 0, "looking needs no writing");
}

/// The command as nobody in particular, who has a home and may look at everything in this world.
fn as_nobody(world: &Environment, args: &[&str]) -> Command {
    for path in [world.root().to_owned(), world.heartbeats()] {
        set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    chown(world.home(), Some(NOBODY), Some(NOBODY)).unwrap();
    let program = world.root().join("headcount");
    // By another process: a program that some fork of this one still holds open for writing could not be started.
    assert_eq!(run(world.program("cp").arg(env!("CARGO_BIN_EXE_headcount")).arg(&program)).code, 0);
    let mut command = world.program("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    command.arg("--registry").arg(world.registry()).args(args);
    command
}

#[test]
fn a_folder_that_is_not_ours() {
    if !is_root() {
        return;
    }
    let world = Environment::twelve();
    let command = || as_nobody(&world, &["cleanup"]);
    set_permissions(world.workspace(), Permissions::from_mode(0o555)).unwrap();
    let remedy = "See to it that you may read and write it and its folder";
    let lock = world.registry().with_file_name(".claude_sessions.json.lock");
    let refused = |what: &str| fails(&world, &mut command(), &[what, "Permission denied", remedy]);
    refused(&format!("create the lock file {}", lock.display()));
    // Somebody else's lock can still be had, but nothing be written beside it.
    std::fs::write(&lock, "").unwrap();
    set_permissions(&lock, Permissions::from_mode(0o644)).unwrap();
    refused(&format!("write in the folder {}", world.workspace().display()));
    // What cannot even be read is not written over either.
    set_permissions(world.registry(), Permissions::from_mode(0o600)).unwrap();
    refused(&format!("read the registry {}", world.registry().display()));
}

#[test]
fn a_registry_of_somebody_else() {
    if !is_root() {
        return;
    }
    let world = Environment::twelve();
    set_permissions(world.workspace(), Permissions::from_mode(0o777)).unwrap();
    // One that may only be read cannot be replaced: its owner would be another one.
    set_permissions(world.registry(), Permissions::from_mode(0o644)).unwrap();
    let what = format!("keep mode and owner of {}", world.registry().display());
    let words = [what.as_str(), "Operation not permitted", "See to it that you may"];
    fails(&world, &mut as_nobody(&world, &["cleanup"]), &words);
    // One that may be written is written in place.
    set_permissions(world.registry(), Permissions::from_mode(0o666)).unwrap();
    let before = (world.read_registry(), std::fs::metadata(world.registry()).unwrap().ino());
    for (what, is_before) in [("cleanup", false), ("undo", true)] {
        let done = run(&mut as_nobody(&world, &[what]));
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(world.read_registry() == before.0, is_before, "{what}");
        let found = std::fs::metadata(world.registry()).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o777, found.ino()), (0, 0o666, before.1), "{what}");
    }
    // Root may, and leaves it to its owner.
    chown(world.registry(), Some(NOBODY), Some(NOBODY)).unwrap();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let found = std::fs::metadata(world.registry()).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (NOBODY, NOBODY, 0o666));
}

#[test]
fn a_lock_held_for_ever() {
    let world = Environment::twelve();
    let path = world.registry().with_file_name(".claude_sessions.json.lock");
    let mut lock = std::fs::File::create(&path).unwrap();
    lock.lock().unwrap();
    writeln!(lock, "{}", std::process::id()).unwrap();
    let start = Instant::now();
    let holder = format!("locked by process {} ({})", std::process::id(), path.display());
    fails(&world, &mut world.about(&["cleanup"]), &[&holder, "for more than 5 s; try again when that program is done"]);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    drop(lock);
    assert_eq!(world.run(&["cleanup"]).code, 0);
}

#[test]
fn a_link_to_another_file_system() {
    let world = Environment::twelve();
    let elsewhere = world.root().join("elsewhere");
    let Some(_mount) = Mount::small(&world, &elsewhere) else { return };
    let real = elsewhere.join("sessions.json");
    std::fs::copy(world.registry(), &real).unwrap();
    std::fs::remove_file(world.registry()).unwrap();
    symlink(&real, world.registry()).unwrap();
    let (before, around) = (world.read_registry(), beside(&world.registry()));
    let device = std::fs::metadata(&real).unwrap().dev();
    assert_ne!(device, std::fs::metadata(world.workspace()).unwrap().dev());
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert!(world.registry().is_symlink() && world.read_registry() != before);
    assert_eq!(std::fs::metadata(world.registry()).unwrap().dev(), device, "it moved");
    assert_eq!(beside(&real), [".sessions.json.lock", "sessions.json"]);
    assert_eq!(world.run(&["undo"]).code, 0);
    assert_eq!(world.read_registry(), before);
    // And when it is full there.
    let filler = fill(&elsewhere);
    let path = format!("write {}", real.display());
    check(&world.run(&["cleanup"]), &[&path, "No space left on device", "Make room there"]);
    assert_eq!(world.read_registry(), before);
    std::fs::remove_file(filler).unwrap();
    assert_eq!((beside(&world.registry()), beside(&real).len()), (around, 2));
}

#[test]
fn a_registry_mounted_by_itself() {
    let world = Environment::twelve();
    let real = world.root().join("real.json");
    std::fs::copy(world.registry(), &real).unwrap();
    let Some(_mount) = Mount::at(&world, &world.registry(), &["--bind", real.to_str().unwrap()]) else { return };
    let path = format!("replace {}", world.registry().display());
    fails(&world, &mut world.about(&["cleanup"]), &[&path, "busy", "mount its folder instead"]);
}
