//! Paths: the registry, the heartbeats, the folders of Headcount's state.
//!
//! Guarantees: searches for the registry in the order of design §4. Creates nothing.

use std::path::{Path, PathBuf};

use headcount_core::Timeout;

pub use crate::workspace::search::{Found, PassedOver, Reason, Search};
pub use crate::workspace::worktree::Linked;

use crate::Error;
use crate::claude::config_folders;
use crate::files::file::{real_or_same, real_path};
use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::search::{self, Patience};
use crate::workspace::trust::Trust;

/// The registry's name in a coordination folder.
pub const REGISTRY: &str = "claude_sessions.json";

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

/// Determines the registry of a session by the folder in which it works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryRouting {
    /// The registry of all sessions: `$HEADCOUNT_REGISTRY`.
    pub of_all: Option<PathBuf>,
    /// The registry of sessions without one near their folder: the configured one, else the user's default.
    pub of_others: Option<PathBuf>,
    /// Which registries near a folder are trusted.
    pub trust: Trust,
}

impl RegistryRouting {
    /// The registry of sessions that work in a folder.
    #[must_use]
    pub fn registry_of(&self, folder: Option<&Path>) -> Option<PathBuf> {
        let near = |folder| search::search(folder, &self.trust, Patience::None).found.map(|found| found.registry);
        self.of_all.clone().or_else(|| folder.and_then(near)).or_else(|| self.of_others.clone())
    }
}

/// The paths of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
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
    /// The folders of Claude Code's records of running sessions, this environment's own first. A look at all sessions finds
    /// those of other running processes, too.
    pub records: Vec<PathBuf>,
    /// The home folder of the sessions whose processes are searched for more folders of records; `None`: none are searched.
    pub home: Option<PathBuf>,
    /// Which sessions belong here.
    pub routing: RegistryRouting,
}

impl Places {
    /// The folder below which no link to the heartbeats folder is followed: that in which the registry next to it was
    /// found.
    pub(crate) fn tree_of_heartbeats(&self) -> Option<&Path> {
        self.tree.as_deref().filter(|_| !self.are_heartbeats_named)
    }

    /// Whether these are the same paths, whatever the folders of records are.
    pub(crate) fn differ_in_records_at_most(&self, other: &Self) -> bool {
        let without_records = |places: &Self| Self { records: Vec::new(), ..places.clone() };
        without_records(self) == without_records(other)
    }

    /// Whether a session that works in `folder` belongs to this registry.
    #[must_use]
    pub fn are_of(&self, folder: Option<&Path>) -> bool {
        self.routing.registry_of(folder).is_some_and(|found| real_or_same(&found) == real_or_same(&self.registry))
    }
}

/// Finds the workspace: the one of the command line, else `$HEADCOUNT_REGISTRY`, else the nearest registry in this
/// folder or above it, else the configured one, else the user's default.
///
/// # Errors
///
/// [`Error::FolderGone`], [`Error::Homeless`] without a folder for the default, or [`Error::PassedOver`].
pub fn find(overrides: &CliOverrides, config: &Config, env: &Environment) -> Result<Places, Error> {
    places(choose(overrides, config, env)?.found, overrides, config, env)
}

/// Chooses the registry by the way in which the process was started: the one of the command line, else
/// `$HEADCOUNT_REGISTRY`, else the nearest. In a hook the variable counts as found, because a project's settings can
/// set it.
pub(crate) fn choose(overrides: &CliOverrides, config: &Config, env: &Environment) -> Result<Search, Error> {
    let named = |path: PathBuf, tree| -> Result<Search, Error> {
        Ok(Search { found: Some(Found { registry: absolute(path, env)?, tree }), ..Search::default() })
    };
    let variable = env.registry.clone().map(PathBuf::from);
    if let Some(registry) = overrides.registry.clone() {
        return named(registry, overrides.tree.clone());
    }
    let trust = Trust::new(config, env);
    let mut passed_over = Vec::new();
    match variable {
        Some(variable) if !env.is_hook => {
            let found = named(variable, None)?;
            let judged = found.found.as_ref().map(|found| search::judge_named(&found.registry, &trust));
            return Ok(Search { refused_in_hooks: judged.and_then(Result::err), ..found });
        }
        Some(variable) => match search::judge_named(&absolute(variable, env)?, &trust) {
            Ok(found) => return Ok(Search { found: Some(found), ..Search::default() }),
            Err(passed) => passed_over.push(passed),
        },
        None => {}
    }
    if env.is_folder_gone {
        return Err(Error::FolderGone);
    }
    let near = |folder: &PathBuf| search::search(folder, &trust, Patience::Torn);
    let mut search = env.folder.as_ref().map(near).unwrap_or_default();
    search.passed_over.splice(0..0, passed_over);
    Ok(search)
}

