//! Watching a workspace's folders.
//!
//! Guarantees: plan → classify → coalesce; the first two are pure. Folders are watched, never single files, because
//! files are replaced. For a folder that does not exist yet, its nearest existing ancestor is watched. Events are
//! coalesced into a set of files to read again, so a burst of events needs memory in proportion to the files and not to
//! the events. Each system has its own implementation: inotify on Linux (`linux.rs`), `notify` elsewhere (`native.rs`).
//! If the system cannot watch (network file systems, no watches left), [`Watch::must_poll`] returns true and the caller
//! polls. Accepted limit: the rename of a folder above the watched ones is noticed at the next event.

#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod linux;
#[cfg(all(target_os = "linux", not(feature = "portable")))]
use linux as system;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
mod native;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
use native as system;
mod remote;
mod subjects;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::Workspace;
use remote::is_remote;
pub(crate) use subjects::Batch;
use subjects::{REPORTS_OWN_REMOVAL, Subjects, classify, plan};

/// Maximum number of consecutive plans while folders are created and removed.
const MAX_PLANS: usize = 8;

/// An event of the system.
enum Report {
    /// An event at this path.
    At(PathBuf),
    /// The system dropped events.
    Lost,
}

/// Whether a folder could not be watched because it no longer exists.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The watches of a workspace.
pub(crate) struct Watch {
    workspace: Workspace,
    config: Option<PathBuf>,
    reports: Option<system::Reports>,
    watched: BTreeSet<PathBuf>,
    /// The watched folders that belong to the workspace.
    workspace_folders: BTreeSet<PathBuf>,
    /// Whether a folder's file system does not report changes made by other machines.
    is_remote: fn(&Path) -> bool,
    subjects: Subjects,
    batch: Batch,
}

impl Watch {
    /// Starts watching a workspace and the configuration file, if any.
    pub(crate) fn start(workspace: &Workspace, config: Option<&Path>) -> Self {
        Self::start_with(workspace, config, is_remote)
    }

    fn start_with(workspace: &Workspace, config: Option<&Path>, is_remote: fn(&Path) -> bool) -> Self {
        let reports = system::Reports::open();
        let reports = reports.inspect_err(|error| tracing::warn!(%error, "cannot watch files")).ok();
        let (subjects, batch) = (Subjects::of(workspace, config), Batch::default());
        let (workspace, config) = (workspace.clone(), config.map(Path::to_owned));
        let (watched, workspace_folders) = (BTreeSet::new(), BTreeSet::new());
        let mut watch = Self { workspace, config, reports, watched, workspace_folders, is_remote, subjects, batch };
        watch.renew();
        watch
    }

    /// Watches the folders that exist now. Called when a folder of the workspace was created or removed; events
    /// meanwhile are lost, so the caller reads all files afterwards.
    pub(crate) fn renew(&mut self) {
        self.watch_but(&BTreeSet::new());
    }

    /// Watches the existing folders outside the workspace. Returns false if events in the workspace's folders may be lost,
    /// so that all files have to be read: one of these was created or removed meanwhile, or the system restarted all
    /// watches to change the others.
    #[must_use]
    pub(crate) fn renew_auxiliary(&mut self) -> bool {
        let before = self.workspace_folders.clone();
        let is_changed = self.watch_but(&before);
        self.workspace_folders == before && !(is_changed && system::RESTARTS_ALL)
    }

    /// Watches these folders of records instead of those before. As [`Watch::renew_auxiliary`].
    #[must_use]
    pub(crate) fn follow_records(&mut self, records: &[PathBuf]) -> bool {
        records.clone_into(&mut self.workspace.records);
        self.renew_auxiliary()
    }

    /// Starts all watches again except `staying`, even of a watched path: it may be another folder now. Returns whether
    /// there was one to stop or to start.
    fn watch_but(&mut self, staying: &BTreeSet<PathBuf>) -> bool {
        let Some(reports) = &mut self.reports else { return false };
        let mut is_changed = keep(&mut self.watched, staying, reports);
        // A folder that was created or removed between the plan and the watch was not reported, so the plan is repeated
        // until it is the same. If folders never stop changing, the next event repairs it.
        let mut skipped = BTreeSet::new();
        for _ in 0..MAX_PLANS {
            let subjects = Subjects::of(&self.workspace, self.config.as_deref());
            let mut folders = plan(subjects.folders(), REPORTS_OWN_REMOVAL, Path::is_dir);
            let needed = plan(subjects.needed(), REPORTS_OWN_REMOVAL, Path::is_dir);
            folders.retain(|folder| !skipped.contains(folder));
            self.workspace_folders = plan(subjects.workspace(), REPORTS_OWN_REMOVAL, Path::is_dir);
            self.subjects = subjects;
            if folders == self.watched {
                return is_changed;
            }
            is_changed = true;
            keep(&mut self.watched, &folders, reports);
            for folder in folders {
                if self.watched.contains(&folder) {
                    continue;
                }
                let refusal = if (self.is_remote)(&folder) {
                    "its file system does not report changes".to_owned()
                } else {
                    match reports.add(&folder) {
                        Ok(()) => {
                            self.watched.insert(folder);
                            continue;
                        }
                        Err(error) if is_gone(&error) => continue,
                        Err(error) => error.to_string(),
                    }
                };
                if !needed.contains(&folder) {
                    // Claude Code's records are a secondary source. The others work without them.
                    tracing::info!(folder = %folder.display(), refusal, "not following Claude Code's records");
                    skipped.insert(folder);
                    continue;
                }
                tracing::warn!(folder = %folder.display(), refusal, "looking at the files every few seconds instead");
                self.reports = None;
                return is_changed;
            }
        }
        is_changed
    }

