//! The journal: every change Headcount made to a registry, and the copies it made before.
//!
//! Promises: a record is one line, appended whole; a line cut off by a crash is passed over; records and copies are for
//! this user alone. Copies are the 20 newest. Does not decide what can be undone.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use headcount_core::Time;
use headcount_core::change::EntryChange;
use headcount_core::snapshot::UndoOffer;
use serde::{Deserialize, Serialize};

use crate::{Error, atomic};

/// How many good copies of the registry are kept.
const COPIES: usize = 20;

/// How much of the journal's end is read for the last changes.
const TAIL: u64 = 256 * 1024;

/// What a cleanup is called in the journal.
pub(crate) const CLEANUP: &str = "cleanup";

/// What taking a change back is called in the journal.
pub(crate) const UNDO: &str = "undo";

/// What the record of a change that failed after all is called.
const WITHDRAWN: &str = "withdrawn";

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The tray or a notification's button.
    Tray,
    /// The window.
    Window,
    /// The command.
    Command,
    /// Claude Code, through a hook.
    Hook,
}

/// A change to be made.
#[derive(Clone, Debug)]
pub struct Deed {
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// What: `cleanup`, `undo`.
    pub what: &'static str,
    /// The change that this one takes back.
    pub of: Option<String>,
}

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The change's id.
    pub id: String,
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// What: `cleanup`, `undo`.
    pub what: String,
    /// What it did to each session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryChange>,
    /// The change that this record takes back or says never happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

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

    /// The file of records.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    /// Writes a record, safely on disk, and returns the change's id.
    pub(crate) fn append(&self, deed: &Deed, entries: Vec<EntryChange>) -> Result<String, Error> {
        atomic::create_private_folder(&self.folder)?;
        let path = self.path();
        let io = |source| Error::io("write the journal", &path, source);
        let mut file = open(&path).map_err(io)?;
        let id = format!("{}-{}", deed.at.format("%Y%m%dT%H%M%S%.6f"), file.metadata().map_err(io)?.len());
        let record =
            Record { id: id.clone(), at: deed.at, by: deed.by, what: deed.what.into(), entries, of: deed.of.clone() };
        let mut line = serde_json::to_vec(&record).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        // A line that a crash cut off must not swallow this one.
        if !ends_with_newline(&mut file).map_err(io)? {
            line.insert(0, b'\n');
        }
        file.write_all(&line).and_then(|()| file.sync_data()).map_err(io)?;
        Ok(id)
    }

    /// Says that a change that was recorded did not happen after all.
    pub(crate) fn withdraw(&self, deed: &Deed, change: &str) {
        let deed = Deed { what: WITHDRAWN, of: Some(change.to_owned()), ..deed.clone() };
        if let Err(error) = self.append(&deed, Vec::new()) {
            tracing::warn!(%error, change, "could not record that a change did not happen");
        }
    }

    /// The newest records, oldest first, as many as stand in the last 256 KB. Lines that cannot be read are passed over.
    pub fn recent(&self) -> Result<Vec<Record>, Error> {
        let path = self.path();
        let io = |source| Error::io("read the journal", &path, source);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let length = file.metadata().map_err(io)?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).map_err(io)?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// A change by its id.
    pub fn change(&self, id: &str) -> Result<Record, Error> {
        let found = self.recent()?.into_iter().find(|record| record.id == id);
        found.ok_or_else(|| Error::NoChange { change: id.to_owned() })
    }

    /// The last cleanup, unless it was taken back.
    pub fn undo_offer(&self) -> Result<Option<UndoOffer>, Error> {
        let records = self.recent()?;
        let is_taken_back = |id: &str| records.iter().any(|record| record.of.as_deref() == Some(id));
        let cleanup = records.iter().rfind(|record| record.what == CLEANUP && record.of.is_none());
        let cleanup = cleanup.filter(|cleanup| !is_taken_back(&cleanup.id));
        Ok(cleanup.map(|cleanup| UndoOffer {
            change: cleanup.id.clone(),
            marked: cleanup.entries.iter().map(|entry| entry.number).collect(),
        }))
    }

    /// Keeps a copy of the registry's text, and forgets the oldest beyond twenty.
    pub(crate) fn keep_copy(&self, at: Time, text: &str) -> Result<(), Error> {
        let folder = self.folder.join("copies");
        let name = format!("{}.json", at.format("%Y%m%dT%H%M%S%.6f"));
        atomic::replace_private(&folder.join(name), text.as_bytes())?;
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
        let mut copies: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_copy(path)).collect();
        copies.sort_unstable();
        for old in copies.iter().rev().skip(COPIES) {
            if let Err(error) = std::fs::remove_file(old) {
                tracing::warn!(path = %old.display(), %error, "could not remove an old copy");
            }
        }
        Ok(())
    }
}

fn is_copy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn ends_with_newline(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("a/b"));
        (folder, journal)
    }

    fn deed(what: &'static str) -> Deed {
        Deed { at: Time::UNIX_EPOCH, by: Actor::Tray, what, of: None }
    }

    fn entry(number: u64) -> EntryChange {
        EntryChange { number, session_id: format!("session-{number}"), fields: vec![] }
    }

    #[test]
    fn what_was_written_is_read_and_a_torn_line_costs_only_itself() {
        let (_folder, journal) = journal();
        assert!(journal.recent().unwrap().is_empty());
        let first = journal.append(&deed(CLEANUP), vec![entry(2)]).unwrap();
        OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(b"{\"id\": \"torn").unwrap();
        let second = journal.append(&deed(CLEANUP), vec![entry(3), entry(4)]).unwrap();
        assert_ne!(first, second);
        let ids: Vec<String> = journal.recent().unwrap().into_iter().map(|record| record.id).collect();
        assert_eq!(ids, [first.clone(), second.clone()]);
        assert_eq!(journal.change(&first).unwrap().entries, [entry(2)]);
        assert!(journal.change("nonsense").is_err());
        assert_eq!(journal.undo_offer().unwrap(), Some(UndoOffer { change: second, marked: vec![3, 4] }));
    }

    #[test]
    fn what_was_taken_back_is_not_offered_again() {
        let (_folder, journal) = journal();
        let first = journal.append(&deed(CLEANUP), vec![entry(2)]).unwrap();
        journal.append(&Deed { of: Some(first), ..deed(UNDO) }, vec![]).unwrap();
        assert_eq!(journal.undo_offer().unwrap(), None);
        let second = journal.append(&deed(CLEANUP), vec![entry(2)]).unwrap();
        journal.withdraw(&deed(CLEANUP), &second);
        assert_eq!(journal.undo_offer().unwrap(), None);
    }

    #[test]
    fn the_twenty_newest_copies_stay() {
        let (_folder, journal) = journal();
        for second in 0..25 {
            journal.keep_copy(Time::UNIX_EPOCH + chrono::TimeDelta::seconds(second), &second.to_string()).unwrap();
        }
        let mut kept: Vec<_> = std::fs::read_dir(journal.folder.join("copies"))
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        kept.sort_by_key(|text| text.parse::<u32>().unwrap());
        assert_eq!(kept, (5..25).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, journal) = journal();
        journal.append(&deed(CLEANUP), vec![]).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&journal.folder), mode(&journal.path())), (0o700, 0o600));
    }
}
