//! Where a hook says what went wrong: a person sees none of it, and the model must not.
//!
//! Promises: a file of this user alone in the state folder, bounded: a full one is set aside, and the one before goes. A line
//! that cannot be written is lost.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{atomic, folder};

/// How large a log may grow before it is set aside.
const FULL: u64 = 512 * 1024;

/// The log's path in the state folder.
#[must_use]
pub fn path(state: &Path) -> PathBuf {
    state.join("hook.log")
}

/// Opens the log for one more line.
pub fn open(state: &Path) -> io::Result<File> {
    atomic::create_private_folder(state).map_err(io::Error::other)?;
    let path = path(state);
    if std::fs::metadata(&path).is_ok_and(|found| found.len() > FULL) {
        std::fs::rename(&path, state.join("hook.older.log"))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A hook's environment can lead to another state folder, in which a link is planted.
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    let file = options.open(path)?;
    folder::give_to_owner_of(&file, state);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_not_written_through() {
        let state = tempfile::tempdir().unwrap();
        let victim = state.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, path(state.path())).unwrap();
        assert!(open(state.path()).is_err());
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }

    #[test]
    fn a_full_log_is_set_aside() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path().join("new");
        open(&state).unwrap().write_all(b"first\n").unwrap();
        open(&state).unwrap().write_all(&vec![b'x'; FULL as usize]).unwrap();
        open(&state).unwrap().write_all(b"second\n").unwrap();
        assert_eq!(std::fs::read_to_string(path(&state)).unwrap(), "second\n");
        assert!(std::fs::metadata(state.join("hook.older.log")).unwrap().len() > FULL);
    }
}
