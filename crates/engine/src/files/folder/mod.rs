//! An open folder, so that operations on its names cannot be redirected by a concurrent change of the path.
//!
//! Guarantees: a folder below the tree of a registry that was found is reached through no link, even if one is created
//! at that moment. Creating a file fails if the name exists. Names that are links are never followed. Files that root
//! creates in a user's folder get that user as owner. On systems without folder handles paths are used.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::files::failpoints::{self, Step};

#[cfg(not(unix))]
#[path = "portable.rs"]
mod system;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    handle: system::Handle,
}

impl Folder {
    /// Opens a folder and follows links. With a `tree`, which is a real path, no link below the tree is followed.
    ///
    /// # Errors
    ///
    /// [`Error::Linked`] if a part below `tree` is a link, [`Error::Io`] if the folder is not below `tree` or cannot be
    /// opened.
    pub(crate) fn open(path: &Path, tree: Option<&Path>) -> Result<Self, Error> {
        Self::walk(path, tree, None)
    }

    /// As [`Self::open`], and creates missing folders with this mode, before the umask.
    pub(crate) fn make(path: &Path, tree: Option<&Path>, mode: u32) -> Result<Self, Error> {
        Self::walk(path, tree, Some(mode))
    }

    fn walk(path: &Path, tree: Option<&Path>, mode: Option<u32>) -> Result<Self, Error> {
        let doing = if mode.is_some() { "create the folder" } else { "write in the folder" };
        let fail = |at: &Path, source: io::Error| {
            if tree.is_some() && at.is_symlink() {
                Error::Linked { path: at.to_owned() }
            } else {
                Error::io(doing, at, source)
            }
        };
        if let Some(tree) = tree.filter(|tree| !path.starts_with(tree)) {
            return Err(fail(path, io::Error::other(format!("it is not below {}", tree.display()))));
        }
        // An existing folder is opened in one step. Below a tree (its own path has no link) each folder is its own
        // step.
        let start = match tree {
            Some(tree) => system::start_of(tree),
            None if mode.is_some() => path.ancestors().find(|above| above.is_dir()).unwrap_or(path),
            None => path,
        };
        let below = path.strip_prefix(start).unwrap_or(Path::new(""));
        let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
        let mut folder =
            Self { handle: system::open(start).map_err(|source| fail(start, source))?, path: start.to_owned() };
        for name in below {
            let path = folder.path.join(name);
            let mut opened = system::open_in(&folder.handle, &folder.path, name);
            if let (Some(mode), Err(error)) = (mode, &opened)
                && error.kind() == io::ErrorKind::NotFound
            {
                opened = folder.make_folder(name, mode);
            }
            folder = Self { handle: opened.map_err(|source| fail(&path, source))?, path };
        }
        Ok(folder)
    }

    fn make_folder(&self, name: &OsStr, mode: u32) -> io::Result<system::Handle> {
        match system::make(&self.handle, &self.path, name, mode) {
            // Another process created it meanwhile.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let handle = system::open_in(&self.handle, &self.path, name)?;
        self.note_given(name, system::give_folder_to_owner(&handle, &self.handle));
        Ok(handle)
    }

    /// A second handle of the same folder.
    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(Self { path: self.path.clone(), handle: system::again(&self.handle)? })
    }

    /// The folder's path, as it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a file. Fails if the name exists.
    pub(crate) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let file = system::create(&self.handle, &self.path, name, mode)?;
        self.note_given(name, system::give_to_owner(&file, &self.handle));
        Ok(file)
    }

    /// Logs a failed change of owner. Root without that capability, as in some containers, stays the owner.
    fn note_given(&self, name: &OsStr, given: io::Result<()>) {
        if let Err(error) = given {
            let path = self.path.join(name);
            tracing::debug!(path = %path.display(), %error, "could not give it to the owner of its folder");
        }
    }

    /// Opens a file. Fails if the name is a link.
    pub(crate) fn open_file(&self, name: &OsStr, access: Access) -> io::Result<File> {
        system::open_file(&self.handle, &self.path, name, access)
    }

    /// Whether a name is a regular file, and not a link to one.
    pub(crate) fn is_file(&self, name: &OsStr) -> io::Result<bool> {
        system::is_file(&self.handle, &self.path, name)
    }

    /// Renames a file within the folder, and replaces the file that has that name.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        system::rename(&self.handle, &self.path, from, to)
    }

    /// Removes a file.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        system::remove(&self.handle, &self.path, name)
    }

    /// Syncs the folder, so that its names survive a power loss.
    pub(crate) fn sync(&self) -> io::Result<()> {
        system::sync(&self.handle)
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// For reading.
    Read,
    /// For reading and writing.
    Write,
}

