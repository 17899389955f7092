//! Folders as file descriptors. Names are relative to them, and links are never followed.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid};

use super::{Access, File, OsStr, Path, io};

pub(super) type Handle = OwnedFd;

/// Flags for opening a folder. `O_PATH` needs no permission to read it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    Ok(rustix::fs::openat(CWD, path, FOLDER, Mode::empty())?)
}

/// The folder from which a tree is opened: the root, if the folders above the tree need not be readable.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn start_of(tree: &Path) -> &Path {
    tree.ancestors().last().unwrap_or(tree)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn start_of(tree: &Path) -> &Path {
    tree
}

pub(super) fn again(folder: &Handle) -> io::Result<Handle> {
    folder.try_clone()
}

pub(super) fn open_in(folder: &Handle, _path: &Path, name: &OsStr) -> io::Result<Handle> {
    Ok(rustix::fs::openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?)
}

pub(super) fn make(folder: &Handle, _path: &Path, name: &OsStr, mode: u32) -> io::Result<()> {
    Ok(rustix::fs::mkdirat(folder, name, bits(mode))?)
}

pub(super) fn create(folder: &Handle, _path: &Path, name: &OsStr, mode: u32) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, name, flags, bits(mode))?.into())
}

pub(super) fn open_file(folder: &Handle, _path: &Path, name: &OsStr, access: Access) -> io::Result<File> {
    let access = if access == Access::Write { OFlags::RDWR } else { OFlags::RDONLY };
    let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, name, flags, Mode::empty())?.into())
}

pub(super) fn is_file(folder: &Handle, _path: &Path, name: &OsStr) -> io::Result<bool> {
    let found = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(found.st_mode) == FileType::RegularFile)
}

pub(super) fn rename(folder: &Handle, _path: &Path, from: &OsStr, to: &OsStr) -> io::Result<()> {
    Ok(rustix::fs::renameat(folder, from, folder, to)?)
}

pub(super) fn remove(folder: &Handle, _path: &Path, name: &OsStr) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(folder, name, AtFlags::empty())?)
}

pub(super) fn sync(folder: &Handle) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::fsync(rustix::fs::openat(folder, ".", flags, Mode::empty())?)?)
}

/// Makes the folder's owner the owner of a file that root created, because its owner could not open it otherwise.
pub(super) fn give_to_owner(made: &File, folder: &Handle) -> io::Result<()> {
    match new_owner(made, folder)? {
        Some((owner, group)) => Ok(rustix::fs::fchown(made, Some(owner), Some(group))?),
        None => Ok(()),
    }
}

/// The same for a folder: `fchown` does not accept its `O_PATH` handle.
pub(super) fn give_folder_to_owner(made: &Handle, folder: &Handle) -> io::Result<()> {
    match new_owner(made, folder)? {
        Some((owner, group)) => Ok(rustix::fs::chownat(made, ".", Some(owner), Some(group), AtFlags::empty())?),
        None => Ok(()),
    }
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn new_owner(made: impl AsFd, folder: &Handle) -> io::Result<Option<(Uid, Gid)>> {
    if !is_root() {
        return Ok(None);
    }
    let (found, above) = (rustix::fs::fstat(made)?, rustix::fs::fstat(folder)?);
    let is_closed = found.st_uid == 0 && above.st_uid != 0;
    Ok(is_closed.then(|| (Uid::from_raw(above.st_uid), Gid::from_raw(above.st_gid))))
}

fn bits(mode: u32) -> Mode {
    Mode::from_raw_mode(rustix::fs::RawMode::try_from(mode).unwrap_or(0o600))
}
