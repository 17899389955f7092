//! Watching folders on macOS and Windows, by the `notify` crate, which calls back on a thread of its own.
//!
//! Guarantees: events are kept as a set of paths, so that a burst needs memory in proportion to the files; one wakeup
//! for all events that are pending. Does not interpret paths.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::Report;

/// The events that were not taken yet.
#[derive(Debug, Default)]
struct Waiting {
    paths: BTreeSet<PathBuf>,
    is_incomplete: bool,
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
        self.watcher.watch(folder, RecursiveMode::NonRecursive).map_err(plain)
    }

    /// Stops watching a folder.
    pub(super) fn forget(&mut self, folder: &Path) {
        drop(self.watcher.unwatch(folder));
    }

    /// Waits until there are events to take.
    pub(super) async fn ready(&self) {
        self.pending.bell.notified().await;
    }

    /// Takes all pending events without waiting.
    pub(super) fn take(&mut self, mut each: impl FnMut(Report)) {
        let Waiting { paths, is_incomplete } = std::mem::take(&mut *lock(&self.pending));
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
        Ok(event) => waiting.paths.extend(event.paths),
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
    use notify::event::{CreateKind, ModifyKind, RemoveKind};

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
}
