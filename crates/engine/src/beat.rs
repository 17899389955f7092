//! Writing a beat.
//!
//! Promises: a beat appears whole under its name or not at all; a newer one of the same name stays. Its form is core's.

use std::path::Path;

use chrono::Local;
use headcount_core::Time;
use headcount_core::heartbeat::{CONTENT_LIMIT, Content};
use headcount_core::new_beat::NewBeat;

use crate::{Error, atomic, file};

/// Writes a beat, and the folder where it is not there yet.
pub(crate) fn write(folder: &Path, beat: &NewBeat<'_>) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::io("create the folder", folder, source))?;
    let path = folder.join(beat.file_name(&Local));
    if is_newer(&path, beat.at) {
        return Ok(());
    }
    let prepared = atomic::prepare(&path, beat.text().as_bytes())?;
    prepared.set_modified(beat.at, &path)?;
    prepared.put(&path)
}

fn is_newer(path: &Path, at: Time) -> bool {
    let Ok(Some(found)) = file::read(path, CONTENT_LIMIT) else { return false };
    Content::read(&found.bytes, found.is_whole).time().is_some_and(|time| time > at)
}
