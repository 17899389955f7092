//! Putting back a good copy of the registry.
//!
//! Promises: what is there now is kept as a copy first, even when it cannot be read; the copy goes back byte for byte. Whoever
//! meant to mend a registry does not write over one that somebody mended meanwhile.

use std::path::PathBuf;

use headcount_core::view::history::KeptCopy;
use headcount_core::{Registry, time};

use super::ActionContext;
use crate::store::OverwritePolicy;
use crate::store::copies::Copy;
use crate::store::journal::RESTORE;
use crate::{Error, Workspace};

/// The good copies of the registry, the newest first.
pub fn copies(workspace: &Workspace) -> Result<Vec<Copy>, Error> {
    workspace.journal().copies().list()
}

/// The newest copy that can be read, where the registry cannot and is mended by it; where the registry is gone, the newest
/// with somebody in it.
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

/// Puts a copy back, by its id. Returns where what was there before is kept, where there was something.
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
