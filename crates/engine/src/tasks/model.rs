//! A workspace as it is now: its registry, its beats, what follows from them.
//!
//! Promises: one way to look, for a command that looks once and for an app that looks for weeks; each update reads what
//! changed and nothing else; while the registry cannot be read the last good state stays, marked. Does not wait or watch.

use std::collections::BTreeMap;
use std::sync::Arc;

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use headcount_core::liveness::cleanup::{self, Folder};
use headcount_core::liveness::ownership::Ownership;
use headcount_core::registry::{Class, Entry};
use headcount_core::view::row::Row;
use headcount_core::view::session_table::{EvidenceSource, Known, SessionTable};
use headcount_core::view::snapshot::{PutBack, Snapshot, Trouble, UndoOffer};
use headcount_core::view::warning::{Code, Warning};
use headcount_core::{Number, Registry, Time, Timeout, time};

use crate::process::process_tracker::{ProcessTracker, known_to_claude};
use crate::store::overwrite_detector::{self, OverwriteDetector};
use crate::tasks::heartbeat_index::HeartbeatIndex;
use crate::{Error, Workspace, snooze, suspend};

/// A workspace as it is now.
#[derive(Debug)]
pub struct Model {
    workspace: Workspace,
    index: HeartbeatIndex,
    lives: ProcessTracker,
    table: SessionTable,
    trouble: Option<Trouble>,
    near_misses: BTreeMap<String, Warning>,
    /// A cleanup that can be undone, and until when that is offered.
    undo: Option<(UndoOffer, Time)>,
    guard: OverwriteDetector,
    put_back: Option<PutBack>,
    snoozed_until: Option<Time>,
    quiet_until: Option<Time>,
    is_polling: bool,
    /// The last change of the journal was being made when it was read.
    awaits_registry: bool,
}

impl Model {
    /// Reads everything. A torn registry is given a second; one that cannot be read is an error.
    pub fn look(workspace: &Workspace, now: Time) -> Result<Self, Error> {
        Self::look_telling(workspace, now, &mut |_| {})
    }

    /// The same for somebody who waits: told now and then is how many beats were read.
    pub fn look_telling(workspace: &Workspace, now: Time, tell: &mut dyn FnMut(usize)) -> Result<Self, Error> {
        let registry = workspace.store().read_patiently()?;
        let index = HeartbeatIndex::scan_telling(&workspace.places.heartbeats, tell);
        let mut model = Self::with(workspace, registry, index, ProcessTracker::scan(workspace), now);
        model.recall(now);
        model.pass(now);
        Ok(model)
    }

    /// Reads the beats for a registry that was read already.
    #[must_use]
    pub fn of(workspace: &Workspace, registry: Registry, now: Time) -> Self {
        Self::with(
            workspace,
            registry,
            HeartbeatIndex::scan(&workspace.places.heartbeats),
            ProcessTracker::scan(workspace),
            now,
        )
    }

    /// Judges the sessions of a registry by their processes. Beats are read only if a session cannot be judged without them,
    /// because a folder can hold 100 000; Claude Code's records are not read.
    #[must_use]
    pub(crate) fn of_processes(workspace: &Workspace, registry: Registry, now: Time) -> Self {
        let is_judged = |entry: &Entry| match entry.process().map(|key| workspace.processes.look(key)) {
            Some(Process::Alive | Process::Gone) => true,
            Some(Process::Unknown) | None => entry.class() != Class::Active,
        };
        let index = if registry.entries().iter().all(is_judged) {
            HeartbeatIndex::unread(&workspace.places.heartbeats)
        } else {
            HeartbeatIndex::scan(&workspace.places.heartbeats)
        };
        Self::with(workspace, registry, index, ProcessTracker::unread(workspace), now)
    }

    /// A model that has looked at nothing yet.
    #[must_use]
    pub fn blank(workspace: &Workspace, now: Time) -> Self {
        let index = HeartbeatIndex::unread(&workspace.places.heartbeats);
        Self::with(workspace, Registry::empty(), index, ProcessTracker::unread(workspace), now)
    }

    fn with(
        workspace: &Workspace,
        registry: Registry,
        index: HeartbeatIndex,
        lives: ProcessTracker,
        now: Time,
    ) -> Self {
        let nobody = EvidenceSource::of_beats(&|_| Known::default());
        let mut model = Self {
            workspace: workspace.clone(),
            near_misses: BTreeMap::new(),
            index,
            lives,
            table: SessionTable::new(Registry::empty(), Ownership::default(), workspace.timeout, now, &nobody),
            trouble: None,
            undo: None,
            guard: OverwriteDetector::default(),
            put_back: None,
            snoozed_until: None,
            quiet_until: None,
            is_polling: false,
            awaits_registry: false,
        };
        model.seat(registry, now);
        model
    }

    /// The judged sessions.
    #[must_use]
    pub fn table(&self) -> &SessionTable {
        &self.table
    }

