//! The journal: a record of every change that Headcount made to a registry.
//!
//! Guarantees: a record is one line, appended in one write; a line that a crash cut off is skipped; only this user can
//! read the records; the oldest are removed when they exceed 10 MB. Does not decide what can be undone.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use headcount_core::registry::change::EntryChange;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::UndoOffer;
use headcount_core::{Time, time};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::failpoints::{self, Step};
use crate::files::folder::Folder;
use crate::files::{atomic, folder};
use crate::store::copies::Copies;

/// For how long the undo of a cleanup is offered.
const UNDO_OFFER_DURATION: TimeDelta = TimeDelta::days(1);

/// The size in bytes at which the file of records is rotated. Only one rotated file is kept.
const ROTATION_SIZE: u64 = 5 * 1024 * 1024;

/// Number of bytes at the journal's end that are read first in a search for recent changes.
const TAIL: u64 = 256 * 1024;

/// Number of bytes at the journal's end that are read for the last record.
const LAST_RECORD_TAIL: u64 = 16 * 1024;

/// The name of a cleanup in the journal.
pub(crate) const CLEANUP: &str = "cleanup";

/// The name of an undo in the journal.
pub(crate) const UNDO: &str = "undo";

/// The name of a redo in the journal.
pub(crate) const REDO: &str = "redo";

/// The name of a restored copy in the journal. Its record lists no entries: it replaces all of them.
pub(crate) const RESTORE: &str = "restore";

/// The name of a record that says that a recorded change was not made.
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// Metadata of a change to be made.
#[derive(Clone, Debug)]
pub struct ChangeMeta {
    /// The time of the change.
    pub at: Time,
    /// The program that makes it.
    pub by: Actor,
    /// The kind of change: `cleanup`, `undo`.
    pub what: &'static str,
    /// The id of the change that this one undoes.
    pub of: Option<String>,
}

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The change's id.
    pub id: String,
    /// The time of the change.
    #[serde(deserialize_with = "time::deserialize")]
    pub at: Time,
    /// The program that made it.
    pub by: Actor,
    /// The kind of change: `cleanup`, `undo`.
    pub what: String,
    /// The changes to each session's entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryChange>,
    /// The id of the change that this record undoes, redoes or withdraws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The temp file that was renamed to the registry. While it exists, the change is not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temp: Option<PathBuf>,
}

impl Record {
    /// Whether the change is not made: a process is making it now, or died before the rename.
    fn is_unfinished(&self) -> bool {
        self.temp.as_ref().is_some_and(|temp| std::fs::symlink_metadata(temp).is_ok())
    }
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
        // Rotated by a rename, so that another process that is about to append loses nothing.
        if std::fs::metadata(&path).is_ok_and(|found| found.len() > ROTATION_SIZE) {
            std::fs::rename(&path, self.older_path()).map_err(io)?;
        }
        let mut file = failpoints::before(Step::Open).and_then(|()| open(&path)).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let id = format!("{}-{length}", meta.at.format("%Y%m%dT%H%M%S%.6f"));
        let record = Record {
            id: id.clone(),
            at: meta.at,
            by: meta.by,
            what: meta.what.into(),
            entries,
            of: meta.of.clone(),
            temp: temp.map(Path::to_owned),
        };
        let mut line = serde_json::to_vec(&record).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        // If a crash cut off the last line, this record must start on its own line.
        if !ends_with_newline(&mut file).map_err(io)? {
            line.insert(0, b'\n');
        }
        failpoints::before(Step::Append)
            .and_then(|()| file.write_all(&line))
            .and_then(|()| failpoints::before(Step::SyncRecord))
            .and_then(|()| if meta.by == Actor::Hook { Ok(()) } else { file.sync_data() })
            .inspect_err(|_| truncate_record(&path, length, line.len() as u64))
            .map_err(io)?;
        // Sync the folder, so that a new file's name survives a power loss.
        if length == 0
            && meta.by != Actor::Hook
            && let Err(error) = Folder::open(&self.folder, None)
                .and_then(|folder| folder.sync().map_err(|source| Error::io("sync the folder", &self.folder, source)))
        {
            tracing::warn!("{error}");
        }
        Ok(id)
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

    /// The last cleanup, if its undo is offered, and the end of the offer. It is offered for a day, unless the cleanup
    /// was undone or a copy was restored since: undoing an old cleanup would more likely be an accident.
    ///
    /// # Errors
    ///
    /// As [`Self::all`].
    pub fn undo_offer(&self, now: Time) -> Result<Option<(UndoOffer, Time)>, Error> {
        let earliest = time::earlier(now, UNDO_OFFER_DURATION);
        let is_cleanup = |record: &&Record| record.what == CLEANUP;
        let is_enough = |records: &[Record]| {
            records.iter().any(|record| is_cleanup(&record)) || records.first().is_some_and(|first| first.at < earliest)
        };
        let records = self.back_until(is_enough)?;
        let restored = records.iter().rposition(|record| record.what == RESTORE && is_in_effect(&records, &record.id));
        let mut since = records.iter().skip(restored.map_or(0, |at| at + 1));
        let cleanup = since.rfind(is_cleanup).filter(|cleanup| is_in_effect(&records, &cleanup.id));
        let until = |cleanup: &Record| time::later(cleanup.at, UNDO_OFFER_DURATION);
        Ok(cleanup.filter(|cleanup| until(cleanup) > now).map(|cleanup| {
            let marked = cleanup.entries.iter().map(EntryChange::number).collect();
            (UndoOffer { change: cleanup.id.clone(), marked }, until(cleanup))
        }))
    }

