//! Where things are: the registry, the beats, Headcount's own folders.
//!
//! Promises: the order of design §4 for finding the registry; the environment is read into values, at the start, once.
//! Creates nothing. Which file a program is started by is in `programs`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

use headcount_core::autostart;

use headcount_core::Timeout;

pub use crate::workspace::search::{Found, PassedOver, Reason, Search};
pub use crate::workspace::worktree::Linked;

use crate::Error;
use crate::claude::config_folders;
use crate::workspace::config::Config;
use crate::workspace::search::{self, Patience};
use crate::workspace::trust::Trust;

/// The registry's name in a coordination folder.
pub const REGISTRY: &str = "claude_sessions.json";

/// What of the environment matters.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The current folder.
    pub folder: Option<PathBuf>,
    /// There is a current folder, and it cannot be known: it was deleted, or may not be looked at.
    pub is_folder_gone: bool,
    /// `$HEADCOUNT_REGISTRY`.
    pub registry: Option<OsString>,
    /// This process is a hook, whose environment a project's settings can set: what it names counts as found.
    pub is_hook: bool,
    /// `$SUDO_UID`: the user who ran this process by `sudo`.
    pub sudo_user: Option<u32>,
    /// Headcount's configuration.
    pub config: Option<PathBuf>,
    /// Headcount's own data: the default registry.
    pub data: Option<PathBuf>,
    /// What Headcount remembers: journals, snooze.
    pub state: Option<PathBuf>,
    /// Claude Code's own folder: `$CLAUDE_CONFIG_DIR`, else `.claude` in the home folder.
    pub claude: Option<PathBuf>,
    /// The file that tells the desktop to start the app at login.
    pub login: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The folder of the settings that an organisation gives Claude Code on this machine.
    pub managed: Option<PathBuf>,
    /// The folders where programs are looked for: `$PATH`, without those of an `AppImage`, which are gone when it ends.
    pub programs: Vec<PathBuf>,
}

impl Environment {
    /// Those of this process.
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
            login: BaseDirs::new().and_then(|folders| entry_of_login(&folders)),
            programs: folders_of_programs(),
            managed: Some(managed_folder()),
            home,
        }
    }

    /// Those of a hook.
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

    /// The configuration file.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|folder| folder.join("config.toml"))
    }
}

/// A path whose leading tilde no shell expanded: it stands for the home folder.
fn without_tilde(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// Where Claude Code looks for the settings of an organisation.
fn managed_folder() -> PathBuf {
    if cfg!(windows) {
        let programs = std::env::var_os("ProgramFiles").unwrap_or_else(|| "C:\\Program Files".into());
        return PathBuf::from(programs).join("ClaudeCode");
    }
    let path = if cfg!(target_os = "macos") { "/Library/Application Support/ClaudeCode" } else { "/etc/claude-code" };
    PathBuf::from(path)
}

fn folders_of_programs() -> Vec<PathBuf> {
    let mount = std::env::var_os("APPDIR").filter(|mount| !mount.is_empty()).map(PathBuf::from);
    let stays =
        |folder: &PathBuf| folder.is_absolute() && !mount.as_ref().is_some_and(|mount| folder.starts_with(mount));
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(stays).collect()
}

fn entry_of_login(folders: &BaseDirs) -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some(folders.home_dir().join("Library/LaunchAgents").join(format!("{}.plist", autostart::NAME)));
    }
    Some(folders.config_dir().join("autostart").join(format!("{}.desktop", autostart::NAME)))
}

/// What Claude Code says to a hook in its environment.
#[derive(Clone, Debug, Default)]
pub struct HookEnv {
    /// `$CLAUDE_PID`: the process of the session.
    pub pid: Option<u32>,
    /// `$CLAUDE_CODE_ENTRYPOINT`: how it was started.
    pub entrypoint: Option<String>,
    /// `$CLAUDE_PROJECT_DIR`: the folder it was started in.
    pub project: Option<PathBuf>,
    /// `$CLAUDE_CODE_SESSION_ID`: Claude's id of the session.
    pub session_id: Option<String>,
    /// The name of `$CLAUDE_JOB_DIR`: the background job it runs as.
    pub job: Option<String>,
}

impl HookEnv {
    /// That of this process.
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

/// What a person said on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CliOverrides {
    /// `--registry`.
    pub registry: Option<PathBuf>,
    /// The folder in which `registry` was found, and which must not be left; `None` where a person named it.
    pub tree: Option<PathBuf>,
    /// `--heartbeats`.
    pub heartbeats: Option<PathBuf>,
    /// `--timeout-minutes`.
    pub timeout: Option<Timeout>,
}

/// Where a session belongs that works in some folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryRouting {
    /// The registry of every session, wherever it works: `$HEADCOUNT_REGISTRY`.
    pub of_all: Option<PathBuf>,
    /// The registry of sessions that have none near: the configured one, else the user's own.
    pub of_others: Option<PathBuf>,
    /// Which registries near a session are used.
    pub trust: Trust,
}

