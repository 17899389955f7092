//! Writing a beat.
//!
//! Promises: a beat appears whole under its name or not at all, in the form of protocol §4 "Beat"; a newer one of the
//! same name stays. An id that is not a plain file name never becomes part of a path.

use std::path::Path;

use chrono::Local;
use headcount_core::heartbeat::{self, CONTENT_LIMIT, Content, Kind};
use headcount_core::{Number, Time};

use crate::{Error, atomic, file};

/// A beat to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewBeat<'a> {
    pub(crate) number: Number,
    pub(crate) session_id: &'a str,
    pub(crate) kind: Kind,
    /// Its time, in name, contents and file time.
    pub(crate) at: Time,
}

/// Writes a beat, and the folder where it is not there yet.
pub(crate) fn write(folder: &Path, beat: &NewBeat<'_>) -> Result<(), Error> {
    let written = heartbeat::compose(beat.number, beat.session_id, beat.kind, beat.at, &Local);
    std::fs::create_dir_all(folder).map_err(|source| Error::io("create the folder", folder, source))?;
    let path = folder.join(&written.name);
    if is_newer(&path, beat.at) {
        return Ok(());
    }
    let prepared = atomic::prepare(&path, written.text.as_bytes())?;
    prepared.set_modified(beat.at, &path)?;
    prepared.put(&path)
}

fn is_newer(path: &Path, at: Time) -> bool {
    let Ok(Some(found)) = file::read(path, CONTENT_LIMIT) else { return false };
    Content::read(&found.bytes, found.is_whole).time().is_some_and(|time| time > at)
}
