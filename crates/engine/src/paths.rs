//! Where things are: the registry, the beats, Headcount's own folders.
//!
//! Promises: the order of design §4 for finding the registry; the environment is read into values, at the start, once.
//! Creates nothing. Which file a program is started by is in `programs`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

use headcount_core::login;

use headcount_core::Timeout;

use crate::Error;
use crate::config::Config;

/// The registry's name in a coordination folder.
pub const REGISTRY: &str = "claude_sessions.json";

/// Where a workspace keeps its registry, nearest first.
const NEAR: [&str; 3] = ["docs/coordination", "coordination", ""];

/// What of the environment matters.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The current folder.
    pub folder: Option<PathBuf>,
    /// `$HEADCOUNT_REGISTRY`.
    pub registry: Option<OsString>,
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
    /// The folders where programs are looked for: `$PATH`, without those of an `AppImage`, which are gone when it ends.
    pub programs: Vec<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let folders = ProjectDirs::from("", "", "headcount");
        let folders = folders.as_ref();
        let claude = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            folder: std::env::current_dir().ok(),
            registry: std::env::var_os("HEADCOUNT_REGISTRY").filter(|value| !value.is_empty()),
            config: folders.map(|folders| folders.config_dir().to_owned()),
            data: folders.map(|folders| folders.data_dir().to_owned()),
            state: folders.map(|folders| folders.state_dir().unwrap_or(folders.data_local_dir()).to_owned()),
            claude: claude.or_else(|| BaseDirs::new().map(|folders| folders.home_dir().join(".claude"))),
            login: BaseDirs::new().and_then(|folders| entry_of_login(&folders)),
            programs: folders_of_programs(),
        }
    }

    /// Those of a process that the desktop starts at login: in the home folder, and nothing said in the environment.
    #[must_use]
    pub fn at_login() -> Self {
        let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
        Self { folder: home, registry: None, ..Self::of_process() }
    }

    /// The configuration file.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|folder| folder.join("config.toml"))
    }
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
        return Some(folders.home_dir().join("Library/LaunchAgents").join(format!("{}.plist", login::NAME)));
    }
    Some(folders.config_dir().join("autostart").join(format!("{}.desktop", login::NAME)))
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
            job: path("CLAUDE_JOB_DIR").and_then(|path| Some(path.file_name()?.to_str()?.to_owned())),
        }
    }
}

/// What a person said on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// `--registry`.
    pub registry: Option<PathBuf>,
    /// `--heartbeats`.
    pub heartbeats: Option<PathBuf>,
    /// `--timeout-minutes`.
    pub timeout: Option<Timeout>,
}

/// Where a session belongs that works in some folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catchment {
    /// The registry of every session, wherever it works: `$HEADCOUNT_REGISTRY`.
    pub of_all: Option<PathBuf>,
    /// The registry of sessions that have none near: the configured one, else the user's own.
    pub of_others: Option<PathBuf>,
}

impl Catchment {
    fn of(config: &Config, around: &Surroundings) -> Self {
        let own = || around.data.as_ref().map(|data| data.join(REGISTRY));
        let of_all = around.registry.clone().map(PathBuf::from);
        Self { of_all, of_others: config.settings.registry.clone().or_else(own) }
    }

    /// The registry of sessions in a folder.
    #[must_use]
    pub fn registry_of(&self, folder: Option<&Path>) -> Option<PathBuf> {
        self.of_all.clone().or_else(|| folder.and_then(nearest)).or_else(|| self.of_others.clone())
    }
}

/// The paths of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The registry, which need not exist.
    pub registry: PathBuf,
    /// The heartbeats folder, which need not exist.
    pub heartbeats: PathBuf,
    /// What Headcount remembers of this registry.
    pub memory: PathBuf,
    /// What Headcount remembers beside it.
    pub state: PathBuf,
    /// Claude Code's records of running sessions, where it has a folder.
    pub records: Option<PathBuf>,
    /// Which sessions belong here.
    pub catchment: Catchment,
}

impl Places {
    /// Whether a session that works in `folder` belongs to this registry.
    #[must_use]
    pub fn are_of(&self, folder: Option<&Path>) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.catchment.registry_of(folder).is_some_and(|found| real(&found) == real(&self.registry))
    }
}

/// Finds the workspace: what was said, else `$HEADCOUNT_REGISTRY`, else the nearest registry in this folder or one above
/// it, else the configured one, else the user's own.
pub fn find(said: &Said, config: &Config, around: &Surroundings) -> Result<Places, Error> {
    let catchment = Catchment::of(config, around);
    let named = given(said, around);
    let is_configured = |registry: &PathBuf| named.is_none() || config.settings.registry.as_ref() == Some(registry);
    let found = named.clone().or_else(|| catchment.of_others.clone());
    let registry = absolute(found.ok_or(Error::Homeless { what: "registry" })?, around);
    let configured = config.settings.heartbeats.clone().filter(|_| is_configured(&registry));
    let heartbeats = said.heartbeats.clone().or(configured).map(|path| absolute(path, around));
    let state = around.state.clone().ok_or(Error::Homeless { what: "journal" })?;
    Ok(Places {
        heartbeats: heartbeats.unwrap_or_else(|| registry.with_file_name("heartbeats")),
        memory: memory(&state, &registry),
        records: around.claude.as_ref().map(|folder| folder.join("sessions")),
        catchment,
        state,
        registry,
    })
}