impl RegistryRouting {
    /// The registry of sessions in a folder.
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
    /// The folder in which the registry was found: nothing is written through a link below it. `None` where it was named.
    pub tree: Option<PathBuf>,
    /// The heartbeats folder, which need not exist.
    pub heartbeats: PathBuf,
    /// The heartbeats folder was named, so it is used as it is, links included.
    pub are_heartbeats_named: bool,
    /// What Headcount remembers of this registry. Empty without a home folder: then nothing is remembered.
    pub memory: PathBuf,
    /// What Headcount remembers beside it. Empty without a home folder.
    pub state: PathBuf,
    /// The folders of Claude Code's records of running sessions, this environment's own first. A look at all sessions finds
    /// those of other running processes, too.
    pub records: Vec<PathBuf>,
    /// The home folder of the sessions whose processes are searched for more folders of records; `None`: none are searched.
    pub home: Option<PathBuf>,
    /// Which sessions belong here.
    pub catchment: RegistryRouting,
}

impl Places {
    /// The folder that nothing of the heartbeats may leave by a link: that in which the registry beside them was found.
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
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.catchment.registry_of(folder).is_some_and(|found| real(&found) == real(&self.registry))
    }
}

/// Finds the workspace: what was said, else `$HEADCOUNT_REGISTRY`, else the nearest registry in this folder or one above
/// it, else the configured one, else the user's own.
pub fn find(overrides: &CliOverrides, config: &Config, env: &Environment) -> Result<Places, Error> {
    places(choose(overrides, config, env)?.found, overrides, config, env)
}

/// Chooses the registry that follows from how a process was started: what was said, else `$HEADCOUNT_REGISTRY`, else the
/// nearest. In a hook the variable counts as found: a project's settings can set it.
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

/// The places of a registry that was in use before: the configured one and the user's own are used as they are, others are
/// checked again.
pub(crate) fn remembered(registry: &Path, config: &Config, env: &Environment) -> Result<Places, Error> {
    if of_others(config, env).as_deref() == Some(registry) {
        return places(None, &CliOverrides::default(), config, env);
    }
    let found = search::judge_named(registry, &Trust::new(config, env)).map_err(Error::PassedOver)?;
    places(Some(found), &CliOverrides::default(), config, env)
}

/// The registry where none is named or found: the configured one, else the user's own.
fn of_others(config: &Config, env: &Environment) -> Option<PathBuf> {
    let own = || env.data.as_ref().map(|data| data.join(REGISTRY));
    config.settings.registry.clone().or_else(own)
}

/// The places of a registry that was chosen, or of the configured one, else of the user's own.
pub(crate) fn places(
    chosen: Option<Found>,
    overrides: &CliOverrides,
    config: &Config,
    env: &Environment,
) -> Result<Places, Error> {
    let trust = Trust::new(config, env);
    let of_others = of_others(config, env);
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
    // A project's settings can lead a hook to another configuration, too.
    if env.is_hook && tree.is_none() {
        search::must_look_like_one(&registry).map_err(Error::PassedOver)?;
    }
    let configured = config.settings.heartbeats.clone().filter(|_| is_configured);
    let heartbeats = overrides.heartbeats.clone().or(configured).map(|path| absolute(path, env)).transpose()?;
    // Without a home folder nothing can be remembered, and everything can still be looked at.
    let state = env.state.clone().unwrap_or_default();
    Ok(Places {
        are_heartbeats_named: heartbeats.is_some(),
        heartbeats: heartbeats.unwrap_or_else(|| registry.with_file_name("heartbeats")),
        memory: if state.as_os_str().is_empty() { PathBuf::new() } else { memory_of(&state, &registry) },
        records: config_folders::records(env.claude.as_deref(), &state),
        home: env.home.clone(),
        catchment: RegistryRouting { of_all, of_others, trust },
        state,
        registry,
        tree,
    })
}

/// The registry nearest to a folder, in it or above it.
#[must_use]
pub fn nearest(folder: &Path, config: &Config, env: &Environment) -> Option<Found> {
    search::search(folder, &Trust::new(config, env), Patience::Torn).found
}

/// A path that may be relative to the current folder.
pub(crate) fn absolute(path: PathBuf, env: &Environment) -> Result<PathBuf, Error> {
    match &env.folder {
        _ if path.is_absolute() => Ok(path),
        Some(folder) => Ok(folder.join(path)),
        None if env.is_folder_gone => Err(Error::FolderGone),
        None => Ok(path),
    }
}

/// The folder of what is remembered of a registry: its real path, below `registries/`. A path is its own best name: it
/// cannot collide, and a person finds it.
pub(crate) fn memory_of(state: &Path, registry: &Path) -> PathBuf {
    let real = std::fs::canonicalize(registry).unwrap_or_else(|_| {
        let folder = registry.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
        folder.map_or_else(|| registry.to_owned(), |folder| folder.join(registry.file_name().unwrap_or_default()))
    });
    beneath(&state.join("registries"), &real)
}

/// A path of its own below a folder for every absolute path.
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
