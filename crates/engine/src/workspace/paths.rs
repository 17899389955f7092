//! Paths: the registry, the heartbeats, Headcount's own folders.
//!
//! Guarantees: searches for the registry in the order of design §4. The environment is read once, at the start, into
//! values. Creates nothing. The paths of programs are in `executables`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

use headcount_core::autostart;

use headcount_core::Timeout;

pub use crate::workspace::search::{Found, PassedOver, Reason, Search};
pub use crate::workspace::worktree::Linked;

use crate::Error;
use crate::claude::config_folders;
use crate::files::file::{real_or_same, real_path};
use crate::workspace::config::Config;
use crate::workspace::search::{self, Patience};
use crate::workspace::trust::Trust;

/// The registry's name in a coordination folder.
pub const REGISTRY: &str = "claude_sessions.json";

/// The parts of the environment that Headcount uses.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The current folder.
    pub folder: Option<PathBuf>,
    /// Whether the current folder is unavailable: it was deleted, or may not be read.
    pub is_folder_gone: bool,
    /// `$HEADCOUNT_REGISTRY`.
    pub registry: Option<OsString>,
    /// Whether this process is a hook. A project's settings can set a hook's environment, so a registry in it counts as
    /// found, not as named.
    pub is_hook: bool,
    /// `$SUDO_UID`: the user who ran this process with `sudo`.
    pub sudo_user: Option<u32>,
    /// The folder of Headcount's configuration.
    pub config: Option<PathBuf>,
    /// The folder of Headcount's data: the default registry.
    pub data: Option<PathBuf>,
    /// The folder of Headcount's state: journals, the snooze.
    pub state: Option<PathBuf>,
    /// Claude Code's own folder: `$CLAUDE_CONFIG_DIR`, else `.claude` in the home folder.
    pub claude: Option<PathBuf>,
    /// The file that tells the desktop to start the app at login.
    pub login: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The folder of the settings by which an organisation manages Claude Code on this machine.
    pub managed: Option<PathBuf>,
    /// The folders of `$PATH`, without those of an `AppImage`, which are gone when it ends.
    pub programs: Vec<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let folders = ProjectDirs::from("", "", "headcount");
        let folders = folders.as_ref();
        let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
        let claude = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
        let claude = claude.map(|claude| without_tilde(claude, home.as_deref()));
        let folder = std::env::current_dir();
        Self {
            is_folder_gone: folder.is_err(),
            folder: folder.ok(),
            registry: std::env::var_os("HEADCOUNT_REGISTRY").filter(|value| !value.is_empty()),
            is_hook: false,
            sudo_user: std::env::var("SUDO_UID").ok().and_then(|user| user.parse().ok()),
            config: folders.map(|folders| folders.config_dir().to_owned()),
            data: folders.map(|folders| folders.data_dir().to_owned()),
            state: folders.map(|folders| folders.state_dir().unwrap_or(folders.data_local_dir()).to_owned()),
            claude: claude.or_else(|| home.as_ref().map(|home| home.join(".claude"))),
            login: BaseDirs::new().and_then(|folders| login_entry(&folders)),
            programs: program_folders(),
            managed: Some(managed_folder()),
            home,
        }
    }

    /// The environment of a hook.
    #[must_use]
    pub fn of_hook() -> Self {
        Self { is_hook: true, ..Self::of_process() }
    }

    /// Those of a process that the desktop starts at login: in the home folder, and nothing said in the environment.
    #[must_use]
    pub fn at_login() -> Self {
        let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
        Self { is_folder_gone: false, folder: home, registry: None, ..Self::of_process() }
    }

    /// The path of the configuration file.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|folder| folder.join("config.toml"))
    }
}

/// Replaces a leading tilde, which no shell has expanded, by the home folder.
fn without_tilde(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// The folder in which Claude Code looks for an organisation's settings.
fn managed_folder() -> PathBuf {
    if cfg!(windows) {
        let programs = std::env::var_os("ProgramFiles").unwrap_or_else(|| "C:\\Program Files".into());
        return PathBuf::from(programs).join("ClaudeCode");
    }
    let path = if cfg!(target_os = "macos") { "/Library/Application Support/ClaudeCode" } else { "/etc/claude-code" };
    PathBuf::from(path)
}

fn program_folders() -> Vec<PathBuf> {
    let mount = std::env::var_os("APPDIR").filter(|mount| !mount.is_empty()).map(PathBuf::from);
    let stays =
        |folder: &PathBuf| folder.is_absolute() && !mount.as_ref().is_some_and(|mount| folder.starts_with(mount));
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(stays).collect()
}

fn login_entry(folders: &BaseDirs) -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some(folders.home_dir().join("Library/LaunchAgents").join(format!("{}.plist", autostart::NAME)));
    }
    Some(folders.config_dir().join("autostart").join(format!("{}.desktop", autostart::NAME)))
}

/// The environment that Claude Code sets for a hook.
#[derive(Clone, Debug, Default)]
pub struct HookEnv {
    /// `$CLAUDE_PID`: the pid of the session.
    pub pid: Option<u32>,
    /// `$CLAUDE_CODE_ENTRYPOINT`: the way in which it was started.
    pub entrypoint: Option<String>,
    /// `$CLAUDE_PROJECT_DIR`: the folder in which it was started.
    pub project: Option<PathBuf>,
    /// `$CLAUDE_CODE_SESSION_ID`: Claude's id of the session.
    pub session_id: Option<String>,
    /// The file name of `$CLAUDE_JOB_DIR`: the background job of the session.
    pub job: Option<String>,
}

impl HookEnv {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            pid: text("CLAUDE_PID").and_then(|pid| pid.parse().ok()).filter(|pid| *pid > 0),
            entrypoint: text("CLAUDE_CODE_ENTRYPOINT"),
            project: path("CLAUDE_PROJECT_DIR"),
            session_id: text("CLAUDE_CODE_SESSION_ID"),
            job: path("CLAUDE_JOB_DIR").and_then(|path| Some(path.file_name()?.to_str()?.to_owned())),
        }
    }
}

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
