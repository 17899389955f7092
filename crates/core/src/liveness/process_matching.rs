//! Matching of registry entries and running processes: the evidence for an entry, the entry of a session, and the
//! running sessions without an entry.
//!
//! Guarantees: a session is identified by its process, and only that process proves anything about it. Does not look up
//! processes: the evidence for each is passed in.

use serde::Serialize;

use crate::claude::activity::Activity;
use crate::claude::{Claude, ProcessKey, Record, RecordStatus, SessionKind, folder_name};
use crate::liveness::Process;
use crate::registry::{Class, Entry, Registry};
use crate::time::{self, Time};
use crate::view::text::messages;

/// The evidence about the process of an entry. The entry's own process decides. A record of another process with the
/// same session id proves nothing, because two processes can hold one conversation, and records are left over after a
/// crash. Only an entry without a process is proven alive by a record of its id.
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

/// What the session of an entry is doing, by the record of its process. `None` if that process is not proven to run, as a
/// killed one leaves its record, or if the record does not tell.
#[must_use]
pub fn activity_of<'r>(
    entry: &Entry,
    records: impl IntoIterator<Item = &'r Record>,
    known: impl Fn(&ProcessKey) -> Process,
) -> Option<Activity> {
    let claude = entry.claude.as_ref()?;
    let own = claude.process.as_ref();
    let is_its = |record: &&Record| match own {
        Some(own) => record.pid == own.pid && record.is_of(Some(own), claude.session_id.as_deref()),
        None => record.session_id.as_deref().is_some_and(|id| claude.is_of_id(id)),
    };
    let is_alive = |key: Option<&ProcessKey>| key.is_some_and(|key| known(key) == Process::Alive);
    let mut its = records.into_iter().filter(is_its);
    its.find(|record| is_alive(own.or(record.process.as_ref())))?.activity
}

/// The entry of a running session: the one with its process, else one with its id and without a process. Active entries
/// take precedence over old ones that were left behind.
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

/// A running session that has no entry in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Unregistered {
    /// The pid of its process.
    pub pid: u32,
    /// Its name, or the name of its working folder; empty if neither is known.
    pub name: String,
    /// Its working folder.
    pub cwd: Option<String>,
    /// Its kind.
    pub kind: SessionKind,
    /// When it started.
    pub since: Option<String>,
    /// Its current status.
    pub status: Option<RecordStatus>,
    /// What it is doing; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wire-types", ts(optional, as = "Option<crate::claude::activity::WireActivity>"))]
    pub activity: Option<Activity>,
}

impl Unregistered {
    /// The session without times in the future of `now`.
    #[must_use]
    pub fn seen_at(&self, now: Time) -> Self {
        Self { activity: self.activity.map(|activity| activity.seen_at(now)), ..self.clone() }
    }
}

/// Running sessions that belong to another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Elsewhere {
    /// The path of the registry.
    pub registry: String,
    /// The display name of the registry: the folder of its workspace.
    pub name: String,
    /// The number of its running sessions.
    pub running: usize,
}

/// The display name of the registry at a path: the folder of the workspace that contains its coordination folder.
#[must_use]
pub fn workspace_name(registry: &str) -> String {
    let mut parts = registry.split(['/', '\\']).filter(|part| !part.is_empty()).rev().skip(1).peekable();
    if parts.next_if_eq(&"coordination").is_some() {
        parts.next_if_eq(&"docs");
    }
    messages::plain(parts.next().unwrap_or_default(), 40)
}

/// The records of running sessions that have no entry, sorted by pid.
#[must_use]
pub fn unregistered<'r>(
    registry: &Registry,
    records: &'r [Record],
    counts_sdk: bool,
    known: impl Fn(&ProcessKey) -> Process,
) -> Vec<(&'r Record, Unregistered)> {
    let jobs: Vec<&str> = records.iter().filter_map(|record| record.job.as_deref()).collect();
    let entry = |record: &Record| entry_of(registry, record.process.as_ref(), record.session_id.as_deref());
    let runs = |record: &&Record| record.process.as_ref().is_some_and(|key| known(key) == Process::Alive);
    // Such a job is the session of a running terminal, which is counted by its entry.
    let is_counted = |record: &&Record| entry(record).is_some_and(|entry| entry.class() == Class::Active);
    let parked = records.iter().filter(runs).filter(is_counted).filter_map(|record| record.parked.as_deref());
    let registered_jobs: Vec<&str> = parked.collect();
    let mut found: Vec<(&Record, Unregistered)> = records
        .iter()
        .filter(runs)
        .filter(|record| record.parked.as_deref().is_none_or(|job| !jobs.contains(&job)))
        .filter(|record| record.job.as_deref().is_none_or(|job| !registered_jobs.contains(&job)))
        .filter(|record| entry(record).is_none())
        .filter_map(|record| {
            let kind = record.kind.filter(|kind| counts_sdk || *kind != SessionKind::Sdk)?;
            let name = record.name.clone().filter(|_| !record.is_name_generated);
            let name = name.or_else(|| record.cwd.as_deref().map(|cwd| folder_name(cwd).to_owned()));
            let name = name.unwrap_or_default();
            let since = record.started_at.map(|at| time::wire(time::whole_seconds(at)));
            let (cwd, status, activity) = (record.cwd.clone(), record.status, record.activity);
            Some((record, Unregistered { pid: record.pid, name, cwd, kind, since, status, activity }))
        })
        .collect();
    found.sort_unstable_by_key(|(record, _)| record.pid);
    found
}

#[cfg(test)]
#[path = "process_matching_tests.rs"]
mod tests;
