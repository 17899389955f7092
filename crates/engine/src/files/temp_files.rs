//! Temp files of writers that died.
//!
//! Promises: a file of a writer at work stays: under the lock there is none, and elsewhere only what is old goes. Names are removed
//! relative to the folder that was opened.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::atomic::{SUFFIX, prefix};
use crate::files::failpoints::{self, Step};
use crate::files::folder::{Folder, Place};

/// Removes what writers that died left behind, after `before` was told of it. Only under the lock, which every writer holds,
/// so that none is at work.
pub(crate) fn sweep(place: &Place, before: impl FnOnce(&[PathBuf])) {
    let prefix = prefix(&place.name);
    let found = litter(&place.folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)));
    if !found.is_empty() {
        let paths: Vec<PathBuf> = found.iter().map(|entry| place.folder.path().join(entry.file_name())).collect();
        before(&paths);
        for entry in &found {
            remove(&place.folder, entry);
        }
    }
}

/// The same for a folder of our own, whose files are written under the lock too.
pub(crate) fn sweep_folder(folder: &Path) {
    if let Ok(folder) = Folder::open(folder, None) {
        remove_litter(&folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with('.')));
    }
}

/// A temp file this much older than now is nobody's any more: writing one takes a moment.
const ABANDONED: std::time::Duration = std::time::Duration::from_hours(1);

/// The same where no lock says that nobody is at work: only what is old, of the files whose names are told by `is_ours`.
pub(crate) fn sweep_old(folder: &Folder, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    remove_litter(folder, |entry| is_abandoned(entry, now, &is_ours));
}

/// Removes one entry of such a folder, for whoever looks through it anyway.
pub(crate) fn remove_if_abandoned(folder: &Folder, entry: &DirEntry, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    if is_abandoned(entry, now, is_ours) {
        remove(folder, entry);
    }
}

fn is_abandoned(entry: &DirEntry, now: SystemTime, is_ours: impl Fn(&str) -> bool) -> bool {
    let name = entry.file_name();
    // `.` name `.` six characters of chance `.tmp`
    let of = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(SUFFIX)?.rsplit_once('.'));
    of.is_some_and(|(of, _)| is_ours(of))
        && entry.metadata().ok().and_then(|found| touched(&found)).is_some_and(|touched| touched + ABANDONED < now)
}

/// When something last happened to a file. Not its own date: a beat may be dated back while it is made.
#[cfg(unix)]
fn touched(found: &std::fs::Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let since = std::time::Duration::from_secs(u64::try_from(found.ctime()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(not(unix))]
fn touched(found: &std::fs::Metadata) -> Option<SystemTime> {
    found.modified().ok()
}

fn remove_litter(folder: &Folder, is_litter: impl Fn(&DirEntry) -> bool) {
    for entry in litter(folder, is_litter) {
        remove(folder, &entry);
    }
}

fn litter(folder: &Folder, is_litter: impl Fn(&DirEntry) -> bool) -> Vec<DirEntry> {
    let entries = failpoints::before(Step::Sweep).and_then(|()| std::fs::read_dir(folder.path()));
    let is_temp = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.ends_with(SUFFIX));
    entries.into_iter().flatten().flatten().filter(|entry| is_temp(entry) && is_litter(entry)).collect()
}

fn remove(folder: &Folder, entry: &DirEntry) {
    if let Err(error) = folder.remove(&entry.file_name()) {
        tracing::warn!(path = %entry.path().display(), %error, "could not remove a leftover");
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::files::atomic::replace_private;

    #[test]
    fn where_nobody_locks_only_old_leftovers_go() {
        let folder = tempfile::tempdir().unwrap();
        let names = [".r.json.abcdef.tmp", ".other.abcdef.tmp", "r.json.abcdef.tmp", ".r.json", ".tmp", "..tmp"];
        for name in names {
            // Dated back, as a beat is while it is made: it is the file itself that has to be old.
            File::create(folder.path().join(name)).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        replace_private(&folder.path().join("r.json"), b"new").unwrap();
        let open = Folder::open(folder.path(), None).unwrap();
        sweep_old(&open, SystemTime::now() + ABANDONED / 2, |of| of == "r.json");
        assert_eq!(left(), names.len() + 1);
        sweep_old(&open, SystemTime::now() + ABANDONED * 2, |of| of == "r.json");
        assert_eq!(left(), names.len());
        assert!(!folder.path().join(".r.json.abcdef.tmp").exists());
    }

    #[test]
    fn leftovers_are_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        for name in [".r.json.abc.tmp", ".other.tmp", ".r.json.lock", "r.json"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        sweep(&Place::of(&target, None).unwrap(), |_| {});
        assert!(!folder.path().join(".r.json.abc.tmp").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
