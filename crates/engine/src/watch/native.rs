//! Watching folders on macOS and Windows, by the `notify` crate, which calls back on a thread of its own.
//!
//! Guarantees: events are kept as a set of paths, so that a burst needs memory in proportion to the files; one wakeup
//! for all events that are pending. A path is reported as it was requested, although macOS reports real paths. If events
//! may have been dropped, that is reported. Does not interpret paths.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::Report;

/// Number of pending paths from which Windows may have dropped events: its buffer has room for a few hundred names, and
/// `notify` does not report that it overflowed.
const OVERFLOW: usize = 64;

/// Whether adding or removing a folder restarts the watches of all others, which loses their events. On macOS one stream
/// of events watches all folders, and `notify` starts a new one for each change.
pub(super) const RESTARTS_ALL: bool = cfg!(any(target_os = "macos", feature = "portable"));

/// The events that were not taken yet.
#[derive(Debug, Default)]
struct Waiting {
    paths: BTreeSet<PathBuf>,
    is_incomplete: bool,
    /// The watched folders as they were requested, by their real paths.
    folders: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Waiting {
    fn insert(&mut self, path: PathBuf) {
        let mut requested = self.requested(&path);
        if requested.is_empty() {
            requested.push(path);
        }
        self.paths.extend(requested);
        self.is_incomplete |= cfg!(windows) && self.paths.len() >= OVERFLOW;
    }

    /// The paths by which a watched folder, or a file in one, was requested. Several if folders are links to one.
    fn requested(&self, path: &Path) -> Vec<PathBuf> {
        let itself = self.folders.get(path).into_iter().flatten().cloned();
        let name = path.file_name().unwrap_or_default();
        let parents = path.parent().and_then(|folder| self.folders.get(folder)).into_iter().flatten();
        itself.chain(parents.map(|folder| folder.join(name))).collect()
    }
}

#[derive(Debug, Default)]
struct Pending {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

/// The events of some folders.
pub(super) struct Reports {
    watcher: RecommendedWatcher,
    pending: Arc<Pending>,
}

impl Reports {
    /// Creates a watcher without any folder.
    pub(super) fn open() -> io::Result<Self> {
        let pending = Arc::new(Pending::default());
        let receiver = Arc::clone(&pending);
        let watcher = notify::recommended_watcher(move |event| receive(event, &receiver)).map_err(plain)?;
        Ok(Self { watcher, pending })
    }

    /// Starts watching a folder.
    pub(super) fn add(&mut self, folder: &Path) -> io::Result<()> {
        let real = std::fs::canonicalize(folder)?;
        lock(&self.pending).folders.entry(real).or_default().insert(folder.to_owned());
        let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive).map_err(plain);
        // A folder that is removed at this moment has no error of its own on every system.
        watched.map_err(|error| if folder.is_dir() { error } else { io::ErrorKind::NotFound.into() })
    }

    /// Stops watching a folder.
    pub(super) fn forget(&mut self, folder: &Path) {
        drop(self.watcher.unwatch(folder));
        lock(&self.pending).folders.retain(|_, requested| {
            requested.remove(folder);
            !requested.is_empty()
        });
    }

    /// Waits until there are events to take.
    pub(super) async fn ready(&self) {
        self.pending.bell.notified().await;
    }

    /// Takes all pending events without waiting.
    pub(super) fn take(&mut self, mut each: impl FnMut(Report)) {
        let (paths, is_incomplete) = {
            let mut waiting = lock(&self.pending);
            (std::mem::take(&mut waiting.paths), std::mem::take(&mut waiting.is_incomplete))
        };
        if is_incomplete {
            each(Report::Lost);
        }
        paths.into_iter().map(Report::At).for_each(each);
    }
}

fn receive(event: notify::Result<Event>, pending: &Pending) {
    let mut waiting = lock(pending);
    match event {
        Ok(event) if event.need_rescan() => waiting.is_incomplete = true,
        Ok(event) if !matters(event.kind) => return,
        Ok(event) => event.paths.into_iter().for_each(|path| waiting.insert(path)),
        Err(error) => {
            tracing::warn!(%error, "watching");
            waiting.is_incomplete = true;
        }
    }
    drop(waiting);
    pending.bell.notify_one();
}

/// Whether a file can have other contents after an event of this kind. Reading, by this process above all, does not
/// count.
fn matters(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn plain(error: notify::Error) -> io::Error {
    match error.kind {
        ErrorKind::PathNotFound => io::ErrorKind::NotFound.into(),
        ErrorKind::Io(error) => error,
        _ => io::Error::other(error),
    }
}

fn lock(pending: &Pending) -> MutexGuard<'_, Waiting> {
    pending.waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, Flag, ModifyKind, RemoveKind};

    #[test]
    fn reads_are_not_changes() {
        for (kind, wanted) in [
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), true),
            (EventKind::Create(CreateKind::File), true),
            (EventKind::Modify(ModifyKind::Any), true),
            (EventKind::Remove(RemoveKind::Any), true),
        ] {
            assert_eq!(matters(kind), wanted, "{kind:?}");
        }
    }

    #[test]
    fn events_of_one_file_are_coalesced() {
        let pending = Pending::default();
        for _ in 0..1000 {
            receive(Ok(Event::new(EventKind::Create(CreateKind::File)).add_path("/ws/a.json".into())), &pending);
        }
        assert_eq!(lock(&pending).paths.len(), 1);
    }

    #[test]
    fn real_paths_are_reported_as_the_folders_were_requested() {
        let pending = Pending::default();
        lock(&pending).folders.insert("/private/tmp/ws".into(), ["/tmp/ws".into(), "/home/link".into()].into());
        for path in ["/private/tmp/ws/a.json", "/private/tmp/ws", "/other/b.json"] {
            receive(Ok(Event::new(EventKind::Create(CreateKind::File)).add_path(path.into())), &pending);
        }
        let wanted = ["/tmp/ws/a.json", "/home/link/a.json", "/tmp/ws", "/home/link", "/other/b.json"];
        assert_eq!(lock(&pending).paths, wanted.map(PathBuf::from).into());
    }

    #[test]
    fn dropped_events_are_reported_once() {
        let mut reports = Reports::open().unwrap();
        let is_lost = |reports: &mut Reports| {
            let mut is_lost = false;
            reports.take(|report| is_lost |= matches!(report, Report::Lost));
            is_lost
        };
        assert!(!is_lost(&mut reports));
        receive(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), &reports.pending);
        assert!(is_lost(&mut reports) && !is_lost(&mut reports));
        for number in 0..OVERFLOW {
            let path = format!("/ws/{number}.json").into();
            receive(Ok(Event::new(EventKind::Create(CreateKind::File)).add_path(path)), &reports.pending);
        }
        assert_eq!(is_lost(&mut reports), cfg!(windows), "a full buffer");
    }

    #[test]
    fn adding_a_folder_that_is_gone_says_so() {
        let root = tempfile::tempdir().unwrap();
        let error = Reports::open().unwrap().add(&root.path().join("gone")).unwrap_err();
        assert!(super::super::is_gone(&error), "{error:?}");
    }
}
