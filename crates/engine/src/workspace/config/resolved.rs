//! Which workspace a process follows, from its command line, its environment and the configuration.
//!
//! Guarantees: the command line takes precedence over the configuration for as long as the process lives; other
//! settings follow the configuration each time it is read. A registry that was found near the current folder counts as
//! named: it is searched for once. Does not watch files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::Timeout;
use headcount_core::settings::Settings;
use headcount_core::view::setup::Setup;
use headcount_core::view::snapshot::Snapshot;

use crate::claude::config_folders;
use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::registry_lookup::RegistryLookup;
use crate::workspace::registry_lookup::search::{self, Found, Patience, Search};
use crate::workspace::state_folder;
use crate::{Error, Workspace};

/// The options of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CliOverrides {
    /// `--registry`.
    pub registry: Option<PathBuf>,
    /// The folder in which `registry` was found; no path below it may leave it by a link. `None` if the user named the
    /// registry.
    pub tree: Option<PathBuf>,
    /// `--heartbeats`.
    pub heartbeats: Option<PathBuf>,
    /// `--timeout-minutes`.
    pub timeout: Option<Timeout>,
}

/// A workspace and its configuration at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedConfig {
    /// The workspace.
    pub workspace: Workspace,
    /// The configuration, including settings that have no effect here.
    pub config: Config,
    /// The command line of the process, which takes precedence, with the registry that was found. Another process with
    /// it resolves the same workspace.
    pub overrides: CliOverrides,
    /// The environment of the process.
    pub env: Environment,
    /// The result of the search for a registry near the current folder.
    pub search: Search,
    /// Whether the workspace does not depend on the configuration.
    is_fixed: bool,
}

impl ResolvedConfig {
    /// Resolves the workspace of a process: the one of its command line, else that of its environment and folder.
    ///
    /// # Errors
    ///
    /// [`Error::FolderGone`], [`Error::Homeless`] without a folder for the default, or [`Error::PassedOver`].
    pub fn new(overrides: CliOverrides, env: Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let (workspace, mut search) = resolve(&overrides, &config, &env)?;
        let mut pinned = overrides;
        if pinned.registry.is_none() {
            search.refused_in_hooks = workspace.lookup.refusal_in_hooks();
        }
        if let Some(found) = search.found.clone() {
            (pinned.registry, pinned.tree) = (Some(found.registry), found.tree);
        }
        pinned.heartbeats = pinned.heartbeats.map(|_| workspace.heartbeats.clone());
        Ok(Self { workspace, config, overrides: pinned, env, search, is_fixed: false })
    }

    /// A fixed workspace, which does not follow the configuration.
    #[must_use]
    pub fn fixed(workspace: Workspace) -> Self {
        let overrides = CliOverrides {
            registry: Some(workspace.registry.clone()),
            tree: workspace.tree.clone(),
            heartbeats: Some(workspace.heartbeats.clone()),
            timeout: Some(workspace.timeout),
        };
        let (config, env, search) = (Config::default(), Environment::default(), Search::default());
        Self { workspace, config, overrides, env, search, is_fixed: true }
    }

    /// Reads the configuration again. If the file cannot be parsed, the settings stay in effect.
    pub(crate) fn read_again(&self) -> Result<Self, Error> {
        if self.is_fixed {
            return Ok(self.clone());
        }
        let mut config = Config::read(self.file().as_deref());
        if config.is_lost {
            config.settings = self.config.settings.clone();
            config.workspaces.clone_from(&self.config.workspaces);
        }
        let (workspace, _) = resolve(&self.overrides, &config, &self.env)?;
        let processes = Arc::clone(&self.workspace.processes);
        Ok(Self { workspace: Workspace { processes, ..workspace }, config, ..self.clone() })
    }

    /// The configuration file, if there is a folder for one.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.env.config_file()
    }

    /// The configured settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.config.settings
    }

    /// Whether a snapshot is of this workspace.
    #[must_use]
    pub fn is_shown_in(&self, snapshot: &Snapshot) -> bool {
        snapshot.registry == self.workspace.registry.display().to_string()
    }

    /// The settings as they are shown to the user.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let overridden = |key: &str, is_overridden: bool| is_overridden.then(|| key.to_owned());
        let has_registry = self.overrides.registry.is_some();
        let counts_elsewhere = has_registry && self.config.settings.registry != self.overrides.registry;
        let overruled = [
            overridden("registry", has_registry),
            overridden("heartbeats", self.overrides.heartbeats.is_some() || counts_elsewhere),
            overridden("timeout_minutes", self.overrides.timeout.is_some()),
        ];
        Setup {
            file: self.file().as_deref().map(Path::display).map(|path| path.to_string()),
            settings: self.config.settings.clone(),
            registry: self.workspace.registry.display().to_string(),
            heartbeats: self.workspace.heartbeats.display().to_string(),
            timeout: self.workspace.timeout,
            overruled: overruled.into_iter().flatten().collect(),
            complaints: self.config.complaints.clone(),
        }
    }
}

