//! Headcount's hooks in Claude Code's settings: those of the user, of a project, of an organisation, or in a plugin's
//! folder.
//!
//! Guarantees: reports for each place whether it contains hooks, whether their program exists, and whether Claude Code
//! runs them. Reading changes nothing. `ops` installs hooks. Does not know what a hook does.

pub mod change;
mod diagnosis;

use std::path::{Path, PathBuf};

pub use diagnosis::{examine, hooks, judge};
pub use headcount_core::claude::hook_settings::hook_status::Place;
use headcount_core::claude::hook_settings::levels::Switches;
use headcount_core::claude::hook_settings::{self, Hook, HookKind, HookOptions, Settings};

use crate::Error;
use crate::executables::is_program;
use crate::files::file;
use crate::workspace::environment::Environment;
use crate::workspace::state_folder;

/// Maximum size of settings in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The settings in Claude Code's folder, the user's or a project's.
const SETTINGS: &str = "settings.json";

/// The plugin's folder in Claude Code's folder; in it, the plugin's description and its hooks.
const PLUGIN: &str = "skills/headcount";
pub(crate) const DESCRIPTION: &str = ".claude-plugin/plugin.json";
const PLUGIN_HOOKS: &str = "hooks/hooks.json";

/// A project's settings that are not shared.
const LOCAL: &str = "settings.local.json";

/// An organisation's settings: those that Claude Code has fetched, in its folder; those of this machine, and additions.
const REMOTE: &str = "remote-settings.json";
const MANAGED: &str = "managed-settings.json";
const MANAGED_ADDITIONS: &str = "managed-settings.d";

/// The folders that can contain hooks.
#[derive(Clone, Debug)]
pub struct HookLocations {
    claude: PathBuf,
    project: PathBuf,
    state: PathBuf,
    managed: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl HookLocations {
    /// The locations for a process with this environment.
    ///
    /// # Errors
    ///
    /// [`Error::Homeless`] without a home folder.
    pub fn in_environment(env: &Environment) -> Result<Self, Error> {
        let folder = env.folder.clone().unwrap_or_default();
        Ok(Self {
            claude: env.claude.clone().ok_or(Error::Homeless { what: "hooks" })?,
            project: project(&folder).join(".claude"),
            state: env.state.clone().ok_or(Error::Homeless { what: "copies" })?,
            managed: env.managed.clone(),
            home: env.home.clone(),
        })
    }

    /// The file of a place that contains hooks. For an organisation, that of this machine.
    #[must_use]
    pub fn file(&self, place: Place) -> PathBuf {
        match place {
            Place::User => self.claude.join(SETTINGS),
            Place::Project => self.project.join(SETTINGS),
            Place::Local => self.project.join(LOCAL),
            Place::Plugin => self.plugin().join(PLUGIN_HOOKS),
            Place::Managed => self.managed.clone().unwrap_or_default().join(MANAGED),
        }
    }

    /// The plugin's folder.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.claude.join(PLUGIN)
    }

    /// The folder of the texts that are kept of a changed file.
    #[must_use]
    pub fn memory(&self, file: &Path) -> PathBuf {
        state_folder::beneath(&self.state.join("hooks"), file)
    }

    /// The places that Headcount changes. If the project is the home folder, its settings are the user's.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let is_home = self.project == self.claude;
        [Place::Project, Place::User, Place::Plugin]
            .into_iter()
            .filter(move |place| !is_home || *place != Place::Project)
    }

    /// Whether a hook's program exists and is executable. Also true if that is unknown: for a program without a path,
    /// and for a path with variables other than the home folder.
    #[must_use]
    pub fn is_there(&self, program: &str) -> bool {
        let in_home = ["~/", "$HOME/"].iter().find_map(|home| program.strip_prefix(home));
        let path = match in_home {
            Some(rest) => self.home.as_ref().map(|home| home.join(rest)),
            None if program.starts_with('~') || program.contains('$') => None,
            None => Some(PathBuf::from(program)),
        };
        path.is_none_or(|path| path.components().count() == 1 || is_program(&path))
    }

    /// The files of an organisation's settings that apply, highest precedence first.
    ///
    /// Claude Code uses one source: the fetched settings unless they are empty, else the files of this machine, in
    /// which a later addition overrides earlier ones. With `managedSourcesBehavior` it uses both.
    fn managed(&self) -> Result<Vec<HookState>, Error> {
        let remote = self.claude.join(REMOTE);
        let mut files = Vec::new();
        if let Some(settings) = read(&remote)?.filter(|settings| !settings.is_empty()) {
            let is_merged = settings.word("managedSourcesBehavior").as_deref() == Some("merge");
            files.push(HookState::new(Place::Managed, remote, &settings));
            if !is_merged {
                return Ok(files);
            }
        }
        let Some(folder) = &self.managed else { return Ok(files) };
        let entries = std::fs::read_dir(folder.join(MANAGED_ADDITIONS)).into_iter().flatten().flatten();
        let is_addition = |path: &PathBuf| {
            let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            !is_hidden && path.extension().is_some_and(|extension| extension == "json")
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_addition).collect();
        paths.sort();
        paths.insert(0, folder.join(MANAGED));
        for path in paths.into_iter().rev() {
            if let Some(settings) = read(&path)? {
                files.push(HookState::new(Place::Managed, path, &settings));
            }
        }
        Ok(files)
    }
}

