//! Where Headcount keeps its state for one registry: below the state folder, by the registry's real path.

use std::path::{Component, Path, PathBuf};

use crate::files::file::real_path;

/// The folder of a registry's state: the registry's real path below `registries/`. Such a path is unique, and the user
/// can find it.
pub(crate) fn of_registry(state: &Path, registry: &Path) -> PathBuf {
    let real = real_path(registry).unwrap_or_else(|_| {
        let folder = registry.parent().and_then(|folder| real_path(folder).ok());
        folder.map_or_else(|| registry.to_owned(), |folder| folder.join(registry.file_name().unwrap_or_default()))
    });
    beneath(&state.join("registries"), &real)
}

/// A path below a folder that is unique for each absolute path.
pub(crate) fn beneath(folder: &Path, real: &Path) -> PathBuf {
    let mut memory = folder.to_owned();
    for component in real.components() {
        match component {
            Component::Normal(name) => memory.push(name),
            Component::Prefix(prefix) => {
                memory.push(prefix.as_os_str().to_string_lossy().replace([':', '\\', '?'], ""));
            }
            _ => {}
        }
    }
    memory
}
