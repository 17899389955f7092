//! The hooks' log. Hooks have no other place to report errors: the user sees no output, and the model must not.
//!
//! Guarantees: a file in the state folder that only this user can read, of limited size: a full log is rotated, and
//! only one rotated log is kept. A line that cannot be written is lost.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{atomic, folder};

/// The size in bytes at which the log is rotated.
const ROTATION_SIZE: u64 = 512 * 1024;

/// The log's path in the state folder.
#[must_use]
pub fn path(state: &Path) -> PathBuf {
    state.join("hook.log")
}

/// Opens the log for appending a line.
///
/// # Errors
///
/// If the state folder or the log cannot be created or opened.
pub fn open(state: &Path) -> io::Result<File> {
    atomic::create_private_folder(state).map_err(io::Error::other)?;
    let path = path(state);
    if std::fs::metadata(&path).is_ok_and(|found| found.len() > ROTATION_SIZE) {
        std::fs::rename(&path, state.join("hook.older.log"))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A hook's environment can name another state folder, in which an attacker may have created a link.
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
    fn a_link_in_place_of_the_log_is_not_followed() {
        let state = tempfile::tempdir().unwrap();
        let victim = state.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, path(state.path())).unwrap();
        assert!(open(state.path()).is_err());
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }

    #[test]
    fn a_full_log_is_rotated() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path().join("new");
        open(&state).unwrap().write_all(b"first\n").unwrap();
        open(&state).unwrap().write_all(&vec![b'x'; ROTATION_SIZE as usize]).unwrap();
        open(&state).unwrap().write_all(b"second\n").unwrap();
        assert_eq!(std::fs::read_to_string(path(&state)).unwrap(), "second\n");
        assert!(std::fs::metadata(state.join("hook.older.log")).unwrap().len() > ROTATION_SIZE);
    }
}
