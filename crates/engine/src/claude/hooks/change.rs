//! Changing one file of Claude Code's, and being able to take it back.
//!
//! Promises: a link is written through; the file appears whole or stays; it is written only while it still holds what was
//! decided on; what it was before is kept in the state folder. Where nobody else changed the file since hooks were put into
//! it, taking them out gives it back byte for byte, or removes it where there was none.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::{HookOptions, Settings};

use super::{HookLocations, LIMIT, read, with};
use crate::Error;
use crate::files::atomic::OtherNames;
use crate::files::folder::{Folder, Place};
use crate::files::{atomic, file};

/// What a file was before hooks were put into it; not there where there was no file.
const BEFORE: &str = "before-install.json";

/// What it was with them.
const INSTALLED: &str = "installed.json";

/// There if the file never was as [`BEFORE`] says: that text was made from a later one.
const COMPUTED: &str = "before-install-is-computed";

/// What it was before they were taken out.
const BEFORE_REMOVAL: &str = "before-uninstall.json";

/// A file's change: nothing stands for no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: PathBuf,
    /// Its text before.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: Option<String>,
    /// Whether it is afterwards, byte for byte, as it was before hooks were installed. Of uninstalling only.
    pub is_as_before: bool,
    kept: Kept,
}

/// What is remembered of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    /// Of hooks put in: what the file was before there were any, and whether the file really was so: other programs may have
    /// changed it since, or there were hooks in it that Headcount did not install.
    Original { text: Option<String>, is_exact: bool },
    /// Of anything else: what the file was.
    Before,
}

impl FileChange {
    /// A change to a text.
    pub(crate) fn to(path: &Path, after: Option<String>) -> Result<Self, Error> {
        let path = real(path);
        let before = text(&path)?;
        let is_as_before = after.is_none();
        Ok(Self { path, before, after, is_as_before, kept: Kept::Before })
    }

    /// The change that puts hooks into a file.
    pub(crate) fn install(locations: &HookLocations, path: &Path, options: &HookOptions<'_>) -> Result<Self, Error> {
        let path = real(path);
        let found = read(&path)?;
        let kept = found.as_ref().map(|settings| {
            let is_exact =
                settings.own().is_empty() || is_exact(locations, &path) && is_as_installed(locations, &path, settings);
            Kept::Original { text: original(locations, &path, settings), is_exact }
        });
        let after = with(found.as_ref().unwrap_or(&Settings::absent()), options, &path)?;
        let before = found.map(|settings| settings.text().to_owned());
        let kept = kept.unwrap_or(Kept::Original { text: None, is_exact: true });
        Ok(Self { path, before, after: Some(after), is_as_before: false, kept })
    }

    /// The change that takes hooks out of a file.
    pub(crate) fn uninstall(locations: &HookLocations, path: &Path) -> Result<Self, Error> {
        let path = real(path);
        let found = read(&path)?;
        let after = found.as_ref().and_then(|settings| original(locations, &path, settings));
        let before = found.map(|settings| settings.text().to_owned());
        let is_as_before = is_exact(locations, &path) && kept(locations, &path, BEFORE) == after;
        Ok(Self { path, before, after, is_as_before, kept: Kept::Before })
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.before != self.after
    }

    /// Makes it. Says whether the file still held what the change was decided on; where not, nothing was done.
    pub(crate) fn make(&self, locations: &HookLocations) -> Result<bool, Error> {
        if !self.is_one() {
            return Ok(true);
        }
        // A rename would replace a file that its owner made read-only.
        if std::fs::metadata(&self.path).is_ok_and(|found| found.permissions().readonly()) {
            let source = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "the file is read-only");
            return Err(Error::io("change", &self.path, source));
        }
        self.remember(locations)?;
        let Some(after) = &self.after else {
            if text(&self.path)? != self.before {
                return Ok(false);
            }
            std::fs::remove_file(&self.path).map_err(|source| Error::io("remove", &self.path, source))?;
            return Ok(true);
        };
        let folder = Folder::make(self.path.parent().unwrap_or(Path::new(".")), None, 0o777)?;
        let prepared = atomic::prepare_at(Place::in_folder(folder, &self.path)?, after.as_bytes(), OtherNames::Follow)?;
        prepared.sweep();
        if text(&self.path)? != self.before {
            return Ok(false);
        }
        prepared.put()?;
        Ok(true)
    }

    fn remember(&self, locations: &HookLocations) -> Result<(), Error> {
        let memory = locations.memory(&self.path);
        let keep = |name: &str, text: &Option<String>| {
            let path = memory.join(name);
            match text {
                Some(text) => atomic::replace_private(&path, text.as_bytes()),
                None => forget(&path),
            }
        };
        match &self.kept {
            Kept::Original { text, is_exact } => {
                keep(BEFORE, text)?;
                keep(COMPUTED, &(!is_exact).then(String::new))?;
                keep(INSTALLED, &self.after)
            }
            Kept::Before => keep(BEFORE_REMOVAL, &self.before),
        }
    }
}

/// What a file was without hooks. Where it is as hooks were put into it, what was kept; else what it is without them.
fn original(locations: &HookLocations, path: &Path, settings: &Settings) -> Option<String> {
    if settings.own().is_empty() {
        return Some(settings.text().to_owned());
    }
    let (installed, before) = (kept(locations, path, INSTALLED), kept(locations, path, BEFORE));
    if installed.as_deref() == Some(settings.text()) {
        return before;
    }
    let was_absent = installed.is_some() && before.is_none();
    let before = before.and_then(|before| Settings::read(before.into_bytes()).ok());
    let left = settings.without(before.as_ref());
    let is_empty = Settings::read(left.clone().into_bytes()).is_ok_and(|left| left.is_empty());
    if was_absent && is_empty { None } else { Some(left) }
}

/// What is remembered of a file under a name.
fn kept(locations: &HookLocations, path: &Path, name: &str) -> Option<String> {
    text(&locations.memory(path).join(name)).ok().flatten()
}

/// Whether the file was, before hooks were installed, as is remembered: also if that is that it did not exist.
fn is_exact(locations: &HookLocations, path: &Path) -> bool {
    kept(locations, path, INSTALLED).is_some() && kept(locations, path, COMPUTED).is_none()
}

/// Whether the file is unchanged since hooks were installed.
fn is_as_installed(locations: &HookLocations, path: &Path, settings: &Settings) -> bool {
    kept(locations, path, INSTALLED).as_deref() == Some(settings.text())
}

/// The file itself, where the path is a link.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn text(path: &Path) -> Result<Option<String>, Error> {
    match file::read(path, LIMIT) {
        Ok(Some(contents)) => Ok(Some(String::from_utf8_lossy(&contents.bytes).into_owned())),
        Ok(None) => Err(Error::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

fn forget(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    }
}
