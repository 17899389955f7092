//! Removing temp files of writers that died.
//!
//! Guarantees: the temp file of a running writer is kept. Under the lock no other writer runs; without it only old
//! files are removed. Names are removed relative to the folder that was opened.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::atomic::{SUFFIX, prefix};
use crate::files::failpoints::{self, Step};
use crate::files::folder::{Folder, Place};

/// Removes the temp files of writers that died, after calling `before` with their paths. Only under the lock, which
/// every writer holds, so that no writer is running.
pub(crate) fn sweep(place: &Place, before: impl FnOnce(&[PathBuf])) {
    let prefix = prefix(&place.name);
    let found =
        temp_files(&place.folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)));
    if !found.is_empty() {
        let paths: Vec<PathBuf> = found.iter().map(|entry| place.folder.path().join(entry.file_name())).collect();
        before(&paths);
        for entry in &found {
            remove(&place.folder, entry);
        }
    }
}

/// Removes the temp files in a folder of Headcount's own. Only under the lock, which its writers hold too.
pub(crate) fn sweep_folder(folder: &Path) {
    if let Ok(folder) = Folder::open(folder, None) {
        remove_temp_files(&folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with('.')));
    }
}

/// Age from which a temp file is abandoned: a writer needs only a moment.
const ABANDONED: std::time::Duration = std::time::Duration::from_hours(1);

/// Removes abandoned temp files without the lock: only old ones, of the targets for which `is_ours` returns true.
pub(crate) fn remove_abandoned(folder: &Folder, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    remove_temp_files(folder, |entry| is_abandoned(entry, now, &is_ours));
}

/// Removes one entry if it is an abandoned temp file, for callers that list the folder anyway.
pub(crate) fn remove_if_abandoned(folder: &Folder, entry: &DirEntry, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    if is_abandoned(entry, now, is_ours) {
        remove(folder, entry);
    }
}

fn is_abandoned(entry: &DirEntry, now: SystemTime, is_ours: impl Fn(&str) -> bool) -> bool {
    let name = entry.file_name();
    // The name's form: `.`, the target's name, `.`, six random characters, `.tmp`.
    let of = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(SUFFIX)?.rsplit_once('.'));
    of.is_some_and(|(of, _)| is_ours(of))
        && entry.metadata().ok().and_then(|found| touched(&found)).is_some_and(|touched| touched + ABANDONED < now)
}

/// The time of a file's last change, or of its creation. Not its modification time, which a writer may set to the past.
#[cfg(unix)]
fn touched(found: &std::fs::Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let since = std::time::Duration::from_secs(u64::try_from(found.ctime()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(not(unix))]
fn touched(found: &std::fs::Metadata) -> Option<SystemTime> {
    found.created().ok()
}

fn remove_temp_files(folder: &Folder, is_abandoned: impl Fn(&DirEntry) -> bool) {
    for entry in temp_files(folder, is_abandoned) {
        remove(folder, &entry);
    }
}

fn temp_files(folder: &Folder, is_abandoned: impl Fn(&DirEntry) -> bool) -> Vec<DirEntry> {
    let entries = failpoints::before(Step::Sweep).and_then(|()| std::fs::read_dir(folder.path()));
    let is_temp = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.ends_with(SUFFIX));
    entries.into_iter().flatten().flatten().filter(|entry| is_temp(entry) && is_abandoned(entry)).collect()
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
    fn sweep_without_a_lock_removes_only_old_temp_files() {
        let folder = tempfile::tempdir().unwrap();
        let names = [".r.json.abcdef.tmp", ".other.abcdef.tmp", "r.json.abcdef.tmp", ".r.json", ".tmp", "..tmp"];
        for name in names {
            // The modification time is in the past, as a writer may set it: the age of the file itself counts.
            File::create(folder.path().join(name)).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        replace_private(&folder.path().join("r.json"), b"new").unwrap();
        let open = Folder::open(folder.path(), None).unwrap();
        remove_abandoned(&open, SystemTime::now() + ABANDONED / 2, |of| of == "r.json");
        assert_eq!(left(), names.len() + 1);
        remove_abandoned(&open, SystemTime::now() + ABANDONED * 2, |of| of == "r.json");
        assert_eq!(left(), names.len());
        assert!(!folder.path().join(".r.json.abcdef.tmp").exists());
    }

    #[test]
    fn sweep_removes_only_temp_files_of_the_target() {
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
