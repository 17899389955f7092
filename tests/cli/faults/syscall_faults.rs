//! Every kind of update, killed or failed at each of its system calls.
//!
//! Guarantees: a process killed at any system call, and an error returned by any of them, leave the old registry or the
//! new one, every other entry and every heartbeat as they were, a readable journal and newest copy, and the next update
//! succeeds and changes nothing else. The calls are counted in a run of the same command, not listed here. A short run injects a few of them, `HEADCOUNT_TORTURE=1` (`make torture`)
//! all. Needs strace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::environment::{Environment, skipped};
use crate::faults::registry_states::{Found, Reference, assert_entries_kept};

/// A kind of update: arguments and standard input.
pub(crate) type Update = (&'static [&'static str], &'static str);

/// The kinds of updates.
pub(crate) const UPDATES: [Update; 6] = [
    (&["cleanup"], ""),
    (&["register", "13", "--role", "r", "--goal", "g"], ""),
    (&["release", "1"], ""),
    (&["reassign", "1", "12"], ""),
    (&["undo"], ""),
    (&["hook"], r#"{"session_id": "a", "hook_event_name": "SessionStart"}"#),
];

/// Calls into which no error is injected: those of the loader and the runtime.
const NOT_REFUSED: [&str; 9] =
    ["execve", "mmap", "mprotect", "brk", "munmap", "rt_sigaction", "exit_group", "futex", "rt_sigprocmask"];

fn env() -> Environment {
    let env = Environment::twelve();
    // A change to undo, and a journal and a copy that must stay valid.
    assert_eq!(env.run(&["release", "2"]).code, 0);
    assert_eq!(env.run(&["reactivate", "2"]).code, 0);
    env
}

/// Runs an update under strace with additional options. Returns `false` without strace.
fn traced(env: &Environment, update: &Update, options: &[String], log: &Path) -> bool {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut strace = env.program("strace");
    strace.arg("-f").arg("-o").arg(log).args(options).arg(env!("CARGO_BIN_EXE_headcount"));
    strace.env("CLAUDE_PID", std::process::id().to_string()).env("HEADCOUNT_REGISTRY", env.registry());
    strace.current_dir(env.workspace()).args(update.0);
    let Ok(mut child) = strace.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        return false;
    };
    let _ = child.stdin.take().unwrap().write_all(update.1.as_bytes());
    child.wait().unwrap();
    true
}

/// How often an update makes each system call, and the registry before and after it; `None` without strace.
fn calls(env: &Environment, update: &Update) -> Option<(BTreeMap<String, usize>, Reference)> {
    let (log, before) = (env.root().join("calls"), env.read_registry());
    traced(env, update, &[], &log).then_some(())?;
    let counts = counted(&std::fs::read_to_string(&log).ok()?);
    if counts.is_empty() {
        return None;
    }
    Some((counts, Reference::new(&before, &env.read_registry(), &root(env), update.0[0])))
}

fn root(env: &Environment) -> String {
    env.root().display().to_string()
}

