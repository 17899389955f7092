//! Linked git worktrees, read from git's own files without running git.
//!
//! Guarantees: a worktree counts as linked only if its main repository confirms it, so that a forged `.git` file has no
//! effect. Reads only small regular files of the user or root. Starts no process.

use std::path::{Component, Path, PathBuf};

use crate::files::file;
use crate::workspace::registry_lookup::trust::Trust;

/// Maximum size of such a file in bytes.
const LIMIT: u64 = 4096;

/// A worktree that was created by `git worktree add`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The worktree's folder.
    pub folder: PathBuf,
    /// The folder of the repository's main worktree.
    pub main: PathBuf,
}

impl Linked {
    /// The folder of the main worktree that corresponds to a folder of this one.
    pub(crate) fn in_main(&self, folder: &Path) -> PathBuf {
        folder.strip_prefix(&self.folder).map_or_else(|_| self.main.clone(), |below| self.main.join(below))
    }
}

/// The linked worktree of a folder, which is given by its real path. `None` in a main worktree, and in a worktree of a
/// bare repository, which has no main worktree.
pub(crate) fn linked(folder: &Path, trust: &Trust) -> Option<Linked> {
    for folder in folder.ancestors() {
        let place = folder.join(".git");
        let Ok(found) = std::fs::symlink_metadata(&place) else { continue };
        if found.is_dir() {
            return None;
        }
        if !found.is_file() || trust.foreign(&found).is_some() {
            return None;
        }
        // A submodule has such a file too, but no common folder: the repository around it counts.
        let Some(git) = pointer(&place) else { continue };
        let Some(common) = common(&git) else { continue };
        return main_of(&place, &git, &common, trust).map(|main| Linked { folder: folder.to_owned(), main });
    }
    None
}

/// The path of the repository in a `.git` file.
pub(crate) fn pointer(place: &Path) -> Option<PathBuf> {
    let text = read(place)?;
    Some(place.parent()?.join(line(text.strip_prefix("gitdir: ")?)?))
}

/// The main repository of a linked worktree's git folder.
fn common(git: &Path) -> Option<PathBuf> {
    let text = read(&git.join("commondir"))?;
    file::real_path(&git.join(line(&text)?)).ok()
}

/// The main worktree, if the repository at `common` confirms the linked worktree with the file `place` and the folder
/// `git`.
fn main_of(place: &Path, git: &Path, common: &Path, trust: &Trust) -> Option<PathBuf> {
    let git = file::real_path(git).ok()?;
    let is_in_repository = git.parent() == Some(&common.join("worktrees"));
    let back = read(&git.join("gitdir"))?;
    let back = file::real_path(&git.join(line(&back)?)).ok()?;
    let owned = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|found| trust.foreign(&found).is_none());
    let is_believed = is_in_repository && back == place && owned(&git) && owned(common);
    let main = common.parent().filter(|_| is_believed && common.ends_with(".git"))?;
    Some(main.to_owned())
}

/// A path that is the only line of a text.
fn line(text: &str) -> Option<&Path> {
    let text = text.trim_end_matches(['\r', '\n']);
    let path = Path::new(text);
    let is_plain =
        !text.is_empty() && !text.contains(['\0', '\n']) && path.components().any(|part| part != Component::CurDir);
    is_plain.then_some(path)
}

