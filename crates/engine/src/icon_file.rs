//! The app's icon as a file. A notification server takes a path or an installed icon name, and an app that runs from
//! its build folder has no installed icon.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::files::atomic;

/// Writes the icon to the state folder, unless it is there already, and returns its path.
///
/// # Errors
///
/// [`Error::Homeless`] if `state` is not absolute, [`Error::Io`] if the file cannot be written.
pub fn keep(state: &Path, png: &[u8]) -> Result<PathBuf, Error> {
    let path = state.join("headcount.png");
    if std::fs::read(&path).is_ok_and(|kept| kept == png) {
        return Ok(path);
    }
    atomic::replace_private(&path, png).map(|()| path)
}
