//! The git branch of a folder, for naming a session.
//!
//! Guarantees: reads a file or two and starts no process. `None` if there is no repository, no branch, or an unknown
//! format.

use std::path::Path;

use crate::workspace::git::worktree::{pointer, read};

/// The branch of the nearest repository around `folder`.
pub(crate) fn of(folder: &Path) -> Option<String> {
    let place = folder.ancestors().map(|folder| folder.join(".git")).find(|place| place.exists())?;
    let place = if place.is_dir() { place } else { pointer(&place)? };
    let head = read(&place.join("HEAD"))?;
    Some(head.trim().strip_prefix("ref: refs/heads/")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_of_repositories_and_worktrees() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("shop/.git/HEAD", "ref: refs/heads/feature/cart\n");
        write("shop/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
        write("w/.git", "gitdir: ../shop/.git/worktrees/w\n");
        write("detached/.git/HEAD", "8f3a2c\n");
        write("odd/.git", "nonsense");
        std::fs::create_dir_all(root.path().join("shop/src/deep")).unwrap();
        std::fs::create_dir_all(root.path().join("none")).unwrap();
        for (folder, wanted) in
            [("shop", Some("feature/cart")), ("shop/src/deep", Some("feature/cart")), ("w", Some("side"))]
        {
            assert_eq!(of(&root.path().join(folder)).as_deref(), wanted, "{folder}");
        }
        for folder in ["detached", "odd"] {
            assert_eq!(of(&root.path().join(folder)), None, "{folder}");
        }
    }
}