impl Workspace {
    /// The workspace of a session that works in a folder: `$HEADCOUNT_REGISTRY`, else the nearest trusted registry,
    /// else the configured one, else the user's default. If the folder is gone, the search starts at its nearest
    /// existing ancestor.
    ///
    /// # Errors
    ///
    /// As [`ResolvedConfig::new`].
    pub fn of_session(folder: Option<&Path>, env: &Environment) -> Result<Self, Error> {
        let is_folder_gone = env.is_folder_gone && folder.is_none();
        let env = Environment { folder: folder.map(Path::to_owned), is_folder_gone, ..env.clone() };
        Ok(ResolvedConfig::new(CliOverrides::default(), env)?.workspace)
    }

    /// The workspace of the registry in which a session was registered. The registry is checked like one that was
    /// found.
    ///
    /// # Errors
    ///
    /// If the registry must not be used any more.
    pub fn of_registry(registry: &Path, env: &Environment) -> Result<Self, Error> {
        let config = Config::read(env.config_file().as_deref());
        let lookup = RegistryLookup::new(&config, env);
        let found = lookup.check_again(registry)?;
        workspace_at(found, lookup, &CliOverrides::default(), &config, env)
    }
}

/// The workspace of the registry that the command line names, else of the one that is found, else of the fallback; and
/// the result of the search.
fn resolve(overrides: &CliOverrides, config: &Config, env: &Environment) -> Result<(Workspace, Search), Error> {
    let lookup = RegistryLookup::new(config, env);
    let search = match overrides.registry.clone() {
        Some(named) => Search::found(Found { registry: env.absolute(named)?, tree: overrides.tree.clone() }),
        None => lookup.search(env.folder.as_deref(), Patience::Torn),
    };
    if search.found.is_none() && env.is_folder_gone {
        return Err(Error::FolderGone);
    }
    Ok((workspace_at(search.found.clone(), lookup, overrides, config, env)?, search))
}

/// The workspace of a registry, else of the fallback.
pub(super) fn workspace_at(
    found: Option<Found>,
    lookup: RegistryLookup,
    overrides: &CliOverrides,
    config: &Config,
    env: &Environment,
) -> Result<Workspace, Error> {
    let settings = &config.settings;
    let is_configured = found.as_ref().is_none_or(|found| settings.registry.as_ref() == Some(&found.registry));
    let fallback = || lookup.fallback.as_deref().map(Found::named).ok_or(Error::Homeless { what: "registry" });
    let Found { registry, tree } = found.map_or_else(fallback, Ok)?;
    // A project's settings can name another configuration to a hook, too.
    if env.is_hook && tree.is_none() {
        search::must_look_like_one(&registry).map_err(Error::PassedOver)?;
    }
    let configured = settings.heartbeats.clone().filter(|_| is_configured);
    let named = overrides.heartbeats.clone().or(configured).map(|path| env.absolute(path)).transpose()?;
    // Without a home folder no state is stored, but everything can be read.
    let state = env.state.clone().unwrap_or_default();
    Ok(Workspace {
        are_heartbeats_named: named.is_some(),
        heartbeats: named.unwrap_or_else(|| registry.with_file_name("heartbeats")),
        memory: if state.as_os_str().is_empty() {
            PathBuf::new()
        } else {
            state_folder::of_registry(&state, &registry)
        },
        records: config_folders::records(env.claude.as_deref(), &state),
        home: env.home.clone(),
        timeout: overrides.timeout.unwrap_or(settings.timeout),
        counts_sdk: settings.count_sdk_runs,
        sets_titles: settings.session_titles,
        auto_cleanup: settings.auto_cleanup,
        lookup,
        state,
        registry,
        tree,
        ..Workspace::default()
    })
}

#[cfg(test)]
#[path = "resolved_tests.rs"]
mod tests;
