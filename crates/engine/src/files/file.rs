//! Opening files that somebody else made.
//!
//! Promises: opening never blocks and never opens a pipe, device or folder; at most so many bytes are read, and none of a
//! file that is known to be larger, because half of it is of use to nobody. Symbolic links to regular files are followed.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use headcount_core::{Time, time};

use crate::files::folder::{Access, Folder, Place};
use crate::files::io_counters::{Look, note};

/// What was read of a file.
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    /// Nothing is left beyond `bytes`.
    pub(crate) is_whole: bool,
    pub(crate) metadata: Metadata,
}

/// Reads up to `limit` bytes of a regular file; nothing where it is something else.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Option<Contents>> {
    let Some((file, metadata)) = open(path)? else { return Ok(None) };
    read_opened(file, metadata, limit)
}

/// The same in a folder that is open; nothing for a link.
pub(crate) fn read_at(place: &Place, limit: u64) -> io::Result<Option<Contents>> {
    read_in(&place.folder, &place.name, limit)
}

/// The same by the name in a folder.
pub(crate) fn read_in(folder: &Folder, name: &OsStr, limit: u64) -> io::Result<Option<Contents>> {
    note(Look::Stat);
    if !folder.is_file(name)? {
        return Ok(None);
    }
    note(Look::Open);
    let file = folder.open_file(name, Access::Read)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { read_opened(file, metadata, limit) } else { Ok(None) }
}

fn read_opened(mut file: File, metadata: Metadata, limit: u64) -> io::Result<Option<Contents>> {
    if metadata.len() > limit {
        return Ok(Some(Contents { bytes: Vec::new(), is_whole: false, metadata }));
    }
    let size = metadata.len() as usize;
    let mut bytes = vec![0; size + 1];
    let first = match file.read(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
        read => read?,
    };
    bytes.truncate(first);
    // As much as there was, with room for more: that is the end, and nobody has to be asked once more. Files that the
    // system makes up have no size.
    if size == 0 || first != size {
        file.take(limit + 1 - first as u64).read_to_end(&mut bytes)?;
    }
    let is_whole = bytes.len() as u64 <= limit;
    bytes.truncate(limit as usize);
    Ok(Some(Contents { bytes, is_whole, metadata }))
}

/// Reads the first `limit` bytes of a regular file; nothing where it is something else, or a link.
pub(crate) fn head(path: &Path, limit: u64) -> io::Result<Option<Contents>> {
    if std::fs::symlink_metadata(path)?.is_symlink() {
        return Ok(None);
    }
    let Some((file, metadata)) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(metadata.len().min(limit) as usize + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 <= limit;
    bytes.truncate(limit as usize);
    Ok(Some(Contents { bytes, is_whole, metadata }))
}

/// The path of a file or folder that is there, with no link in it. On Windows in the form that people know.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    let real = std::fs::canonicalize(path)?;
    #[cfg(windows)]
    if let Some(plain) = real.to_str().and_then(|real| real.strip_prefix(r"\\?\"))
        && plain.as_bytes().get(1) == Some(&b':')
    {
        return Ok(PathBuf::from(plain));
    }
    Ok(real)
}

/// Opens a regular file for reading.
fn open(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    // Looked at before it is opened, because opening alone wakes whoever waits at the other end of a pipe, and some
    // devices act on it; looked at again afterwards, because it may have been exchanged in between.
    note(Look::Stat);
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    note(Look::Open);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// When a file was last written, if that is usable. One that is too late is the last moment of all, which lies as much in
/// the future.
pub(crate) fn modified(metadata: &Metadata) -> Option<Time> {
    let modified = metadata.modified().ok()?;
    time::from_system(modified).or_else(|| (modified > std::time::SystemTime::UNIX_EPOCH).then_some(time::LATEST))
}

/// Makes a named pipe, which not every system's library lets this crate make.
#[cfg(test)]
#[cfg(unix)]
pub(crate) fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|made| made.success()), "mkfifo {}", path.display());
}