/// The project of a folder: the nearest git repository around it, else the folder itself.
fn project(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder)
}

/// The hooks in a settings file.
#[derive(Clone, Debug)]
pub struct HookState {
    /// The place.
    pub place: Place,
    /// The file.
    pub path: PathBuf,
    /// The hooks in it that mention Headcount.
    pub hooks: Vec<Hook>,
    /// `disableAllHooks`.
    are_hooks_off: Option<bool>,
    /// `allowManagedHooksOnly`.
    is_managed_only: Option<bool>,
}

impl HookState {
    fn new(place: Place, path: PathBuf, settings: &Settings) -> Self {
        let (are_hooks_off, is_managed_only) =
            (settings.switch("disableAllHooks"), settings.switch("allowManagedHooksOnly"));
        Self { place, path, hooks: settings.mentions(), are_hooks_off, is_managed_only }
    }

    /// The hooks that run Headcount.
    pub fn runs(&self) -> impl Iterator<Item = &Hook> {
        self.hooks.iter().filter(|hook| hook.is_run())
    }

    /// Headcount's own hooks, which installing and uninstalling change.
    pub fn own(&self) -> impl Iterator<Item = &Hook> {
        self.hooks.iter().filter(|hook| hook.kind == HookKind::Own)
    }

    /// The hooks with a program that does not exist or cannot be started.
    pub fn missing<'s>(&'s self, locations: &'s HookLocations) -> impl Iterator<Item = &'s Hook> {
        self.runs().filter(|hook| !locations.is_there(&hook.program))
    }

    /// The events without a hook here.
    fn without_hook(&self) -> impl Iterator<Item = &'static str> {
        hook_settings::events().filter(|event| !self.runs().any(|hook| hook.event == *event))
    }

    fn switches(&self) -> Switches {
        Switches {
            place: self.place,
            path: self.path.display().to_string(),
            are_hooks_off: self.are_hooks_off,
            is_managed_only: self.is_managed_only,
        }
    }
}

/// Reads the hooks of a place.
///
/// # Errors
///
/// If its file exists and cannot be read or parsed.
pub fn look(locations: &HookLocations, place: Place) -> Result<HookState, Error> {
    let path = locations.file(place);
    let settings = read(&path)?.unwrap_or_else(Settings::absent);
    Ok(HookState::new(place, path, &settings))
}

/// Reads every settings file, in the order of precedence. The plugin, which has no settings, is last.
///
/// # Errors
///
/// As [`look`].
pub fn survey(locations: &HookLocations) -> Result<Vec<HookState>, Error> {
    let mut states = locations.managed()?;
    states.push(look(locations, Place::Local)?);
    for place in locations.places() {
        states.push(look(locations, place)?);
    }
    Ok(states)
}

/// The events of which hooks also run from another place, for the same sessions as those of `place`.
pub(crate) fn events_elsewhere(locations: &HookLocations, place: Place) -> Result<Vec<String>, Error> {
    let (other, mut found) = match place {
        Place::User => (Place::Plugin, locations.managed().unwrap_or_default()),
        Place::Plugin => (Place::User, locations.managed().unwrap_or_default()),
        _ => return Ok(Vec::new()),
    };
    // Headcount's own hooks there are ignored, because installing moves them.
    let mut state = look(locations, other)?;
    state.hooks.retain(|hook| hook.kind == HookKind::Custom);
    found.push(state);
    Ok(found.iter().flat_map(HookState::runs).map(|hook| hook.event.clone()).collect())
}

/// Reads settings; `None` if there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Settings>, Error> {
    let bytes = match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => contents.bytes,
        Ok(Some(_)) => return Err(Error::TooLarge { path: path.to_owned(), limit: LIMIT }),
        Ok(None) => return Err(Error::NotAFile { path: path.to_owned() }),
        // A dangling link is not a missing file, because a write would not create the link's target.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(source) => return Err(Error::io("read", path, source)),
    };
    let settings = Settings::read(bytes);
    settings.map(Some).map_err(|reason| Error::Settings { path: path.to_owned(), reason })
}

/// The text of the plugin's description.
pub(crate) fn description() -> String {
    let text = "{\n  \"name\": \"headcount\",\n  \"version\": \"VERSION\",\n  \"description\": \"Tells Headcount which sessions are running\"\n}\n";
    text.replace("VERSION", env!("CARGO_PKG_VERSION"))
}

/// The text of settings with hooks added.
pub(crate) fn with(settings: &Settings, options: &HookOptions<'_>, path: &Path) -> Result<String, Error> {
    settings.with(options).map_err(|reason| Error::Settings { path: path.to_owned(), reason })
}
