//! The file of records: appending a line, reading the end, rotation.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::Error;
use crate::files::failpoints::{self, Step};
use crate::files::folder;
use crate::store::journal::Record;

/// The size in bytes at which the file of records is rotated. Only one rotated file is kept.
const ROTATION_SIZE: u64 = 5 * 1024 * 1024;

/// Renames a file that has become too long. A rename loses nothing that another process is about to append.
pub(super) fn rotate(path: &Path, older: &Path) -> std::io::Result<()> {
    let is_long = std::fs::metadata(path).is_ok_and(|found| found.len() > ROTATION_SIZE);
    if is_long { std::fs::rename(path, older) } else { Ok(()) }
}

/// Appends the line that `line` makes from the length of the file, and returns that length. Creates the file if
/// necessary.
pub(super) fn append(
    path: &Path,
    is_synced: bool,
    line: impl FnOnce(u64) -> serde_json::Result<Vec<u8>>,
) -> std::io::Result<u64> {
    let mut file = failpoints::before(Step::Open).and_then(|()| open(path))?;
    let length = file.metadata()?.len();
    let mut line = line(length)?;
    line.push(b'\n');
    // If a crash cut off the last line, this record must start on its own line.
    if !ends_with_newline(&mut file)? {
        line.insert(0, b'\n');
    }
    failpoints::before(Step::Append)
        .and_then(|()| file.write_all(&line))
        .and_then(|()| failpoints::before(Step::SyncRecord))
        .and_then(|()| if is_synced { file.sync_data() } else { Ok(()) })
        .inspect_err(|_| truncate_record(path, length, line.len() as u64))?;
    Ok(length)
}

/// The records in the last `tail` bytes of a file, and whether these are all of its bytes.
pub(super) fn newest(path: &Path, tail: u64) -> Result<(Vec<Record>, bool), Error> {
    let io = |source| Error::io("read the journal", path, source);
    if path.is_relative() {
        // The path is relative without a home folder: nothing was written.
        return Ok((Vec::new(), true));
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), true)),
        Err(error) => return Err(io(error)),
    };
    let length = file.metadata().map_err(io)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(tail))).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes).map_err(io)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok((lines.filter_map(|line| serde_json::from_slice(line).ok()).collect(), tail >= length))
}

fn open(path: &Path) -> std::io::Result<File> {
    let file = no_follow(&mut OpenOptions::new()).read(true).append(true).create(true).open(path)?;
    folder::give_to_owner_of(&file, path.parent().unwrap_or(Path::new("/")));
    Ok(file)
}

/// Makes opening a link fail, because a hook's environment can name another state folder, in which an attacker may have
/// created one. A new file gets mode 0600.
fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Removes a record that could not be synced, because its change will not be made. Keeps it if another process has
/// appended since.
fn truncate_record(path: &Path, length: u64, line: u64) {
    let truncate = || {
        // Opened again, because Windows does not truncate a file that is open for appending only.
        let file = no_follow(&mut OpenOptions::new()).write(true).open(path)?;
        if file.metadata()?.len() <= length + line { file.set_len(length) } else { Ok(()) }
    };
    if let Err(error) = truncate() {
        tracing::warn!(%error, "could not take back a record");
    }
}

fn ends_with_newline(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}
