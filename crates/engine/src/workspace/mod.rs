//! A workspace: one registry, its beats, its journal. The unit of everything; an app may hold several.
//!
//! Promises: knows its paths and timeout, holds no state; two values for the same paths are the same workspace.

pub mod config;
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
use crate::workspace::paths::{CliOverrides, Environment, Places};

/// One registry, its beats, its journal.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its paths.
    pub places: Places,
    /// How long a session may be quiet.
    pub timeout: Timeout,
    /// The processes that its sessions are.
    pub processes: Arc<dyn Processes>,
    /// Whether sessions that programs start (`claude -p`, the SDK) are sessions here.
    pub counts_sdk: bool,
    /// Whether Claude Code shows a session's number and role as its title.
    pub sets_titles: bool,
    /// Whether sessions whose process is proven gone are cleaned up without a question.
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
    /// A workspace at these places.
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

    /// The workspace of a session that works in a folder: `$HEADCOUNT_REGISTRY`, else the nearest registry that is trusted, else
    /// the configured one, else the user's own. A folder that is gone is looked for from the nearest one above it.
    pub fn of_session(folder: Option<&Path>, env: &Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let folder = folder.map(Path::to_owned);
        let is_folder_gone = env.is_folder_gone && folder.is_none();
        let env = Environment { folder, is_folder_gone, ..env.clone() };
        let places = paths::find(&CliOverrides::default(), &config, &env)?;
        Ok(Self::configured(places, None, &config))
    }

    /// The workspace of a registry that a session was registered in, which is checked as one that was found.
    ///
    /// # Errors
    /// If the registry may not be used any more.
    pub fn of_registry(registry: &Path, env: &Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let places = paths::remembered(registry, &config, env)?;
        Ok(Self::configured(places, None, &config))
    }

    /// A workspace at these places, as it is configured, but with this timeout where one was said.
    pub(crate) fn configured(places: Places, timeout: Option<Timeout>, config: &Config) -> Self {
        let settings = &config.settings;
        let workspace = Self::new(places, timeout.unwrap_or(settings.timeout));
        let sets_titles = settings.session_titles;
        Self { counts_sdk: settings.count_sdk_runs, sets_titles, auto_cleanup: settings.auto_cleanup, ..workspace }
    }

    /// The door to its registry.
    #[must_use]
    pub fn store(&self) -> Store {
        let registry = self.places.registry.clone();
        match self.places.tree.clone() {
            Some(tree) => Store::found(registry, tree),
            None => Store::new(registry),
        }
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.places.memory.clone())
    }
}
