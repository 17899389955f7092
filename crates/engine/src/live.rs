//! A workspace followed: one task owns the model, everybody else gets snapshots.
//!
//! Promises: a change on disk is a new snapshot within some 50 ms; a state that changes by itself changes at its moment;
//! nothing runs while nothing happens (where the system can report changes). A torn registry is looked at again for a
//! second before it counts as unreadable. A change of the configuration counts at once: the timeout, and which workspace
//! is followed, where neither was said when the process started. Does not act: actions change files, and the files come
//! back as snapshots.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use headcount_core::claude::ProcessKey;
use headcount_core::snapshot::Snapshot;
use headcount_core::wake::{GRACE, Reading};
use headcount_core::{Time, time};
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::clock::Clock;
use crate::model::Model;
use crate::origin::{Opened, Origin};
use crate::store::TORN;
use crate::watch::Watch;
use crate::{Error, Workspace};

/// How long events are gathered after the first.
const WINDOW: Duration = Duration::from_millis(25);

/// How soon a torn registry is looked at again.
const AGAIN: TimeDelta = TimeDelta::milliseconds(20);

/// How often files are looked at where the system cannot report changes.
const POLL: TimeDelta = TimeDelta::seconds(5);

/// Snapshots of a workspace, the newest at any time. Nothing before the first look.
pub type Snapshots = Receiver<Option<Arc<Snapshot>>>;

/// The workspace that is followed, and what is configured. It is told before the first snapshot of another workspace.
pub type Openings = Receiver<Arc<Opened>>;

/// The task that follows a workspace. It ends when nobody listens any more.
pub struct Live {
    /// Where the workspace comes from; nothing where it is fixed.
    origin: Option<Origin>,
    opened: Sender<Arc<Opened>>,
    workspace: Workspace,
    clock: Arc<dyn Clock>,
    snapshots: Sender<Option<Arc<Snapshot>>>,
    model: Model,
    watch: Watch,
    reading: Reading,
    /// Since when the registry has been torn.
    torn: Option<Instant>,
    /// Nothing was shown yet of this workspace.
    is_unseen: bool,
    /// Waits for the end of each process whose end would change something.
    ends: JoinSet<ProcessKey>,
    awaited: HashMap<ProcessKey, AbortHandle>,
}

impl Live {
    /// Prepares to follow a workspace whatever is configured; [`Live::run`] does.
    #[must_use]
    pub fn new(workspace: Workspace, clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        Self::start(None, Opened::fixed(workspace), clock)
    }

    /// Prepares to follow the workspace that follows from an origin, which was opened just now, and from what is
    /// configured later.
    #[must_use]
    pub fn configured(origin: Origin, opened: Opened, clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        Self::start(Some(origin), opened, clock)
    }

    fn start(origin: Option<Origin>, opened: Opened, clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        let (snapshots, receiver) = channel(None);
        let workspace = opened.workspace.clone();
        // Watched before it is read, so that nothing is lost in between.
        let watch = Watch::start(&workspace.places, opened.file.as_deref());
        let reading = clock.read();
        let model = Model::blank(&workspace, reading.now);
        let live = Self {
            origin,
            opened: channel(Arc::new(opened)).0,
            workspace,
            clock,
            snapshots,
            model,
            watch,
            reading,
            torn: None,
            is_unseen: true,
            ends: JoinSet::new(),
            awaited: HashMap::new(),
        };
        (live, receiver)
    }

    /// Which workspace is followed.
    #[must_use]
    pub fn openings(&self) -> Openings {
        self.opened.subscribe()
    }

    /// Follows the workspace.
    pub async fn run(mut self) {
        // It may have changed between being opened and being watched.
        self.look_at_config();
        let clock = Arc::clone(&self.clock);
        let Some(mut this) = self.looked_at_everything().await else { return };
        loop {
            this.await_ends();
            this.publish();
            let alarm = this.alarm();
            tokio::select! {
                () = this.watch.happened() => tokio::time::sleep(WINDOW).await,
                () = clock.wait(alarm) => {}
                ended = this.ends.join_next(), if !this.ends.is_empty() => this.ended(ended),
                () = this.snapshots.closed() => return,
            }
            if !this.catch_up() {
                let Some(looked) = this.looked_at_everything().await else { return };
                this = looked;
            }
        }
    }

