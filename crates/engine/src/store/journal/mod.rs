//! The journal: a record of every change that Headcount made to a registry.
//!
//! Guarantees: a record is one line, appended in one write; a line that a crash cut off is skipped; only this user can
//! read the records; the oldest are removed when they exceed 10 MB. Does not decide what can be undone.

mod log_file;
mod record;
mod undo_offer;

use std::path::{Path, PathBuf};

use headcount_core::Time;
use headcount_core::registry::change::EntryChange;
use headcount_core::view::history::Actor;

pub(crate) use record::{CLEANUP, REDO, RESTORE, UNDO, WITHDRAWN, was_withdrawn};
pub use record::{ChangeMeta, Record, is_in_effect};

use crate::Error;
use crate::files::atomic;
use crate::files::folder::Folder;
use crate::store::copies::Copies;
use log_file::newest;

/// Number of bytes at the journal's end that are read first in a search for recent changes.
const TAIL: u64 = 256 * 1024;

/// Number of bytes at the journal's end that are read for the last record.
const LAST_RECORD_TAIL: u64 = 16 * 1024;

/// A registry's journal.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// The journal kept in a folder, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The copies of the registry.
    #[must_use]
    pub fn copies(&self) -> Copies {
        Copies::new(self.folder.join("copies"))
    }

    /// The file of records.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    /// Appends a record and returns the change's id. The record is synced, except for a hook's change. `temp` is the
    /// file that will be renamed to the registry.
    pub(crate) fn append(
        &self,
        meta: &ChangeMeta,
        entries: Vec<EntryChange>,
        temp: Option<&Path>,
    ) -> Result<String, Error> {
        atomic::create_private_folder(&self.folder)?;
        let path = self.path();
        let io = |source| Error::io("write the journal", &path, source);
        log_file::rotate(&path, &self.older_path()).map_err(io)?;
        let id = |length: u64| format!("{}-{length}", meta.at.format("%Y%m%dT%H%M%S%.6f"));
        let line = |length| {
            serde_json::to_vec(&Record {
                id: id(length),
                at: meta.at,
                by: meta.by,
                what: meta.what.into(),
                entries,
                of: meta.of.clone(),
                temp: temp.map(Path::to_owned),
            })
        };
        let is_synced = meta.by != Actor::Hook;
        let length = log_file::append(&path, is_synced, line).map_err(io)?;
        // Sync the folder, so that a new file's name survives a power loss.
        if length == 0
            && is_synced
            && let Err(error) = Folder::open(&self.folder, None)
                .and_then(|folder| folder.sync().map_err(|source| Error::io("sync the folder", &self.folder, source)))
        {
            tracing::warn!("{error}");
        }
        Ok(id(length))
    }

    /// Records that a recorded change was not made.
    pub(crate) fn withdraw(&self, meta: &ChangeMeta, change: &str) {
        let meta = ChangeMeta { what: WITHDRAWN, of: Some(change.to_owned()), ..meta.clone() };
        if let Err(error) = self.append(&meta, Vec::new(), None) {
            tracing::warn!(%error, change, "could not record that a change did not happen");
        }
    }

    /// Records that the changes of these abandoned temp files were not made. Only under the registry's lock.
    pub(crate) fn withdraw_unfinished(&self, left: &[PathBuf]) {
        let records = newest(&self.path(), TAIL).map(|(records, _)| records).unwrap_or_default();
        let is_left = |record: &&Record| record.temp.as_ref().is_some_and(|temp| left.contains(temp));
        for record in records.iter().filter(is_left).filter(|record| is_in_effect(&records, &record.id)) {
            let meta = ChangeMeta { at: record.at, by: record.by, what: WITHDRAWN, of: None };
            self.withdraw(&meta, &record.id);
        }
    }

    /// Whether a process is making the last change at this moment, so that the undo offer changes once the registry
    /// does.
    pub(crate) fn is_change_in_progress(&self) -> bool {
        let last = newest(&self.path(), LAST_RECORD_TAIL).ok().and_then(|(records, _)| records.into_iter().next_back());
        last.is_some_and(|record| record.is_unfinished())
    }

    fn older_path(&self) -> PathBuf {
        self.folder.join("journal.older.jsonl")
    }

    /// All records, oldest first. Lines that cannot be parsed are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file of the journal exists and cannot be read.
    pub fn all(&self) -> Result<Vec<Record>, Error> {
        self.back_until(|_| false)
    }

    /// The records since a moment, oldest first.
    ///
    /// # Errors
    ///
    /// As [`Self::all`].
    pub fn since(&self, moment: Time) -> Result<Vec<Record>, Error> {
        let records = self.back_until(|records| records.first().is_some_and(|record| record.at < moment))?;
        Ok(records.into_iter().filter(|record| record.at >= moment).collect())
    }

    /// The newest records, oldest first, as far back as `is_enough` requires.
    fn back_until(&self, is_enough: impl Fn(&[Record]) -> bool) -> Result<Vec<Record>, Error> {
        let mut tail = TAIL;
        let mut records = loop {
            let (mut records, is_all) = newest(&self.path(), tail)?;
            // Only the last one can be unfinished: the next process that takes the lock withdraws the change of one
            // that died.
            records.pop_if(|record| record.is_unfinished());
            if is_enough(&records) {
                return Ok(records);
            }
            if is_all {
                break records;
            }
            tail = tail.saturating_mul(4);
        };
        let (mut older, _) = newest(&self.older_path(), u64::MAX)?;
        older.append(&mut records);
        Ok(older)
    }

    /// Finds a change by its id.
    ///
    /// # Errors
    ///
    /// [`Error::NoChange`] if the journal does not have it, or as [`Self::all`].
    pub fn change(&self, id: &str) -> Result<Record, Error> {
        let records = self.back_until(|records| records.iter().any(|record| record.id == id))?;
        let found = records.into_iter().find(|record| record.id == id);
        found.ok_or_else(|| Error::NoChange { change: id.to_owned() })
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
