//! What the system reports of folders, on macOS and Windows: through `notify`, whose thread this hears.
//!
//! Promises: what was reported is kept as a set of paths, so that a storm costs memory in proportion to the files; one
//! bell for what is already waiting. Does not know what a path means.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::Report;

/// What was reported and not taken yet.
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

/// The reports about some folders.
pub(super) struct Reports {
    watcher: RecommendedWatcher,
    pending: Arc<Pending>,
}

impl Reports {
    /// Reports about no folder yet.
    pub(super) fn open() -> io::Result<Self> {
        let pending = Arc::new(Pending::default());
        let heard = Arc::clone(&pending);
        let watcher = notify::recommended_watcher(move |event| receive(event, &heard)).map_err(plain)?;
        Ok(Self { watcher, pending })
    }

    /// Watches a folder too.
    pub(super) fn add(&mut self, folder: &Path) -> io::Result<()> {
        self.watcher.watch(folder, RecursiveMode::NonRecursive).map_err(plain)
    }

    /// Watches a folder no longer.
    pub(super) fn forget(&mut self, folder: &Path) {
        drop(self.watcher.unwatch(folder));
    }

    /// Waits until there is something to take.
    pub(super) async fn ready(&self) {
        self.pending.bell.notified().await;
    }

    /// Takes what there is, without waiting.
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

/// Whether a kind of event can mean that something reads differently now. Our own reading is not one.
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
    fn reading_is_not_a_change() {
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
    fn a_file_that_changes_often_waits_once() {
        let pending = Pending::default();
        for _ in 0..1000 {
            receive(Ok(Event::new(EventKind::Create(CreateKind::File)).add_path("/ws/a.json".into())), &pending);
        }
        assert_eq!(lock(&pending).paths.len(), 1);
    }
}
