//! Writing a file in place, if replacing it would lose its owner, its access list or its other names.
//!
//! Guarantees: only bytes from the first difference on are written. A text that becomes shorter is padded with white
//! space before the file is truncated, so that a process that is killed before that leaves a whole text. If the system
//! refuses a write, the old text is written back. The new text is synced at the end. Accepted limit: after a power loss
//! in the middle the file can hold parts of both texts. That is why the caller keeps a copy first.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use crate::files::failpoints::{self, Step};

/// A prepared write in place.
#[derive(Debug)]
pub(crate) struct InPlace {
    file: File,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl InPlace {
    /// Prepares a write to a file that is open for reading and writing.
    pub(crate) fn new(mut file: File, new: &[u8]) -> io::Result<Self> {
        let mut old = Vec::new();
        file.read_to_end(&mut old)?;
        Ok(Self { file, old, new: new.to_vec() })
    }

    /// Writes and syncs the new text. Writes the old text back if that fails.
    pub(crate) fn write(mut self) -> io::Result<()> {
        let written = self.try_write();
        if written.is_err() {
            let whole = (|| {
                self.file.rewind()?;
                self.file.write_all(&self.old)?;
                self.file.set_len(self.old.len() as u64)?;
                self.file.sync_all()
            })();
            if let Err(error) = whole {
                tracing::error!(%error, "could not restore the previous contents; a copy is kept");
            }
        }
        written
    }

    fn try_write(&mut self) -> io::Result<()> {
        let (start, changed) = difference(&self.old, &self.new);
        self.file.seek(SeekFrom::Start(start as u64))?;
        failpoints::before(Step::Write)?;
        self.file.write_all(&changed)?;
        failpoints::before(Step::Cut)?;
        self.file.set_len(self.new.len() as u64)?;
        failpoints::before(Step::Sync)?;
        self.file.sync_all()
    }
}

/// The offset and the bytes that turn `old` into `new`, padded with white space to the length of `old`.
fn difference(old: &[u8], new: &[u8]) -> (usize, Vec<u8>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let mut changed = new.get(start..).unwrap_or_default().to_vec();
    changed.resize(changed.len().max(old.len().saturating_sub(start)), b' ');
    (start, changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::failpoints::Fault;

    const TEXTS: [&str; 5] = ["", "{}", "{\"1\": {}}", "{\"1\": {\"a\": 1}}", "{\"2\": {}}"];

    #[test]
    fn text_is_whole_before_the_file_is_truncated() {
        for (old, new) in TEXTS.iter().flat_map(|old| TEXTS.iter().map(move |new| (old, new))) {
            let mut file = old.as_bytes().to_vec();
            let (start, changed) = difference(&file, new.as_bytes());
            let end = start + changed.len();
            file.resize(file.len().max(end), 0);
            file[start..end].copy_from_slice(&changed);
            let text = String::from_utf8(file).unwrap();
            assert_eq!((text.trim_end(), text.len()), (*new, old.len().max(new.len())), "{old} {new}");
        }
    }

    #[test]
    fn a_failed_write_restores_the_old_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        for (old, new) in TEXTS.iter().flat_map(|old| TEXTS.iter().map(move |new| (old, new))) {
            for nth in 0.. {
                std::fs::write(&path, old).unwrap();
                failpoints::plan(nth, Fault::Once(28));
                let written = InPlace::new(open(), new.as_bytes()).unwrap().write();
                let is_over = failpoints::reached().is_none();
                let wanted = if is_over { new } else { old };
                assert_eq!(written.is_ok(), is_over);
                assert_eq!(&std::fs::read_to_string(&path).unwrap(), wanted, "{old} {new}, step {nth}");
                if is_over {
                    break;
                }
            }
        }
    }
}
