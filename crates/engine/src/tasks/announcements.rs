//! Announcing stale sessions, sessions that wait for a person and finished turns, for a desktop to show.
//!
//! Guarantees: turns snapshots into the steps that core decides, at the moments that core requests; passes the
//! desktop's reports about these steps back to core; keeps what was announced across restarts. During a burst it reads
//! no more snapshots than are drawn. Does not show anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Local;
use headcount_core::notification::Slot;
use headcount_core::notification::announcement::{AnnouncementReport, AnnouncementStep, Announcer};
use headcount_core::notification::attention::{self, AttentionAnnouncer};
use headcount_core::settings::Settings;
use headcount_core::view::action::View;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender};

use crate::Workspace;
use crate::clock::Clock;
use crate::files::{atomic, failpoints, file};
use crate::tasks::supervisor::{blocking, shared, supervise};
use crate::tasks::throttle::ThrottledSnapshots;
use crate::tasks::workspace_task::{ConfigUpdates, Snapshots};
use crate::workspace::config::resolved::ResolvedConfig;

/// The files that keep what was announced, in the folder of the workspace's memory.
const STALE: &str = "announced.json";
const ATTENTION: &str = "announced_waits.json";

/// Maximum size of such a file in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The channel by which a desktop reports the results of steps.
pub type Reporter = UnboundedSender<DesktopReport>;

/// Whether the terminal of a session has the focus. Called on a blocking thread.
pub type FocusProbe = Arc<dyn Fn(&Workspace, Number) -> bool + Send + Sync>;

/// A step for the desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesktopStep {
    /// About stale sessions.
    Announcement(AnnouncementStep),
    /// About sessions that wait or finished.
    Attention(attention::AttentionStep),
}

/// The result of a step, or an event at the notification server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesktopReport {
    /// About stale sessions, or a server that appeared.
    Announcement(AnnouncementReport),
    /// Whether a server accepted the notification in this slot.
    AttentionShown(Slot, bool),
    /// The notification in this slot was clicked, dismissed, or expired.
    Closed(Slot),
}

/// What decides about the notifications of one workspace.
#[derive(Default)]
struct Announcers {
    /// The folder of the workspace's memory; empty before the first workspace.
    folder: PathBuf,
    stale: Announcer,
    attention: AttentionAnnouncer,
}

impl Announcers {
    fn recall(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            stale: recall(&folder.join(STALE)),
            attention: recall(&folder.join(ATTENTION)),
        }
    }

    /// Stores the memories that have changed.
    fn remember(&mut self) {
        if self.stale.take_unsaved_flag() {
            remember(&self.folder.join(STALE), &self.stale);
        }
        if self.attention.take_unsaved_flag() {
            remember(&self.folder.join(ATTENTION), &self.attention);
        }
    }

    /// The steps that withdraw everything, because another workspace is followed.
    fn finish(self) -> Vec<DesktopStep> {
        let attention = self.attention.finish().into_iter().map(DesktopStep::Attention);
        self.stale.finish().steps.into_iter().map(DesktopStep::Announcement).chain(attention).collect()
    }

    fn observe(&mut self, snapshot: &Snapshot, now: Time, settings: &Settings) -> (Vec<DesktopStep>, Option<Time>) {
        let stale = if settings.notifications {
            self.stale.observe(snapshot, now, &Local)
        } else {
            self.stale.observe_muted(snapshot, now)
        };
        let attention = self.attention.observe(snapshot, now, settings.attention_rules());
        let again_at = [stale.again_at, attention.again_at].into_iter().flatten().min();
        let attention = attention.steps.into_iter().map(DesktopStep::Attention);
        (stale.steps.into_iter().map(DesktopStep::Announcement).chain(attention).collect(), again_at)
    }

    /// Observes the latest snapshot of the followed workspace, and stores what changed. Returns the steps that are due,
    /// and when to observe again.
    fn advance(
        &mut self,
        opened: &ResolvedConfig,
        latest: Option<&Snapshot>,
        now: Time,
    ) -> (Vec<DesktopStep>, Option<Time>) {
        let (mut due, mut again_at) = (Vec::new(), None);
        if self.folder != opened.workspace.memory {
            // Notifications that are shown are about sessions of the previous workspace.
            due = std::mem::replace(self, Self::recall(&opened.workspace.memory)).finish();
        }
        // The receiver may still hold a snapshot of the previous workspace; one of this workspace follows.
        if let Some(snapshot) = latest.filter(|snapshot| opened.is_shown_in(snapshot)) {
            failpoints::may_panic(&self.folder.join(STALE));
            let (observed, later) = self.observe(snapshot, now, opened.settings());
            due.extend(observed);
            again_at = later;
        }
        self.remember();
        (due, again_at)
    }

    fn report(&mut self, report: DesktopReport, now: Time) {
        match report {
            DesktopReport::Announcement(report) => {
                if report == AnnouncementReport::ServerAppeared {
                    self.attention.report_server();
                }
                self.stale.report(report, now);
            }
            DesktopReport::AttentionShown(slot, is_shown) => self.attention.report_shown(slot, is_shown, now),
            DesktopReport::Closed(Slot::Stale) => self.stale.report(AnnouncementReport::Closed, now),
            DesktopReport::Closed(slot) => self.attention.report_closed(slot),
        }
    }
}

