//! Watching folders on Linux, by inotify.
//!
//! Guarantees: no thread. Only changes are subscribed to, so that reading a file causes no event. The descriptor is
//! polled only while a caller waits, so that a burst of events causes one wakeup and not one for each file. Does not
//! interpret paths. Accepted limit: a renamed folder keeps reporting until the watches are renewed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::{Interest, unix::AsyncFd};

use super::Report;

/// The events after which a file can have other contents. Opening and reading are not among them.
const CHANGES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// Size in bytes of the event buffer, enough for about 150 events.
const BUFFER: usize = 8 * 1024;

/// The delay before the next attempt if waiting for events fails.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// Whether adding or removing a folder restarts the watches of all others, which loses their events.
pub(super) const RESTARTS_ALL: bool = false;

/// The events of some folders.
pub(super) struct Reports {
    kernel: OwnedFd,
    /// The paths of each watch: two paths to the same folder share one.
    folders: HashMap<i32, Vec<PathBuf>>,
}

impl Reports {
    /// Opens inotify without any watch.
    pub(super) fn open() -> io::Result<Self> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Self { kernel, folders: HashMap::new() })
    }

    /// Starts watching a folder.
    pub(super) fn add(&mut self, folder: &Path) -> io::Result<()> {
        let watch = inotify::add_watch(&self.kernel, folder, CHANGES)?;
        let paths = self.folders.entry(watch).or_default();
        if !paths.iter().any(|path| path == folder) {
            paths.push(folder.to_owned());
        }
        Ok(())
    }

    /// Stops watching a folder. Its pending events are dropped.
    pub(super) fn forget(&mut self, folder: &Path) {
        self.folders.retain(|watch, paths| {
            paths.retain(|path| path != folder);
            if paths.is_empty() {
                // The kernel removes the watch of a deleted folder itself.
                let _ = inotify::remove_watch(&self.kernel, *watch);
            }
            !paths.is_empty()
        });
    }

    /// Waits until there are events to take.
    pub(super) async fn ready(&self) {
        // The replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
        #[expect(deprecated, reason = "sound for an owned descriptor")]
        let kernel = AsyncFd::with_interest(self.kernel.as_fd(), Interest::READABLE);
        let waited = match &kernel {
            Ok(kernel) => kernel.readable().await.map(drop),
            Err(error) => Err(io::Error::from(error.kind())),
        };
        if let Err(error) = waited {
            tracing::warn!(%error, "cannot wait for changes");
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }

    /// Takes all pending events without waiting.
    pub(super) fn take(&mut self, mut each: impl FnMut(Report)) {
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut reader = Reader::new(&self.kernel, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return,
                Err(error) => {
                    tracing::warn!(%error, "watching");
                    return each(Report::Lost);
                }
            };
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                each(Report::Lost);
            }
            let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
            let Some(folders) = self.folders.get(&event.wd()) else { continue };
            for folder in folders {
                each(Report::At(name.map_or_else(|| folder.clone(), |name| folder.join(name))));
            }
            if event.events().contains(ReadFlags::IGNORED) {
                self.folders.remove(&event.wd());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn taken(reports: &mut Reports) -> BTreeSet<PathBuf> {
        let mut paths = BTreeSet::new();
        reports.take(|report| match report {
            Report::At(path) => drop(paths.insert(path)),
            Report::Lost => panic!("something was lost"),
        });
        paths
    }

    #[tokio::test]
    async fn changes_are_reported_and_reads_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut reports = Reports::open().unwrap();
        reports.add(folder.path()).unwrap();
        std::fs::write(path("a"), "1").unwrap();
        reports.ready().await;
        assert_eq!(taken(&mut reports), [path("a")].into());
        std::fs::rename(path("a"), path("b")).unwrap();
        assert_eq!(taken(&mut reports), [path("a"), path("b")].into());
        std::fs::create_dir(path("c")).unwrap();
        std::fs::remove_file(path("b")).unwrap();
        assert_eq!(taken(&mut reports), [path("b"), path("c")].into());
        // Reads are the most frequent operations.
        std::fs::write(path("d"), "1").unwrap();
        taken(&mut reports);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(std::fs::read(path("d")).unwrap(), b"1");
        assert!(tokio::time::timeout(Duration::from_millis(50), reports.ready()).await.is_err(), "a read woke it up");
        assert_eq!(taken(&mut reports), BTreeSet::new());
    }

    #[test]
    fn two_paths_to_one_folder_are_both_reported() {
        let root = tempfile::tempdir().unwrap();
        let (folder, link) = (root.path().join("folder"), root.path().join("link"));
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        let mut reports = Reports::open().unwrap();
        for path in [&folder, &link, &link] {
            reports.add(path).unwrap();
        }
        std::fs::write(folder.join("a"), "").unwrap();
        assert_eq!(taken(&mut reports), [folder.join("a"), link.join("a")].into());
        reports.forget(&link);
        std::fs::write(folder.join("a"), "").unwrap();
        assert_eq!(taken(&mut reports), [folder.join("a")].into());
    }

    #[test]
    fn a_removed_folder_is_reported_and_a_forgotten_one_is_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let mut reports = Reports::open().unwrap();
        reports.add(&folder).unwrap();
        std::fs::remove_dir(&folder).unwrap();
        assert_eq!(taken(&mut reports), [folder.clone()].into());
        assert!(reports.folders.is_empty());
        std::fs::create_dir(&folder).unwrap();
        reports.add(&folder).unwrap();
        std::fs::write(folder.join("a"), "").unwrap();
        reports.forget(&folder);
        assert_eq!(taken(&mut reports), BTreeSet::new());
        assert_eq!(reports.add(&folder.join("a")).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        assert_eq!(reports.add(&folder.join("b")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn take_returns_more_than_one_buffer() {
        let folder = tempfile::tempdir().unwrap();
        let mut reports = Reports::open().unwrap();
        reports.add(folder.path()).unwrap();
        for at in 0..1000 {
            std::fs::write(folder.path().join(format!("{at}.json")), "x").unwrap();
        }
        assert_eq!(taken(&mut reports).len(), 1000);
    }
}
