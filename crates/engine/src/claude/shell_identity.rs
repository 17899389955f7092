//! The three files that store the session number of a shell (protocol §1).
//!
//! Guarantees: each is replaced atomically. After a move a file is changed only if it contains a number that moved, and
//! keeps its format; a file that cannot be parsed is not changed. In the folder of a registry that was found no file is
//! written through a link.

use std::io;
use std::path::Path;

use headcount_core::Number;
use headcount_core::registry::numbering::Move;

use crate::Error;
use crate::Workspace;
use crate::files::atomic::OtherNames;
use crate::files::file::Contents;
use crate::files::folder::Place;
use crate::files::{atomic, file};

/// Maximum size of such a file in bytes.
const LIMIT: u64 = 4096;

/// Each file, and the text before the number in it.
const FILES: [(&str, &str); 3] =
    [(".session_identity", ""), (".session_env", "export FPAI_SESSION_NUMBER="), (".current_session", "session-")];

/// Writes a session's number to the files of a coordination folder.
pub(crate) fn write(workspace: &Workspace, number: Number) -> Result<(), Error> {
    for (name, prefix) in FILES {
        put(workspace, &file_of(workspace, name)?, &format!("{prefix}{number}\n"))?;
    }
    Ok(())
}

/// Updates the files of a coordination folder after moves.
pub(crate) fn moved(workspace: &Workspace, moves: &[Move]) {
    for (name, prefix) in FILES {
        let Ok(place) = file_of(workspace, name) else { continue };
        let Some(text) = text(file::read_at(&place, LIMIT)) else { continue };
        let Some(renamed) = renamed(&text, prefix, moves) else { continue };
        if let Err(error) = put(workspace, &place, &renamed) {
            tracing::warn!("{error}");
        }
    }
}

/// The place of one of the files. Links are followed, but not in the folder of a registry that was found.
fn file_of(workspace: &Workspace, name: &str) -> Result<Place, Error> {
    let path = workspace.registry.with_file_name(name);
    match &workspace.tree {
        Some(tree) => Place::of(&path, Some(tree)),
        None => Place::of(&file::real_or_same(&path), None),
    }
}

fn put(workspace: &Workspace, place: &Place, text: &str) -> Result<(), Error> {
    let names = if workspace.tree.is_some() { OtherNames::Stay } else { OtherNames::Follow };
    atomic::prepare_at(place.again()?, text.as_bytes(), names)?.put()
}

fn read(path: &Path) -> Option<String> {
    text(file::read(path, LIMIT))
}

fn text(contents: io::Result<Option<Contents>>) -> Option<String> {
    let contents = contents.ok()??;
    String::from_utf8(contents.bytes).ok().filter(|_| contents.is_whole)
}

fn renamed(text: &str, prefix: &str, moves: &[Move]) -> Option<String> {
    let body = text.trim_end();
    let number: Number = body.strip_prefix(prefix)?.parse().ok()?;
    let step = moves.iter().find(|step| step.from == number)?;
    Some(format!("{prefix}{}{}", step.to, text.get(body.len()..)?))
}

/// The number as which a shell of this machine last identified.
#[must_use]
pub fn number(folder: &Path) -> Option<Number> {
    read(&folder.join(".session_identity"))?.trim().parse().ok()
}

/// The id as which a shell of this machine last identified.
pub(crate) fn current(folder: &Path) -> Option<String> {
    let id = read(&folder.join(".current_session"))?.trim().to_owned();
    Some(id).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_that_moved_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(".session_identity", "13\n");
        write(".session_env", "export FPAI_SESSION_NUMBER=13\n");
        write(".current_session", "session-13");
        let workspace = Workspace { registry: folder.path().join("claude_sessions.json"), ..Workspace::default() };
        moved(&workspace, &[Move { from: 13, to: 5, holder: None }, Move { from: 5, to: 13, holder: None }]);
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text(".session_identity"), "5\n");
        assert_eq!(text(".session_env"), "export FPAI_SESSION_NUMBER=5\n");
        assert_eq!(text(".current_session"), "session-5");
        assert_eq!(number(folder.path()), Some(5));
        for other in ["session-1763247310\n", "session-130", "nonsense", ""] {
            write(".current_session", other);
            moved(&workspace, &[Move { from: 13, to: 5, holder: None }]);
            assert_eq!(text(".current_session"), other);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_next_to_a_named_registry() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let (tree, victim) = (root.join("tree"), root.join("victim"));
        std::fs::create_dir(&tree).unwrap();
        std::fs::write(&victim, "13\n").unwrap();
        let link = tree.join(".session_identity");
        symlink(&victim, &link).unwrap();
        let named = Workspace { registry: tree.join("claude_sessions.json"), ..Workspace::default() };
        let found = Workspace { tree: Some(tree.clone()), ..named.clone() };
        moved(&found, &[Move { from: 13, to: 5, holder: None }]);
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "13\n");
        moved(&named, &[Move { from: 13, to: 5, holder: None }]);
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "5\n");
        write(&named, 6).unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "6\n");
        write(&found, 7).unwrap();
        assert!(!link.is_symlink());
        assert_eq!((number(&tree), std::fs::read_to_string(&victim).unwrap().as_str()), (Some(7), "6\n"));
        // A hard link to another file is replaced, so that the other file keeps its text.
        std::fs::remove_file(&link).unwrap();
        std::fs::hard_link(&victim, &link).unwrap();
        write(&found, 8).unwrap();
        assert_eq!((number(&tree), std::fs::read_to_string(&victim).unwrap().as_str()), (Some(8), "6\n"));
    }
}
