//! Taking the place of the scripts that looked after a registry before, and giving it back.
//!
//! Promises: an original is kept as `NAME.orig` and none of that name is ever written over; a script is there, old or new, at
//! every moment; doing it twice is doing it once; what is not Headcount's is never removed.

use std::io;
use std::path::{Path, PathBuf};

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::{Kind, NewBeat};
use headcount_core::legacy_scripts::{ALL, Script, Work};
use headcount_core::registry::Class;
use headcount_core::registry::registration;

use super::ActionContext;
use crate::claude::shell_identity;
use crate::files::atomic::OtherNames;
use crate::files::{atomic, file};
use crate::store::heartbeat_writer;
use crate::{Error, Workspace};

/// No script is this large.
const LIMIT: u64 = 16 * 1024 * 1024;

/// What is done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Kept under another name.
    Kept(PathBuf, PathBuf),
    /// Written.
    Written(PathBuf, String),
    /// Put back from another name.
    PutBack(PathBuf, PathBuf),
    /// Removed.
    Removed(PathBuf),
}

/// Writes the scripts into a folder, or only says what would be done.
pub fn install_scripts(folder: &Path, program: &str, registry: Option<&str>, is_dry: bool) -> Result<Vec<Step>, Error> {
    if !folder.is_dir() {
        return Err(Error::io("install into the folder", folder, io::ErrorKind::NotADirectory.into()));
    }
    let mut steps = Vec::new();
    for script in ALL {
        let (path, kept) = places(folder, script);
        let wanted = script.text(program, registry);
        match found(&path, script)? {
            Found::Ours(text) if text == wanted => continue,
            Found::Theirs if exists(&kept) => return Err(Error::OriginalKept { path: kept }),
            Found::Theirs => steps.push(Step::Kept(path.clone(), kept)),
            Found::Ours(_) | Found::Nothing => {}
        }
        steps.push(Step::Written(path, wanted));
    }
    carry_out(steps, is_dry)
}

/// Puts the originals back, and removes what is Headcount's where there was none; or only says so.
pub fn uninstall_scripts(folder: &Path, is_dry: bool) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    for script in ALL {
        let (path, kept) = places(folder, script);
        match found(&path, script)? {
            Found::Ours(_) | Found::Nothing if exists(&kept) => steps.push(Step::PutBack(kept, path)),
            Found::Ours(_) => steps.push(Step::Removed(path)),
            Found::Theirs | Found::Nothing => {}
        }
    }
    carry_out(steps, is_dry)
}

/// Beats for the session that this folder's shell is, and says what it works on. Returns its number.
pub fn report_work(workspace: &Workspace, work: &Work, context: ActionContext) -> Result<Option<Number>, Error> {
    let folder = workspace.places.registry.parent().unwrap_or(Path::new("."));
    let Some(id) = shell_identity::current(folder) else { return Ok(None) };
    let registry = workspace.store().read_with_retry()?;
    let own = id.strip_prefix("session-").and_then(|number| registry.entry(number.parse().ok()?));
    let entry = registry.entries().iter().find(|entry| entry.session_id == id).or(own);
    let entry = entry.ok_or_else(|| Error::Unregistered { id: id.clone(), path: workspace.places.registry.clone() })?;
    if entry.class() == Class::Inactive {
        let refusal = registration::RegistrationError::Already(entry.number, "inactive");
        return Err(Error::refused(refusal, workspace));
    }
    let new = NewBeat { number: entry.number, session_id: &entry.session_id, kind: Kind::Manual, at: context.at };
    heartbeat_writer::write_with(&workspace.places, &new, &work.fields())?;
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

/// Whether something has that name, a link to nowhere included.
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
        // A link that leads nowhere any more is somebody's, too.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Theirs),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

fn carry_out(steps: Vec<Step>, is_dry: bool) -> Result<Vec<Step>, Error> {
    for step in steps.iter().filter(|_| !is_dry) {
        match step {
            // A second name first, and what has the first one replaced: nothing can be written over, nothing is ever missing.
            Step::Kept(path, kept) => {
                std::fs::hard_link(path, kept).map_err(|source| Error::io("keep the original as", kept, source))?;
            }
            Step::Written(path, text) => {
                let prepared = atomic::prepare(path, text.as_bytes(), OtherNames::Stay)?;
                prepared.make_program()?;
                prepared.put()?;
            }
            Step::PutBack(kept, path) => {
                std::fs::rename(kept, path).map_err(|source| Error::io("put back", kept, source))?;
            }
            Step::Removed(path) => std::fs::remove_file(path).map_err(|source| Error::io("remove", path, source))?,
        }
    }
    Ok(steps)
}