/// The registry that follows from how a process was started: what was said, else `$HEADCOUNT_REGISTRY`, else the nearest.
pub(crate) fn given(said: &Said, around: &Surroundings) -> Option<PathBuf> {
    let named = said.registry.clone().or_else(|| around.registry.clone().map(PathBuf::from));
    named.or_else(|| around.folder.as_deref().and_then(nearest)).map(|path| absolute(path, around))
}

/// The registry nearest to a folder, in it or above it.
#[must_use]
pub fn nearest(folder: &Path) -> Option<PathBuf> {
    let candidates = |folder: &Path| NEAR.map(|near| folder.join(near).join(REGISTRY));
    folder.ancestors().flat_map(candidates).find(|path| path.is_file())
}

pub(crate) fn absolute(path: PathBuf, around: &Surroundings) -> PathBuf {
    match &around.folder {
        Some(folder) if path.is_relative() => folder.join(path),
        _ => path,
    }
}

/// The folder of what is remembered of a registry: its real path, below `registries/`. A path is its own best name: it
/// cannot collide, and a person finds it.
fn memory(state: &Path, registry: &Path) -> PathBuf {
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
mod tests {
    use super::*;

    fn touch(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "{}").unwrap();
    }

    #[test]
    fn the_order_of_finding() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let deep = root.join("ws/src/deep");
        std::fs::create_dir_all(&deep).unwrap();
        let mut around = Surroundings {
            folder: Some(deep.clone()),
            registry: None,
            config: None,
            data: Some(root.join("data")),
            state: Some(root.join("state")),
            claude: None,
            login: None,
            programs: Vec::new(),
        };
        let mut config = Config::default();
        let mut said = Said::default();
        let found = |said: &Said, config: &Config, around: &Surroundings| find(said, config, around).unwrap().registry;

        assert_eq!(found(&said, &config, &around), root.join("data").join(REGISTRY));
        config.settings.registry = Some(root.join("configured.json"));
        assert_eq!(found(&said, &config, &around), root.join("configured.json"));
        touch(&root.join("ws").join(REGISTRY));
        assert_eq!(found(&said, &config, &around), root.join("ws").join(REGISTRY));
        touch(&root.join("ws/coordination").join(REGISTRY));
        assert_eq!(found(&said, &config, &around), root.join("ws/coordination").join(REGISTRY));
        touch(&root.join("ws/docs/coordination").join(REGISTRY));
        assert_eq!(found(&said, &config, &around), root.join("ws/docs/coordination").join(REGISTRY));
        around.registry = Some("relative.json".into());
        assert_eq!(found(&said, &config, &around), deep.join("relative.json"));
        said.registry = Some("/said.json".into());
        assert_eq!(found(&said, &config, &around), Path::new("/said.json"));
    }

    #[test]
    fn whose_session_it_is() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        let near = root.join("ws/coordination").join(REGISTRY);
        touch(&near);
        let around =
            Surroundings { data: Some(root.join("data")), state: Some(root.join("s")), ..Surroundings::default() };
        let places = |registry: &Path, around: &Surroundings| {
            let said = Said { registry: Some(registry.into()), ..Said::default() };
            find(&said, &Config::default(), around).unwrap()
        };
        let (of_near, of_rest) = (places(&near, &around), places(&root.join("data").join(REGISTRY), &around));
        let (inside, elsewhere) = (root.join("ws/src"), root.join("x"));
        assert!(of_near.are_of(Some(&inside)) && !of_near.are_of(Some(&elsewhere)) && !of_near.are_of(None));
        assert!(!of_rest.are_of(Some(&inside)) && of_rest.are_of(Some(&elsewhere)) && of_rest.are_of(None));
        let around = Surroundings { registry: Some(near.clone().into()), ..around };
        assert!(places(&near, &around).are_of(Some(&elsewhere)) && places(&near, &around).are_of(None));
    }

    #[test]
    fn beats_are_beside_the_registry_unless_said() {
        let around =
            Surroundings { folder: Some("/cwd".into()), state: Some("/state".into()), ..Surroundings::default() };
        let said = Said { registry: Some("/ws/r.json".into()), ..Said::default() };
        let places = find(&said, &Config::default(), &around).unwrap();
        assert_eq!(places.heartbeats, Path::new("/ws/heartbeats"));
        assert_eq!(places.memory, Path::new("/state/registries/ws/r.json"));
        let said = Said { heartbeats: Some("b".into()), ..said };
        assert_eq!(find(&said, &Config::default(), &around).unwrap().heartbeats, Path::new("/cwd/b"));
    }

    #[test]
    fn no_home_is_said_so() {
        let error = find(&Said::default(), &Config::default(), &Surroundings::default()).unwrap_err();
        assert!(error.to_string().contains("HOME"), "{error}");
    }
}
