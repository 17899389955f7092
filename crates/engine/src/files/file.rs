//! Opening files that other programs may have created.
//!
//! Guarantees: opening never blocks, and never opens a pipe, device or folder. At most `limit` bytes are read, and none
//! of a file that is larger by its metadata, because a part of it is of no use. Symbolic links to regular files are
//! followed.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use headcount_core::{Time, time};

use crate::files::folder::{Access, Folder, Place};
use crate::files::io_counters::{Look, note};

/// The contents of a file.
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    /// Whether `bytes` is the whole file.
    pub(crate) is_whole: bool,
    pub(crate) metadata: Metadata,
}

/// Reads up to `limit` bytes of a regular file; `None` if it is not a regular file.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Option<Contents>> {
    let Some((file, metadata)) = open(path)? else { return Ok(None) };
    read_opened(file, metadata, limit)
}

/// Reads up to `limit` bytes of a regular file in an open folder; `None` if it is not a regular file, or is a link.
pub(crate) fn read_at(place: &Place, limit: u64) -> io::Result<Option<Contents>> {
    read_in(&place.folder, &place.name, limit)
}

/// As [`read_at`], with the folder and the name apart.
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
    // The buffer is larger than the file, so a read of exactly `size` bytes has reached the end and needs no second
    // one. Virtual files (procfs) report size 0.
    if size == 0 || first != size {
        file.take(limit + 1 - first as u64).read_to_end(&mut bytes)?;
    }
    let is_whole = bytes.len() as u64 <= limit;
    bytes.truncate(limit as usize);
    Ok(Some(Contents { bytes, is_whole, metadata }))
}

/// Reads the first `limit` bytes of a regular file; `None` if it is not a regular file, or is a link.
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

/// The path of an existing file or folder, with all links resolved. On Windows without the `\\?\` prefix.
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

/// As [`real_path`]; the path itself if it cannot be resolved.
pub(crate) fn real_or_same(path: &Path) -> PathBuf {
    real_path(path).unwrap_or_else(|_| path.to_owned())
}

/// Opens a regular file for reading.
fn open(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    // Checked before it is opened, because opening a pipe unblocks its writer, and some devices act on it. Checked
    // again afterwards, because another program may have replaced it meanwhile.
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

/// The modification time; `None` if it is before the usable range. A time after that range becomes [`time::LATEST`],
/// which is in the future as well.
pub(crate) fn modified(metadata: &Metadata) -> Option<Time> {
    let modified = metadata.modified().ok()?;
    time::from_system(modified).or_else(|| (modified > std::time::SystemTime::UNIX_EPOCH).then_some(time::LATEST))
}

/// Creates a named pipe with `mkfifo`, because `rustix` cannot on every system.
#[cfg(test)]
#[cfg(unix)]
pub(crate) fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|made| made.success()), "mkfifo {}", path.display());
}