    /// Looks at everything, on a thread that may take its time: a folder of a million beats is read for seconds, and
    /// whoever shares this one has icons to show meanwhile. Nothing when the process ends.
    async fn looked_at_everything(mut self) -> Option<Self> {
        let looked = tokio::task::spawn_blocking(move || {
            self.look_at_everything();
            self
        });
        looked.await.ok()
    }

    /// Takes in that a process ended, and those that did with it.
    fn ended(&mut self, first: Option<Result<ProcessKey, JoinError>>) {
        let mut next = first;
        while let Some(ended) = next {
            // One that is no longer waited for is an error here, and nothing else is.
            if let Ok(key) = ended {
                self.awaited.remove(&key);
                self.model.process_ended(&key, self.reading.now);
            }
            next = self.ends.try_join_next();
        }
    }

    /// Waits for the ends that matter now, and for no other.
    fn await_ends(&mut self) {
        let running: HashSet<&ProcessKey> = self.model.running().collect();
        self.awaited.retain(|key, wait| {
            let matters = running.contains(key);
            if !matters {
                wait.abort();
            }
            matters
        });
        for key in running {
            if !self.awaited.contains_key(key) {
                let (ended, own) = (self.workspace.processes.ended(key), key.clone());
                let wait = self.ends.spawn(async move {
                    ended.await;
                    own
                });
                self.awaited.insert(key.clone(), wait);
            }
        }
    }

    /// When to wake up although nothing happened.
    fn alarm(&self) -> Option<Time> {
        let now = self.reading.now;
        let again = self.torn.map(|_| time::later(now, AGAIN));
        let poll = self.watch.must_poll().then_some(time::later(now, POLL));
        [self.model.next_change(), again, poll].into_iter().flatten().min()
    }

    /// Looks at what changed; answers whether that was enough, or everything has to be looked at.
    fn catch_up(&mut self) -> bool {
        let reading = self.clock.read();
        if reading.is_interrupted_since(&self.reading) {
            tracing::info!("the computer slept or its clock was set");
            self.model.be_quiet_until(time::later(reading.now, GRACE));
        }
        self.reading = reading;
        let batch = self.watch.take();
        let mut is_elsewhere = batch.everything || (batch.registry || batch.config) && self.watch.is_astray();
        if is_elsewhere {
            // What is reported in between is reported to nobody: everything is looked at afterwards.
            self.watch.renew();
        } else if batch.beside {
            is_elsewhere = !self.watch.renew_beside();
        }
        let asks = batch.config || batch.beside || is_elsewhere || self.watch.must_poll();
        let is_another = asks && self.look_at_config();
        if is_another || is_elsewhere || self.watch.must_poll() {
            return false;
        }
        if batch.registry || self.torn.is_some() {
            self.look_at_registry();
        }
        self.model.beats_touched(batch.beats.iter().map(String::as_str), reading.now);
        if batch.beside {
            self.model.rescan_records(reading.now);
        } else if !batch.records.is_empty() {
            self.model.records_touched(batch.records.iter().map(String::as_str), reading.now);
        }
        if batch.memory || batch.beside {
            self.model.recall(self.reading.now);
        }
        self.model.pass(reading.now);
        true
    }

    /// Reads the configuration again, and follows it. Returns whether another workspace is followed now.
    fn look_at_config(&mut self) -> bool {
        let before = Arc::clone(&self.opened.borrow());
        let Some(reopened) = self.origin.as_ref().map(|origin| origin.reopen(&before)) else { return false };
        let opened = match reopened {
            Ok(opened) if opened == *before => return false,
            Ok(opened) => opened,
            Err(error) => {
                tracing::warn!("{error}");
                return false;
            }
        };
        for complaint in
            opened.config.complaints.iter().filter(|complaint| !before.config.complaints.contains(complaint))
        {
            tracing::warn!("{complaint}");
        }
        let workspace = opened.workspace.clone();
        let is_another =
            (&workspace.places, workspace.counts_sdk) != (&self.workspace.places, self.workspace.counts_sdk);
        if is_another {
            self.move_to(&workspace, opened.file.as_deref());
        } else if workspace != self.workspace {
            self.model.adopt(&workspace, self.reading.now);
        }
        self.workspace = workspace;
        self.opened.send_replace(Arc::new(opened));
        is_another
    }

