//! Which files that nobody named are believed: the model is git's `safe.directory`.
//!
//! Promises: a file is believed if it and every folder from the tree it was found in down to it belong to the person or to
//! root, and if no link on the way leaves that tree. Run by `sudo`, the files of the person who ran it are believed too.
//! Rights do not matter, as for git: who may write in a folder of the person's is trusted by the person, and `doctor` says
//! where that is everybody. A folder that is configured (`trusted_folders`) is believed whatever is in it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::files::file;
use crate::workspace::config::Config;
use crate::workspace::paths::{self, Environment};

/// Whose files are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Folders whose files are believed whoever owns them, as their real paths.
    folders: Vec<PathBuf>,
    /// The user who ran this process by `sudo`.
    sudo_user: Option<u32>,
    /// The folder of what is remembered of registries.
    state: Option<PathBuf>,
}

impl Trust {
    /// That of a person with this configuration.
    #[must_use]
    pub fn new(config: &Config, env: &Environment) -> Self {
        let real = |path: &PathBuf| file::real_path(path).unwrap_or_else(|_| path.clone());
        Self {
            folders: config.settings.trusted_folders.iter().map(real).collect(),
            sudo_user: env.sudo_user,
            state: env.state.clone(),
        }
    }

    /// Whether a folder, given by its real path, is in one that is configured.
    pub(crate) fn is_configured(&self, folder: &Path) -> bool {
        self.folders.iter().any(|trusted| folder.starts_with(trusted))
    }

    /// Whether a file, given by its real path, was changed as a registry before.
    pub(crate) fn is_remembered(&self, file: &Path) -> bool {
        self.state.as_ref().is_some_and(|state| paths::memory_of(state, file).exists())
    }

    /// The first of a file and the folders above it, up to and including `tree`, that belongs to somebody else. All of
    /// them are real paths.
    pub(crate) fn foreign_owner(&self, file: &Path, tree: &Path) -> std::io::Result<Option<(PathBuf, u32)>> {
        for path in file.ancestors().take_while(|path| path.starts_with(tree)) {
            let found = std::fs::symlink_metadata(path)?;
            if let Some(owner) = self.foreign(&found) {
                return Ok(Some((path.to_owned(), owner)));
            }
        }
        Ok(None)
    }

    /// The owner of a file, unless that is the person or root.
    #[cfg(unix)]
    pub(crate) fn foreign(&self, found: &Metadata) -> Option<u32> {
        use std::os::unix::fs::MetadataExt as _;
        let person = rustix::process::geteuid().as_raw();
        let is_sudo = |owner| person == 0 && self.sudo_user == Some(owner);
        let owner = found.uid();
        (owner != person && owner != 0 && !is_sudo(owner)).then_some(owner)
    }

    /// Files say no owner here that could be compared.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the same function as on Unix")]
    pub(crate) fn foreign(&self, _found: &Metadata) -> Option<u32> {
        None
    }
}
