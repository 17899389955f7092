//! Which sessions of a workspace are proven to run, by the processes in registry entries and by Claude Code's own
//! records.
//!
//! Guarantees: each process is read once until it is reported to have exited; an unknown process is read again with the
//! next change. Also finds running sessions that are not registered. Does not wait for exits, and does not decide
//! verdicts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::claude::activity::Activity;
use headcount_core::claude::{ProcessKey, Record};
use headcount_core::liveness::Process;
use headcount_core::liveness::process_matching::{self, Elsewhere, Unregistered};
use headcount_core::registry::{Class, Entry};
use headcount_core::{Number, Registry};

use crate::Workspace;
use crate::claude::claude_records::{ClaudeRecords, RecordChanges};
use crate::claude::{config_folders, session_routes};
use crate::files::file::real_or_same;
use crate::process::Processes;

/// The processes of a workspace's sessions.
#[derive(Debug)]
pub(crate) struct ProcessTracker {
    processes: Arc<dyn Processes>,
    counts_sdk: bool,
    records: ClaudeRecords,
    found: HashMap<ProcessKey, Process>,
    /// The processes that were seen running.
    seen: HashSet<ProcessKey>,
    unregistered: Vec<Unregistered>,
    elsewhere: Vec<Elsewhere>,
    /// The registry of each running session that is not in this registry, by pid. Valid as long as its record is the
    /// same except for the activity.
    homes: HashMap<u32, (Record, Option<PathBuf>)>,
}

impl ProcessTracker {
    /// A tracker without records and processes.
    pub(crate) fn empty(workspace: &Workspace) -> Self {
        Self {
            processes: Arc::clone(&workspace.processes),
            counts_sdk: workspace.counts_sdk,
            records: ClaudeRecords::default(),
            found: HashMap::new(),
            seen: HashSet::new(),
            unregistered: Vec::new(),
            elsewhere: Vec::new(),
            homes: HashMap::new(),
        }
    }

    /// Reads every record, also in the folders of running processes that have another one.
    pub(crate) fn scan(workspace: &Workspace) -> Self {
        Self { records: ClaudeRecords::scan(&config_folders::with_running(workspace)), ..Self::empty(workspace) }
    }

    /// Reads all records again. Keeps the states of processes.
    pub(crate) fn rescan(&mut self, workspace: &Workspace) {
        self.records.rescan(&workspace.records);
    }

    /// Reads the records with these file names again. If at most activities changed, the unregistered sessions with
    /// these are updated; else [`Self::look`] has to follow.
    pub(crate) fn reread<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> RecordChanges {
        let changes = self.records.reread(names);
        let RecordChanges::Activity(pids) = &changes else { return changes };
        let records = || pids.iter().flat_map(|pid| self.records.of_pid(*pid));
        // An unknown process is read again with each change of its record.
        if records().filter_map(|record| record.process.as_ref()).any(|key| self.known(key) == Process::Unknown) {
            return RecordChanges::Other;
        }
        for session in self.unregistered.iter_mut().filter(|session| pids.contains(&session.pid)) {
            let process = self.homes.get(&session.pid).and_then(|(record, _)| record.process.as_ref());
            let mut records = self.records.of_pid(session.pid).iter();
            if let Some(record) = records.find(|record| record.process.as_ref() == process) {
                (session.status, session.activity) = (record.status, record.activity);
            }
        }
        changes
    }

    /// Reads the processes of active entries and of records, unless their state is known.
    pub(crate) fn look(&mut self, registry: &Registry, workspace: &Workspace) {
        let entries = registry.entries().iter().filter(|entry| entry.class() == Class::Active);
        let of_entries = entries.filter_map(|entry| entry.claude.as_ref()?.process.as_ref());
        let of_records = self.records.all().iter().filter_map(|record| record.process.as_ref());
        let wanted: HashSet<&ProcessKey> = of_entries.chain(of_records).collect();
        let mut found = HashMap::with_capacity(wanted.len());
        for key in wanted {
            let known = self.found.get(key).copied().filter(|process| *process != Process::Unknown);
            found.insert(key.clone(), known.unwrap_or_else(|| self.processes.look(key)));
        }
        self.found = found;
        self.seen.retain(|key| self.found.contains_key(key));
        self.note_seen();
        self.find_unregistered(registry, workspace);
    }

    /// Reads these processes again, because they were reported to have exited or cannot be waited for.
    pub(crate) fn recheck(&mut self, keys: &[ProcessKey], registry: &Registry, workspace: &Workspace) {
        for key in keys {
            if let Some(process) = self.found.get_mut(key) {
                *process = self.processes.look(key);
            }
        }
        self.note_seen();
        self.find_unregistered(registry, workspace);
    }

