//! Where a process's workspace comes from: how it was started, and the configuration.
//!
//! Promises: how it was started goes before what is configured, for as long as the process lives; what is not said then
//! follows the configuration whenever it is asked again. A registry that lay near counts as said: it is looked for once.
//! Does not watch anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headcount_core::settings::{Settings, Setup};
use headcount_core::view::snapshot::Snapshot;

use crate::workspace::config::Config;
use crate::workspace::paths::{self, CliOverrides, Environment, Search};
use crate::{Error, Workspace};

/// How a process was started, as far as its workspace follows from that.
#[derive(Clone, Debug)]
pub struct WorkspaceSource {
    overrides: CliOverrides,
    env: Environment,
    search: Search,
}

/// A workspace, and what is configured, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedConfig {
    /// The workspace.
    pub workspace: Workspace,
    /// What is configured, whether it counts here or not.
    pub config: Config,
    /// The configuration's file, where there is a place for one.
    pub file: Option<PathBuf>,
    /// What was said when the process started, which goes before it.
    pub overrides: CliOverrides,
    /// What looking for a registry near came to.
    pub search: Search,
}

impl WorkspaceSource {
    /// What was said to a process in these surroundings.
    #[must_use]
    pub fn new(mut overrides: CliOverrides, env: Environment) -> Self {
        let config = Config::read(env.config_file().as_deref());
        // What cannot be found now is looked for again, and then it is said why not.
        let search = paths::choose(&overrides, &config, &env).unwrap_or_default();
        if let Some(found) = &search.found {
            overrides.registry = Some(found.registry.clone());
            overrides.tree.clone_from(&found.tree);
        }
        let absolute = |path: PathBuf| paths::absolute(path.clone(), &env).unwrap_or(path);
        overrides.heartbeats = overrides.heartbeats.map(absolute);
        Self { overrides, env, search }
    }

    /// What was said to this process.
    #[must_use]
    pub fn of_process(overrides: CliOverrides) -> Self {
        Self::new(overrides, Environment::of_process())
    }

    /// What counts whatever is configured; said to another process, it finds the same.
    #[must_use]
    pub fn overrides(&self) -> &CliOverrides {
        &self.overrides
    }

    /// What it was started in.
    #[must_use]
    pub fn env(&self) -> &Environment {
        &self.env
    }

    /// Where what is configured stands.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.env.config_file()
    }

    /// The workspace as it follows from what is configured now.
    pub fn open(&self) -> Result<ResolvedConfig, Error> {
        self.apply(Config::read(self.file().as_deref()))
    }

    /// The same again, where nothing that cannot be understood takes away what counted before.
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
    /// A workspace that follows from nothing else.
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

    /// What is configured.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.config.settings
    }

    /// Whether a snapshot is of this workspace.
    #[must_use]
    pub fn is_seen_in(&self, snapshot: &Snapshot) -> bool {
        snapshot.registry == self.workspace.places.registry.display().to_string()
    }

    /// What a person is shown of it.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let overrides = |key: &str, is_said: bool| is_said.then(|| key.to_owned());
        let has_registry = self.overrides.registry.is_some();
        let counts_elsewhere = has_registry && self.config.settings.registry != self.overrides.registry;
        let overruled = [
            overrides("registry", has_registry),
            overrides("heartbeats", self.overrides.heartbeats.is_some() || counts_elsewhere),
            overrides("timeout_minutes", self.overrides.timeout.is_some()),
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
    fn what_is_not_said_follows_the_configuration() {
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
        // A line that is half written takes nothing away.
        configure(root, "registry = ");
        let again = origin.reopen(&opened).unwrap();
        assert_eq!((&again.workspace, again.config.complaints.len()), (&opened.workspace, 1));
    }

    #[test]
    fn what_is_said_stays() {
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
    fn what_lies_near_is_looked_for_once() {
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
        // And what is said to the window's process, it finds too.
        let window = WorkspaceSource::new(origin.overrides().clone(), Environment { folder: None, ..env(root) });
        assert_eq!(window.open().unwrap().workspace, origin.open().unwrap().workspace);
    }
}