    /// The last change that was not undone. An undo does not count as a change.
    ///
    /// # Errors
    ///
    /// As [`Self::all`].
    pub fn last_change(&self) -> Result<Option<Record>, Error> {
        let is_change = |record: &Record| !record.entries.is_empty() && record.of.is_none();
        let found = |records: &[Record]| {
            records.iter().rfind(|record| is_change(record) && is_in_effect(records, &record.id)).cloned()
        };
        Ok(found(&self.back_until(|records| found(records).is_some())?))
    }
}

/// Whether a change was not undone, or was redone.
#[must_use]
pub fn is_in_effect(records: &[Record], id: &str) -> bool {
    match records.iter().rfind(|record| record.of.as_deref() == Some(id)) {
        None => true,
        Some(record) if record.what == REDO => is_in_effect(records, &record.id),
        Some(record) if record.what == UNDO => !is_in_effect(records, &record.id),
        Some(_) => false,
    }
}

/// Whether a change was recorded and then not made.
pub(crate) fn was_withdrawn(records: &[Record], id: &str) -> bool {
    records.iter().any(|record| record.what == WITHDRAWN && record.of.as_deref() == Some(id))
}

/// The records in the last `tail` bytes of a file, and whether these are all of its bytes.
fn newest(path: &Path, tail: u64) -> Result<(Vec<Record>, bool), Error> {
    let io = |source| Error::io("read the journal", path, source);
    if path.is_relative() {
        // The path is relative without a home folder: nothing was written.
        return Ok((Vec::new(), true));
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), true)),
        Err(error) => return Err(io(error)),
    };
    let length = file.metadata().map_err(io)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(tail))).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes).map_err(io)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok((lines.filter_map(|line| serde_json::from_slice(line).ok()).collect(), tail >= length))
}

fn open(path: &Path) -> std::io::Result<File> {
    let file = no_follow(&mut OpenOptions::new()).read(true).append(true).create(true).open(path)?;
    folder::give_to_owner_of(&file, path.parent().unwrap_or(Path::new("/")));
    Ok(file)
}

