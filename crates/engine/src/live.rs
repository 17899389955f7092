//! A workspace followed: one task owns the model, everybody else gets snapshots.
//!
//! Promises: a change on disk is a new snapshot within some 50 ms; a state that changes by itself changes at its moment;
//! nothing runs while nothing happens (where the system can report changes). A torn registry is looked at again for a
//! second before it counts as unreadable. Does not act: actions change files, and the files come back as snapshots.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::claude::ProcessKey;
use headcount_core::snapshot::Snapshot;
use headcount_core::wake::{GRACE, Reading};
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::clock::Clock;
use crate::model::Model;
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

/// The task that follows a workspace. It ends when nobody listens any more.
pub struct Live {
    workspace: Workspace,
    clock: Arc<dyn Clock>,
    snapshots: Sender<Option<Arc<Snapshot>>>,
    model: Model,
    watch: Watch,
    reading: Reading,
    /// Since when the registry has been torn.
    torn: Option<Instant>,
    /// Waits for the end of each process whose end would change something.
    ends: JoinSet<ProcessKey>,
    awaited: HashMap<ProcessKey, AbortHandle>,
}

impl Live {
    /// Prepares to follow a workspace; [`Live::run`] does.
    #[must_use]
    pub fn new(workspace: Workspace, clock: Arc<dyn Clock>) -> (Self, Snapshots) {
        let (snapshots, receiver) = channel(None);
        // Watched before it is read, so that nothing is lost in between.
        let watch = Watch::start(&workspace.places);
        let reading = clock.read();
        let model = Model::blank(&workspace, reading.now);
        let (ends, awaited) = (JoinSet::new(), HashMap::new());
        (Self { workspace, clock, snapshots, model, watch, reading, torn: None, ends, awaited }, receiver)
    }

    /// Follows the workspace.
    pub async fn run(self) {
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
        let again = self.torn.map(|_| now + AGAIN);
        let poll = self.watch.must_poll().then_some(now + POLL);
        [self.model.next_change(), again, poll].into_iter().flatten().min()
    }

    /// Looks at what changed; answers whether that was enough, or everything has to be looked at.
    fn catch_up(&mut self) -> bool {
        let reading = self.clock.read();
        if reading.is_interrupted_since(&self.reading) {
            tracing::info!("the computer slept or its clock was set");
            self.model.be_quiet_until(reading.now + GRACE);
        }
        self.reading = reading;
        let batch = self.watch.take();
        let is_elsewhere = batch.everything || batch.registry && self.watch.is_astray();
        if is_elsewhere {
            // What is reported in between is reported to nobody: everything is looked at afterwards.
            self.watch.renew();
        }
        if is_elsewhere || self.watch.must_poll() {
            return false;
        }
        if batch.registry || self.torn.is_some() {
            self.look_at_registry();
        }
        self.model.beats_touched(batch.beats.iter().map(String::as_str), reading.now);
        if !batch.records.is_empty() {
            self.model.records_touched(batch.records.iter().map(String::as_str), reading.now);
        }
        if batch.memory {
            self.model.recall(self.reading.now);
        }
        self.model.pass(reading.now);
        true
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

    fn publish(&self) {
        let is_first = self.snapshots.borrow().is_none();
        if is_first && self.torn.is_some() {
            // Nothing was shown yet, and an empty list would be a lie.
            return;
        }
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
