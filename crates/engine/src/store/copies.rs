//! Copies of a registry, made before a change.
//!
//! Guarantees: keeps the twenty newest within a total size, readable by this user only, byte for byte as the registry
//! was. A copy is synced before the change is made. The order is that of a sequence number, because the clock may have
//! been wrong. Frequent registrations do not push older copies out: hooks make at most one copy a minute. Does not
//! restore a copy: the store does.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use headcount_core::view::history::Actor;
use headcount_core::{Registry, Time, time};

use crate::Error;
use crate::files::{atomic, temp_files};

/// Maximum number of copies.
const MAX_COPIES: usize = 20;

/// Maximum total size in bytes. The newest copy is kept even if it is larger.
const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// Minimum interval between copies for changes made by hooks.
const HOOK_COPY_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// The format of the time in a copy's file name.
const TIME_FORMAT: &str = "%Y%m%dT%H%M%S%.6f";

/// A copy of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The id: the time and the sequence number. Earlier versions wrote no sequence number.
    pub id: String,
    /// When it was made: the registry had this text until then.
    pub at: Time,
    /// The copy's file.
    pub path: PathBuf,
    sequence: u64,
}

impl Copy {
    fn from_path(path: PathBuf) -> Option<Self> {
        let id = path.file_stem()?.to_str()?.to_owned();
        let (made, sequence) = match id.split_once('-') {
            Some((made, sequence)) => (made, sequence.parse().ok()?),
            None => (id.as_str(), 0),
        };
        let at = time::in_range(chrono::NaiveDateTime::parse_from_str(made, TIME_FORMAT).ok()?.and_utc())?;
        path.extension().is_some_and(|extension| extension == "json").then_some(Self { id, at, path, sequence })
    }

    /// Reads the copy.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if its file cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        std::fs::read(&self.path).map_err(|source| Error::io("read the copy", &self.path, source))
    }

    /// The number of sessions in the copy; `None` if it cannot be read.
    #[must_use]
    pub fn sessions(&self) -> Option<usize> {
        Registry::read(self.read().ok()?).ok().map(|registry| registry.entries().len())
    }
}

/// The copies of one registry.
#[derive(Clone, Debug)]
pub struct Copies {
    folder: PathBuf,
}

impl Copies {
    /// The copies in a folder, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes a copy, synced to disk, removes the oldest ones beyond the limits, and returns its path. Only under the
    /// registry's lock.
    pub(crate) fn keep(&self, at: Time, text: &[u8]) -> Result<PathBuf, Error> {
        let list = self.list()?;
        let sequence = list.first().map_or(0, |newest| newest.sequence).saturating_add(1);
        let path = self.folder.join(format!("{}-{sequence}.json", at.format(TIME_FORMAT)));
        // The temp file of a writer that died has a random name, so no later write replaces it.
        temp_files::sweep_folder(&self.folder);
        atomic::replace_private(&path, text)?;
        let mut total = text.len() as u64;
        for (older, copy) in (1..).zip(&list) {
            total = total.saturating_add(std::fs::metadata(&copy.path).map_or(0, |found| found.len()));
            if (older >= MAX_COPIES || total > MAX_TOTAL_BYTES)
                && let Err(error) = std::fs::remove_file(&copy.path)
            {
                tracing::warn!(path = %copy.path.display(), %error, "could not remove an old copy");
            }
        }
        Ok(path)
    }

    /// Writes a copy for a change by `by`. Returns `None` for a hook's change if the newest copy is recent enough.
    pub(crate) fn keep_for(&self, by: Actor, at: Time, text: &[u8]) -> Result<Option<PathBuf>, Error> {
        if by == Actor::Hook {
            let list = self.list()?;
            let is_recent = |copy: &Copy| copy.at <= at && time::later(copy.at, HOOK_COPY_INTERVAL) > at;
            if list.first().is_some_and(is_recent) {
                return Ok(None);
            }
        }
        self.keep(at, text).map(Some)
    }

