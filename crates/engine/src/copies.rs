//! Good copies of a registry, made before each change.
//!
//! Promises: the twenty newest, for this user alone, byte for byte as the registry was. Does not put one back: the store
//! does.

use std::path::{Path, PathBuf};

use headcount_core::{Registry, Time, time};

use crate::{Error, atomic, litter};

/// How many are kept.
const KEPT: usize = 20;

/// How a copy's name says when it was made.
const NAME: &str = "%Y%m%dT%H%M%S%.6f";

/// A good copy of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its id: when it was made.
    pub id: String,
    /// When it was made: the registry was so until then.
    pub at: Time,
    /// Its file.
    pub path: PathBuf,
}

impl Copy {
    fn at(path: PathBuf) -> Option<Self> {
        let id = path.file_stem()?.to_str()?.to_owned();
        let at = time::in_range(chrono::NaiveDateTime::parse_from_str(&id, NAME).ok()?.and_utc())?;
        path.extension().is_some_and(|extension| extension == "json").then_some(Self { id, at, path })
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

    /// Keeps a text, and forgets the oldest beyond twenty. Returns where it is. Only under the registry's lock.
    pub(crate) fn keep(&self, at: Time, text: &[u8]) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("{}.json", at.format(NAME)));
        // What one that died left behind has a name of its own time, which nobody will write again.
        litter::sweep_folder(&self.folder);
        atomic::replace_private(&path, text)?;
        for old in self.list()?.iter().skip(KEPT) {
            if let Err(error) = std::fs::remove_file(&old.path) {
                tracing::warn!(path = %old.path.display(), %error, "could not remove an old copy");
            }
        }
        Ok(path)
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
        copies.sort_unstable_by(|a, b| b.id.cmp(&a.id));
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
}