/// The text of a small file.
pub(crate) fn read(path: &Path) -> Option<String> {
    let contents = file::read(path, LIMIT).ok()??;
    String::from_utf8(contents.bytes).ok().filter(|_| contents.is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Repository {
        _root: tempfile::TempDir,
        root: PathBuf,
    }

    impl Repository {
        /// The main worktree `shop` and the linked worktree `w`.
        fn new() -> Self {
            let temp = tempfile::tempdir().unwrap();
            let root = crate::files::file::real_path(temp.path()).unwrap();
            let repository = Self { root, _root: temp };
            repository.write("shop/.git/HEAD", "ref: refs/heads/main\n");
            repository.write("shop/.git/worktrees/w/commondir", "../..\n");
            repository.write("shop/.git/worktrees/w/gitdir", &format!("{}\n", repository.path("w/.git").display()));
            repository.write("w/.git", &format!("gitdir: {}\n", repository.path("shop/.git/worktrees/w").display()));
            std::fs::create_dir_all(repository.path("w/src/deep")).unwrap();
            repository
        }

        fn path(&self, path: &str) -> PathBuf {
            self.root.join(path)
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.path(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn linked(&self, folder: &str) -> Option<Linked> {
            linked(&self.path(folder), &Trust::default())
        }
    }

    #[test]
    fn a_linked_worktree_leads_to_the_main_one() {
        let repository = Repository::new();
        let found = repository.linked("w/src/deep").unwrap();
        assert_eq!(found, Linked { folder: repository.path("w"), main: repository.path("shop") });
        assert_eq!(found.in_main(&repository.path("w/src/deep")), repository.path("shop/src/deep"));
        assert_eq!(found.in_main(&repository.path("w")), repository.path("shop"));
        // The form that newer versions of git write if it is configured.
        repository.write("w/.git", "gitdir: ../shop/.git/worktrees/w\n");
        repository.write("shop/.git/worktrees/w/gitdir", "../../../../w/.git\n");
        assert_eq!(repository.linked("w"), Some(found));
        assert_eq!(repository.linked("shop"), None);
        assert_eq!(repository.linked("shop/.git/worktrees/w"), None);
    }

    #[test]
    fn a_submodule_of_a_worktree_is_in_the_worktree() {
        let repository = Repository::new();
        repository.write("shop/.git/worktrees/w/modules/sub/HEAD", "ref: refs/heads/main\n");
        repository.write("w/sub/.git", "gitdir: ../../shop/.git/worktrees/w/modules/sub\n");
        assert_eq!(repository.linked("w/sub").unwrap().folder, repository.path("w"));
        repository.write("shop/sub/.git", "gitdir: ../.git/modules/sub\n");
        assert_eq!(repository.linked("shop/sub"), None);
    }

    /// A forged `.git` file, and repositories that do not confirm it.
    #[test]
    fn a_forged_file_is_ignored() {
        let repository = Repository::new();
        repository.write("planted/.git", "gitdir: ../shop/.git/worktrees/w\n");
        assert_eq!(repository.linked("planted"), None, "the repository confirms another folder");
        repository.write("own/common/HEAD", "");
        repository.write("own/git/commondir", &format!("{}\n", repository.path("shop/.git").display()));
        repository.write("own/git/gitdir", &format!("{}\n", repository.path("own/.git").display()));
        repository.write("own/.git", "gitdir: git\n");
        assert_eq!(repository.linked("own"), None, "the repository has no such worktree");
        for odd in [
            "",
            "gitdir: ",
            "gitdir: \n",
            "gitdir: .",
            "gitdir: a\0b",
            "gitdir: /dev/zero",
            "nonsense",
            &"x".repeat(5000),
        ] {
            repository.write("w/.git", odd);
            assert_eq!(repository.linked("w"), None, "{odd:?}");
        }
        #[cfg(unix)]
        {
            std::fs::remove_file(repository.path("w/.git")).unwrap();
            repository.write("real", "gitdir: ../shop/.git/worktrees/w\n");
            std::os::unix::fs::symlink(repository.path("real"), repository.path("w/.git")).unwrap();
            assert_eq!(repository.linked("w"), None, "a link is not followed");
        }
    }

    #[test]
    fn a_bare_repository_has_no_main_worktree() {
        let repository = Repository::new();
        std::fs::rename(repository.path("shop/.git"), repository.path("shop.git")).unwrap();
        repository.write("w/.git", "gitdir: ../shop.git/worktrees/w\n");
        assert_eq!(repository.linked("w"), None);
    }
}
