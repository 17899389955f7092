//! Replacing a file atomically.
//!
//! Guarantees: a reader sees the old text or the new one, complete, even after a power loss. Owner, mode, access list and
//! attributes are kept; if they cannot be, or the file has other names, it is written in place (see [`InPlace`]) or not at
//! all. New files get the permissions that the umask allows. A failure leaves the old file and no temp file. Does not lock:
//! the caller does.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

use headcount_core::Time;
use tempfile::{Builder, NamedTempFile};

use crate::Error;
use crate::files::failpoints::{self, Step};
pub(crate) use crate::files::folder::create_private as create_private_folder;
use crate::files::folder::{Access, Place};
use crate::files::in_place::InPlace;
use crate::files::{metadata, sharing, temp_files};

/// What happens to a file's other names (hard links).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherNames {
    /// They get the new text too: the file is written in place.
    Follow,
    /// They keep the old text.
    Stay,
}

/// What a power loss right after a change may undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing.
    Safe,
    /// The change. The file holds the whole old text or the whole new text.
    Whole,
}

/// A prepared replacement: the new text is on disk, and only the rename is missing. For a file that has to be written
/// in place nothing is on disk yet.
pub(crate) struct Prepared {
    place: Place,
    how: How,
}

enum How {
    Replace(NamedTempFile),
    InPlace(InPlace),
}

/// The prefix of the names of a file's temp files.
pub(crate) fn prefix(name: &OsStr) -> String {
    format!(".{}.", name.to_string_lossy())
}

/// The suffix of the names of temp files.
pub(crate) const SUFFIX: &str = ".tmp";

/// The mode of a new shared file, before the umask: other programs must be able to read it.
const SHARED: u32 = 0o666;

/// The mode of a file that only this user may read.
const PRIVATE: u32 = 0o600;

/// Prepares the replacement of a file. Links in the path of its folder are followed.
pub(crate) fn prepare(target: &Path, text: &[u8], names: OtherNames) -> Result<Prepared, Error> {
    prepare_at(Place::of(target, None)?, text, names)
}

/// Writes `text` to a temp file in the same folder, synced, with owner, mode, access list and attributes of the file
/// that it will replace. If these cannot be kept, the replacement is written in place, if permitted.
///
/// # Errors
///
/// [`Error::Io`] if a step fails. The old file is unchanged then.
pub(crate) fn prepare_at(place: Place, text: &[u8], names: OtherNames) -> Result<Prepared, Error> {
    let path = place.path();
    let io = |doing| {
        let path = path.clone();
        move |source| Error::io(doing, &path, source)
    };
    let old = Old::look(&place).map_err(io("keep mode and owner of"))?;
    let may_change = old.as_ref().and_then(|old| old.file.as_ref()).map_or(Ok(()), metadata::check);
    may_change.map_err(io("keep the capabilities of"))?;
    let created = create(&place, if old.is_some() { PRIVATE } else { SHARED });
    let mut file = match (created, &old) {
        // The owner of the folder permits others to write the file in place, but not to create files in the folder.
        (Err(error), Some(old))
            if names == OtherNames::Follow && metadata::is_of_another(&old.about) && error.is_denied() =>
        {
            let in_place = place.folder.open_file(&place.name, Access::Write).and_then(|file| InPlace::new(file, text));
            return in_place.map(|in_place| Prepared { place, how: How::InPlace(in_place) }).map_err(|_| error);
        }
        (created, _) => created?,
    };
    failpoints::before(Step::Adopt).map_err(io("keep mode and owner of"))?;
    if let Some(old) = &old {
        let has_others = metadata::has_other_names(&old.about);
        let must_follow = has_others && names == OtherNames::Follow;
        let adopted = if must_follow { Ok(()) } else { metadata::adopt(file.as_file(), old.file.as_ref(), &old.about) };
        let is_refused = adopted.as_ref().is_err_and(metadata::is_refusal) && !has_others;
        if must_follow || is_refused {
            let opened = place.folder.open_file(&place.name, Access::Write);
            // The error reports why the file could not be replaced, not why the fallback failed.
            let refused = |error| adopted.err().unwrap_or(error);
            let in_place = opened
                .and_then(|file| InPlace::new(file, text))
                .map_err(|error| io("keep mode and owner of")(refused(error)))?;
            return Ok(Prepared { place, how: How::InPlace(in_place) });
        }
        adopted.map_err(io("keep mode and owner of"))?;
    }
    write(&mut file, &path, text)?;
    // Synced before the rename: otherwise the name could lead to an empty file after a power loss.
    failpoints::before(Step::Sync).and_then(|()| file.as_file().sync_all()).map_err(io("write"))?;
    Ok(Prepared { place, how: How::Replace(file) })
}

/// The file to be replaced.
struct Old {
    about: Metadata,
    /// `None` if it may not be read.
    file: Option<File>,
}