    /// Lists the copies, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder exists and cannot be read.
    pub fn list(&self) -> Result<Vec<Copy>, Error> {
        let io = |source| Error::io("read the folder", &self.folder, source);
        if self.folder.is_relative() {
            return Ok(Vec::new());
        }
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let mut copies: Vec<Copy> = entries.flatten().filter_map(|entry| Copy::from_path(entry.path())).collect();
        copies.sort_unstable_by(|a, b| (b.sequence, &b.id).cmp(&(a.sequence, &a.id)));
        Ok(copies)
    }

    /// Finds a copy by its id.
    ///
    /// # Errors
    ///
    /// [`Error::NoCopy`] if there is none, or as [`Self::list`].
    pub fn find(&self, id: &str) -> Result<Copy, Error> {
        let found = self.list()?.into_iter().find(|copy| copy.id == id);
        found.ok_or_else(|| Error::NoCopy { id: id.to_owned() })
    }

    /// The folder of the copies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_removes_all_but_the_twenty_newest() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().join("copies"));
        assert!(copies.list().unwrap().is_empty());
        for second in 0..25 {
            let at = Time::UNIX_EPOCH + chrono::TimeDelta::seconds(second);
            copies.keep(at, second.to_string().as_bytes()).unwrap();
        }
        let kept: Vec<String> =
            copies.list().unwrap().iter().map(|copy| String::from_utf8(copy.read().unwrap()).unwrap()).collect();
        assert_eq!(kept, (5..25).rev().map(|n| n.to_string()).collect::<Vec<_>>());
        let newest = copies.list().unwrap().remove(0);
        assert_eq!(copies.find(&newest.id).unwrap(), newest);
        assert!(copies.find("nonsense").is_err());
    }

    fn texts(copies: &Copies) -> Vec<String> {
        let list = copies.list().unwrap();
        list.iter().map(|copy| String::from_utf8(copy.read().unwrap()).unwrap()).collect()
    }

    #[test]
    fn order_does_not_depend_on_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        // Two copies of an earlier version; the clock of the first was years ahead.
        std::fs::write(folder.path().join("20990101T000000.000000.json"), "b").unwrap();
        std::fs::write(folder.path().join("20250101T000000.000000.json"), "a").unwrap();
        let later = Time::UNIX_EPOCH + TimeDelta::days(20_000);
        for (at, text) in [(later, "c"), (Time::UNIX_EPOCH, "d"), (later, "e"), (Time::UNIX_EPOCH, "f")] {
            copies.keep(at, text.as_bytes()).unwrap();
        }
        assert_eq!(texts(&copies), ["f", "e", "d", "c", "b", "a"]);
        for n in 0..MAX_COPIES {
            copies.keep(Time::UNIX_EPOCH, n.to_string().as_bytes()).unwrap();
        }
        assert_eq!(texts(&copies).first().map(String::as_str), Some("19"));
        assert_eq!(texts(&copies).len(), MAX_COPIES);
    }

    #[test]
    fn keep_limits_the_total_size_but_keeps_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        let large = vec![b'x'; usize::try_from(MAX_TOTAL_BYTES / 3).unwrap()];
        for _ in 0..5 {
            copies.keep(Time::UNIX_EPOCH, &large).unwrap();
        }
        assert_eq!(copies.list().unwrap().len(), 3);
        copies.keep(Time::UNIX_EPOCH, &vec![b'y'; usize::try_from(MAX_TOTAL_BYTES + 1).unwrap()]).unwrap();
        assert_eq!(copies.list().unwrap().len(), 1);
        copies.keep(Time::UNIX_EPOCH, b"z").unwrap();
        assert_eq!(texts(&copies), ["z"]);
    }

    #[test]
    fn hooks_make_at_most_one_copy_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        let second = |second| Time::UNIX_EPOCH + TimeDelta::seconds(second);
        let made: Vec<bool> = [100, 101, 159, 160, 100, 101]
            .into_iter()
            .map(|at| copies.keep_for(Actor::Hook, second(at), b"").unwrap().is_some())
            .collect();
        // A copy from the future, made before the clock was set back, does not count as recent.
        assert_eq!(made, [true, false, false, true, true, false]);
        assert!(copies.keep_for(Actor::Command, second(101), b"").unwrap().is_some());
    }
}
