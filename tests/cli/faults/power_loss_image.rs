//! The image of a real file system after a power loss: what the disk has at the moment at which an update ends or is
//! killed.
//!
//! Guarantees: each kind of update runs on ext4 on a loop device that writes nothing by itself (`commit=600`,
//! `noauto_da_alloc`). A copy of its image is mounted in its place, as after a restart: the registry is the one from
//! before the update or the one from after it, entry by entry, and journal and newest copy are whole. A finished update
//! is on the disk, except that of a hook, which may be undone. A short run looks after each kind of update;
//! `HEADCOUNT_TORTURE=1` also kills it at each system call that changes files. Needs root, loop devices and ext4.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::environment::{Environment, registry, skipped};
use crate::faults::registry_states::{Found, Reference, assert_entries_kept};
use crate::faults::syscall_faults::{UPDATES, Update, counted};

/// Makes the file system, prepares a workspace on it, runs the update, and copies what it left after a power loss.
/// The mounts are of a namespace of their own, so that they end with the script.
const SCRIPT: &str = r#"
set -e
truncate -s 24M image
mkfs.ext4 -q -F image
mkdir disk
mount -o loop,commit=600,noauto_da_alloc image disk || exit 77
cp -r template disk/workspace
mkdir disk/home
cd disk/workspace
headcount() { HOME=$W/disk/home "$HC" --registry "$W/disk/workspace/claude_sessions.json" "$@"; }
headcount release 2 >/dev/null
headcount reactivate 2 >/dev/null
sync
cp claude_sessions.json "$W/before"
HOME=$W/disk/home $TRACE "$HC" --registry "$W/disk/workspace/claude_sessions.json" "$@" <"$W/input" >/dev/null 2>&1 || true
cp "$W/image" "$W/cut"
cp claude_sessions.json "$W/after"
cd "$W"
umount disk
mount -o loop cut disk
cp disk/workspace/claude_sessions.json found
cp -r disk/home/.local/state/headcount state
cd disk/workspace
headcount restore --json >"$W/copies"
headcount log --json >"$W/log"
headcount register 77 --role next --goal g >/dev/null
cp claude_sessions.json "$W/next"
"#;

/// Calls that change files.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,\
                     mkdirat,ftruncate,fchmod,fchown,fsetxattr,flock";

/// Runs an update until its `trace` ends it. Returns the folder with what was found, or `None` without loop devices.
fn power_loss(update: &Update, trace: &str) -> Option<Environment> {
    let env = Environment::new();
    let template = env.root().join("template");
    std::fs::create_dir_all(template.join("heartbeats")).unwrap();
    let sessions =
        [(1, "session-1", "active", None), (2, "session-2", "active", None), (3, "session-3", "active", None)];
    std::fs::write(template.join("claude_sessions.json"), registry(&sessions)).unwrap();
    std::fs::write(env.root().join("input"), update.1).unwrap();
    let mut script = env.program("unshare");
    script.args(["--mount", "sh", "-c", SCRIPT, "sh"]).args(update.0).current_dir(env.root());
    script.env("W", env.root()).env("HC", env!("CARGO_BIN_EXE_headcount")).env("TRACE", trace);
    script.env("CLAUDE_PID", std::process::id().to_string());
    let output = script.stdin(Stdio::null()).output().ok()?;
    let is_mounted = env.root().join("before").exists();
    assert!(output.status.success() || !is_mounted, "{:?} {trace}: {output:?}", update.0);
    is_mounted.then_some(env)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(text: &str, when: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{when}: {error}: {text:?}"))
}

fn file(env: &Environment, name: &str) -> String {
    read(&env.root().join(name))
}

fn root(env: &Environment) -> String {
    env.root().display().to_string()
}

/// Checks what a power loss left of a finished update.
fn check_finished(env: &Environment, update: &Update, when: &str) -> Reference {
    let (before, after) = (file(env, "before"), file(env, "after"));
    let reference = Reference::new(&before, &after, &root(env), when);
    let found = check(env, &reference, when);
    assert!(found == Found::After || update.0 == ["hook"], "{when}: the finished change is not on the disk");
    reference
}

/// Checks what a power loss left. Returns which registry that is.
fn check(env: &Environment, reference: &Reference, when: &str) -> Found {
    let (before, text) = (file(env, "before"), file(env, "found"));
    let found = reference.check(&text, &before, &root(env), when);
    assert_entries_kept(&text, &file(env, "next"), when);
    // The newest copy and the journal.
    let copies = parse(&file(env, "copies"), when);
    let newest = copies["copies"].as_array().or(copies.as_array()).unwrap()[0]["path"].as_str().unwrap().to_owned();
    let state = env.root().join("disk/home/.local/state/headcount");
    let newest: PathBuf = env.root().join("state").join(Path::new(&newest).strip_prefix(state).unwrap());
    parse(&read(&newest), when);
    let log = parse(&file(env, "log"), when);
    let count = log.as_array().or(log["changes"].as_array()).map_or(0, Vec::len);
    assert_eq!(count, if found == Found::Before { 2 } else { 3 }, "{when}: {log}");
    found
}

/// How often an update makes each call that changes files. Empty without strace.
fn calls(update: &Update) -> BTreeMap<String, usize> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let trace = format!("strace -f -o {} -e trace={CALLS}", log.path().display());
    power_loss(update, &trace).map(|_| counted(&read(log.path()))).unwrap_or_default()
}

#[test]
fn a_power_loss_after_each_kind_of_update_leaves_whole_files() {
    let (mut finished, mut killed) = (0, 0);
    for update in &UPDATES {
        let Some(env) = power_loss(update, "") else {
            return skipped("no loop device here to look at a disk after a power loss");
        };
        let reference = check_finished(&env, update, &format!("{:?}", update.0));
        finished += 1;
        let counts = if std::env::var_os("HEADCOUNT_TORTURE").is_some() { calls(update) } else { BTreeMap::new() };
        for (call, count) in counts {
            for nth in 1..=count {
                let trace = format!("strace -f -o /dev/null -e inject={call}:signal=KILL:when={nth}");
                let env = power_loss(update, &trace).unwrap();
                check(&env, &reference, &format!("{:?} killed at {call} {nth}", update.0));
                killed += 1;
            }
        }
    }
    println!("power lost after {finished} updates and at {killed} system calls, nothing lost");
}