/// Follows snapshots and sends steps, and takes the results of these from `reports`. Returns when the snapshots end or
/// the receiver of the steps is dropped. Announces nothing while notifications are off. Each workspace has its own file
/// of what was announced. After a panic it goes on with what that file has.
pub async fn announce(
    config_updates: ConfigUpdates,
    clock: Arc<dyn Clock>,
    snapshots: Snapshots,
    has_focus: FocusProbe,
    steps: Sender<DesktopStep>,
    reports: UnboundedReceiver<DesktopReport>,
) {
    let reports = shared(reports);
    let start = || {
        let has_focus = Arc::clone(&has_focus);
        let (config_updates, clock, snapshots) = (config_updates.clone(), Arc::clone(&clock), snapshots.clone());
        let (steps, reports) = (steps.clone(), Arc::clone(&reports));
        async move { follow(config_updates, clock, snapshots, has_focus, steps, &mut *reports.lock().await).await }
    };
    supervise("announcements", start).await;
}

async fn follow(
    mut config_updates: ConfigUpdates,
    clock: Arc<dyn Clock>,
    snapshots: Snapshots,
    has_focus: FocusProbe,
    steps: Sender<DesktopStep>,
    reports: &mut UnboundedReceiver<DesktopReport>,
) {
    let mut announcers = Announcers::default();
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    let mut latest: Option<Arc<Snapshot>> = None;
    loop {
        let now = clock.now();
        let opened = Arc::clone(&config_updates.borrow_and_update());
        let (due, mut again_at) = announcers.advance(&opened, latest.as_deref(), now);
        for step in due {
            if is_seen(&step, &opened.workspace, &has_focus).await {
                announcers.attention.report_seen(now);
                again_at = Some(now);
                continue;
            }
            if steps.send(step).await.is_err() {
                return;
            }
        }
        tokio::select! {
            next = snapshots.next() => match next {
                Some(next) => latest = Some(next),
                None => return,
            },
            changed = config_updates.changed() => if changed.is_err() { return },
            () = clock.wait(again_at) => {}
            // Without a reporter this branch is disabled.
            Some(report) = reports.recv() => announcers.report(report, clock.now()),
        }
    }
}

/// Whether a notification would say what a person sees: that the session of the terminal with the focus waits.
async fn is_seen(step: &DesktopStep, workspace: &Workspace, has_focus: &FocusProbe) -> bool {
    let DesktopStep::Attention(attention::AttentionStep::Show(shown)) = step else { return false };
    let (Slot::Waiting, View::Session(number)) = (shown.slot, &shown.place) else { return false };
    let (workspace, number, has_focus) = (workspace.clone(), *number, Arc::clone(has_focus));
    blocking(move || has_focus(&workspace, number)).await.unwrap_or_default()
}

fn recall<T: DeserializeOwned + Default>(path: &Path) -> T {
    let contents = if path.is_absolute() { file::read(path, LIMIT).ok().flatten() } else { None };
    contents.and_then(|contents| serde_json::from_slice(&contents.bytes).ok()).unwrap_or_default()
}

fn remember(path: &Path, announcer: &impl Serialize) {
    let written = serde_json::to_vec(announcer).map_err(|error| error.to_string());
    let kept = written.and_then(|text| atomic::replace_private(path, &text).map_err(|error| error.to_string()));
    if let Err(error) = kept {
        tracing::warn!(error, "cannot remember what was announced");
    }
}
