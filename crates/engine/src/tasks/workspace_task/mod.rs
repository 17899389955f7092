//! Following a workspace: one task owns the model, and all consumers receive snapshots.
//!
//! The task is supervised: after a panic a snapshot reports the panic and marks the last state as unknown, and a new
//! task starts after a delay (see [`supervisor`]).
//!
//! Guarantees: a change of a file leads to a new snapshot within about 50 ms. A state that changes with time changes at
//! its moment. Nothing runs while nothing changes, if the system reports changes. A torn registry is read again for a
//! second before it counts as unreadable. A process without a reported exit is checked every few seconds.
//! A changed configuration takes effect at once: the timeout, and the registry, unless they were named when the process
//! started. Does not change files: actions do, and the task follows the changed files.

mod reload_config;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use headcount_core::claude::ProcessKey;
use headcount_core::liveness::suspend::{ClockReading, GRACE_PERIOD};
use headcount_core::view::snapshot::{Snapshot, Trouble};
use headcount_core::{Time, time};
use tokio::sync::mpsc;
use tokio::sync::watch::{Receiver, Sender, channel};

use crate::claude::config_folders;
use crate::clock::Clock;
use crate::files::failpoints;
use crate::process::exit_watch::ExitWatch;
use crate::store::TORN_FILE_TIMEOUT;
use crate::tasks::model::Model;
use crate::tasks::supervisor;
use crate::watch::Watch;
use crate::workspace::config::resolved::ResolvedConfig;
use crate::{Error, Workspace, suspend};

/// For how long events are collected after the first one.
const DEBOUNCE: Duration = Duration::from_millis(25);

/// The interval at which a torn registry is read again.
const TORN_RETRY_INTERVAL: TimeDelta = TimeDelta::milliseconds(20);

/// The interval at which files are read if the system does not report changes.
const POLL_INTERVAL: TimeDelta = TimeDelta::seconds(5);

/// The newest snapshot of a workspace. `None` before the first one.
pub type Snapshots = Receiver<Option<Arc<Snapshot>>>;

/// The followed workspace and its configuration. Updated before the first snapshot of another workspace.
pub type ConfigUpdates = Receiver<Arc<ResolvedConfig>>;

/// The parts that a restarted task takes over.
#[derive(Clone)]
struct Kept {
    resolved: Sender<Arc<ResolvedConfig>>,
    clock: Arc<dyn Clock>,
    snapshots: Sender<Option<Arc<Snapshot>>>,
}

/// The task that follows a workspace. It ends when all receivers of snapshots are dropped.
pub struct WorkspaceTask {
    kept: Kept,
    workspace: Workspace,
    model: Model,
    watch: Watch,
    reading: ClockReading,
    /// When the registry was first read as torn; `None` if it is not torn.
    torn: Option<Instant>,
    /// Whether no snapshot of this workspace was published yet.
    is_unseen: bool,
    /// Waits for the exits of processes.
    ends: ExitWatch,
}

impl WorkspaceTask {
    /// Prepares to follow a workspace and its configuration. [`Self::run`] follows them.
    #[must_use]
    pub fn new(mut resolved: ResolvedConfig, clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        resolved.workspace.records = config_folders::with_running(&resolved.workspace);
        let (snapshots, receiver) = channel(None);
        (Self::of(Kept { resolved: channel(Arc::new(resolved)).0, clock, snapshots }), receiver)
    }

    fn of(kept: Kept) -> Self {
        let resolved = Arc::clone(&kept.resolved.borrow());
        let workspace = resolved.workspace.clone();
        let reading = kept.clock.read();
        let quiet_until = suspend::note(&workspace, &reading);
        // Watched before it is read, so that no change is missed.
        let watch = Watch::start(&workspace, resolved.file().as_deref());
        let mut model = Model::blank(&workspace, reading.now);
        if let Some(moment) = quiet_until {
            model.set_quiet_until(moment);
        }
        Self { kept, workspace, model, watch, reading, torn: None, is_unseen: true, ends: ExitWatch::default() }
    }

