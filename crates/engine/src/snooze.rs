//! The snooze: the time until which notifications are off, in a file that every process of Headcount watches.
//!
//! Guarantees: every process sees the value that one of them sets. A file that cannot be parsed snoozes nothing.

use std::path::{Path, PathBuf};

use headcount_core::{Time, time};

use crate::Error;
use crate::files::{atomic, file};

/// The file's name in the state folder.
pub(crate) const FILE: &str = "snoozed_until";

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

/// The time until which notifications are off; `None` if they are on.
#[must_use]
pub fn read(state: &Path) -> Option<Time> {
    if state.is_relative() {
        return None;
    }
    let contents = file::read(&path(state), 64).ok()??;
    time::parse(std::str::from_utf8(&contents.bytes).ok()?)
}

/// Sets the time until which notifications are off; `None` turns them on.
///
/// # Errors
///
/// [`Error::Homeless`] if `state` is not absolute, [`Error::Io`] if the file cannot be written.
pub fn set(state: &Path, until: Option<Time>) -> Result<(), Error> {
    let text = until.map(time::wire).unwrap_or_default();
    atomic::replace_private(&path(state), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_returns_what_set_wrote() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(read(state.path()), None);
        let until = time::parse("2025-11-18T08:00:00Z");
        set(state.path(), until).unwrap();
        assert_eq!(read(state.path()), until);
        set(state.path(), None).unwrap();
        assert_eq!(read(state.path()), None);
    }
}