    /// Whether the target of a link has changed, so that the wrong folders are watched.
    pub(crate) fn is_outdated(&self) -> bool {
        Subjects::of(&self.workspace, self.config.as_deref()) != self.subjects
    }

    /// Whether the system does not report changes, so that the caller has to poll.
    pub(crate) fn must_poll(&self) -> bool {
        self.reports.is_none()
    }

    /// Waits for a relevant event. Waits forever if the system does not report changes.
    pub(crate) async fn happened(&mut self) {
        loop {
            self.gather();
            // Events of other files in the same folders are ignored.
            if self.batch != Batch::default() {
                return;
            }
            match &self.reports {
                Some(reports) => reports.ready().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Takes what happened since the last call.
    pub(crate) fn take(&mut self) -> Batch {
        self.gather();
        std::mem::take(&mut self.batch)
    }

    fn gather(&mut self) {
        let Some(reports) = &mut self.reports else { return };
        let (subjects, batch) = (&self.subjects, &mut self.batch);
        reports.take(|report| match report {
            Report::At(path) => classify(&path, subjects, batch),
            Report::Lost => batch.everything = true,
        });
    }
}

/// Stops watching all folders but those of `staying`. Returns whether there was one.
fn keep(watched: &mut BTreeSet<PathBuf>, staying: &BTreeSet<PathBuf>, reports: &mut system::Reports) -> bool {
    let leaving = watched.extract_if(.., |folder| !staying.contains(folder));
    leaving.inspect(|folder| reports.forget(folder)).count() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace whose registry exists, and whose folders of heartbeats and of memory do not.
    fn workspace(root: &Path) -> Workspace {
        let root = crate::files::file::real_path(root).unwrap();
        for folder in ["ws", "beats", "state"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        Workspace {
            registry: root.join("ws/r.json"),
            heartbeats: root.join("beats/heartbeats"),
            memory: root.join("state/ws"),
            state: root.join("state"),
            ..Workspace::default()
        }
    }

    #[test]
    fn renew_auxiliary_wants_all_files_read_after_all_watches_were_restarted() {
        let root = tempfile::tempdir().unwrap();
        let workspace = workspace(root.path());
        let mut watch = Watch::start(&workspace, None);
        std::fs::create_dir(&workspace.memory).unwrap();
        assert_eq!(watch.renew_auxiliary(), !system::RESTARTS_ALL, "a folder is watched in addition");
        assert!(watch.watched.contains(&workspace.memory));
    }

    #[test]
    fn a_workspace_on_a_remote_file_system_is_polled() {
        let root = tempfile::tempdir().unwrap();
        let workspace = workspace(root.path());
        let records = root.path().join("records");
        std::fs::create_dir(&records).unwrap();
        let workspace = Workspace { records: vec![records], ..workspace };
        for (about, is_remote, wanted) in [
            ("local", (|_| false) as fn(&Path) -> bool, false),
            ("the heartbeats", |folder| folder.ends_with("beats"), true),
            // They are a secondary source: all others are still watched.
            ("Claude Code's records", |folder| folder.ends_with("records"), false),
        ] {
            assert_eq!(Watch::start_with(&workspace, None, is_remote).must_poll(), wanted, "{about}");
        }
    }

    // Elsewhere than on Linux events come from a thread, a moment later.
    #[cfg(all(target_os = "linux", not(feature = "portable")))]
    #[test]
    fn renew_auxiliary_detects_a_new_folder_of_the_workspace() {
        let root = tempfile::tempdir().unwrap();
        let workspace = workspace(root.path());
        let mut watch = Watch::start(&workspace, None);
        std::fs::create_dir(&workspace.memory).unwrap();
        assert_eq!(watch.take(), Batch { auxiliary: true, ..Batch::default() });
        assert!(watch.renew_auxiliary(), "the workspace is unchanged");
        std::fs::remove_dir(&workspace.memory).unwrap();
        assert_eq!(watch.take(), Batch { auxiliary: true, ..Batch::default() });
        // The event goes to the folder above, which is not watched any more by then.
        std::fs::create_dir(&workspace.heartbeats).unwrap();
        assert!(!watch.renew_auxiliary());
    }
}
