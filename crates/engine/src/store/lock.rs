//! The registry's lock: one writer at a time among the programs that take it.
//!
//! Guarantees: the kernel frees the lock when its holder ends, however it ends; the wait is bounded; the error names
//! the holder's pid. The lock file is never removed, because otherwise two writers could each lock a file of their own.
//! Does not keep out programs that never take it.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use headcount_core::view::history::Actor;

use crate::Error;
use crate::files::failpoints::{self, Step};
use crate::files::folder::{Access, Folder, Place};

/// How long a writer waits for the lock.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a hook waits. Claude Code ends the hook earlier if its timeout is shorter.
const HOOK_LOCK_TIMEOUT: Duration = Duration::from_secs(55);

/// How long this kind of program waits for the lock.
pub(crate) fn timeout_for(by: Actor) -> Duration {
    if by == Actor::Hook { HOOK_LOCK_TIMEOUT } else { LOCK_TIMEOUT }
}

/// The lock, held until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: Arc<File>,
    _guard: kernel::Guard,
    /// Whether it is only a lock file. If it is a hard link to another file, it is locked, but never written.
    is_ours: bool,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Clear the pid while the lock is held, so that a stale one is never reported.
        if self.is_ours {
            drop(self.file.set_len(0));
        }
    }
}

/// The lock file of a registry: `.<name>.lock` in the same folder.
pub(crate) fn path(registry: &Path) -> PathBuf {
    let name = registry.file_name().unwrap_or_default().to_string_lossy();
    registry.with_file_name(format!(".{name}.lock"))
}

impl Lock {
    /// Takes the lock file at a path.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process holds it after `timeout`, [`Error::Io`] if the file cannot be opened or
    /// locked.
    pub(crate) fn take(path: &Path, timeout: Duration) -> Result<Self, Error> {
        let place = Place::of(path, None).map_err(|error| match error {
            Error::Io { source, .. } => Error::io("create the lock file", path, source),
            error => error,
        })?;
        Self::take_in_folder(&place.folder, &place.name, timeout)
    }

    /// Takes the lock of a file, which is in the same folder. Fails as [`Self::take`].
    pub(crate) fn take_for(place: &Place, timeout: Duration) -> Result<Self, Error> {
        let name = path(Path::new(&place.name));
        Self::take_in_folder(&place.folder, name.as_os_str(), timeout)
    }

    fn take_in_folder(folder: &Folder, name: &OsStr, timeout: Duration) -> Result<Self, Error> {
        let path = &folder.path().join(name);
        failpoints::before(Step::Lock).map_err(|source| Error::io("lock", path, source))?;
        let file = Arc::new(open(folder, name).map_err(|source| Error::io("create the lock file", path, source))?);
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        let guard = loop {
            match kernel::try_lock(&file) {
                Ok(guard) => break guard,
                Err(TryLockError::Error(source)) => return Err(Error::io("lock", path, source)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(Error::Locked { path: path.to_owned(), holder: holder(&file), waited: timeout });
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(50));
        };
        // The pid is only for the error message of other processes; the kernel holds the lock.
        let is_ours = has_one_name(&file);
        let write_pid = |mut file: &File| {
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()))
        };
        if is_ours && write_pid(&file).is_err() {
            tracing::debug!(path = %path.display(), "lock file is read-only");
        }
        Ok(Self { file, _guard: guard, is_ours })
    }
}

#[cfg(not(windows))]
mod kernel {
    use std::fs::{File, TryLockError};
    use std::sync::Arc;

    /// Empty: closing the file frees the lock.
    #[derive(Debug)]
    pub(super) struct Guard;

    pub(super) fn try_lock(file: &Arc<File>) -> Result<Guard, TryLockError> {
        file.try_lock().map(|()| Guard)
    }
}

/// Locks are mandatory on Windows: no other program can read the bytes that are locked.
#[cfg(windows)]
mod kernel {
    use std::fs::{File, TryLockError};
    use std::io;
    use std::sync::Arc;

    pub(super) type Guard = file_guard::FileGuard<Arc<File>>;

    /// The byte that is locked. It is behind the holder's pid, so that other processes can read that.
    const LOCKED_BYTE: usize = 1024;

    pub(super) fn try_lock(file: &Arc<File>) -> Result<Guard, TryLockError> {
        file_guard::try_lock(Arc::clone(file), file_guard::Lock::Exclusive, LOCKED_BYTE, 1).map_err(|error| match error
            .kind()
        {
            io::ErrorKind::WouldBlock => TryLockError::WouldBlock,
            _ => TryLockError::Error(error),
        })
    }
}

fn open(folder: &Folder, name: &OsStr) -> io::Result<File> {
    // A link is not followed, because the pid would be written to its target.
    match folder.open_file(name, Access::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match folder.create(name, 0o666) {
            // Another process created it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => folder.open_file(name, Access::Write),
            created => created,
        },
        // A lock file of another user can be locked, but not written.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            folder.open_file(name, Access::Read).map_err(|_| error)
        }
        opened => opened,
    }
}

/// Whether a file has no other names (hard links).
fn has_one_name(file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        file.metadata().is_ok_and(|about| about.nlink() == 1)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        true
    }
}

fn holder(mut file: &File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(32).read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!("process {pid}"),
        _ => "another program".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_waits_and_names_the_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder.path().join("claude_sessions.json"));
        assert!(path.ends_with(".claude_sessions.json.lock"));
        let first = Lock::take(&path, Duration::ZERO).unwrap();
        let error = Lock::take(&path, Duration::from_millis(20)).unwrap_err();
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        Lock::take(&path, Duration::ZERO).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn a_waiting_writer_gets_the_lock_once_it_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, Duration::ZERO).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::take(&path, LOCK_TIMEOUT).map(drop));
            drop(first);
            waiting.join().unwrap().unwrap();
        });
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("lock"));
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        assert!(Lock::take(&path, Duration::ZERO).is_err());
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }

    #[cfg(unix)]
    #[test]
    fn a_hard_link_to_another_file_is_locked_but_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("lock"));
        std::fs::write(&victim, "precious").unwrap();
        std::fs::hard_link(&victim, &path).unwrap();
        let lock = Lock::take(&path, Duration::ZERO).unwrap();
        assert!(matches!(Lock::take(&path, Duration::ZERO), Err(Error::Locked { .. })));
        drop(lock);
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }
}
