//! Restoring a copy of the registry.
//!
//! Guarantees: the current registry is copied first, even if it is unreadable; the copy is restored byte for byte. A
//! restore that is meant to repair an unreadable registry does not overwrite one that was repaired meanwhile.

use std::path::PathBuf;

use headcount_core::view::history::KeptCopy;
use headcount_core::{Registry, time};

use super::ActionContext;
use crate::store::OverwritePolicy;
use crate::store::copies::Copy;
use crate::store::journal::RESTORE;
use crate::{Error, Workspace};

/// The copies of the registry, newest first.
///
/// # Errors
///
/// If the folder of the copies cannot be read.
pub fn copies(workspace: &Workspace) -> Result<Vec<Copy>, Error> {
    workspace.journal().copies().list()
}

/// The newest readable copy, if it would repair an unreadable registry. If the registry is gone, the newest copy with a
/// session.
///
/// # Errors
///
/// As [`copies`].
pub fn newest_copy(workspace: &Workspace) -> Result<Option<KeptCopy>, Error> {
    let store = workspace.store();
    let is_gone = store.is_absent();
    if !is_gone && !store.read().is_err_and(|error| error.is_repairable_by_copy()) {
        return Ok(None);
    }
    let folder = workspace.journal().copies().folder().display().to_string();
    let kept = |copy: &Copy| {
        let sessions = copy.sessions().filter(|sessions| *sessions > 0 || !is_gone)?;
        let at = time::wire(time::whole_seconds(copy.at));
        Some(KeptCopy { id: copy.id.clone(), at, sessions, folder: folder.clone() })
    };
    Ok(copies(workspace)?.iter().find_map(kept))
}

/// Restores a copy by its id. Returns the path of the copy of the replaced registry, if there was one.
///
/// # Errors
///
/// [`Error::NoCopy`], [`Error::Unreadable`] if the copy cannot be parsed, or the errors of changing the registry.
pub fn restore(
    workspace: &Workspace,
    id: &str,
    over: OverwritePolicy,
    context: ActionContext,
) -> Result<Option<PathBuf>, Error> {
    let copy = workspace.journal().copies().find(id)?;
    let text = copy.read()?;
    Registry::read(text.clone()).map_err(|reason| Error::Unreadable { path: copy.path.clone(), reason })?;
    workspace.store().replace(&workspace.journal(), &context.meta(RESTORE), &text, over)
}