    /// The followed workspace and its configuration.
    #[must_use]
    pub fn config_updates(&self) -> ConfigUpdates {
        self.kept.resolved.subscribe()
    }

    /// Follows the workspace until all receivers of snapshots are dropped. After a panic the task is restarted.
    pub async fn run(self) {
        let kept = self.kept.clone();
        let mut first = Some(self);
        let start = || {
            let (restarted, first) = (kept.clone(), first.take());
            async move { first.unwrap_or_else(|| Self::restart(restarted)).follow().await }
        };
        let report = |reason: String| {
            kept.publish_panic(&reason);
            std::future::ready(())
        };
        tokio::select! {
            () = supervisor::supervise_and_report("workspace", start, report) => {}
            () = kept.snapshots.closed() => {}
        }
    }

    /// A new task after one that panicked.
    fn restart(kept: Kept) -> Self {
        let quiet_until = kept.snapshots.borrow().as_ref().and_then(|last| last.quiet_until);
        let mut live = Self::of(kept);
        if let Some(moment) = quiet_until {
            live.model.set_quiet_until(moment);
        }
        live
    }

    async fn follow(mut self) {
        // The configuration may have changed before it was watched.
        self.reload_config();
        let clock = Arc::clone(&self.kept.clock);
        let Some(mut this) = self.read_everything_blocking().await else { return };
        loop {
            this.update_exit_watch();
            this.publish();
            let alarm = this.alarm();
            tokio::select! {
                () = this.watch.happened() => tokio::time::sleep(DEBOUNCE).await,
                () = clock.wait(alarm) => {}
                ended = this.ends.next() => this.handle_exits(&ended),
                () = this.kept.snapshots.closed() => return,
            }
            if !this.catch_up() {
                let Some(looked) = this.read_everything_blocking().await else { return };
                this = looked;
            }
        }
    }

    /// Reads everything on a blocking thread: a folder with a million heartbeats takes seconds, and this thread also
    /// serves the desktop. `None` if the runtime shuts down.
    async fn read_everything_blocking(mut self) -> Option<Self> {
        supervisor::blocking(move || {
            self.read_everything();
            self
        })
        .await
    }

    /// Handles reported exits.
    fn handle_exits(&mut self, ended: &[ProcessKey]) {
        self.model.recheck_processes(ended, self.reading.now);
        let still_run: Vec<ProcessKey> = self.model.running().filter(|key| ended.contains(key)).cloned().collect();
        self.ends.recheck_later(still_run.into_iter());
    }

    /// Updates the processes that are watched for their exit.
    fn update_exit_watch(&mut self) {
        let (running, uncertain) = (self.model.running(), self.model.uncertain());
        self.ends.follow(running, uncertain, &*self.workspace.processes, self.reading.since_boot);
    }

    /// The next moment at which the task has work without an event.
    fn alarm(&self) -> Option<Time> {
        let now = self.reading.now;
        let retry = self.torn.map(|_| time::later(now, TORN_RETRY_INTERVAL));
        let poll = self.watch.must_poll().then_some(time::later(now, POLL_INTERVAL));
        let until_due = self.ends.due().map(|due| due.saturating_sub(self.reading.since_boot));
        let recheck = until_due.and_then(|span| Some(time::later(now, TimeDelta::from_std(span).ok()?)));
        [self.model.next_change(), retry, poll, recheck].into_iter().flatten().min()
    }

