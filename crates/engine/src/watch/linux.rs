//! What the kernel reports of folders: inotify.
//!
//! Promises: no thread; only changes are asked for, so that nobody is woken by somebody who reads; the descriptor is
//! listened to only while somebody waits, so that a storm wakes whoever gathers it once, not once a file. Does not know
//! what a path means. Accepted limit: a folder that is renamed keeps reporting until it is watched anew.

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

/// What can mean that something reads differently now. Opening and reading, our own above all, cannot.
const CHANGES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// How many bytes of reports are taken at once: some hundred and fifty.
const BUFFER: usize = 8 * 1024;

/// How long until the next look where the system has no room to wake anybody.
const LATER: Duration = Duration::from_secs(5);

/// The reports about some folders.
pub(super) struct Reports {
    kernel: OwnedFd,
    /// The paths behind each watch: two that lead to one folder share it.
    folders: HashMap<i32, Vec<PathBuf>>,
}

impl Reports {
    /// Reports about no folder yet.
    pub(super) fn open() -> io::Result<Self> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Self { kernel, folders: HashMap::new() })
    }

    /// Watches a folder too.
    pub(super) fn add(&mut self, folder: &Path) -> io::Result<()> {
        let watch = inotify::add_watch(&self.kernel, folder, CHANGES)?;
        let paths = self.folders.entry(watch).or_default();
        if !paths.iter().any(|path| path == folder) {
            paths.push(folder.to_owned());
        }
        Ok(())
    }

    /// Watches a folder no longer. What it still has to say is not heard.
    pub(super) fn forget(&mut self, folder: &Path) {
        self.folders.retain(|watch, paths| {
            paths.retain(|path| path != folder);
            if paths.is_empty() {
                // A folder that is gone took its watch with it.
                let _ = inotify::remove_watch(&self.kernel, *watch);
            }
            !paths.is_empty()
        });
    }

    /// Waits until there is something to take.
    pub(super) async fn ready(&self) {
        // Its replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
        #[expect(deprecated, reason = "sound for an owned descriptor")]
        let kernel = AsyncFd::with_interest(self.kernel.as_fd(), Interest::READABLE);
        let waited = match &kernel {
            Ok(kernel) => kernel.readable().await.map(drop),
            Err(error) => Err(io::Error::from(error.kind())),
        };
        if let Err(error) = waited {
            tracing::warn!(%error, "cannot wait for changes");
            tokio::time::sleep(LATER).await;
        }
    }

    /// Takes what there is, without waiting.
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
    async fn what_changes_is_reported_and_what_is_read_is_not() {
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
        // Reading is the commonest thing that happens to a file.
        std::fs::write(path("d"), "1").unwrap();
        taken(&mut reports);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(std::fs::read(path("d")).unwrap(), b"1");
        assert!(tokio::time::timeout(Duration::from_millis(50), reports.ready()).await.is_err(), "woken by a reader");
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
    fn a_folder_reports_its_end_and_a_forgotten_one_nothing() {
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
    fn more_than_one_buffer_is_taken_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut reports = Reports::open().unwrap();
        reports.add(folder.path()).unwrap();
        for at in 0..1000 {
            std::fs::write(folder.path().join(format!("{at}.json")), "x").unwrap();
        }
        assert_eq!(taken(&mut reports).len(), 1000);
    }
}