/// How often each system call is in a log of strace.
pub(crate) fn counted(log: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in log.lines() {
        let call = line.split_whitespace().nth(1).and_then(|rest| rest.split_once('('));
        if let Some((name, _)) = call.filter(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// The names of the heartbeats of an environment.
fn beats(env: &Environment) -> BTreeSet<PathBuf> {
    env.everything().into_iter().filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
}

/// Checks the invariants that hold after every failure. `before` are the registry and the heartbeats before it;
/// `may_lack` if an error can have hidden facts from a hook.
fn check(
    env: &Environment,
    reference: &Reference,
    (before, beats_before): (&str, &BTreeSet<PathBuf>),
    may_lack: bool,
    when: &str,
) {
    let (text, root) = (env.read_registry(), root(env));
    let found = if may_lack {
        reference.check_with_less(&text, before, &root, when)
    } else {
        reference.check(&text, before, &root, when)
    };
    assert!(beats(env).is_superset(beats_before), "{when}: a heartbeat is gone");
    let copies = env.json(&["restore"]);
    let newest = &copies["copies"].as_array().or(copies.as_array()).unwrap_or_else(|| panic!("{when}: {copies}"))[0];
    let copy = std::fs::read_to_string(newest["path"].as_str().unwrap()).unwrap();
    serde_json::from_str::<serde_json::Value>(&copy).unwrap_or_else(|error| panic!("{when}: {error}: {copy}"));
    // A change is in the log exactly if it was made.
    let log = env.json(&["log"]);
    let count = log.as_array().or(log["changes"].as_array()).map_or(0, Vec::len);
    assert_eq!(count, if found == Found::Before { 2 } else { 3 }, "{when}: {log}");
    let next = env.run(&["register", "77", "--role", "next", "--goal", "g"]);
    assert_eq!(next.code, 0, "{when}: {next:?}");
    assert_entries_kept(&text, &env.read_registry(), when);
    let left = env.everything().into_iter().filter(|path| path.to_string_lossy().contains(".claude_sessions.json."));
    let temps: Vec<_> = left.filter(|path| path.extension().is_some_and(|extension| extension == "tmp")).collect();
    assert!(temps.is_empty(), "{when}: {temps:?}");
}

#[test]
fn updates_survive_a_kill_and_an_error_at_each_system_call() {
    let is_long = std::env::var_os("HEADCOUNT_TORTURE").is_some();
    let (mut killed, mut refused) = (0, 0);
    for (index, update) in UPDATES.iter().enumerate() {
        let Some((counts, reference)) = calls(&env(), update) else {
            return skipped("no strace here to end an update at a system call");
        };
        for (call, count) in counts {
            let is_of_interest =
                is_long || index == 0 && ["rename", "renameat", "renameat2", "fdatasync"].contains(&&*call);
            for nth in (1..=count).filter(|_| is_of_interest) {
                let mut ways = vec![format!("inject={call}:signal=KILL:when={nth}")];
                if !NOT_REFUSED.contains(&call.as_str()) {
                    ways.push(format!("inject={call}:error=EIO:when={nth}"));
                }
                for way in ways {
                    let (env, when) = (env(), format!("{:?} {way}", update.0));
                    let (before, beats) = (env.read_registry(), beats(&env));
                    traced(&env, update, &["-e".into(), way.clone()], &env.root().join("calls"));
                    let may_lack = update.0 == ["hook"] && way.contains("error");
                    check(&env, &reference, (&before, &beats), may_lack, &when);
                    if way.contains("KILL") { killed += 1 } else { refused += 1 }
                }
            }
        }
        println!("{:?}: so far killed at {killed} system calls and failed at {refused}, nothing lost", update.0);
    }
}

#[test]
fn concurrent_starts_on_a_slow_disk_are_all_registered() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let count = if std::env::var_os("HEADCOUNT_TORTURE").is_some() { 50 } else { 8 };
    let env = Environment::with(&[], crate::environment::now());
    let mut sleepers: Vec<_> = (0..count).map(|_| Command::new("sleep").arg("1000").spawn().unwrap()).collect();
    let start = std::time::Instant::now();
    let hooks: Vec<_> = sleepers
        .iter()
        .enumerate()
        .filter_map(|(number, sleeper)| {
            let mut strace = env.program("strace");
            strace.args(["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e"]);
            strace.args(["inject=fsync,fdatasync:delay_enter=60000", env!("CARGO_BIN_EXE_headcount"), "hook"]);
            strace.env("CLAUDE_PID", sleeper.id().to_string()).env("HEADCOUNT_REGISTRY", env.registry());
            strace.current_dir(env.workspace()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut hook = strace.spawn().ok()?;
            let payload = format!(r#"{{"session_id": "s{number}", "hook_event_name": "SessionStart"}}"#);
            let _ = hook.stdin.take().unwrap().write_all(payload.as_bytes());
            Some(hook)
        })
        .collect();
    let is_here = hooks.len() == count;
    for mut hook in hooks {
        hook.wait().unwrap();
    }
    let took = start.elapsed();
    for sleeper in &mut sleepers {
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }
    if !is_here {
        return skipped("no strace here to make the disk slow");
    }
    let registry: serde_json::Value = serde_json::from_str(&env.read_registry()).unwrap();
    assert_eq!(registry.as_object().unwrap().len(), count, "after {took:?}: {registry}");
    println!("{count} sessions registered in {took:?} at 60 ms a sync");
}
