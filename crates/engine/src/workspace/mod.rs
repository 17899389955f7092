//! A workspace: one registry with its heartbeats and its journal. An app may hold several.
//!
//! Guarantees: contains paths and settings, but no state. Two values with the same paths and settings are equal.

pub mod config;
pub mod desktop_env;
pub mod environment;
pub(crate) mod git_branch;
pub mod paths;
pub(crate) mod search;
pub(crate) mod trust;
pub mod workspace_source;
pub(crate) mod worktree;

use std::path::Path;
use std::sync::Arc;

use headcount_core::Timeout;

use crate::Error;
use crate::process::{Processes, SystemProcesses};
use crate::store::Store;
use crate::store::journal::Journal;
use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::paths::{CliOverrides, Places};

/// One registry with its heartbeats and its journal.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The paths.
    pub places: Places,
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

impl PartialEq for Workspace {
    fn eq(&self, other: &Self) -> bool {
        let set =
            |workspace: &Self| (workspace.timeout, workspace.counts_sdk, workspace.sets_titles, workspace.auto_cleanup);
        self.places == other.places && set(self) == set(other)
    }
}

impl Eq for Workspace {}

impl Workspace {
    /// A workspace with these paths and default settings.
    #[must_use]
    pub fn new(places: Places, timeout: Timeout) -> Self {
        Self {
            places,
            timeout,
            processes: Arc::new(SystemProcesses::new()),
            counts_sdk: false,
            sets_titles: true,
            auto_cleanup: false,
        }
    }

    /// The workspace of a session that works in a folder: `$HEADCOUNT_REGISTRY`, else the nearest trusted registry,
    /// else the configured one, else the user's default. If the folder is gone, the search starts at its nearest
    /// existing ancestor.
    ///
    /// # Errors
    ///
    /// [`Error::FolderGone`], [`Error::Homeless`] or [`Error::PassedOver`].
    pub fn of_session(folder: Option<&Path>, env: &Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let folder = folder.map(Path::to_owned);
        let is_folder_gone = env.is_folder_gone && folder.is_none();
        let env = Environment { folder, is_folder_gone, ..env.clone() };
        let places = paths::find(&CliOverrides::default(), &config, &env)?;
        Ok(Self::configured(places, None, &config))
    }

    /// The workspace of the registry in which a session was registered. The registry is checked like one that was
    /// found.
    ///
    /// # Errors
    ///
    /// If the registry must not be used any more.
    pub fn of_registry(registry: &Path, env: &Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let places = paths::remembered(registry, &config, env)?;
        Ok(Self::configured(places, None, &config))
    }

    /// A workspace with these paths and the configured settings. `timeout` takes precedence over the configured one.
    pub(crate) fn configured(places: Places, timeout: Option<Timeout>, config: &Config) -> Self {
        let settings = &config.settings;
        let workspace = Self::new(places, timeout.unwrap_or(settings.timeout));
        let sets_titles = settings.session_titles;
        Self { counts_sdk: settings.count_sdk_runs, sets_titles, auto_cleanup: settings.auto_cleanup, ..workspace }
    }

    /// The store of its registry.
    #[must_use]
    pub fn store(&self) -> Store {
        let registry = self.places.registry.clone();
        match self.places.tree.clone() {
            Some(tree) => Store::found(registry, tree),
            None => Store::new(registry),
        }
    }

    /// The journal of its registry.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.places.memory.clone())
    }
}
