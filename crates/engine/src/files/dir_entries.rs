//! Listing the names in a folder of any size.
//!
//! Guarantees: one pass, in the folder's own order; on Linux straight from the kernel's buffer, without a copy of each
//! name. Each name comes with its kind, without a stat if the file system reports it. Opens nothing but the folder.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// The kind of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A folder, pipe or device.
    Other,
}

impl From<std::fs::FileType> for EntryKind {
    fn from(kind: std::fs::FileType) -> Self {
        match kind {
            kind if kind.is_file() => Self::File,
            kind if kind.is_symlink() => Self::Link,
            _ => Self::Other,
        }
    }
}

/// Size in bytes of the buffer for names.
#[cfg(target_os = "linux")]
const BUFFER: usize = 64 * 1024;

/// Calls `show` for each name in a folder.
#[cfg(target_os = "linux")]
pub(crate) fn each(folder: &Path, mut show: impl FnMut(&OsStr, EntryKind)) -> io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, openat};
    use std::os::unix::ffi::OsStrExt as _;

    let opened = openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut buffer = Vec::with_capacity(BUFFER);
    let mut names = RawDir::new(opened, buffer.spare_capacity_mut());
    while let Some(entry) = names.next() {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let kind = match entry.file_type() {
            FileType::RegularFile => EntryKind::File,
            FileType::Symlink => EntryKind::Link,
            // Some file systems do not report the kind.
            FileType::Unknown => {
                let found = std::fs::symlink_metadata(folder.join(name));
                found.map_or(EntryKind::Other, |found| found.file_type().into())
            }
            _ => EntryKind::Other,
        };
        show(name, kind);
    }
    Ok(())
}

/// Calls `show` for each name in a folder.
#[cfg(not(target_os = "linux"))]
pub(crate) fn each(folder: &Path, mut show: impl FnMut(&OsStr, EntryKind)) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type().map_or(EntryKind::Other, EntryKind::from);
        show(&entry.file_name(), kind);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_shows_every_name_once_with_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        for at in 0..3000 {
            std::fs::write(folder.path().join(format!("a-name-that-is-long-enough-for-some-buffers-{at}")), "")
                .unwrap();
        }
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        let mut found = BTreeMap::new();
        each(folder.path(), |name, kind| {
            if name != "." && name != ".." {
                assert_eq!(found.insert(name.to_owned(), kind), None, "{name:?} twice");
            }
        })
        .unwrap();
        assert_eq!(found.remove(OsStr::new("folder")), Some(EntryKind::Other));
        #[cfg(unix)]
        assert_eq!(found.remove(OsStr::new("link")), Some(EntryKind::Link));
        assert_eq!((found.len(), found.values().all(|kind| *kind == EntryKind::File)), (3000, true));
        assert_eq!(each(&folder.path().join("none"), |_, _| {}).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
