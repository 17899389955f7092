//! Determining the workspace that a process follows, from its command line, its environment and the configuration.
//!
//! Guarantees: the command line takes precedence over the configuration for as long as the process lives; other
//! settings follow the configuration each time it is read. A registry that was found near the current folder counts as
//! named: it is searched for once. Does not watch files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::settings::{Settings, Setup};
use headcount_core::view::snapshot::Snapshot;

use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::paths::{self, CliOverrides, Search};
use crate::{Error, Workspace};

/// The way in which a process was started, as far as it determines the workspace.
#[derive(Clone, Debug)]
pub struct WorkspaceSource {
    overrides: CliOverrides,
    env: Environment,
    search: Search,
}

/// A workspace and its configuration at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedConfig {
    /// The workspace.
    pub workspace: Workspace,
    /// The configuration, including settings that have no effect here.
    pub config: Config,
    /// The configuration file, if there is a folder for one.
    pub file: Option<PathBuf>,
    /// The command line of the process, which takes precedence.
    pub overrides: CliOverrides,
    /// The result of the search for a registry near the current folder.
    pub search: Search,
}

impl WorkspaceSource {
    /// The source for a process with this command line and environment.
    #[must_use]
    pub fn new(mut overrides: CliOverrides, env: Environment) -> Self {
        let config = Config::read(env.config_file().as_deref());
        // If the search fails now, `open` repeats it and returns the error.
        let search = paths::choose(&overrides, &config, &env).unwrap_or_default();
        if let Some(found) = &search.found {
            overrides.registry = Some(found.registry.clone());
            overrides.tree.clone_from(&found.tree);
        }
        let absolute = |path: PathBuf| paths::absolute(path.clone(), &env).unwrap_or(path);
        overrides.heartbeats = overrides.heartbeats.map(absolute);
        Self { overrides, env, search }
    }

    /// The source for this process.
    #[must_use]
    pub fn of_process(overrides: CliOverrides) -> Self {
        Self::new(overrides, Environment::of_process())
    }

    /// The settings that take precedence over the configuration. Another process with them finds the same workspace.
    #[must_use]
    pub fn overrides(&self) -> &CliOverrides {
        &self.overrides
    }

    /// The environment of the process.
    #[must_use]
    pub fn env(&self) -> &Environment {
        &self.env
    }

    /// The configuration file.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.env.config_file()
    }

    /// Determines the workspace with the current configuration.
    ///
    /// # Errors
    ///
    /// As [`paths::find`].
    pub fn open(&self) -> Result<ResolvedConfig, Error> {
        self.apply(Config::read(self.file().as_deref()))
    }

    /// Determines the workspace again. If the file cannot be parsed, the settings of `before` stay in effect.
    pub(crate) fn reopen(&self, before: &ResolvedConfig) -> Result<ResolvedConfig, Error> {
        let mut config = Config::read(self.file().as_deref());
        if config.is_lost {
            config.settings = before.config.settings.clone();
        }
        let mut opened = self.apply(config)?;
        opened.workspace.processes = Arc::clone(&before.workspace.processes);
        Ok(opened)
    }

    fn apply(&self, config: Config) -> Result<ResolvedConfig, Error> {
        let places = paths::find(&self.overrides, &config, &self.env)?;
        let workspace = Workspace::configured(places, self.overrides.timeout, &config);
        Ok(ResolvedConfig {
            workspace,
            config,
            file: self.file(),
            overrides: self.overrides.clone(),
            search: self.search.clone(),
        })
    }
}

impl ResolvedConfig {
    /// The configuration of a fixed workspace.
    #[must_use]
    pub fn fixed(workspace: Workspace) -> Self {
        let (registry, heartbeats) = (workspace.places.registry.clone(), workspace.places.heartbeats.clone());
        let overrides = CliOverrides {
            registry: Some(registry),
            tree: workspace.places.tree.clone(),
            heartbeats: Some(heartbeats),
            timeout: Some(workspace.timeout),
        };
        Self { workspace, config: Config::default(), file: None, overrides, search: Search::default() }
    }