impl Old {
    fn look(place: &Place) -> io::Result<Option<Self>> {
        let is_file = match place.folder.is_file(&place.name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        let file = if is_file { place.folder.open_file(&place.name, Access::Read).ok() } else { None };
        let about = match &file {
            Some(file) => file.metadata()?,
            // A link that is itself replaced gets the mode and owner of its target.
            None => match std::fs::metadata(place.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                about => about?,
            },
        };
        Ok(Some(Self { about, file }))
    }
}

/// Creates a temp file in the target's folder, because a rename is atomic only within a file system.
fn create(place: &Place, mode: u32) -> Result<NamedTempFile, Error> {
    let folder = &place.folder;
    let make = |path: &Path| folder.create(path.file_name().unwrap_or_default(), mode);
    failpoints::before(Step::Create)
        .and_then(|()| Builder::new().prefix(&prefix(&place.name)).suffix(SUFFIX).make_in(folder.path(), make))
        .map_err(|source| Error::io("write in the folder", folder.path(), source))
}

fn write(file: &mut NamedTempFile, target: &Path, text: &[u8]) -> Result<(), Error> {
    failpoints::before(Step::Write)
        .and_then(|()| file.write_all(text))
        .map_err(|source| Error::io("write", target, source))
}

/// Renames a temp file to its final name, if `may_replace` returns true. Returns whether it was renamed.
fn rename(file: NamedTempFile, place: &Place, may_replace: impl FnMut() -> Result<bool, Error>) -> Result<bool, Error> {
    let temp = file.into_temp_path();
    let name = temp.file_name().unwrap_or_default().to_owned();
    let rename = || failpoints::before(Step::Rename).and_then(|()| place.folder.rename(&name, &place.name));
    let is_renamed = sharing::rename(may_replace, rename, |source| Error::io("replace", &place.path(), source))?;
    if is_renamed {
        // No file has the temp name any more, so nothing is to be removed.
        drop(temp.keep());
    }
    Ok(is_renamed)
}

impl Prepared {
    /// Whether the file is written in place, which a power loss can interrupt.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(self.how, How::InPlace(_))
    }

    /// Makes the new file executable for every user who may read it.
    #[cfg(unix)]
    pub(crate) fn make_program(&self) -> Result<(), Error> {
        use std::os::unix::fs::PermissionsExt as _;
        let How::Replace(file) = &self.how else { return Ok(()) };
        let file = file.as_file();
        let made = file.metadata().and_then(|made| {
            let mode = made.permissions().mode();
            file.set_permissions(std::fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
        });
        made.map_err(|source| Error::io("set the mode of", &self.place.path(), source))
    }

    /// Does nothing: on this system the name makes a file executable.
    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same function as on Unix")]
    pub(crate) fn make_program(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Removes abandoned temp files of the same target. Their age is measured by the file system's clock.
    pub(crate) fn sweep(&self) {
        let How::Replace(file) = &self.how else { return };
        if let Ok(now) = file.as_file().metadata().and_then(|made| made.modified()) {
            temp_files::remove_abandoned(&self.place.folder, now, |of| self.place.name == *of);
        }
    }

    /// The temp file that holds the new text; `None` if the file is written in place.
    pub(crate) fn temp(&self) -> Option<&Path> {
        match &self.how {
            How::Replace(file) => Some(file.path()),
            How::InPlace(_) => None,
        }
    }

    /// Replaces the file, safe from a power loss.
    pub(crate) fn put(self) -> Result<(), Error> {
        self.put_if(Durability::Safe, || Ok(true)).map(drop)
    }

    /// Replaces the file with the given durability, if `may_replace` returns true immediately before. Returns whether it
    /// was replaced.
    pub(crate) fn put_if(
        self,
        durability: Durability,
        mut may_replace: impl FnMut() -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let Self { place, how } = self;
        match how {
            How::InPlace(_) if !may_replace()? => Ok(false),
            How::InPlace(in_place) => failpoints::before(Step::Rename)
                .and_then(|()| in_place.write())
                .map(|()| true)
                .map_err(|source| Error::io("write", &place.path(), source)),
            How::Replace(file) => {
                let is_renamed = rename(file, &place, may_replace)?;
                // Sync the folder, so that the new name survives a power loss. The change is made even if this fails.
                if is_renamed
                    && durability == Durability::Safe
                    && let Err(error) = failpoints::before(Step::SyncFolder).and_then(|()| place.folder.sync())
                {
                    tracing::warn!(folder = %place.folder.path().display(), %error, "could not sync the folder");
                }
                Ok(is_renamed)
            }
        }
    }
}

/// Replaces a small file of Headcount's own, with mode 0600, and syncs it.
pub(crate) fn replace_private(target: &Path, text: &[u8]) -> Result<(), Error> {
    let (place, file) = write_private(target, text)?;
    failpoints::before(Step::Sync)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|source| Error::io("write", target, source))?;
    let prepared = Prepared { place, how: How::Replace(file) };
    prepared.sweep();
    prepared.put()
}

/// Replaces a small file of Headcount's own, with mode 0600, without syncing it.
pub(crate) fn replace_private_unsynced(target: &Path, text: &[u8]) -> Result<(), Error> {
    let (place, file) = write_private(target, text)?;
    rename(file, &place, || Ok(true)).map(drop)
}

fn write_private(target: &Path, text: &[u8]) -> Result<(Place, NamedTempFile), Error> {
    create_private_folder(target.parent().unwrap_or(Path::new(".")))?;
    let place = Place::of(target, None)?;
    let mut file = create(&place, PRIVATE)?;
    write(&mut file, target, text)?;
    Ok((place, file))
}

/// Replaces a file atomically, with the modification time `at`, without syncing it.
pub(crate) fn replace_unsynced(place: &Place, text: &[u8], at: Time) -> Result<(), Error> {
    let path = place.path();
    let mut file = create(place, SHARED)?;
    write(&mut file, &path, text)?;
    file.as_file().set_modified(at.into()).map_err(|source| Error::io("set the time of", &path, source))?;
    rename(file, place, || Ok(true)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn put_keeps_the_mode() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::fs::write(&target, "old").unwrap();
        std::fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        prepare(&target, b"new", OtherNames::Follow).unwrap().put().unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o7777, 0o640);
    }

    #[test]
    fn dropping_a_prepared_file_keeps_the_old_one_and_leaves_no_temp_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::fs::write(&target, "old").unwrap();
        drop(prepare(&target, b"new", OtherNames::Follow).unwrap());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
