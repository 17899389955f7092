//! Which registry a Claude Code process is registered in, remembered by pid below the state folder.
//!
//! Guarantees: a session stays with the registry that it was registered in, wherever its shell or its payloads' `cwd` go; a
//! file about another process with the same pid is ignored; one small file is read per hook, whatever else is in the folder.
//! A registry that is gone is not a route. Whether the registry may be trusted is decided by whoever opens it.

use std::path::{Path, PathBuf};

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::{atomic, file};
use crate::process::Processes;

/// The folder below the state folder.
const FOLDER: &str = "sessions";

/// A longer file is not ours.
const LIMIT: u64 = 16 * 1024;

/// How many files may lie there before those of ended processes are removed.
const KEPT: usize = 64;

/// How many files are looked at when some are removed.
const LOOKED_AT: usize = 1024;

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

/// The registry that a process is registered in.
pub(crate) fn registry_of(state: &Path, process: &ProcessKey) -> Option<PathBuf> {
    let route = read(&path(state, process.pid))?;
    (route.key().is(process) && route.registry.is_file()).then_some(route.registry)
}

/// Remembers the registry that a process is registered in.
///
/// # Errors
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
    // After a power loss its process is gone, so it need not be safe from one.
    atomic::replace_private_lightly(&path(state, pid), &text)
}

/// Forgets a process that signed off.
pub(crate) fn forget(state: &Path, process: &ProcessKey) {
    let path = path(state, process.pid);
    if read(&path).is_some_and(|route| route.key().is(process)) {
        // What stays is ignored, because its process is another one.
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

/// Removes the files of processes that have ended, if there are many.
fn prune(state: &Path, processes: &dyn Processes) {
    let Ok(entries) = std::fs::read_dir(state.join(FOLDER)) else { return };
    let paths: Vec<PathBuf> = entries.take(LOOKED_AT).flatten().map(|entry| entry.path()).collect();
    if paths.len() <= KEPT {
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
    fn a_process_is_found_in_its_registry_and_no_other_with_its_pid() {
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
        assert_eq!(registry_of(state, &own), None, "a registry that is gone is no route");
        forget(state, &own);
        assert!(!path(state, own.pid).exists());
    }

    #[test]
    fn files_of_ended_processes_are_removed_when_there_are_many() {
        let state = tempfile::tempdir().unwrap();
        let (state, registry) = (state.path(), state.path().join("r.json"));
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        for pid in 0..=KEPT as u32 {
            let ended = ProcessKey { pid: 4_000_000 + pid, ..own.clone() };
            remember(state, &ended, &registry, &processes).unwrap();
        }
        remember(state, &own, &registry, &processes).unwrap();
        assert_eq!(std::fs::read_dir(state.join(FOLDER)).unwrap().count(), 1);
    }
}