/// Makes opening a link fail, because a hook's environment can name another state folder, in which an attacker may have
/// created one. A new file gets mode 0600.
fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Removes a record that could not be synced, because its change will not be made. Keeps it if another process has
/// appended since.
fn truncate_record(path: &Path, length: u64, line: u64) {
    let truncate = || {
        // Opened again, because Windows does not truncate a file that is open for appending only.
        let file = no_follow(&mut OpenOptions::new()).write(true).open(path)?;
        if file.metadata()?.len() <= length + line { file.set_len(length) } else { Ok(()) }
    };
    if let Err(error) = truncate() {
        tracing::warn!(%error, "could not take back a record");
    }
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

    fn meta(what: &'static str) -> ChangeMeta {
        ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Tray, what, of: None }
    }

    fn offered(journal: &Journal) -> Option<UndoOffer> {
        journal.undo_offer(Time::UNIX_EPOCH).unwrap().map(|(offer, _)| offer)
    }

    #[test]
    fn undo_of_a_cleanup_is_offered_for_a_day() {
        let (_folder, journal) = journal();
        journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        let day = Time::UNIX_EPOCH + TimeDelta::days(1);
        let second = TimeDelta::seconds(1);
        assert_eq!(journal.undo_offer(day - second).unwrap().map(|(_, until)| until), Some(day));
        assert_eq!(journal.undo_offer(day).unwrap(), None);
        // Other changes meanwhile do not end the offer.
        journal.append(&ChangeMeta { at: day, ..meta("register") }, vec![entry(3)], None).unwrap();
        assert!(journal.undo_offer(day - second).unwrap().is_some());
        assert_eq!(journal.undo_offer(day + second).unwrap(), None);
    }

    fn entry(number: u64) -> EntryChange {
        EntryChange::Fields { number, session_id: format!("session-{number}"), fields: vec![] }
    }

    #[test]
    fn a_torn_line_is_skipped() {
        let (_folder, journal) = journal();
        assert!(journal.all().unwrap().is_empty());
        let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(b"{\"id\": \"torn").unwrap();
        let second = journal.append(&meta(CLEANUP), vec![entry(3), entry(4)], None).unwrap();
        assert_ne!(first, second);
        let ids: Vec<String> = journal.all().unwrap().into_iter().map(|record| record.id).collect();
        assert_eq!(ids, [first.clone(), second.clone()]);
        assert_eq!(journal.change(&first).unwrap().entries, [entry(2)]);
        assert!(journal.change("nonsense").is_err());
        assert_eq!(offered(&journal), Some(UndoOffer { change: second, marked: vec![3, 4] }));
    }

    /// Checks a journal of which a power loss left `left`: which records can be read, and that one more can be
    /// appended.
    fn after_a_loss(left: &[u8], wanted: &[&str]) {
        let (_folder, journal) = journal();
        atomic::create_private_folder(&journal.folder).unwrap();
        std::fs::write(journal.path(), left).unwrap();
        let ids = || journal.all().unwrap().into_iter().map(|record| record.id).collect::<Vec<_>>();
        assert_eq!(ids(), wanted, "{}", left.escape_ascii());
        let next = journal.append(&meta(CLEANUP), vec![entry(9)], None).unwrap();
        assert_eq!(ids(), [wanted, &[next.as_str()]].concat(), "{}", left.escape_ascii());
        assert_eq!(journal.change(&next).unwrap().entries, [entry(9)]);
        assert_eq!(offered(&journal), Some(UndoOffer { change: next, marked: vec![9] }));
        assert!(std::fs::read(journal.path()).unwrap().starts_with(left), "nothing of it is gone");
    }

    #[test]
    fn a_record_cut_off_at_any_byte_costs_only_itself() {
        let (_folder, written) = journal();
        let first = written.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        let one = std::fs::read(written.path()).unwrap();
        // Not only ASCII, so that some cuts are within a character.
        let fields = vec![headcount_core::registry::change::FieldChange {
            field: "Zoë".into(),
            before: None,
            after: Some("\"🚀\"".into()),
        }];
        let second = EntryChange::Fields { number: 3, session_id: "session-3".into(), fields };
        let second = written.append(&meta(CLEANUP), vec![second], None).unwrap();
        let two = std::fs::read(written.path()).unwrap();
        let record = &two[one.len()..];
        for cut in 0..=record.len() {
            // A record without its newline is complete.
            let is_whole = cut + 1 >= record.len();
            let known: Vec<&str> = [first.as_str()].into_iter().chain(is_whole.then_some(second.as_str())).collect();
            after_a_loss(&[&one, &record[..cut]].concat(), &known);
            // A torn record follows another torn one. The cut is at its first byte, which ends the line before it, or
            // later.
            let torn = [&one, &record[..record.len() / 2], b"\n", &record[..cut]].concat();
            after_a_loss(&torn, &known);
            // Blocks that were allocated to the file and never written.
            let known = if cut < record.len() { &known[..1] } else { &known[..] };
            after_a_loss(&[&one, &record[..cut], &[0; 700]].concat(), known);
        }
    }

    #[test]
    fn undo_of_an_undone_or_withdrawn_cleanup_is_not_offered() {
        let (_folder, journal) = journal();
        let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        journal.append(&ChangeMeta { of: Some(first), ..meta(UNDO) }, vec![], None).unwrap();
        assert_eq!(offered(&journal), None);
        let second = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        journal.withdraw(&meta(CLEANUP), &second);
        assert_eq!(offered(&journal), None);
    }

    #[test]
    fn a_redone_change_is_in_effect() {
        let (_folder, journal) = journal();
        let first = journal.append(&meta(CLEANUP), vec![entry(2)], None).unwrap();
        let undo = journal.append(&ChangeMeta { of: Some(first.clone()), ..meta(UNDO) }, vec![entry(2)], None).unwrap();
        assert_eq!(journal.last_change().unwrap(), None);
        // Both the undo of the undo and a redo.
        for what in [UNDO, REDO] {
            let of = if what == UNDO { &undo } else { &first };
            journal.append(&ChangeMeta { of: Some(of.clone()), ..meta(what) }, vec![entry(2)], None).unwrap();
            assert_eq!(journal.last_change().unwrap().unwrap().id, first);
        }
    }

    #[test]
    fn rotation_removes_the_oldest_records() {
        let (_folder, journal) = journal();
        let long = |number| {
            let value = Some("x".repeat(700_000));
            let fields = vec![headcount_core::registry::change::FieldChange {
                field: "role".into(),
                before: None,
                after: value,
            }];
            EntryChange::Fields { number, session_id: String::new(), fields }
        };
        for number in 0..40 {
            journal.append(&meta(CLEANUP), vec![long(number)], None).unwrap();
        }
        let kept: Vec<u64> = journal.all().unwrap().iter().map(|record| record.entries[0].number()).collect();
        assert_eq!(kept, (40 - kept.len() as u64..40).collect::<Vec<_>>());
        assert!((8..=16).contains(&kept.len()), "{}", kept.len());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_journal_is_not_followed() {
        let (folder, journal) = journal();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        atomic::create_private_folder(&journal.folder).unwrap();
        std::os::unix::fs::symlink(&victim, journal.path()).unwrap();
        assert!(journal.append(&meta(CLEANUP), vec![entry(1)], None).is_err());
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }

    #[cfg(unix)]
    #[test]
    fn the_journal_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, journal) = journal();
        journal.append(&meta(CLEANUP), vec![], None).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&journal.folder), mode(&journal.path())), (0o700, 0o600));
    }
}