/// The paths of a registry that was used before. The configured one and the user's default are used as they are; others
/// are checked again.
pub(crate) fn remembered(registry: &Path, config: &Config, env: &Environment) -> Result<Places, Error> {
    if default_registry(config, env).as_deref() == Some(registry) {
        return places(None, &CliOverrides::default(), config, env);
    }
    let found = search::judge_named(registry, &Trust::new(config, env)).map_err(Error::PassedOver)?;
    places(Some(found), &CliOverrides::default(), config, env)
}

/// The registry if none is named or found: the configured one, else the user's default.
fn default_registry(config: &Config, env: &Environment) -> Option<PathBuf> {
    let own = || env.data.as_ref().map(|data| data.join(REGISTRY));
    config.settings.registry.clone().or_else(own)
}

/// The paths of a chosen registry, else of the configured one, else of the user's default.
pub(crate) fn places(
    chosen: Option<Found>,
    overrides: &CliOverrides,
    config: &Config,
    env: &Environment,
) -> Result<Places, Error> {
    let trust = Trust::new(config, env);
    let of_others = default_registry(config, env);
    let variable = env.registry.clone().map(PathBuf::from);
    let of_all = match variable {
        Some(variable) if env.is_hook => {
            let variable = absolute(variable, env)?;
            search::judge_named(&variable, &trust).ok().map(|found| found.registry)
        }
        variable => variable,
    };
    let is_configured = chosen.as_ref().is_none_or(|found| config.settings.registry.as_ref() == Some(&found.registry));
    let (registry, tree) = match chosen {
        Some(found) => (found.registry, found.tree),
        None => (of_others.clone().ok_or(Error::Homeless { what: "registry" })?, None),
    };
    // A project's settings can name another configuration to a hook, too.
    if env.is_hook && tree.is_none() {
        search::must_look_like_one(&registry).map_err(Error::PassedOver)?;
    }
    let configured = config.settings.heartbeats.clone().filter(|_| is_configured);
    let heartbeats = overrides.heartbeats.clone().or(configured).map(|path| absolute(path, env)).transpose()?;
    // Without a home folder no state is stored, but everything can be read.
    let state = env.state.clone().unwrap_or_default();
    Ok(Places {
        are_heartbeats_named: heartbeats.is_some(),
        heartbeats: heartbeats.unwrap_or_else(|| registry.with_file_name("heartbeats")),
        memory: if state.as_os_str().is_empty() { PathBuf::new() } else { memory_of(&state, &registry) },
        records: config_folders::records(env.claude.as_deref(), &state),
        home: env.home.clone(),
        routing: RegistryRouting { of_all, of_others, trust },
        state,
        registry,
        tree,
    })
}

/// The nearest registry, in a folder or above it.
#[must_use]
pub fn nearest(folder: &Path, config: &Config, env: &Environment) -> Option<Found> {
    search::search(folder, &Trust::new(config, env), Patience::Torn).found
}

/// Makes a path absolute, relative to the current folder.
pub(crate) fn absolute(path: PathBuf, env: &Environment) -> Result<PathBuf, Error> {
    match &env.folder {
        _ if path.is_absolute() => Ok(path),
        Some(folder) => Ok(folder.join(path)),
        None if env.is_folder_gone => Err(Error::FolderGone),
        None => Ok(path),
    }
}

/// The folder of a registry's state: the registry's real path below `registries/`. Such a path is unique, and the user
/// can find it.
pub(crate) fn memory_of(state: &Path, registry: &Path) -> PathBuf {
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
            std::path::Component::Normal(name) => memory.push(name),
            std::path::Component::Prefix(prefix) => {
                memory.push(prefix.as_os_str().to_string_lossy().replace([':', '\\', '?'], ""));
            }
            _ => {}
        }
    }
    memory
}

#[cfg(test)]
#[path = "paths_tests.rs"]
mod tests;
