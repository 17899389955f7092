//! Putting back a good copy of the registry.
//!
//! Promises: what is there now is kept as a copy first, even when it cannot be read; the copy goes back byte for byte.

use std::path::PathBuf;

use headcount_core::history::KeptCopy;
use headcount_core::{Registry, time};

use super::Act;
use crate::copies::Copy;
use crate::journal::RESTORE;
use crate::{Error, Workspace};

/// The good copies of the registry, the newest first.
pub fn copies(workspace: &Workspace) -> Result<Vec<Copy>, Error> {
    workspace.journal().copies().list()
}

/// The newest copy that can be read.
pub fn newest_copy(workspace: &Workspace) -> Result<Option<KeptCopy>, Error> {
    let kept = |copy: &Copy| {
        let sessions = copy.sessions()?;
        Some(KeptCopy { id: copy.id.clone(), at: time::wire(time::whole_seconds(copy.at)), sessions })
    };
    Ok(copies(workspace)?.iter().find_map(kept))
}

/// Puts a copy back, by its id. Returns where what was there before is kept, where there was something.
pub fn restore(workspace: &Workspace, id: &str, act: Act) -> Result<Option<PathBuf>, Error> {
    let copy = workspace.journal().copies().find(id)?;
    let text = copy.read()?;
    Registry::read(text.clone()).map_err(|reason| Error::Unreadable { path: copy.path.clone(), reason })?;
    workspace.store().replace(&workspace.journal(), &act.deed(RESTORE), &text)
}
