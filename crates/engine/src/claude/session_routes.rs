//! The routes of Claude Code processes: the registry in which each is registered, stored by pid in the state folder.
//!
//! Guarantees: a session stays in the registry in which it was registered, even if its shell or the `cwd` of its events
//! change. The route of another process with the same pid is ignored. A hook reads one small file, however many files
//! the folder contains. A route to a registry that is gone is ignored. Does not decide whether the registry may be
//! trusted: [`Workspace::of_registry`](crate::Workspace::of_registry) does.

use std::path::{Path, PathBuf};

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::{atomic, file};
use crate::process::Processes;

/// The folder's name in the state folder.
const FOLDER: &str = "sessions";

/// Maximum size of a route in bytes.
const LIMIT: u64 = 16 * 1024;

/// The number of files above which those of ended processes are removed.
const PRUNE_ABOVE: usize = 64;

/// Maximum number of files that are examined for removal.
const MAX_EXAMINED: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Route {
    pid: u32,
    started: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
    registry: PathBuf,
}

impl Route {
    fn key(&self) -> ProcessKey {
        let (started, domain, boot) = (self.started.clone(), self.domain.clone(), self.boot.clone());
        ProcessKey { pid: self.pid, started, domain, boot }
    }
}

/// The registry in which a process is registered.
pub(crate) fn registry_of(state: &Path, process: &ProcessKey) -> Option<PathBuf> {
    let route = read(&path(state, process.pid))?;
    (route.key().is(process) && route.registry.is_file()).then_some(route.registry)
}

/// Records the registry in which a process is registered.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn remember(
    state: &Path,
    process: &ProcessKey,
    registry: &Path,
    processes: &dyn Processes,
) -> Result<(), Error> {
    prune(state, processes);
    let ProcessKey { pid, started, domain, boot } = process.clone();
    let route = Route { pid, started, domain, boot, registry: registry.to_owned() };
    let text = serde_json::to_vec(&route).unwrap_or_default();
    // Not synced: a power loss ends the process as well.
    atomic::replace_private_unsynced(&path(state, pid), &text)
}

/// Removes the route of a process that signed off.
pub(crate) fn forget(state: &Path, process: &ProcessKey) {
    let path = path(state, process.pid);
    if read(&path).is_some_and(|route| route.key().is(process)) {
        // If this fails, the route is ignored, because no running process matches it.
        drop(std::fs::remove_file(path));
    }
}

fn path(state: &Path, pid: u32) -> PathBuf {
    state.join(FOLDER).join(format!("{pid}.json"))
}

fn read(path: &Path) -> Option<Route> {
    let contents = file::read(path, LIMIT).ok()??;
    serde_json::from_slice(&contents.bytes).ok()
}

/// Removes the routes of ended processes, if there are many.
fn prune(state: &Path, processes: &dyn Processes) {
    let Ok(entries) = std::fs::read_dir(state.join(FOLDER)) else { return };
    let paths: Vec<PathBuf> = entries.take(MAX_EXAMINED).flatten().map(|entry| entry.path()).collect();
    if paths.len() <= PRUNE_ABOVE {
        return;
    }
    for path in paths {
        if read(&path).is_none_or(|route| processes.look(&route.key()) == Process::Gone) {
            drop(std::fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::SystemProcesses;

    #[test]
    fn a_route_belongs_to_one_process_and_not_to_its_pid() {
        let state = tempfile::tempdir().unwrap();
        let (state, registry) = (state.path(), state.path().join("r.json"));
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        std::fs::write(&registry, "{}").unwrap();
        assert_eq!(registry_of(state, &own), None);
        remember(state, &own, &registry, &processes).unwrap();
        assert_eq!(registry_of(state, &own).as_ref(), Some(&registry));
        let earlier = ProcessKey { started: "1".into(), ..own.clone() };
        assert_eq!(registry_of(state, &earlier), None);
        forget(state, &earlier);
        assert!(registry_of(state, &own).is_some());
        std::fs::remove_file(&registry).unwrap();
        assert_eq!(registry_of(state, &own), None, "the registry is gone");
        forget(state, &own);
        assert!(!path(state, own.pid).exists());
    }

    #[test]
    fn routes_of_ended_processes_are_removed_if_there_are_many() {
        let state = tempfile::tempdir().unwrap();
        let (state, registry) = (state.path(), state.path().join("r.json"));
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        for pid in 0..=PRUNE_ABOVE as u32 {
            let ended = ProcessKey { pid: 4_000_000 + pid, ..own.clone() };
            remember(state, &ended, &registry, &processes).unwrap();
        }
        remember(state, &own, &registry, &processes).unwrap();
        assert_eq!(std::fs::read_dir(state.join(FOLDER)).unwrap().count(), 1);
    }
}
