//! The current state of a workspace: its registry, its heartbeats, and the verdicts on its sessions.
//!
//! Guarantees: a command that reads once and an app that runs for weeks use the same model. Each update reads only what
//! changed. While the registry cannot be read, the last good state is kept and marked. Does not wait or watch.

mod reread;
mod snapshot;

use std::collections::BTreeMap;
use std::sync::Arc;

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use headcount_core::liveness::cleanup::Folder;
use headcount_core::liveness::ownership::Ownership;
use headcount_core::registry::{Class, Entry};
use headcount_core::view::session::evidence_source::{EvidenceSource, KnownBeats};
use headcount_core::view::session::row::Row;
use headcount_core::view::session::table::SessionTable;
use headcount_core::view::snapshot::{RevertedChange, Trouble, UndoOffer};
use headcount_core::view::warning::Warning;
use headcount_core::{Number, Registry, Time, Timeout};

use crate::process::process_tracker::ProcessTracker;
use crate::store::overwrite_detector::OverwriteDetector;
use crate::tasks::heartbeat_index::HeartbeatIndex;
use crate::{Error, Workspace};

/// The current state of a workspace.
#[derive(Debug)]
pub struct Model {
    workspace: Workspace,
    index: HeartbeatIndex,
    tracker: ProcessTracker,
    table: SessionTable,
    trouble: Option<Trouble>,
    near_misses: BTreeMap<String, Warning>,
    /// A cleanup that can be undone, and the end of the offer.
    undo: Option<(UndoOffer, Time)>,
    overwrites: OverwriteDetector,
    reverted_change: Option<RevertedChange>,
    snoozed_until: Option<Time>,
    quiet_until: Option<Time>,
    is_polling: bool,
    /// Whether a process was making the last change when the journal was read.
    is_change_in_progress: bool,
}

impl Model {
    /// Reads everything. Waits up to a second for a torn registry.
    ///
    /// # Errors
    ///
    /// As [`Store::read`](crate::store::Store::read).
    pub fn look(workspace: &Workspace, now: Time) -> Result<Self, Error> {
        Self::look_with_progress(workspace, now, &mut |_| {})
    }

    /// Reads everything, and calls `report` now and then with the number of heartbeats read.
    ///
    /// # Errors
    ///
    /// As [`Self::look`].
    pub fn look_with_progress(workspace: &Workspace, now: Time, report: &mut dyn FnMut(usize)) -> Result<Self, Error> {
        let registry = workspace.store().read_with_retry()?;
        let index = HeartbeatIndex::scan_with_progress(&workspace.heartbeats, report);
        let mut model = Self::with(workspace, registry, index, ProcessTracker::scan(workspace), now);
        model.reread_memory(now);
        model.advance(now);
        Ok(model)
    }

    /// Reads the heartbeats for a registry that was already read.
    #[must_use]
    pub fn of(workspace: &Workspace, registry: Registry, now: Time) -> Self {
        Self::with(
            workspace,
            registry,
            HeartbeatIndex::scan(&workspace.heartbeats),
            ProcessTracker::scan(workspace),
            now,
        )
    }

    /// Computes the verdicts on a registry's sessions by their processes. Heartbeats are read only if the verdict on a
    /// session depends on them, because a folder can hold 100 000. Claude Code's records are not read.
    #[must_use]
    pub(crate) fn of_processes(workspace: &Workspace, registry: Registry, now: Time) -> Self {
        let is_decided = |entry: &Entry| match entry.process().map(|key| workspace.processes.look(key)) {
            Some(Process::Alive | Process::Gone) => true,
            Some(Process::Unknown) | None => entry.class() != Class::Active,
        };
        let index = if registry.entries().iter().all(is_decided) {
            HeartbeatIndex::empty(&workspace.heartbeats)
        } else {
            HeartbeatIndex::scan(&workspace.heartbeats)
        };
        Self::with(workspace, registry, index, ProcessTracker::empty(workspace), now)
    }

    /// A model that has read nothing.
    #[must_use]
    pub fn blank(workspace: &Workspace, now: Time) -> Self {
        let index = HeartbeatIndex::empty(&workspace.heartbeats);
        Self::with(workspace, Registry::empty(), index, ProcessTracker::empty(workspace), now)
    }

    fn with(
        workspace: &Workspace,
        registry: Registry,
        index: HeartbeatIndex,
        tracker: ProcessTracker,
        now: Time,
    ) -> Self {
        let no_evidence = EvidenceSource::of_beats(&|_| KnownBeats::default());
        let mut model = Self {
            workspace: workspace.clone(),
            near_misses: BTreeMap::new(),
            index,
            tracker,
            table: SessionTable::new(Registry::empty(), Ownership::default(), workspace.timeout, now, &no_evidence),
            trouble: None,
            undo: None,
            overwrites: OverwriteDetector::default(),
            reverted_change: None,
            snoozed_until: None,
            quiet_until: None,
            is_polling: false,
            is_change_in_progress: false,
        };
        model.rebuild_table(registry, now);
        model
    }