    /// What became of the heartbeats folder.
    #[must_use]
    pub fn folder(&self) -> Folder {
        self.index.folder()
    }

    /// The processes behind the sessions.
    pub(crate) fn lives(&self) -> &ProcessTracker {
        &self.lives
    }

    /// How many ids have beats and no session.
    #[must_use]
    pub fn orphans(&self) -> usize {
        self.index.ids().filter(|id| self.table.ownership().owners(id).is_empty()).count()
    }

    /// The rows, by number.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        self.table.rows()
    }

    /// Takes a new reading of the registry in, or the reason why there is none.
    pub fn registry_read(&mut self, registry: Result<Registry, Error>, now: Time) {
        match registry {
            Ok(registry) => {
                self.trouble = None;
                if registry.text() != self.table.registry().text() {
                    self.seat(registry, now);
                }
                self.put_back = self.guard.look(self.table.registry(), now);
            }
            Err(error) => {
                let path = self.workspace.places.registry.display().to_string();
                self.trouble = Some(Trouble { code: error.code().into(), message: error.to_string(), path });
            }
        }
    }

    /// Looks at single files of the heartbeats folder again.
    pub fn beats_touched<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, now: Time) {
        let mut ids = Vec::new();
        for name in names {
            ids.extend(self.index.touch(name));
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
        self.judge(ids, &[], now);
    }

    /// Reads the whole heartbeats folder again.
    pub fn rescan(&mut self, now: Time) {
        self.index = HeartbeatIndex::scan(&self.workspace.places.heartbeats);
        self.lives.rescan(&self.workspace.places);
        self.seat(self.table.registry().clone(), now);
    }

    /// Looks at single records of Claude Code again.
    pub fn records_touched<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, now: Time) {
        self.lives.touch(names);
        self.judge_lives(now);
    }

    /// Reads all of Claude Code's records again.
    pub fn rescan_records(&mut self, now: Time) {
        self.lives.rescan(&self.workspace.places);
        self.judge_lives(now);
    }

    fn judge_lives(&mut self, now: Time) {
        self.lives.look(self.table.registry(), &self.workspace.places);
        self.judge(Vec::new(), &known_to_claude(self.table.registry()), now);
    }

    /// Looks at some processes again, which are said to have ended or whose end is not reported.
    pub fn look_at_processes(&mut self, keys: &[ProcessKey], now: Time) {
        self.lives.look_again(keys, self.table.registry(), &self.workspace.places);
        self.judge(Vec::new(), &known_to_claude(self.table.registry()), now);
    }

    /// The processes whose end would change something.
    pub fn running(&self) -> impl Iterator<Item = &ProcessKey> {
        self.lives.running()
    }

    /// The processes that were seen running and about which nothing is known now.
    pub fn uncertain(&self) -> impl Iterator<Item = &ProcessKey> {
        self.lives.uncertain()
    }

    /// Makes the roster anew.
    fn seat(&mut self, registry: Registry, now: Time) {
        let ownership = Ownership::of(&registry);
        for id in ownership.all_ids() {
            self.index.open_newest(id, now);
        }
        self.lives.look(&registry, &self.workspace.places);
        let (index, lives, boot) = (&self.index, &self.lives, self.workspace.processes.boot());
        let witnesses =
            EvidenceSource { beats: &|id| index.known(id), process: &|entry| lives.of(entry), boot: boot.as_ref() };
        self.table = SessionTable::new(registry, ownership, self.workspace.timeout, now, &witnesses);
        self.find_near_misses();
    }

    /// Lets time pass: sessions whose state changes by itself are judged anew.
    pub fn pass(&mut self, now: Time) {
        self.judge(Vec::new(), &[], now);
        self.quiet_until = self.quiet_until.filter(|until| *until > now);
        self.snoozed_until = self.snoozed_until.filter(|until| *until > now);
        self.undo.take_if(|(_, until)| *until <= now);
    }

    /// Reads again what Headcount remembers: the journal's end and the snooze.
    pub fn recall(&mut self, now: Time) {
        self.awaits_registry = self.workspace.journal().awaits_registry();
        let noted = suspend::quiet_until(&self.workspace.places.memory, now);
        self.quiet_until = self.quiet_until.max(noted);
        self.snoozed_until = snooze::read(&self.workspace.places.state);
        let journal = self.workspace.journal();
        let read = journal
            .undo_offer(now)
            .and_then(|undo| Ok((undo, journal.since(time::earlier(now, overwrite_detector::WATCHED))?)));
        match read {
            Ok((undo, recent)) => {
                self.undo = undo;
                self.guard.recall(recent);
                self.put_back = self.guard.look(self.table.registry(), now);
            }
            Err(error) => tracing::warn!(%error, "cannot read the journal"),
        }
    }

    /// Whether the journal is to be read again once the registry has changed.
    #[must_use]
    pub fn awaits_registry(&self) -> bool {
        self.awaits_registry
    }

    /// Looks again at the evidence about some sessions, given that no file was added to the heartbeats folder or removed.
    pub(crate) fn look_again_at(&mut self, numbers: &[Number], now: Time) {
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
        self.beats_touched(names.iter().map(String::as_str), now);
        self.look_at_processes(&keys, now);
    }

    /// Judges everybody anew by another timeout.
    pub fn judge_by(&mut self, timeout: Timeout, now: Time) {
        self.adopt(&Workspace { timeout, ..self.workspace.clone() }, now);
    }

    /// Takes over what is set otherwise for the same places.
    pub fn adopt(&mut self, workspace: &Workspace, now: Time) {
        self.workspace = workspace.clone();
        self.seat(self.table.registry().clone(), now);
    }

    /// Until when nothing newly stale is announced.
    #[must_use]
    pub fn quiet_until(&self) -> Option<Time> {
        self.quiet_until
    }

    /// Nothing newly stale is announced until then.
    pub fn be_quiet_until(&mut self, moment: Time) {
        self.quiet_until = Some(moment);
    }

    /// Whether the files are looked at every few seconds instead of being watched.
    pub fn polls(&mut self, is_polling: bool) {
        self.is_polling = is_polling;
    }

    fn judge(&mut self, ids: Vec<&str>, numbers: &[Number], now: Time) {
        let due: Vec<String> = self.table.due_ids(now).map(str::to_owned).collect();
        for id in &due {
            self.index.open_newest(id, now);
        }
        let (index, lives, boot) = (&self.index, &self.lives, self.workspace.processes.boot());
        let witnesses =
            EvidenceSource { beats: &|id| index.known(id), process: &|entry| lives.of(entry), boot: boot.as_ref() };
        self.table.revisit(ids, numbers, now, &witnesses);
    }

    fn find_near_misses(&mut self) {
        let found = self.index.ids().filter_map(|id| Some((id.to_owned(), self.table.near_miss(id)?)));
        self.near_misses = found.collect();
    }

    /// The next moment at which something changes by itself.
    #[must_use]
    pub fn next_change(&self) -> Option<Time> {
        [self.table.next_change(), self.quiet_until, self.snoozed_until, self.undo.as_ref().map(|(_, until)| *until)]
            .into_iter()
            .flatten()
            .min()
    }

    /// The picture at `now`, which must not be before the last update.
    #[must_use]
    pub fn snapshot(&self, now: Time) -> Snapshot {
        let places = &self.workspace.places;
        let (rows, elsewhere) = (self.rows(), self.lives.elsewhere().to_vec());
        let counts = self.table.counts().with_others(self.lives.unregistered().len(), &elsewhere);
        let folder = self.index.folder();
        let registry = places.registry.display().to_string();
        let heartbeats = places.heartbeats.display().to_string();
        let mut warnings = folder_warning(folder, &rows, &heartbeats).into_iter().collect::<Vec<_>>();
        warnings.extend(self.table.warnings(&registry, |file| places.heartbeats.join(file).display().to_string()));
        // One hint a session is enough, however many spellings there are; a folder can hold thousands.
        warnings.extend(
            self.near_misses
                .values()
                .take(rows.len().max(1))
                .map(|warning| Warning { path: Some(heartbeats.clone()), ..warning.clone() }),
        );
        Snapshot {
            cleanup: cleanup::offer(
                &rows,
                counts,
                folder,
                self.trouble.is_none(),
                self.quiet_until.is_some_and(|until| until > now),
            ),
            registry,
            heartbeats,
            at: now,
            timeout: self.workspace.timeout,
            counts,
            rows,
            available_numbers: self.table.available_numbers(),
            unregistered: self.lives.unregistered().to_vec(),
            elsewhere,
            warnings,
            trouble: self.trouble.clone(),
            undo: self.undo.as_ref().map(|(offer, _)| offer.clone()),
            put_back: self.put_back.clone(),
            auto_cleanup: self.workspace.auto_cleanup,
            snoozed_until: self.snoozed_until,
            quiet_until: self.quiet_until,
            is_polling: self.is_polling,
            next_change: self.next_change(),
        }
    }
}

/// What a folder that cannot be looked into means. Where nobody is registered, none is needed yet.
fn folder_warning(folder: Folder, rows: &[Arc<Row>], path: &str) -> Option<Warning> {
    let message = match folder {
        Folder::Readable => return None,
        Folder::Missing if rows.is_empty() => return None,
        Folder::Missing => "There is no heartbeats folder, so nobody can be seen to be alive.",
        Folder::Unreadable => "The heartbeats folder cannot be read, so nobody can be seen to be alive.",
    };
    Some(Warning { code: Code::NoHeartbeatsFolder, message: message.into(), path: Some(path.to_owned()) })
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