    /// Reads what has changed. Returns false if everything has to be read.
    fn catch_up(&mut self) -> bool {
        let reading = self.kept.clock.read();
        if reading.is_interrupted_since(&self.reading) {
            tracing::info!("the computer slept or its clock was set");
            suspend::note(&self.workspace, &reading);
            self.model.set_quiet_until(time::later(reading.now, GRACE_PERIOD));
            // Verdicts may be outdated without a changed file, because the time jumped.
            self.model.adopt(&self.workspace, reading.now);
        }
        self.reading = reading;
        let due = self.ends.take_due(reading.since_boot);
        if !due.is_empty() {
            self.model.recheck_processes(&due, reading.now);
        }
        let batch = self.watch.take();
        let mut must_read_all = batch.everything || (batch.registry || batch.config) && self.watch.is_outdated();
        if must_read_all {
            // Events are lost while the watches are renewed, so everything is read afterwards.
            self.watch.renew();
        } else if batch.auxiliary {
            must_read_all = !self.watch.renew_auxiliary();
        }
        let must_reload = batch.config || batch.auxiliary || must_read_all || self.watch.must_poll();
        let has_moved = must_reload && self.reload_config();
        if has_moved || must_read_all || self.watch.must_poll() {
            return false;
        }
        if batch.registry || self.torn.is_some() {
            self.read_registry();
        }
        self.model.reread_heartbeats(batch.beats.iter().map(String::as_str), reading.now);
        let has_other_sessions = if batch.auxiliary {
            self.model.rescan_records(reading.now);
            true
        } else {
            let records = batch.records.iter().map(String::as_str);
            !batch.records.is_empty() && self.model.reread_records(records, reading.now)
        };
        if has_other_sessions && self.follow_running_folders() {
            return false;
        }
        if batch.memory || batch.auxiliary || batch.registry && self.model.is_change_in_progress() {
            self.model.reread_memory(self.reading.now);
        }
        self.model.advance(reading.now);
        true
    }

    fn read_everything(&mut self) {
        self.read_registry();
        self.model.rescan(self.reading.now);
        self.model.reread_memory(self.reading.now);
        self.model.set_polling(self.watch.must_poll());
        self.model.advance(self.reading.now);
    }

    fn read_registry(&mut self) {
        failpoints::may_panic(&self.workspace.registry);
        let registry = self.workspace.store().read();
        if registry.as_ref().is_err_and(Error::is_transient) {
            // The last snapshot stays valid meanwhile.
            let since = *self.torn.get_or_insert_with(Instant::now);
            if since.elapsed() < TORN_FILE_TIMEOUT {
                return;
            }
        }
        self.torn = None;
        self.model.set_registry(registry, self.reading.now);
    }

    fn publish(&mut self) {
        if self.is_unseen && self.torn.is_some() {
            // Nothing was published yet, and an empty list would be wrong.
            return;
        }
        self.is_unseen = false;
        let snapshot = self.model.snapshot(self.reading.now);
        self.kept.snapshots.send_if_modified(|last| {
            let is_new = last.as_ref().is_none_or(|last| !last.has_same_contents(&snapshot));
            if is_new {
                *last = Some(Arc::new(snapshot));
            }
            is_new
        });
    }
}

/// Passes the snapshots of one of several workspaces on, with its index, until the task or the receiver ends.
pub async fn forward(index: usize, mut snapshots: Snapshots, changes: mpsc::Sender<(usize, Arc<Snapshot>)>) {
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let Some(snapshot) = snapshot else { continue };
        if changes.send((index, snapshot)).await.is_err() {
            return;
        }
    }
}

impl Kept {
    /// Publishes that the task panicked. The last state is kept, marked as outdated.
    fn publish_panic(&self, reason: &str) {
        let workspace = self.resolved.borrow().workspace.clone();
        let trouble = Trouble::internal(reason, workspace.registry.display().to_string());
        self.snapshots.send_modify(|last| {
            let known = last.as_deref().cloned();
            let blank = || {
                let now = self.clock.now();
                Model::blank(&workspace, now).snapshot(now)
            };
            let known = known.unwrap_or_else(blank);
            *last = Some(Arc::new(Snapshot { trouble: Some(trouble), ..known }));
        });
    }
}

#[cfg(test)]
mod tests;
