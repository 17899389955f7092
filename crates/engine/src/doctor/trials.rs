//! The doctor's checks that need a trial: creating a file or a folder, and removing it again.
//!
//! Guarantees: every created file is removed; nothing is created through a link next to a registry that was found.

use std::path::Path;

use crate::files::folder::Folder;
use crate::files::metadata::owner_if_another;
use crate::{Error, Workspace};

use super::Finding;

/// The prefix of the names of temporary files and folders.
const PREFIX: &str = ".headcount-";

/// Checks whether a file can be created in a folder.
pub(super) fn make_file(folder: &Path, tree: Option<&Path>) -> Result<(), Error> {
    let open = Folder::open(folder, tree)?;
    let create = |path: &Path| open.create(path.file_name().unwrap_or_default(), 0o600);
    let created = tempfile::Builder::new().prefix(PREFIX).make_in(folder, create);
    created.map(drop).map_err(|source| Error::io("write in the folder", folder, source))
}

/// Checks whether a missing folder can be created, by creating one in its nearest existing ancestor.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    let there = folder.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
    let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(there);
    made.map(drop).map_err(|source| Error::io("create the folder", folder, source))
}

/// The problem of writing heartbeats; `None` if it works.
pub(super) fn beats(workspace: &Workspace) -> Option<Finding> {
    let folder = &workspace.heartbeats;
    let tried = if folder.exists() || folder.is_symlink() {
        make_file(folder, workspace.tree_of_heartbeats())
    } else {
        make_folder(folder)
    };
    let error = tried.err()?;
    let message = format!("No heartbeat can be written in {}: {}", folder.display(), plain(&error));
    Some(Finding::wrong("heartbeats", message, remedy(folder, &error)))
}

/// The problem of changing the registry itself; `None` if it works or there is none.
pub(super) fn registry(workspace: &Workspace) -> Option<Finding> {
    let path = &workspace.registry;
    let found = std::fs::metadata(path).ok()?;
    let owner = owner_if_another(&found)?;
    let error = std::fs::File::options().read(true).write(true).open(path).err()?;
    let message = format!("{} belongs to user {owner} and cannot be changed: {error}.", path.display());
    let remedy = "Grant yourself write access; the file then keeps its owner.";
    Some(Finding::wrong("registry", message, remedy))
}

/// An error's message without its remedy.
fn plain(error: &Error) -> String {
    match error {
        Error::Io { source, .. } => format!("{source}."),
        Error::Linked { path } => {
            format!(
                "{} is a link, and next to a registry that was found by searching, Headcount does not write through links.",
                path.display()
            )
        }
        error => format!("{error}."),
    }
}

pub(super) fn remedy(folder: &Path, error: &Error) -> String {
    if matches!(error, Error::Linked { .. }) {
        return "Replace it by a folder, specify it with --heartbeats, or configure trusted_folders.".into();
    }
    let there = folder.ancestors().find(|above| above.exists());
    let owner = there.and_then(|there| Some((there, owner_if_another(&std::fs::metadata(there).ok()?)?)));
    match owner {
        Some((there, owner)) => {
            format!(
                "{} belongs to user {owner}: take ownership with `sudo chown -R \"$(id -u)\" {}`.",
                there.display(),
                crate::doctor::system::shell_word(&there.display().to_string())
            )
        }
        None => "Check that you can write there.".into(),
    }
}