    /// The state of the process of an entry's session.
    pub(crate) fn of(&self, entry: &Entry) -> Process {
        process_matching::process_of(entry, self.records.all(), |key| self.known(key))
    }

    /// What the session of an entry is doing.
    pub(crate) fn activity_of(&self, entry: &Entry) -> Option<Activity> {
        let own = entry.process();
        let records = own.map_or_else(|| self.records.all(), |key| self.records.of_pid(key.pid));
        process_matching::activity_of(entry, records, |key| self.known(key))
    }

    /// The processes that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &ProcessKey> {
        self.found.iter().filter(|(_, process)| **process == Process::Alive).map(|(key, _)| key)
    }

    /// The processes that were seen running and are unknown now.
    pub(crate) fn uncertain(&self) -> impl Iterator<Item = &ProcessKey> {
        let is_uncertain = |key: &&ProcessKey| self.found.get(*key) == Some(&Process::Unknown);
        self.seen.iter().filter(is_uncertain)
    }

    fn note_seen(&mut self) {
        let alive = self.found.iter().filter(|(_, process)| **process == Process::Alive).map(|(key, _)| key.clone());
        self.seen.extend(alive);
    }

    /// The running sessions that are not registered.
    pub(crate) fn unregistered(&self) -> &[Unregistered] {
        &self.unregistered
    }

    /// The records of the running sessions that are not registered.
    pub(crate) fn unregistered_records(&self) -> impl Iterator<Item = &Record> {
        let runs = |record: &Record| record.process.as_ref().is_some_and(|key| self.known(key) == Process::Alive);
        let is_unregistered =
            move |record: &&Record| self.unregistered.iter().any(|found| found.pid == record.pid) && runs(record);
        self.records.all().iter().filter(is_unregistered)
    }

    fn known(&self, key: &ProcessKey) -> Process {
        self.found.get(key).copied().unwrap_or_default()
    }

    /// The running sessions that belong to other registries.
    pub(crate) fn elsewhere(&self) -> &[Elsewhere] {
        &self.elsewhere
    }

    /// Divides the running sessions without an entry into those of this registry and those of others. A session belongs
    /// to the registry it is registered in, else to that of its folder.
    fn find_unregistered(&mut self, registry: &Registry, workspace: &Workspace) {
        let found =
            process_matching::unregistered(registry, self.records.all(), self.counts_sdk, |key| self.known(key));
        let own = real_or_same(&workspace.registry);
        let mut homes = HashMap::with_capacity(found.len());
        let mut elsewhere: BTreeMap<PathBuf, usize> = BTreeMap::new();
        let mut unregistered = Vec::new();
        for (record, session) in found {
            let before =
                self.homes.remove(&record.pid).filter(|(before, _)| before.differs_in_activity_at_most(record));
            let (_, home) = before.unwrap_or_else(|| (record.clone(), home_of(record, workspace)));
            match &home {
                Some(home) if *home != own => *elsewhere.entry(home.clone()).or_default() += 1,
                _ => unregistered.push(session),
            }
            homes.insert(record.pid, (record.clone(), home));
        }
        self.homes = homes;
        self.unregistered = unregistered;
        self.elsewhere =
            elsewhere.into_iter().map(|(registry, running)| other(&registry, running, workspace)).collect();
    }
}

/// The registry that a session belongs to.
fn home_of(record: &Record, workspace: &Workspace) -> Option<PathBuf> {
    let registered = record.process.as_ref().and_then(|key| session_routes::registry_of(&workspace.state, key));
    let folder = record.cwd.as_deref().map(Path::new);
    registered.or_else(|| workspace.lookup.registry_of(folder)).map(|registry| real_or_same(&registry))
}

fn other(registry: &Path, running: usize, workspace: &Workspace) -> Elsewhere {
    let is_fallback = workspace.lookup.fallback.as_ref().is_some_and(|fallback| real_or_same(fallback) == registry);
    let registry = registry.display().to_string();
    let name = if is_fallback { "other folders".into() } else { process_matching::workspace_name(&registry) };
    Elsewhere { registry, name, running }
}

/// The numbers of the entries that contain data of Claude Code.
pub(crate) fn with_claude_data(registry: &Registry) -> Vec<Number> {
    registry.entries().iter().filter(|entry| entry.claude.is_some()).map(|entry| entry.number).collect()
}

/// The numbers of the entries whose session can be one of these processes.
pub(crate) fn with_processes(registry: &Registry, pids: &[u32]) -> Vec<Number> {
    let is_one = |entry: &&Entry| match entry.process() {
        Some(process) => pids.contains(&process.pid),
        None => entry.claude.is_some(),
    };
    registry.entries().iter().filter(is_one).map(|entry| entry.number).collect()
}
