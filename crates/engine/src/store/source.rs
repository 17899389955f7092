//! Reading a registry's file, at a path or in an open folder, and waiting for one that is being written.
//!
//! Guarantees: a file that is too large, not regular, or incomplete is an error and never an empty registry.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use headcount_core::Registry;

use crate::Error;
use crate::files::failpoints::{self, Step};
use crate::files::file;
use crate::files::folder::Place;

/// Maximum size of a registry in bytes. Ten thousand sessions need a hundredth of it.
const LIMIT: u64 = 256 * 1024 * 1024;

/// How long a reader waits for a torn file to become whole (protocol §5).
pub(crate) const TORN_FILE_TIMEOUT: Duration = Duration::from_secs(1);

/// How a registry is read.
#[derive(Clone, Copy)]
pub(super) enum Source<'p> {
    /// At a path, following links.
    Path(&'p Path),
    /// In an open folder, not following a link.
    Place(&'p Place),
}

impl Source<'_> {
    /// The path that is read, for messages.
    pub(super) fn path(self) -> PathBuf {
        match self {
            Self::Path(path) => path.to_owned(),
            Self::Place(place) => place.path(),
        }
    }

    /// The registry; `None` if there is none.
    pub(super) fn read(self) -> Result<Option<Registry>, Error> {
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        Registry::read(bytes).map(Some).map_err(|reason| Error::Unreadable { path: self.path(), reason })
    }

    /// The bytes of the file; `None` if there is none.
    pub(super) fn bytes(self) -> Result<Option<Vec<u8>>, Error> {
        let contents = failpoints::before(Step::Read).and_then(|()| match self {
            Self::Path(path) => file::read(path, LIMIT),
            Self::Place(place) => file::read_at(place, LIMIT),
        });
        match contents {
            Ok(Some(contents)) if contents.is_whole => Ok(Some(contents.bytes)),
            Ok(Some(_)) => Err(Error::TooLarge { path: self.path(), limit: LIMIT }),
            Ok(None) => Err(self.not_a_file()),
            // A dangling link is not a missing registry, because a write would not create the link's target.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.path().is_symlink() => Ok(None),
            Err(source) => Err(Error::io("read the registry", &self.path(), source)),
        }
    }

    /// The error for a path that is no regular file.
    pub(super) fn not_a_file(self) -> Error {
        let path = self.path();
        match std::fs::metadata(&path) {
            Err(source) => Error::io("read the registry", &path, source),
            Ok(_) if matches!(self, Self::Place(_)) && path.is_symlink() => Error::Linked { path },
            Ok(_) => Error::NotAFile { path },
        }
    }
}

/// Whether there is a readable registry, after waiting for a torn one. Fails if a copy would not repair it.
pub(super) fn is_readable(source: Source<'_>) -> Result<bool, Error> {
    match retry_while_torn(|| source.read()) {
        Ok(registry) => Ok(registry.is_some()),
        Err(error) if error.is_repairable_by_copy() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether there is nothing with this name, not even a link to nowhere.
pub(super) fn is_absent(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Reads again until the file is whole, for at most [`TORN_FILE_TIMEOUT`].
pub(super) fn retry_while_torn<T>(mut read: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        match read() {
            Err(error) if error.is_transient() && start.elapsed() < TORN_FILE_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}
