//! Who runs: the process behind an entry, the entry behind a process, and the sessions that no entry knows.
//!
//! Guarantees: a session is its process, and only that process proves anything about it. Does not look at processes: what is
//! known of each is asked for.

use serde::Serialize;

use crate::claude::{Claude, Kind, ProcessKey, Record, RecordStatus, folder_name};
use crate::liveness::Process;
use crate::registry::{Class, Entry, Registry};
use crate::time;
use crate::view::messages;

/// What is known of the process behind an entry. Its own process decides. A record of another process with the same id proves
/// nothing, because two processes can hold one conversation, and records are left over after a crash. Only an entry that
/// remembers no process is proven alive by the record of its id.
#[must_use]
pub fn process_of(entry: &Entry, records: &[Record], known: impl Fn(&ProcessKey) -> Process) -> Process {
    let Some(claude) = &entry.claude else { return Process::Unknown };
    if let Some(own) = &claude.process {
        return known(own);
    }
    let mut of_id = records.iter().filter(|record| record.session_id.as_deref().is_some_and(|id| claude.is_of_id(id)));
    let is_alive = of_id.any(|record| record.process.as_ref().is_some_and(|key| known(key) == Process::Alive));
    if is_alive { Process::Alive } else { Process::Unknown }
}

/// The entry of a running session: the one of its process, else one of its id that remembers no process. An active one
/// first, if an old one was left behind.
#[must_use]
pub fn entry_of<'r>(
    registry: &'r Registry,
    process: Option<&ProcessKey>,
    session_id: Option<&str>,
) -> Option<&'r Entry> {
    let find = |is_its: &dyn Fn(&Claude) -> bool| {
        let found = |entry: &&Entry| entry.claude.as_ref().is_some_and(is_its);
        let of_class = |class| registry.entries().iter().find(|entry| entry.class() == class && found(entry));
        of_class(Class::Active).or_else(|| registry.entries().iter().find(found))
    };
    let of_process = process.and_then(|process| find(&|claude| claude.is_of_process(process)));
    of_process.or_else(|| session_id.and_then(|id| find(&|claude| claude.process.is_none() && claude.is_of_id(id))))
}

/// A session that runs and that the registry does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Unregistered {
    /// Its process.
    pub pid: u32,
    /// Its name, or the folder it works in; empty where neither is known.
    pub name: String,
    /// The folder it works in.
    pub cwd: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// When it started.
    pub since: Option<String>,
    /// What it does.
    pub status: Option<RecordStatus>,
}

/// Sessions that run and belong to another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Elsewhere {
    /// The registry.
    pub registry: String,
    /// What it is called: the folder of its workspace.
    pub name: String,
    /// How many of its sessions run.
    pub running: usize,
}

/// What a registry at a path is called: the folder of the workspace whose coordination folder it lies in.
#[must_use]
pub fn workspace_name(registry: &str) -> String {
    let mut parts = registry.split(['/', '\\']).filter(|part| !part.is_empty()).rev().skip(1).peekable();
    if parts.next_if_eq(&"coordination").is_some() {
        parts.next_if_eq(&"docs");
    }
    messages::plain(parts.next().unwrap_or_default(), 40)
}

/// The records that are running sessions and that no entry knows, by pid.
#[must_use]
pub fn unregistered<'r>(
    registry: &Registry,
    records: &'r [Record],
    counts_sdk: bool,
    known: impl Fn(&ProcessKey) -> Process,
) -> Vec<(&'r Record, Unregistered)> {
    let jobs: Vec<&str> = records.iter().filter_map(|record| record.job.as_deref()).collect();
    let mut found: Vec<(&Record, Unregistered)> = records
        .iter()
        .filter(|record| record.process.as_ref().is_some_and(|key| known(key) == Process::Alive))
        .filter(|record| record.parked.as_deref().is_none_or(|job| !jobs.contains(&job)))
        .filter(|record| entry_of(registry, record.process.as_ref(), record.session_id.as_deref()).is_none())
        .filter_map(|record| {
            let kind = record.kind.filter(|kind| counts_sdk || *kind != Kind::Sdk)?;
            let name = record.name.clone().or_else(|| record.cwd.as_deref().map(|cwd| folder_name(cwd).to_owned()));
            let name = name.unwrap_or_default();
            let since = record.started_at.map(|at| time::wire(time::whole_seconds(at)));
            let (cwd, status) = (record.cwd.clone(), record.status);
            Some((record, Unregistered { pid: record.pid, name, cwd, kind, since, status }))
        })
        .collect();
    found.sort_unstable_by_key(|(record, _)| record.pid);
    found
}

#[cfg(test)]
#[path = "process_matching_tests.rs"]
mod tests;
