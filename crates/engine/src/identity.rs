//! The three files by which a shell remembers its session's number (protocol §1).
//!
//! Promises: each appears whole; after a move, each is changed only where it holds a number that moved, and keeps its form. A
//! file that cannot be understood is left alone then.

use std::path::Path;

use headcount_core::Number;
use headcount_core::numbering::Move;

use crate::{Error, atomic, file};

/// No such file is larger.
const LIMIT: u64 = 4096;

/// Each file, and what stands before the number in it.
const FILES: [(&str, &str); 3] =
    [(".session_identity", ""), (".session_env", "export FPAI_SESSION_NUMBER="), (".current_session", "session-")];

/// Remembers a session's number in the files of a coordination folder.
pub(crate) fn write(folder: &Path, number: Number) -> Result<(), Error> {
    for (name, prefix) in FILES {
        let path = folder.join(name);
        // A link is written through.
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        atomic::prepare(&path, format!("{prefix}{number}\n").as_bytes())?.put(&path)?;
    }
    Ok(())
}

/// Follows moves in the files of a coordination folder.
pub(crate) fn moved(folder: &Path, moves: &[Move]) {
    for (name, prefix) in FILES {
        let path = folder.join(name);
        let Some(text) = read(&path) else { continue };
        let Some(renamed) = renamed(&text, prefix, moves) else { continue };
        let written = atomic::prepare(&path, renamed.as_bytes()).and_then(|prepared| prepared.put(&path));
        if let Err(error) = written {
            tracing::warn!("{error}");
        }
    }
}

fn read(path: &Path) -> Option<String> {
    let contents = file::read(path, LIMIT).ok()??;
    String::from_utf8(contents.bytes).ok().filter(|_| contents.is_whole)
}

fn renamed(text: &str, prefix: &str, moves: &[Move]) -> Option<String> {
    let body = text.trim_end();
    let number: Number = body.strip_prefix(prefix)?.parse().ok()?;
    let step = moves.iter().find(|step| step.from == number)?;
    Some(format!("{prefix}{}{}", step.to, text.get(body.len()..)?))
}

/// The number this machine's shell last identified as.
#[must_use]
pub fn number(folder: &Path) -> Option<Number> {
    read(&folder.join(".session_identity"))?.trim().parse().ok()
}

/// The id this machine's shell last identified as.
pub(crate) fn current(folder: &Path) -> Option<String> {
    let id = read(&folder.join(".current_session"))?.trim().to_owned();
    Some(id).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_that_moved() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(".session_identity", "13\n");
        write(".session_env", "export FPAI_SESSION_NUMBER=13\n");
        write(".current_session", "session-13");
        moved(folder.path(), &[Move { from: 13, to: 5 }, Move { from: 5, to: 13 }]);
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text(".session_identity"), "5\n");
        assert_eq!(text(".session_env"), "export FPAI_SESSION_NUMBER=5\n");
        assert_eq!(text(".current_session"), "session-5");
        assert_eq!(number(folder.path()), Some(5));
        for other in ["session-1763247310\n", "session-130", "nonsense", ""] {
            write(".current_session", other);
            moved(folder.path(), &[Move { from: 13, to: 5 }]);
            assert_eq!(text(".current_session"), other);
        }
    }
}
