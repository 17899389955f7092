//! Replacing a file in one step.
//!
//! Promises: whoever reads the path sees the old text or the new, whole, whatever happens in between, power loss
//! included; mode and owner stay. A failure leaves the old file and no litter. Does not lock: the caller does.

use std::fs::{DirEntry, File, Permissions};
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use headcount_core::Time;
use tempfile::{Builder, NamedTempFile};

use crate::Error;
use crate::seam::{self, Step};

/// What a replacement still needs: everything is on disk but the name.
pub(crate) struct Prepared {
    file: NamedTempFile,
}

fn prefix(target: &Path) -> String {
    format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy())
}

const SUFFIX: &str = ".tmp";

/// Writes `text` beside `target`, safely on disk, with the mode and owner of the file it will replace.
pub(crate) fn prepare(target: &Path, text: &[u8]) -> Result<Prepared, Error> {
    let io = |doing| move |source| Error::io(doing, target, source);
    let mut file = create(target)?;
    seam::before(Step::Adopt).map_err(io("keep mode and owner of"))?;
    match std::fs::metadata(target) {
        Ok(old) => adopt(file.as_file(), &old).map_err(io("keep mode and owner of"))?,
        Err(_) => set_default_mode(file.as_file()).map_err(io("set the mode of"))?,
    }
    write(&mut file, target, text)?;
    // The name must not come before the bytes: after a power loss it would name an empty file.
    seam::before(Step::Sync).and_then(|()| file.as_file().sync_all()).map_err(io("write"))?;
    Ok(Prepared { file })
}

/// A temp file in the target's own folder, because only within a file system is a rename one step.
fn create(target: &Path) -> Result<NamedTempFile, Error> {
    let folder = target.parent().unwrap_or(Path::new("."));
    seam::before(Step::Create)
        .and_then(|()| Builder::new().prefix(&prefix(target)).suffix(SUFFIX).tempfile_in(folder))
        .map_err(|source| Error::io("write in the folder", folder, source))
}

fn write(file: &mut NamedTempFile, target: &Path, text: &[u8]) -> Result<(), Error> {
    seam::before(Step::Write).and_then(|()| file.write_all(text)).map_err(|source| Error::io("write", target, source))
}

impl Prepared {
    /// Lets everybody who may read the new file run it.
    pub(crate) fn make_program(&self, target: &Path) -> Result<(), Error> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let file = self.file.as_file();
            let made = file.metadata().and_then(|made| {
                let mode = made.permissions().mode();
                file.set_permissions(Permissions::from_mode(mode | (mode & 0o444) >> 2))
            });
            made.map_err(|source| Error::io("set the mode of", target, source))?;
        }
        Ok(())
    }

    /// Removes what writers of the same file that died left behind, by the file system's own clock.
    pub(crate) fn sweep(&self, target: &Path) {
        let made = self.file.as_file().metadata().and_then(|made| made.modified());
        if let (Ok(now), Some(folder), Some(name)) = (made, target.parent(), target.file_name()) {
            sweep_old(folder, now, |of| name == of);
        }
    }

    /// Gives the new text the name.
    pub(crate) fn put(self, target: &Path) -> Result<(), Error> {
        seam::before(Step::Rename)
            .and_then(|()| self.file.persist(target).map_err(|error| error.error))
            .map_err(|source| Error::io("replace", target, source))?;
        #[cfg(unix)]
        if let Some(folder) = target.parent() {
            // The new name itself has to survive a power loss. The change is made either way.
            if let Err(error) = seam::before(Step::SyncFolder).and_then(|()| File::open(folder)?.sync_all()) {
                tracing::warn!(folder = %folder.display(), %error, "could not sync the folder");
            }
        }
        Ok(())
    }
}

/// Replaces a small file of our own, with mode 0600.
pub(crate) fn replace_private(target: &Path, text: &[u8]) -> Result<(), Error> {
    let folder = target.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let mut file = create(target)?;
    write(&mut file, target, text)?;
    let prepared = Prepared { file };
    prepared.sweep(target);
    prepared.put(target)
}

