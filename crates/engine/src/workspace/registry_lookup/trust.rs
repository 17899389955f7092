//! Which found files are trusted, after the model of git's `safe.directory`.
//!
//! Guarantees: a file is trusted if the file and each folder from the tree's root down to it belong to the user or to
//! root, and no link on the way leaves the tree. With `sudo` the files of the user who ran it are trusted too.
//! Permissions do not matter, as in git: the user trusts those who may write in the user's folders, and `doctor`
//! reports folders that every user can write. A configured folder (`trusted_folders`) is trusted with everything in it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::files::file;
use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::state_folder;

/// The owners and folders that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Folders with trusted files of any owner, as their real paths.
    folders: Vec<PathBuf>,
    /// The user who ran this process with `sudo`.
    sudo_user: Option<u32>,
    /// The folder of Headcount's state.
    state: Option<PathBuf>,
}

impl Trust {
    /// The trust of a user with this configuration.
    #[must_use]
    pub fn new(config: &Config, env: &Environment) -> Self {
        let real = |path: &PathBuf| file::real_path(path).unwrap_or_else(|_| path.clone());
        Self {
            folders: config.settings.trusted_folders.iter().map(real).collect(),
            sudo_user: env.sudo_user,
            state: env.state.clone(),
        }
    }

    /// Whether a folder, given by its real path, is in a configured trusted folder.
    pub(crate) fn is_configured(&self, folder: &Path) -> bool {
        self.folders.iter().any(|trusted| folder.starts_with(trusted))
    }

    /// Whether Headcount changed this file, given by its real path, as a registry before.
    pub(crate) fn is_remembered(&self, file: &Path) -> bool {
        self.state.as_ref().is_some_and(|state| state_folder::of_registry(state, file).exists())
    }

    /// The first path of another owner among a file and the folders above it, up to and including `tree`. All are real
    /// paths.
    pub(crate) fn foreign_owner(&self, file: &Path, tree: &Path) -> std::io::Result<Option<(PathBuf, u32)>> {
        for path in file.ancestors().take_while(|path| path.starts_with(tree)) {
            let found = std::fs::symlink_metadata(path)?;
            if let Some(owner) = self.foreign(&found) {
                return Ok(Some((path.to_owned(), owner)));
            }
        }
        Ok(None)
    }

    /// The owner of a file, unless it is the user or root.
    #[cfg(unix)]
    pub(crate) fn foreign(&self, found: &Metadata) -> Option<u32> {
        use std::os::unix::fs::MetadataExt as _;
        let person = rustix::process::geteuid().as_raw();
        let is_sudo = |owner| person == 0 && self.sudo_user == Some(owner);
        let owner = found.uid();
        (owner != person && owner != 0 && !is_sudo(owner)).then_some(owner)
    }

    /// `None`: on this system owners cannot be compared.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the same function as on Unix")]
    pub(crate) fn foreign(&self, _found: &Metadata) -> Option<u32> {
        None
    }
}
