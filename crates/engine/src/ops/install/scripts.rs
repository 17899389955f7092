//! Replacing the scripts that managed a registry before Headcount, and restoring them.
//!
//! Guarantees: an original is kept as `NAME.orig`, and no file of that name is ever overwritten. At every moment there
//! is a script, either the old or the new one. Installing twice has the effect of installing once. Files of other
//! programs are never removed.

use std::io;
use std::path::{Path, PathBuf};

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::{BeatKind, NewBeat};
use headcount_core::legacy_scripts::{ALL, Script, Work};
use headcount_core::registry::Class;
use headcount_core::registry::registration;

use crate::claude::shell_identity;
use crate::files::atomic::OtherNames;
use crate::files::{atomic, file};
use crate::ops::ActionContext;
use crate::store::heartbeat_writer;
use crate::{Error, Workspace};

/// Maximum size of a script in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Kept under another name.
    Kept(PathBuf, PathBuf),
    /// Written.
    Written(PathBuf, String),
    /// Restored from another name.
    RevertedChange(PathBuf, PathBuf),
    /// Removed.
    Removed(PathBuf),
}

/// Installs the scripts in a folder. They run `program` with `options`, each a name and its value. With `is_dry` only
/// returns the steps.
///
/// # Errors
///
/// [`Error::OriginalKept`] if an original would have to be overwritten, or [`Error::Io`].
pub fn install_scripts(
    folder: &Path,
    program: &str,
    options: &[(&str, &str)],
    is_dry: bool,
) -> Result<Vec<Step>, Error> {
    if !folder.is_dir() {
        return Err(Error::io("install into the folder", folder, io::ErrorKind::NotADirectory.into()));
    }
    let mut steps = Vec::new();
    for script in ALL {
        let (path, kept) = places(folder, script);
        let wanted = script.text(program, options);
        match found(&path, script)? {
            Found::Ours(text) if text == wanted => continue,
            Found::Theirs if exists(&kept) => return Err(Error::OriginalKept { path: kept }),
            Found::Theirs => steps.push(Step::Kept(path.clone(), kept)),
            Found::Ours(_) | Found::Nothing => {}
        }
        steps.push(Step::Written(path, wanted));
    }
    perform(steps, is_dry)
}

/// Restores the originals, and removes Headcount's scripts that replaced none. With `is_dry` only returns the steps.
///
/// # Errors
///
/// [`Error::Io`].
pub fn uninstall_scripts(folder: &Path, is_dry: bool) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    for script in ALL {
        let (path, kept) = places(folder, script);
        match found(&path, script)? {
            Found::Ours(_) | Found::Nothing if exists(&kept) => steps.push(Step::RevertedChange(kept, path)),
            Found::Ours(_) => steps.push(Step::Removed(path)),
            Found::Theirs | Found::Nothing => {}
        }
    }
    perform(steps, is_dry)
}

/// Writes a heartbeat with the current work for the session that this folder's shell identified as. Returns its number.
///
/// # Errors
///
/// If the session is not registered or is inactive, or the heartbeat cannot be written.
pub fn report_work(workspace: &Workspace, work: &Work, context: ActionContext) -> Result<Option<Number>, Error> {
    let folder = workspace.registry.parent().unwrap_or(Path::new("."));
    let Some(id) = shell_identity::current(folder) else { return Ok(None) };
    let registry = workspace.store().read_with_retry()?;
    let own = id.strip_prefix("session-").and_then(|number| registry.entry(number.parse().ok()?));
    let entry = registry.entries().iter().find(|entry| entry.session_id == id).or(own);
    let entry = entry.ok_or_else(|| Error::Unregistered { id: id.clone(), path: workspace.registry.clone() })?;
    if entry.class() == Class::Inactive {
        let refusal = registration::RegistrationError::Already(entry.number, "inactive");
        return Err(Error::refused(refusal, workspace));
    }
    let new = NewBeat { number: entry.number, session_id: &entry.session_id, kind: BeatKind::Manual, at: context.at };
    heartbeat_writer::write_with(workspace, &new, &work.fields())?;
    Ok(Some(entry.number))
}

enum Found {
    Nothing,
    Ours(String),
    Theirs,
}

fn places(folder: &Path, script: Script) -> (PathBuf, PathBuf) {
    (folder.join(script.name()), folder.join(format!("{}.orig", script.name())))
}

/// Whether the name exists, even as a dangling link.
fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn found(path: &Path, script: Script) -> Result<Found, Error> {
    if !exists(path) {
        return Ok(Found::Nothing);
    }
    match file::read(path, LIMIT) {
        Ok(contents) => {
            let text = contents.and_then(|contents| String::from_utf8(contents.bytes).ok());
            Ok(text.filter(|text| script.is_ours(text)).map_or(Found::Theirs, Found::Ours))
        }
        // A dangling link is another program's file too.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Theirs),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

fn perform(steps: Vec<Step>, is_dry: bool) -> Result<Vec<Step>, Error> {
    for step in steps.iter().filter(|_| !is_dry) {
        match step {
            // A hard link, so that nothing can be overwritten and the script never disappears; the next step replaces
            // it.
            Step::Kept(path, kept) => {
                std::fs::hard_link(path, kept).map_err(|source| Error::io("keep the original as", kept, source))?;
            }
            Step::Written(path, text) => {
                let prepared = atomic::prepare(path, text.as_bytes(), OtherNames::Stay)?;
                prepared.make_program()?;
                prepared.put()?;
            }
            Step::RevertedChange(kept, path) => {
                std::fs::rename(kept, path).map_err(|source| Error::io("restore", kept, source))?;
            }
            Step::Removed(path) => std::fs::remove_file(path).map_err(|source| Error::io("remove", path, source))?,
        }
    }
    Ok(steps)
}