/// A file, as its name in an open folder.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: Folder,
    pub(crate) name: OsString,
}

impl Place {
    /// The place of a path. Links are followed as by [`Folder::open`].
    pub(crate) fn of(path: &Path, tree: Option<&Path>) -> Result<Self, Error> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::in_folder(Folder::open(parent, tree)?, path)
    }

    /// The place of a file with this path's name in a folder.
    pub(crate) fn in_folder(folder: Folder, path: &Path) -> Result<Self, Error> {
        let name = path.file_name().ok_or_else(|| Error::NotAFile { path: path.to_owned() })?;
        Ok(Self { folder, name: name.to_owned() })
    }

    /// A second handle of the same place.
    pub(crate) fn again(&self) -> Result<Self, Error> {
        let folder =
            self.folder.again().map_err(|source| Error::io("write in the folder", &self.folder.path, source))?;
        Ok(Self { folder, name: self.name.clone() })
    }

    /// The file's path.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path.join(&self.name)
    }
}

/// Creates a folder and its parents, with mode 0700.
///
/// # Errors
///
/// [`Error::Homeless`] if the path is relative, as it is without a home folder; [`Error::Io`] if a folder cannot be
/// created.
pub(crate) fn create_private(folder: &Path) -> Result<(), Error> {
    if folder.is_relative() {
        return Err(Error::Homeless { what: "files" });
    }
    failpoints::before(Step::Folder).map_err(|source| Error::io("create the folder", folder, source))?;
    if folder.is_dir() { Ok(()) } else { Folder::make(folder, None, 0o700).map(drop) }
}

/// Makes the owner of the folder the owner of a file of Headcount's own, if this process is root.
pub(crate) fn give_to_owner_of(file: &File, folder: &Path) {
    if !system::is_root() {
        return;
    }
    if let Ok(folder) = Folder::open(folder, None) {
        folder.note_given(OsStr::new(""), system::give_to_owner(file, &folder.handle));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::symlink;

    use super::*;

    /// An attacker may exchange folders and create links between check and write: the handle stays in the same folder.
    #[test]
    fn an_exchanged_folder_does_not_redirect_writes() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let (tree, victim) = (root.join("tree"), root.join("victim"));
        std::fs::create_dir_all(tree.join("a")).unwrap();
        std::fs::create_dir(&victim).unwrap();
        std::fs::write(victim.join("f"), "precious").unwrap();
        let folder = Folder::open(&tree.join("a"), Some(&tree)).unwrap();
        std::fs::rename(tree.join("a"), tree.join("b")).unwrap();
        symlink(&victim, tree.join("a")).unwrap();
        let name = OsStr::new("f");
        folder.create(OsStr::new("t"), 0o600).unwrap().write_all(b"new").unwrap();
        folder.rename(OsStr::new("t"), name).unwrap();
        assert_eq!(std::fs::read_to_string(victim.join("f")).unwrap(), "precious");
        assert_eq!(std::fs::read_to_string(tree.join("b/f")).unwrap(), "new");
        folder.remove(name).unwrap();
        assert!(victim.join("f").exists());
        assert!(matches!(Folder::open(&tree.join("a"), Some(&tree)), Err(Error::Linked { .. })));
        assert!(Folder::open(&tree.join("a"), None).is_ok(), "as it is named");
    }

    #[test]
    fn links_are_not_opened_or_replaced() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        std::fs::write(root.join("victim"), "precious").unwrap();
        symlink(root.join("victim"), root.join("link")).unwrap();
        symlink(root.join("nowhere"), root.join("dangling")).unwrap();
        let folder = Folder::open(&root, Some(&root)).unwrap();
        for name in ["link", "dangling"].map(OsStr::new) {
            assert!(!folder.is_file(name).unwrap());
            assert!(folder.open_file(name, Access::Write).is_err() && folder.open_file(name, Access::Read).is_err());
            assert_eq!(folder.create(name, 0o600).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert!(folder.is_file(OsStr::new("victim")).unwrap() && !root.join("nowhere").exists());
    }

    #[test]
    fn folders_outside_the_tree_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        std::fs::create_dir_all(root.join("tree/a")).unwrap();
        let tree = root.join("tree");
        assert!(Folder::open(&tree.join("a"), Some(&tree)).is_ok());
        assert!(Folder::open(&root, Some(&tree)).is_err());
        assert!(Folder::make(&root.join("other"), Some(&tree), 0o700).is_err() && !root.join("other").exists());
        let new = Folder::make(&tree.join("b/c"), Some(&tree), 0o700).unwrap();
        assert_eq!(new.path(), tree.join("b/c"));
        assert!(tree.join("b/c").is_dir());
    }
}
