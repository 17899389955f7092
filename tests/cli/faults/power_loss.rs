//! The state after a power loss, derived from the order of an update's writes, syncs and renames.
//!
//! Guarantees: for every prefix of system calls that reached the disk, a file with its final name holds all its bytes,
//! and a new registry text appears only after the copy of the old one and its journal record. The model: bytes are
//! durable after a sync of their file; a rename is durable after a sync of its folder, and may be before. Needs strace.

use std::collections::BTreeSet;

use crate::environment::{Environment, skipped};

/// A system call that affects durability.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Write(String),
    Sync(String),
    Rename(String, String),
}

/// The event in a line of `strace -y`, which prints the path of each descriptor.
fn event(line: &str) -> Option<Event> {
    let (call, rest) = line.split_whitespace().nth(1)?.split_once('(')?;
    let in_angles = |text: &str| Some(text.split_once('<')?.1.split_once('>')?.0.to_owned());
    match call {
        "write" | "pwrite64" => Some(Event::Write(in_angles(rest)?)),
        "fsync" | "fdatasync" => Some(Event::Sync(in_angles(rest)?)),
        _ if call.starts_with("rename") => {
            let names: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            let folder = line.split('<').nth(1).and_then(|text| text.split_once('>')).map(|(folder, _)| folder);
            let path = |name: &str| {
                folder.filter(|_| !name.starts_with('/')).map_or(name.to_owned(), |folder| format!("{folder}/{name}"))
            };
            Some(Event::Rename(path(names.first()?), path(names.get(1)?)))
        }
        _ => None,
    }
}

fn events(env: &Environment, args: &[&str]) -> Option<Vec<Event>> {
    let log = env.root().join("calls");
    let mut strace = env.program("strace");
    strace.args(["-f", "-y", "-s", "0", "-e", "trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2", "-o"]);
    strace.arg(&log).arg(env!("CARGO_BIN_EXE_headcount")).arg("--registry").arg(env.registry()).args(args);
    strace.output().ok().filter(|output| output.status.success())?;
    Some(std::fs::read_to_string(log).ok()?.lines().filter_map(event).collect())
}

#[test]
fn a_power_loss_at_any_moment_leaves_registry_journal_and_newest_copy_whole() {
    for args in [&["cleanup"][..], &["register", "13", "--role", "r", "--goal", "g"], &["reassign", "1", "12"]] {
        let env = Environment::twelve();
        let Some(events) = events(&env, args) else {
            return skipped("no strace here to see the order of writes");
        };
        let registry = std::fs::canonicalize(env.registry()).unwrap().display().to_string();
        let mut unsafe_bytes: BTreeSet<&str> = BTreeSet::new();
        let (mut unsafe_names, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for event in &events {
            match event {
                Event::Write(path) => drop(unsafe_bytes.insert(path)),
                Event::Sync(path) => {
                    unsafe_bytes.remove(path.as_str());
                    unsafe_names.retain(|name: &String| name.rsplit_once('/').is_none_or(|(folder, _)| folder != path));
                }
                Event::Rename(from, to) if to.contains("/heartbeats/") => drop(seen.insert((from.as_str(), "a beat"))),
                Event::Rename(from, to) => {
                    assert!(!unsafe_bytes.contains(from.as_str()), "{args:?}: {to} before its bytes: {events:#?}");
                    if *to == registry {
                        seen.insert((to, "the registry"));
                        let journal = unsafe_bytes.iter().any(|path| path.ends_with("journal.jsonl"));
                        assert!(!journal, "{args:?}: before its record: {events:#?}");
                        let copy = unsafe_names.iter().any(|name| name.contains("/copies/"));
                        assert!(!copy, "{args:?}: before the name of the copy: {events:#?}");
                        assert!(seen.iter().any(|(path, _)| path.contains("/copies/")), "{args:?}: without a copy");
                    }
                    seen.insert((to, "a file"));
                    unsafe_names.insert(to.clone());
                }
            }
        }
        assert!(seen.contains(&(registry.as_str(), "the registry")), "{args:?}: {events:#?}");
        assert!(!unsafe_names.contains(&registry), "{args:?}: the change itself is safe at the end: {events:#?}");
    }
}
