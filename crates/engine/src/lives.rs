//! Which of a workspace's sessions are proven to run: by the processes that entries remember, and by Claude Code's own
//! records.
//!
//! Promises: each process is looked at once until it is said to have ended; what is unknown is looked at again with the next
//! change. Finds
//! the sessions that run and are not registered, too. Does not wait and does not judge.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use headcount_core::claude::{ProcessKey, Record};
use headcount_core::liveness::Process;
use headcount_core::registry::{Class, Entry};
use headcount_core::running::{self, Unregistered};
use headcount_core::{Number, Registry};

use crate::Workspace;
use crate::paths::Places;
use crate::process::Processes;
use crate::records::Records;

/// The processes behind a workspace's sessions.
#[derive(Debug)]
pub(crate) struct Lives {
    processes: Arc<dyn Processes>,
    counts_sdk: bool,
    records: Records,
    found: HashMap<ProcessKey, Process>,
    /// Those of them that were seen running.
    seen: HashSet<ProcessKey>,
    unregistered: Vec<Unregistered>,
}

impl Lives {
    /// Nothing is known yet.
    pub(crate) fn unread(workspace: &Workspace) -> Self {
        Self {
            processes: Arc::clone(&workspace.processes),
            counts_sdk: workspace.counts_sdk,
            records: Records::default(),
            found: HashMap::new(),
            seen: HashSet::new(),
            unregistered: Vec::new(),
        }
    }

    /// Reads every record.
    pub(crate) fn scan(workspace: &Workspace) -> Self {
        Self { records: Records::scan(workspace.places.records.as_deref()), ..Self::unread(workspace) }
    }

    /// Reads every record again. What is known of processes stays known.
    pub(crate) fn rescan(&mut self, places: &Places) {
        self.records = Records::scan(places.records.as_deref());
    }

    /// Reads single records again.
    pub(crate) fn touch<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.records.touch(names);
    }

    /// Looks at the processes that matter: those of entries that count as running, and those of records.
    pub(crate) fn look(&mut self, registry: &Registry, places: &Places) {
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
        self.find_unregistered(registry, places);
    }

    /// Looks at some processes again: they are said to have ended, or nobody can say.
    pub(crate) fn look_again(&mut self, keys: &[ProcessKey], registry: &Registry, places: &Places) {
        for key in keys {
            if let Some(process) = self.found.get_mut(key) {
                *process = self.processes.look(key);
            }
        }
        self.note_seen();
        self.find_unregistered(registry, places);
    }

    /// What is known of the process of an entry's session.
    pub(crate) fn of(&self, entry: &Entry) -> Process {
        running::process_of(entry, self.records.all(), |key| self.known(key))
    }

    /// The processes whose end would change something.
    pub(crate) fn running(&self) -> impl Iterator<Item = &ProcessKey> {
        self.found.iter().filter(|(_, process)| **process == Process::Alive).map(|(key, _)| key)
    }

    /// The processes that were seen running and about which nothing is known now.
    pub(crate) fn uncertain(&self) -> impl Iterator<Item = &ProcessKey> {
        let is_uncertain = |key: &&ProcessKey| self.found.get(*key) == Some(&Process::Unknown);
        self.seen.iter().filter(is_uncertain)
    }

    fn note_seen(&mut self) {
        let alive = self.found.iter().filter(|(_, process)| **process == Process::Alive).map(|(key, _)| key.clone());
        self.seen.extend(alive);
    }

    /// Sessions that run and are not registered.
    pub(crate) fn unregistered(&self) -> &[Unregistered] {
        &self.unregistered
    }

    /// The record of a session that runs and is not registered.
    pub(crate) fn record(&self, pid: u32) -> Option<&Record> {
        self.unregistered.iter().any(|found| found.pid == pid).then_some(())?;
        self.records.all().iter().find(|record| record.pid == pid)
    }

    fn known(&self, key: &ProcessKey) -> Process {
        self.found.get(key).copied().unwrap_or_default()
    }

    fn find_unregistered(&mut self, registry: &Registry, places: &Places) {
        let found = running::unregistered(registry, self.records.all(), self.counts_sdk, |key| self.known(key));
        let here = found.into_iter().filter(|(record, _)| places.are_of(record.cwd.as_deref().map(Path::new)));
        self.unregistered = here.map(|(_, found)| found).collect();
    }
}

/// The sessions of which Claude Code may know something.
pub(crate) fn known_to_claude(registry: &Registry) -> Vec<Number> {
    registry.entries().iter().filter(|entry| entry.claude.is_some()).map(|entry| entry.number).collect()
}
