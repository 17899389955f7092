//! Reading changed files again: each update reads only what changed.

use headcount_core::claude::ProcessKey;
use headcount_core::view::snapshot::Trouble;
use headcount_core::{Number, Registry, Time, time};

use super::Model;
use crate::claude::claude_records::RecordChanges;
use crate::process::process_tracker::{with_claude_data, with_processes};
use crate::store::overwrite_detector;
use crate::tasks::heartbeat_index::HeartbeatIndex;
use crate::{Error, snooze, suspend};

impl Model {
    /// Takes a registry that was read, or the error of reading it.
    pub fn set_registry(&mut self, registry: Result<Registry, Error>, now: Time) {
        match registry {
            Ok(registry) => {
                self.trouble = None;
                if registry.text() != self.table.registry().text() {
                    self.rebuild_table(registry, now);
                }
                self.reverted_change = self.overwrites.look(self.table.registry(), now);
            }
            Err(error) => {
                let path = self.workspace.registry.display().to_string();
                self.trouble = Some(Trouble { code: error.code().into(), message: error.to_string(), path });
            }
        }
    }

    /// Reads single files of the heartbeats folder again.
    pub fn reread_heartbeats<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, now: Time) {
        let mut ids = Vec::new();
        for name in names {
            ids.extend(self.index.reread(name));
        }
        ids.sort_unstable();
        ids.dedup();
        for id in &ids {
            self.near_misses.remove(*id);
            if self.index.contains(id) {
                self.near_misses.extend(self.table.near_miss(id).map(|warning| ((*id).to_owned(), warning)));
            }
        }
        ids.retain(|id| !self.table.ownership().owners(id).is_empty());
        for id in &ids {
            self.index.open_newest(id, now);
        }
        self.update_verdicts(ids, &[], now);
    }

    /// Reads the whole heartbeats folder and all of Claude Code's records again.
    pub fn rescan(&mut self, now: Time) {
        self.index = HeartbeatIndex::scan(&self.workspace.heartbeats);
        self.tracker.rescan(&self.workspace);
        self.rebuild_table(self.table.registry().clone(), now);
    }

    /// Reads single records of Claude Code again. Returns whether more than the activity of sessions has changed.
    pub fn reread_records<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, now: Time) -> bool {
        match self.tracker.reread(names) {
            RecordChanges::Activity(pids) => {
                self.update_verdicts(Vec::new(), &with_processes(self.table.registry(), &pids), now);
                false
            }
            RecordChanges::Other => {
                self.update_processes(now);
                true
            }
        }
    }

    /// Reads all of Claude Code's records again.
    pub fn rescan_records(&mut self, now: Time) {
        self.tracker.rescan(&self.workspace);
        self.update_processes(now);
    }

    fn update_processes(&mut self, now: Time) {
        self.tracker.look(self.table.registry(), &self.workspace);
        self.update_verdicts(Vec::new(), &with_claude_data(self.table.registry()), now);
    }

    /// Reads processes again that were reported to have exited, or that the system does not watch.
    pub fn recheck_processes(&mut self, keys: &[ProcessKey], now: Time) {
        self.tracker.recheck(keys, self.table.registry(), &self.workspace);
        self.update_verdicts(Vec::new(), &with_claude_data(self.table.registry()), now);
    }

    /// Reads Headcount's own state again: the end of the journal, the suspend marker and the snooze.
    pub fn reread_memory(&mut self, now: Time) {
        self.is_change_in_progress = self.workspace.journal().is_change_in_progress();
        let noted = suspend::quiet_until(&self.workspace.memory, now);
        self.quiet_until = self.quiet_until.max(noted);
        self.snoozed_until = snooze::read(&self.workspace.state);
        let journal = self.workspace.journal();
        let read = journal
            .undo_offer(now)
            .and_then(|undo| Ok((undo, journal.since(time::earlier(now, overwrite_detector::WATCHED))?)));
        match read {
            Ok((undo, recent)) => {
                self.undo = undo;
                self.overwrites.recall(recent);
                self.reverted_change = self.overwrites.look(self.table.registry(), now);
            }
            Err(error) => tracing::warn!(%error, "cannot read the journal"),
        }
    }

    /// Reads the evidence about some sessions again. Valid only if no file was added to the heartbeats folder or
    /// removed.
    pub(crate) fn recheck_evidence(&mut self, numbers: &[Number], now: Time) {
        let entries = self.table.registry().entries().iter();
        let entries: Vec<_> = entries.filter(|entry| numbers.contains(&entry.number)).collect();
        let keys: Vec<ProcessKey> = entries.iter().filter_map(|entry| entry.process().cloned()).collect();
        let owned = |id: &&str| {
            let owners = self.table.ownership().owners(id);
            owners
                .iter()
                .filter_map(|at| self.table.registry().entries().get(*at))
                .any(|entry| numbers.contains(&entry.number))
        };
        let ids: Vec<&str> = self.table.ownership().all_ids().filter(owned).collect();
        let names: Vec<String> = ids.iter().flat_map(|id| self.index.rewritable(id)).collect();
        self.reread_heartbeats(names.iter().map(String::as_str), now);
        self.recheck_processes(&keys, now);
    }
}