    /// The sessions and their verdicts.
    #[must_use]
    pub fn table(&self) -> &SessionTable {
        &self.table
    }

    /// The state of the heartbeats folder.
    #[must_use]
    pub fn folder(&self) -> Folder {
        self.index.folder()
    }

    /// The processes of the sessions.
    pub(crate) fn tracker(&self) -> &ProcessTracker {
        &self.tracker
    }

    /// The number of ids that have heartbeats and no session.
    #[must_use]
    pub fn orphans(&self) -> usize {
        self.index.ids().filter(|id| self.table.ownership().owners(id).is_empty()).count()
    }

    /// The rows, ordered by number.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.table.rows()
    }

    /// The processes that run.
    pub fn running(&self) -> impl Iterator<Item = &ProcessKey> {
        self.tracker.running()
    }

    /// The processes that were seen running and are unknown now.
    pub fn uncertain(&self) -> impl Iterator<Item = &ProcessKey> {
        self.tracker.uncertain()
    }

    /// Builds a new table of a registry's sessions.
    fn rebuild_table(&mut self, registry: Registry, now: Time) {
        let ownership = Ownership::of(&registry);
        for id in ownership.all_ids() {
            self.index.open_newest(id, now);
        }
        self.tracker.look(&registry, &self.workspace);
        let (index, tracker, boot) = (&self.index, &self.tracker, self.workspace.processes.boot());
        let evidence = EvidenceSource {
            beats: &|id| index.known(id),
            process: &|entry| tracker.of(entry),
            activity: &|entry| tracker.activity_of(entry),
            boot: boot.as_ref(),
        };
        self.table = SessionTable::new(registry, ownership, self.workspace.timeout, now, &evidence);
        self.find_near_misses();
    }

    /// Advances the time: updates verdicts that change with time, and ends periods that are over.
    pub fn advance(&mut self, now: Time) {
        self.update_verdicts(Vec::new(), &[], now);
        self.quiet_until = self.quiet_until.filter(|until| *until > now);
        self.snoozed_until = self.snoozed_until.filter(|until| *until > now);
        self.undo.take_if(|(_, until)| *until <= now);
    }

    /// Whether the journal has to be read again once the registry has changed.
    #[must_use]
    pub fn is_change_in_progress(&self) -> bool {
        self.is_change_in_progress
    }

    /// Sets the timeout and updates all verdicts.
    pub fn set_timeout(&mut self, timeout: Timeout, now: Time) {
        self.adopt(&Workspace { timeout, ..self.workspace.clone() }, now);
    }

    /// Takes changed settings of the same workspace, and updates all verdicts.
    pub fn adopt(&mut self, workspace: &Workspace, now: Time) {
        self.workspace = workspace.clone();
        self.rebuild_table(self.table.registry().clone(), now);
    }

    /// The end of the grace period in which nothing newly stale is announced.
    #[must_use]
    pub fn quiet_until(&self) -> Option<Time> {
        self.quiet_until
    }

    /// Sets the end of the grace period.
    pub fn set_quiet_until(&mut self, moment: Time) {
        self.quiet_until = Some(moment);
    }

    /// Sets whether the files are polled instead of watched.
    pub fn set_polling(&mut self, is_polling: bool) {
        self.is_polling = is_polling;
    }

    fn update_verdicts(&mut self, ids: Vec<&str>, numbers: &[Number], now: Time) {
        let due: Vec<String> = self.table.due_ids(now).map(str::to_owned).collect();
        for id in &due {
            self.index.open_newest(id, now);
        }
        let (index, tracker, boot) = (&self.index, &self.tracker, self.workspace.processes.boot());
        let evidence = EvidenceSource {
            beats: &|id| index.known(id),
            process: &|entry| tracker.of(entry),
            activity: &|entry| tracker.activity_of(entry),
            boot: boot.as_ref(),
        };
        self.table.reevaluate(ids, numbers, now, &evidence);
    }

    fn find_near_misses(&mut self) {
        let found = self.index.ids().filter_map(|id| Some((id.to_owned(), self.table.near_miss(id)?)));
        self.near_misses = found.collect();
    }

    /// The next moment at which the state changes with time alone.
    #[must_use]
    pub fn next_change(&self) -> Option<Time> {
        [self.table.next_change(), self.quiet_until, self.snoozed_until, self.undo.as_ref().map(|(_, until)| *until)]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
