//! Who runs: the process behind an entry, the entry behind a process, and the sessions that no entry knows.
//!
//! Promises: one that lives is a proof, that one is gone only where none of the others may live. Does not look at processes:
//! what is known of each is asked for.

use serde::Serialize;

use crate::claude::{Kind, ProcessKey, Record, folder_name};
use crate::liveness::Process;
use crate::registry::{Class, Entry, Registry};

/// What is known of the process behind an entry, from what the entry remembers and from the records. One that lives is a
/// proof; that one is gone is a proof only where none of the others may live.
#[must_use]
pub fn process_of(entry: &Entry, records: &[Record], known: impl Fn(&ProcessKey) -> Process) -> Process {
    let Some(claude) = &entry.claude else { return Process::Unknown };
    let mut found: Vec<Process> = claude.process.iter().map(&known).collect();
    let own = |record: &&Record| claude.is_of(record.process.as_ref(), record.session_id.as_deref());
    found.extend(records.iter().filter(own).filter_map(|record| record.process.as_ref()).map(&known));
    match () {
        () if found.contains(&Process::Alive) => Process::Alive,
        () if found.contains(&Process::Unknown) || found.is_empty() => Process::Unknown,
        () => Process::Gone,
    }
}

/// The entry of a session: the one of its process, else the one of its id.
#[must_use]
pub fn entry_of<'r>(
    registry: &'r Registry,
    process: Option<&ProcessKey>,
    session_id: Option<&str>,
) -> Option<&'r Entry> {
    let find = |process, session_id| {
        let is_its = |entry: &&Entry| entry.claude.as_ref().is_some_and(|claude| claude.is_of(process, session_id));
        // The one that counts, where an old one was left behind.
        let of_class = |class| registry.entries().iter().find(|entry| entry.class() == class && is_its(entry));
        of_class(Class::Active).or_else(|| registry.entries().iter().find(is_its))
    };
    find(process, None).or_else(|| find(None, session_id))
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
            Some((record, Unregistered { pid: record.pid, name, cwd: record.cwd.clone(), kind }))
        })
        .collect();
    found.sort_unstable_by_key(|(record, _)| record.pid);
    found
}

#[cfg(test)]
#[path = "running_tests.rs"]
mod tests;