/// Replaces a small file of our own, with mode 0600, without the wait that makes it safe from a power loss.
pub(crate) fn replace_private_lightly(target: &Path, text: &[u8]) -> Result<(), Error> {
    create_private_folder(target.parent().unwrap_or(Path::new(".")))?;
    let mut file = create(target)?;
    write(&mut file, target, text)?;
    seam::before(Step::Rename)
        .and_then(|()| file.persist(target).map(drop).map_err(|error| error.error))
        .map_err(|source| Error::io("replace", target, source))
}

/// Puts a file of that date there, whole for whoever reads it, and not safe from a power loss: for what is not worth a wait.
pub(crate) fn replace_lightly(target: &Path, text: &[u8], at: Time) -> Result<(), Error> {
    let mut file = create(target)?;
    set_default_mode(file.as_file()).map_err(|source| Error::io("set the mode of", target, source))?;
    write(&mut file, target, text)?;
    file.as_file().set_modified(at.into()).map_err(|source| Error::io("date", target, source))?;
    seam::before(Step::Rename)
        .and_then(|()| file.persist(target).map(drop).map_err(|error| error.error))
        .map_err(|source| Error::io("replace", target, source))
}

/// Makes a folder, and those above it, for this user alone. Without a home folder there is no whole path for one.
pub(crate) fn create_private_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_relative() {
        return Err(Error::Homeless { what: "files" });
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    seam::before(Step::Folder)
        .and_then(|()| builder.create(folder))
        .map_err(|source| Error::io("create the folder", folder, source))
}

/// Removes what writers that died left behind. Only under the lock, which every writer holds: whatever is there is nobody's.
pub(crate) fn sweep(target: &Path) {
    if let Some(folder) = target.parent() {
        sweep_folder(folder, &prefix(target));
    }
}

/// The same for a folder of our own, whose files are written under the lock too: every temp file, or those of one name.
pub(crate) fn sweep_folder(folder: &Path, prefix: &str) {
    remove_litter(folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
}

/// A temp file this much older than now is nobody's any more: writing one takes a moment.
const ABANDONED: std::time::Duration = std::time::Duration::from_hours(1);

/// The same where no lock says that nobody is at work: only what is old, of the files whose names are told by `is_ours`.
pub(crate) fn sweep_old(folder: &Path, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    remove_litter(folder, |entry| is_abandoned(entry, now, &is_ours));
}

/// Removes one entry of such a folder, for whoever looks through it anyway.
pub(crate) fn remove_if_abandoned(entry: &DirEntry, now: SystemTime, is_ours: impl Fn(&str) -> bool) {
    if is_abandoned(entry, now, is_ours) {
        remove(entry);
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

fn remove_litter(folder: &Path, is_litter: impl Fn(&DirEntry) -> bool) {
    let Ok(entries) = seam::before(Step::Sweep).and_then(|()| std::fs::read_dir(folder)) else { return };
    let is_temp = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.ends_with(SUFFIX));
    entries.flatten().filter(|entry| is_temp(entry) && is_litter(entry)).for_each(|entry| remove(&entry));
}

fn remove(entry: &DirEntry) {
    if let Err(error) = std::fs::remove_file(entry.path()) {
        tracing::warn!(path = %entry.path().display(), %error, "could not remove a leftover");
    }
}

#[cfg(unix)]
fn adopt(file: &File, old: &std::fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))
}

#[cfg(not(unix))]
fn adopt(file: &File, old: &std::fs::Metadata) -> std::io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(unix)]
fn set_default_mode(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // What Python's open() gives under the usual mask: the other programs that share the registry must read it.
    file.set_permissions(Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_default_mode(_file: &File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_mode_stays() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::fs::write(&target, "old").unwrap();
        std::fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        prepare(&target, b"new").unwrap().put(&target).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o7777, 0o640);
    }

    #[test]
    fn giving_up_leaves_the_old_file_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::fs::write(&target, "old").unwrap();
        drop(prepare(&target, b"new").unwrap());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

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
        sweep_old(folder.path(), SystemTime::now() + ABANDONED / 2, |of| of == "r.json");
        assert_eq!(left(), names.len() + 1);
        sweep_old(folder.path(), SystemTime::now() + ABANDONED * 2, |of| of == "r.json");
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
        sweep(&target);
        assert!(!folder.path().join(".r.json.abc.tmp").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
