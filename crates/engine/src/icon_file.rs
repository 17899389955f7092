//! The app's picture, kept where a notification server finds it: servers take a path or an installed name, and an app
//! started from where it was built has no installed name.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::files::atomic;

/// Writes the picture, unless it is there already, and returns its path.
pub fn keep(state: &Path, png: &[u8]) -> Result<PathBuf, Error> {
    let path = state.join("headcount.png");
    if std::fs::read(&path).is_ok_and(|kept| kept == png) {
        return Ok(path);
    }
    atomic::replace_private(&path, png).map(|()| path)
}
