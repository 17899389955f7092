//! The desktop's folder: home, runtime and temporary folder, socket and logs.
//!
//! Guarantees: everything the desktop writes is in here. The runtime folder is accessible to its owner only, as
//! programs require. Dropping it removes it; its owner first ends the processes that write into it.

use crate::error::{Result, file};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The folder of one desktop.
#[derive(Debug)]
pub(crate) struct Folder {
    root: TempDir,
}

impl Folder {
    /// Creates the folder and its subfolders.
    pub(crate) fn create() -> Result<Self> {
        // A short path: the bus socket is in it, and socket paths are limited to 107 bytes.
        let root = tempfile::Builder::new()
            .prefix("desktop-")
            .tempdir()
            .map_err(file("made", std::env::temp_dir().join("desktop-…")))?;
        let folder = Self { root };
        for path in [folder.config(), folder.state(), folder.data(), folder.cache(), folder.temp(), folder.logs()] {
            fs::create_dir_all(&path).map_err(file("made", &path))?;
        }
        let runtime = folder.runtime();
        fs::create_dir_all(&runtime).map_err(file("made", &runtime))?;
        fs::set_permissions(&runtime, Permissions::from_mode(0o700)).map_err(file("made private", &runtime))?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home().join(".config")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home().join(".local/state")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home().join(".local/share")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.home().join(".cache")
    }

    pub(crate) fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    pub(crate) fn temp(&self) -> PathBuf {
        self.path().join("tmp")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path().join("logs")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path().join("bus")
    }
}

/// Writes a file and creates its parent folders.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(file("made", above))?;
    }
    fs::write(path, text).map_err(file("written", path))
}