    /// The configured settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.config.settings
    }

    /// Whether a snapshot is of this workspace.
    #[must_use]
    pub fn is_shown_in(&self, snapshot: &Snapshot) -> bool {
        snapshot.registry == self.workspace.places.registry.display().to_string()
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
            file: self.file.as_deref().map(Path::display).map(|path| path.to_string()),
            settings: self.config.settings.clone(),
            registry: self.workspace.places.registry.display().to_string(),
            heartbeats: self.workspace.places.heartbeats.display().to_string(),
            timeout: self.workspace.timeout,
            overruled: overruled.into_iter().flatten().collect(),
            complaints: self.config.complaints.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headcount_core::Timeout;

    fn env(root: &Path) -> Environment {
        Environment {
            folder: Some(root.join("here")),
            config: Some(root.join("config")),
            data: Some(root.join("data")),
            state: Some(root.join("state")),
            ..Environment::default()
        }
    }

    fn configure(root: &Path, text: &str) {
        std::fs::create_dir_all(root.join("config")).unwrap();
        std::fs::write(root.join("config/config.toml"), text).unwrap();
    }

    #[test]
    fn settings_without_an_override_follow_the_configuration() {
        let root = tempfile::tempdir().unwrap();
        let (root, configured) = (root.path(), root.path().join("c.json"));
        let origin = WorkspaceSource::new(CliOverrides::default(), env(root));
        assert_eq!(origin.open().unwrap().workspace.places.registry, root.join("data/claude_sessions.json"));
        configure(root, &format!("registry = {configured:?}\nheartbeats = \"/beats\"\ntimeout_minutes = 7\n"));
        let opened = origin.open().unwrap();
        assert_eq!(opened.workspace.places.registry, configured);
        assert_eq!(opened.workspace.places.heartbeats, Path::new("/beats"));
        assert_eq!(opened.workspace.timeout, Timeout::from_minutes(7).unwrap());
        assert_eq!(opened.setup().overruled, Vec::<String>::new());
        // A line that is half written changes nothing.
        configure(root, "registry = ");
        let again = origin.reopen(&opened).unwrap();
        assert_eq!((&again.workspace, again.config.complaints.len()), (&opened.workspace, 1));
    }

    #[test]
    fn overrides_take_precedence() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let overrides = CliOverrides {
            registry: Some("r.json".into()),
            tree: None,
            heartbeats: Some("b".into()),
            timeout: Timeout::from_minutes(1),
        };
        configure(root, "registry = \"/c.json\"\nheartbeats = \"/beats\"\ntimeout_minutes = 7\n");
        let opened = WorkspaceSource::new(overrides, env(root)).open().unwrap();
        assert_eq!(opened.workspace.places.registry, root.join("here/r.json"));
        assert_eq!(opened.workspace.places.heartbeats, root.join("here/b"));
        assert_eq!(opened.workspace.timeout.minutes(), 1);
        assert_eq!(opened.setup().overruled, ["registry", "heartbeats", "timeout_minutes"]);
        assert_eq!(opened.setup().settings.timeout.minutes(), 7);
    }

    #[test]
    fn a_near_registry_is_searched_for_once() {
        let root = tempfile::tempdir().unwrap();
        let root = &std::fs::canonicalize(root.path()).unwrap();
        let near = root.join("here/claude_sessions.json");
        std::fs::create_dir_all(near.parent().unwrap()).unwrap();
        std::fs::write(&near, "{}").unwrap();
        let origin = WorkspaceSource::new(CliOverrides::default(), env(root));
        std::fs::remove_file(&near).unwrap();
        assert_eq!(origin.open().unwrap().workspace.places.registry, near);
        assert_eq!(origin.overrides().registry.as_ref(), Some(&near));
        assert_eq!(origin.overrides().tree, Some(root.join("here")));
        // The window's process gets the same overrides and finds the same workspace.
        let window = WorkspaceSource::new(origin.overrides().clone(), Environment { folder: None, ..env(root) });
        assert_eq!(window.open().unwrap().workspace, origin.open().unwrap().workspace);
    }
}