    fn move_to(&mut self, workspace: &Workspace, config: Option<&Path>) {
        tracing::info!(registry = %workspace.places.registry.display(), "another registry is configured");
        self.watch = Watch::start(&workspace.places, config);
        let quiet_until = self.model.quiet_until();
        self.model = Model::blank(workspace, self.reading.now);
        if let Some(moment) = quiet_until {
            self.model.be_quiet_until(moment);
        }
        self.torn = None;
        self.is_unseen = true;
    }

    fn look_at_everything(&mut self) {
        self.look_at_registry();
        self.model.rescan(self.reading.now);
        self.model.recall(self.reading.now);
        self.model.polls(self.watch.must_poll());
        self.model.pass(self.reading.now);
    }

    fn look_at_registry(&mut self) {
        let registry = self.workspace.store().read();
        if registry.as_ref().is_err_and(Error::may_heal) {
            // What was shown stays on show meanwhile.
            let since = *self.torn.get_or_insert_with(Instant::now);
            if since.elapsed() < TORN {
                return;
            }
        }
        self.torn = None;
        self.model.registry_read(registry, self.reading.now);
    }

    fn publish(&mut self) {
        if self.is_unseen && self.torn.is_some() {
            // Nothing was shown yet, and an empty list would be a lie.
            return;
        }
        self.is_unseen = false;
        let snapshot = self.model.snapshot(self.reading.now);
        self.snapshots.send_if_modified(|last| {
            let is_new = last.as_ref().is_none_or(|last| !last.says_the_same(&snapshot));
            if is_new {
                *last = Some(Arc::new(snapshot));
            }
            is_new
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::paths::Places;
    use crate::tally::count;
    use headcount_core::Timeout;

    #[test]
    fn a_folder_beside_the_workspace_costs_no_look_at_the_beats() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let places = Places {
            registry: root.join("ws/r.json"),
            heartbeats: root.join("ws/heartbeats"),
            memory: root.join("state/registries/ws"),
            state: root.join("state"),
            records: Some(root.join("claude/sessions")),
            ..Places::default()
        };
        std::fs::create_dir_all(&places.heartbeats).unwrap();
        let (mut live, _snapshots) =
            Live::new(Workspace::new(places.clone(), Timeout::default()), Arc::new(SystemClock));
        live.look_at_everything();

        // As the first change and the first session make them, while a session beats.
        let sessions = root.join("claude/sessions");
        std::fs::create_dir_all(&places.memory).unwrap();
        std::fs::create_dir_all(&sessions).unwrap();
        std::fs::write(places.heartbeats.join("session-1.json"), "{}").unwrap();
        let (is_enough, counts) = count(|| live.catch_up());
        assert_eq!((is_enough, counts.scans), (true, 0));
        assert_eq!(live.model.orphans(), 1, "the beat was missed");

        // They are watched from now on, and the workspace still is.
        std::fs::write(places.memory.join("journal.jsonl"), "").unwrap();
        std::fs::write(sessions.join("7.json"), "{}").unwrap();
        std::fs::write(places.heartbeats.join("session-2.json"), "{}").unwrap();
        let batch = live.watch.take();
        assert_eq!((batch.memory, batch.records.len(), batch.beats.len()), (true, 1, 1));
        assert!(!batch.beside && !batch.everything);

        // Another folder of beats is another matter.
        std::fs::rename(&places.heartbeats, root.join("ws/old")).unwrap();
        std::fs::create_dir(&places.heartbeats).unwrap();
        assert!(!live.catch_up());
    }
}
