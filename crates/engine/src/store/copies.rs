//! Good copies of a registry, made before a change.
//!
//! Guarantees: the twenty newest within a total size, for this user alone, byte for byte as the registry was; a copy is on disk
//! before the change is made. They are ordered by a sequence number: the clock may have been ahead once. Sessions that come and
//! go do not push older copies out: for hooks one copy a minute is made. Does not put one back: the store does.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use headcount_core::view::history::Actor;
use headcount_core::{Registry, Time, time};

use crate::Error;
use crate::files::{atomic, temp_files};

/// How many are kept.
const KEPT: usize = 20;

/// How many bytes all of them may have. The newest is kept in any case.
const TOTAL: u64 = 64 * 1024 * 1024;

/// How often a copy is made for hooks.
const FOR_HOOKS: TimeDelta = TimeDelta::minutes(1);

/// How a copy's name says when it was made.
const NAME: &str = "%Y%m%dT%H%M%S%.6f";

/// A good copy of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its id: when it was made, and its place in the sequence. Earlier versions gave none.
    pub id: String,
    /// When it was made: the registry was so until then.
    pub at: Time,
    /// Its file.
    pub path: PathBuf,
    sequence: u64,
}

impl Copy {
    fn at(path: PathBuf) -> Option<Self> {
        let id = path.file_stem()?.to_str()?.to_owned();
        let (made, sequence) = match id.split_once('-') {
            Some((made, sequence)) => (made, sequence.parse().ok()?),
            None => (id.as_str(), 0),
        };
        let at = time::in_range(chrono::NaiveDateTime::parse_from_str(made, NAME).ok()?.and_utc())?;
        path.extension().is_some_and(|extension| extension == "json").then_some(Self { id, at, path, sequence })
    }

    /// Its bytes.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        std::fs::read(&self.path).map_err(|source| Error::io("read the copy", &self.path, source))
    }

    /// How many sessions it holds; nothing where it cannot be read.
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
    /// Those kept in a folder, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps a text safely on disk, and removes what is too much. Returns where it is. Only under the registry's lock.
    pub(crate) fn keep(&self, at: Time, text: &[u8]) -> Result<PathBuf, Error> {
        let list = self.list()?;
        let sequence = list.first().map_or(0, |newest| newest.sequence).saturating_add(1);
        let path = self.folder.join(format!("{}-{sequence}.json", at.format(NAME)));
        // What a process that died left behind has a name that is never written again.
        temp_files::sweep_folder(&self.folder);
        atomic::replace_private(&path, text)?;
        let mut total = text.len() as u64;
        for (older, copy) in (1..).zip(&list) {
            total = total.saturating_add(std::fs::metadata(&copy.path).map_or(0, |found| found.len()));
            if (older >= KEPT || total > TOTAL)
                && let Err(error) = std::fs::remove_file(&copy.path)
            {
                tracing::warn!(path = %copy.path.display(), %error, "could not remove an old copy");
            }
        }
        Ok(path)
    }

    /// The same for a change that an actor makes: for hooks only if the newest copy is old enough.
    pub(crate) fn keep_for(&self, by: Actor, at: Time, text: &[u8]) -> Result<Option<PathBuf>, Error> {
        if by == Actor::Hook {
            let list = self.list()?;
            let is_recent = |copy: &Copy| copy.at <= at && time::later(copy.at, FOR_HOOKS) > at;
            if list.first().is_some_and(is_recent) {
                return Ok(None);
            }
        }
        self.keep(at, text).map(Some)
    }

    /// All of them, the newest first.
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
        let mut copies: Vec<Copy> = entries.flatten().filter_map(|entry| Copy::at(entry.path())).collect();
        copies.sort_unstable_by(|a, b| (b.sequence, &b.id).cmp(&(a.sequence, &a.id)));
        Ok(copies)
    }

    /// The one with this id.
    pub fn find(&self, id: &str) -> Result<Copy, Error> {
        let found = self.list()?.into_iter().find(|copy| copy.id == id);
        found.ok_or_else(|| Error::NoCopy { id: id.to_owned() })
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_newest_stay() {
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
    fn the_order_is_that_in_which_they_were_made_whatever_the_clock_said() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        // Of an earlier version, with a clock that was years ahead, and one of the same version before it.
        std::fs::write(folder.path().join("20990101T000000.000000.json"), "b").unwrap();
        std::fs::write(folder.path().join("20250101T000000.000000.json"), "a").unwrap();
        let later = Time::UNIX_EPOCH + TimeDelta::days(20_000);
        for (at, text) in [(later, "c"), (Time::UNIX_EPOCH, "d"), (later, "e"), (Time::UNIX_EPOCH, "f")] {
            copies.keep(at, text.as_bytes()).unwrap();
        }
        assert_eq!(texts(&copies), ["f", "e", "d", "c", "b", "a"]);
        for n in 0..KEPT {
            copies.keep(Time::UNIX_EPOCH, n.to_string().as_bytes()).unwrap();
        }
        assert_eq!(texts(&copies).first().map(String::as_str), Some("19"));
        assert_eq!(texts(&copies).len(), KEPT);
    }

    #[test]
    fn their_total_size_is_limited_and_the_newest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        let large = vec![b'x'; usize::try_from(TOTAL / 3).unwrap()];
        for _ in 0..5 {
            copies.keep(Time::UNIX_EPOCH, &large).unwrap();
        }
        assert_eq!(copies.list().unwrap().len(), 3);
        copies.keep(Time::UNIX_EPOCH, &vec![b'y'; usize::try_from(TOTAL + 1).unwrap()]).unwrap();
        assert_eq!(copies.list().unwrap().len(), 1);
        copies.keep(Time::UNIX_EPOCH, b"z").unwrap();
        assert_eq!(texts(&copies), ["z"]);
    }

    #[test]
    fn hooks_make_one_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let copies = Copies::new(folder.path().to_owned());
        let second = |second| Time::UNIX_EPOCH + TimeDelta::seconds(second);
        let made: Vec<bool> = [100, 101, 159, 160, 100, 101]
            .into_iter()
            .map(|at| copies.keep_for(Actor::Hook, second(at), b"").unwrap().is_some())
            .collect();
        // Also if the clock was set back: what is in the future says nothing.
        assert_eq!(made, [true, false, false, true, true, false]);
        assert!(copies.keep_for(Actor::Command, second(101), b"").unwrap().is_some());
    }
}
