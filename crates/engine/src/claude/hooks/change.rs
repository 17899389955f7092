//! Changing a file of Claude Code in a way that can be undone.
//!
//! Guarantees: links are followed. The file is replaced atomically or not at all, and only if it still has the text on
//! which the change was decided. The text before the change is kept in the state folder. If no other program has
//! changed the file since hooks were installed, uninstalling them restores it byte for byte, or removes it if there was
//! none.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::{HookOptions, Settings};

use super::{HookLocations, LIMIT, read, with};
use crate::Error;
use crate::files::atomic::OtherNames;
use crate::files::folder::{Folder, Place};
use crate::files::{atomic, file};

/// The name of the file's text before hooks were installed. Missing if there was no file.
const BEFORE: &str = "before-install.json";

/// The name of the file's text with hooks.
const INSTALLED: &str = "installed.json";

/// The name of a marker: the text in [`BEFORE`] was computed from a later one, and the file never had it.
const COMPUTED: &str = "before-install-is-computed";

/// The name of the file's text before hooks were uninstalled.
const BEFORE_REMOVAL: &str = "before-uninstall.json";

/// A change of a file. `None` as text means that there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: PathBuf,
    /// The text before.
    pub before: Option<String>,
    /// The text afterwards.
    pub after: Option<String>,
    /// Whether uninstalling restores the file, byte for byte, as it was before hooks were installed.
    pub is_as_before: bool,
    kept: Kept,
}

/// What is kept of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    /// For an installation: the file's text without hooks, and whether the file really had it. It may not have, if
    /// other programs changed it since, or if it contained hooks that Headcount did not install.
    Original { text: Option<String>, is_exact: bool },
    /// For other changes: the file's text before.
    Before,
}

impl FileChange {
    /// A change to another text.
    pub(crate) fn to(path: &Path, after: Option<String>) -> Result<Self, Error> {
        let path = file::real_or_same(path);
        let before = text(&path)?;
        let is_as_before = after.is_none();
        Ok(Self { path, before, after, is_as_before, kept: Kept::Before })
    }

    /// The change that installs hooks in a file.
    pub(crate) fn install(locations: &HookLocations, path: &Path, options: &HookOptions<'_>) -> Result<Self, Error> {
        let path = file::real_or_same(path);
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

    /// The change that uninstalls hooks from a file.
    pub(crate) fn uninstall(locations: &HookLocations, path: &Path) -> Result<Self, Error> {
        let path = file::real_or_same(path);
        let found = read(&path)?;
        let after = found.as_ref().and_then(|settings| original(locations, &path, settings));
        let before = found.map(|settings| settings.text().to_owned());
        let is_as_before = is_exact(locations, &path) && kept(locations, &path, BEFORE) == after;
        Ok(Self { path, before, after, is_as_before, kept: Kept::Before })
    }

    /// Whether the text changes.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.before != self.after
    }

    /// Makes the change. Returns false, and changes nothing, if the file no longer has the text on which it was
    /// decided.
    pub(crate) fn make(&self, locations: &HookLocations) -> Result<bool, Error> {
        if !self.is_one() {
            return Ok(true);
        }
        // Refused, because a rename would replace a file that its owner made read-only.
        if std::fs::metadata(&self.path).is_ok_and(|found| found.permissions().readonly()) {
            let source = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "the file is read-only");
            return Err(Error::io("change", &self.path, source));
        }
        self.keep_texts(locations)?;
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

    fn keep_texts(&self, locations: &HookLocations) -> Result<(), Error> {
        let memory = locations.memory(&self.path);
        let keep = |name: &str, text: &Option<String>| {
            let path = memory.join(name);
            match text {
                Some(text) => atomic::replace_private(&path, text.as_bytes()),
                None => remove_if_present(&path),
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

/// The file's text without hooks: the kept one, if the file was not changed since the installation, else a computed
/// one.
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

/// A kept text of a file, by its name.
fn kept(locations: &HookLocations, path: &Path, name: &str) -> Option<String> {
    text(&locations.memory(path).join(name)).ok().flatten()
}

/// Whether the kept text before the installation, or that there was no file, is exact.
fn is_exact(locations: &HookLocations, path: &Path) -> bool {
    kept(locations, path, INSTALLED).is_some() && kept(locations, path, COMPUTED).is_none()
}

/// Whether the file was not changed since hooks were installed.
fn is_as_installed(locations: &HookLocations, path: &Path, settings: &Settings) -> bool {
    kept(locations, path, INSTALLED).as_deref() == Some(settings.text())
}

fn text(path: &Path) -> Result<Option<String>, Error> {
    match file::read(path, LIMIT) {
        Ok(Some(contents)) => Ok(Some(String::from_utf8_lossy(&contents.bytes).into_owned())),
        Ok(None) => Err(Error::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

fn remove_if_present(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    }
}
