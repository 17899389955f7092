//! A workspace: one registry with its heartbeats and its journal. A process may hold several.
//!
//! Which one is used: the [environment] of a process and its command line, with the [configuration](config), give a
//! [resolved configuration](config::resolved), which has the workspace. The registry of sessions in a folder is the
//! answer of [`registry_lookup`].
//!
//! Guarantees: contains paths and settings, but no state. Two values with the same paths and settings are equal.

pub mod config;
pub mod desktop_env;
pub mod environment;
pub(crate) mod git;
pub mod registry_lookup;
pub(crate) mod state_folder;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::Timeout;

use crate::process::{Processes, SystemProcesses};
use crate::store::Store;
use crate::store::journal::Journal;
use crate::workspace::registry_lookup::RegistryLookup;

/// One registry with its heartbeats and its journal.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Workspace {
    /// The registry, which need not exist.
    pub registry: PathBuf,
    /// The folder in which the registry was found: nothing is written through a link below it. `None` if it was named.
    pub tree: Option<PathBuf>,
    /// The heartbeats folder, which need not exist.
    pub heartbeats: PathBuf,
    /// Whether the heartbeats folder was named. Then links in its path are followed.
    pub are_heartbeats_named: bool,
    /// The folder of Headcount's state for this registry. Empty without a home folder: nothing is stored then.
    pub memory: PathBuf,
    /// The folder of Headcount's state for all registries. Empty without a home folder.
    pub state: PathBuf,
    /// The folders of Claude Code's records of running sessions, this environment's own first. A look at all sessions
    /// finds those of other running processes, too.
    pub records: Vec<PathBuf>,
    /// The home folder of the sessions whose processes are searched for more folders of records; `None`: none are
    /// searched.
    pub home: Option<PathBuf>,
    /// Which sessions belong here, by the folder they work in.
    pub lookup: RegistryLookup,
    /// How long a session may be without a sign of life before it is stale.
    pub timeout: Timeout,
    /// Reads the processes of its sessions.
    pub processes: Arc<dyn Processes>,
    /// Whether runs that programs start (`claude -p`, the SDK) count as sessions.
    pub counts_sdk: bool,
    /// Whether Claude Code shows a session's number and role as its title.
    pub sets_titles: bool,
    /// Whether sessions with a process that is proven gone are cleaned up automatically.
    pub auto_cleanup: bool,
}

impl Default for Workspace {
    /// A workspace without paths, with the default settings and the processes of this system.
    fn default() -> Self {
        Self {
            registry: PathBuf::new(),
            tree: None,
            heartbeats: PathBuf::new(),
            are_heartbeats_named: false,
            memory: PathBuf::new(),
            state: PathBuf::new(),
            records: Vec::new(),
            home: None,
            lookup: RegistryLookup::default(),
            timeout: Timeout::default(),
            processes: Arc::new(SystemProcesses::new()),
            counts_sdk: false,
            sets_titles: true,
            auto_cleanup: false,
        }
    }
}

impl PartialEq for Workspace {
    fn eq(&self, other: &Self) -> bool {
        let settings = |of: &Self| (of.timeout, of.counts_sdk, of.sets_titles, of.auto_cleanup);
        self.records == other.records && self.has_same_paths(other) && settings(self) == settings(other)
    }
}

impl Eq for Workspace {}

impl Workspace {
    /// The store of its registry.
    #[must_use]
    pub fn store(&self) -> Store {
        let registry = self.registry.clone();
        match self.tree.clone() {
            Some(tree) => Store::found(registry, tree),
            None => Store::new(registry),
        }
    }

    /// The journal of its registry.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.memory.clone())
    }

    /// The folder below which no link to the heartbeats folder is followed: that in which the registry next to it was
    /// found.
    pub(crate) fn tree_of_heartbeats(&self) -> Option<&Path> {
        self.tree.as_deref().filter(|_| !self.are_heartbeats_named)
    }

    /// Whether the paths are the same, apart from the folders of records.
    pub(crate) fn has_same_paths(&self, other: &Self) -> bool {
        (&self.registry, &self.tree, &self.memory, &self.state)
            == (&other.registry, &other.tree, &other.memory, &other.state)
            && (&self.heartbeats, self.are_heartbeats_named) == (&other.heartbeats, other.are_heartbeats_named)
            && (&self.home, &self.lookup) == (&other.home, &other.lookup)
    }
}

#[cfg(test)]
impl Workspace {
    /// A workspace for tests, with an empty heartbeats folder and without a registry.
    pub(crate) fn in_folder(root: &Path) -> Self {
        let workspace = Self {
            registry: root.join("r.json"),
            heartbeats: root.join("heartbeats"),
            memory: root.join("state/registries/ws"),
            state: root.join("state"),
            ..Self::default()
        };
        std::fs::create_dir_all(&workspace.heartbeats).unwrap();
        workspace
    }
}
