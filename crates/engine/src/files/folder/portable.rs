//! Folders as paths, for systems without folder handles that this crate can use.

#![expect(clippy::unnecessary_wraps, reason = "the same functions as on Unix, where each can fail")]

use super::{Access, File, OsStr, Path, io};

/// No handle: each function takes the folder's path as well.
#[derive(Debug)]
pub(super) struct Handle;

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    let found = std::fs::metadata(path)?;
    if found.is_dir() { Ok(Handle) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

pub(super) fn start_of(tree: &Path) -> &Path {
    tree
}

pub(super) fn again(_folder: &Handle) -> io::Result<Handle> {
    Ok(Handle)
}

pub(super) fn open_in(_folder: &Handle, path: &Path, name: &OsStr) -> io::Result<Handle> {
    let found = std::fs::symlink_metadata(path.join(name))?;
    if found.is_dir() { Ok(Handle) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

pub(super) fn make(_folder: &Handle, path: &Path, name: &OsStr, _mode: u32) -> io::Result<()> {
    std::fs::create_dir(path.join(name))
}

pub(super) fn create(_folder: &Handle, path: &Path, name: &OsStr, _mode: u32) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).open(path.join(name))
}

pub(super) fn open_file(_folder: &Handle, path: &Path, name: &OsStr, access: Access) -> io::Result<File> {
    let path = path.join(name);
    if std::fs::symlink_metadata(&path)?.is_symlink() {
        return Err(io::Error::other("it is a link"));
    }
    File::options().read(true).write(access == Access::Write).open(path)
}

pub(super) fn is_file(_folder: &Handle, path: &Path, name: &OsStr) -> io::Result<bool> {
    Ok(std::fs::symlink_metadata(path.join(name))?.is_file())
}

pub(super) fn rename(_folder: &Handle, path: &Path, from: &OsStr, to: &OsStr) -> io::Result<()> {
    std::fs::rename(path.join(from), path.join(to))
}

pub(super) fn remove(_folder: &Handle, path: &Path, name: &OsStr) -> io::Result<()> {
    std::fs::remove_file(path.join(name))
}

pub(super) fn sync(_folder: &Handle) -> io::Result<()> {
    Ok(())
}

pub(super) fn is_root() -> bool {
    false
}

pub(super) fn give_to_owner(_made: &File, _folder: &Handle) -> io::Result<()> {
    Ok(())
}

pub(super) fn give_folder_to_owner(_made: &Handle, _folder: &Handle) -> io::Result<()> {
    Ok(())
}
