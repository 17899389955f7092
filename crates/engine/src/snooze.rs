//! The snooze: until when notifications stay quiet, in a file that every process of Headcount watches.
//!
//! Promises: what one process sets the others see. A file that cannot be understood snoozes nothing.

use std::path::{Path, PathBuf};

use headcount_core::{Time, time};

use crate::Error;
use crate::files::{atomic, file};

/// The file's name in the state folder.
pub(crate) const FILE: &str = "snoozed_until";

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

/// Until when notifications are off; nothing where they are on.
#[must_use]
pub fn read(state: &Path) -> Option<Time> {
    if state.is_relative() {
        return None;
    }
    let contents = file::read(&path(state), 64).ok()??;
    time::parse(std::str::from_utf8(&contents.bytes).ok()?)
}

/// Sets it.
pub fn set(state: &Path, until: Option<Time>) -> Result<(), Error> {
    let text = until.map(time::wire).unwrap_or_default();
    atomic::replace_private(&path(state), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(read(state.path()), None);
        let until = time::parse("2025-11-18T08:00:00Z");
        set(state.path(), until).unwrap();
        assert_eq!(read(state.path()), until);
        set(state.path(), None).unwrap();
        assert_eq!(read(state.path()), None);
    }
}
