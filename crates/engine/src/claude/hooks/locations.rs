//! Where hooks can be: the files of the user, a project and an organisation, and the plugin's folder.
//!
//! Guarantees: paths only, except for an organisation's settings, which say themselves which of them apply.

use std::path::{Path, PathBuf};

use headcount_core::claude::hook_settings::hook_status::HooksPlace;

use crate::Error;
use crate::claude::hooks::{HookState, read};
use crate::executables::is_program;
use crate::workspace::environment::Environment;
use crate::workspace::state_folder;

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
    pub fn file(&self, place: HooksPlace) -> PathBuf {
        match place {
            HooksPlace::User => self.claude.join(SETTINGS),
            HooksPlace::Project => self.project.join(SETTINGS),
            HooksPlace::Local => self.project.join(LOCAL),
            HooksPlace::Plugin => self.plugin().join(PLUGIN_HOOKS),
            HooksPlace::Managed => self.managed.clone().unwrap_or_default().join(MANAGED),
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
    pub fn places(&self) -> impl Iterator<Item = HooksPlace> {
        let is_home = self.project == self.claude;
        [HooksPlace::Project, HooksPlace::User, HooksPlace::Plugin]
            .into_iter()
            .filter(move |place| !is_home || *place != HooksPlace::Project)
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
    pub(super) fn managed(&self) -> Result<Vec<HookState>, Error> {
        let remote = self.claude.join(REMOTE);
        let mut files = Vec::new();
        if let Some(settings) = read(&remote)?.filter(|settings| !settings.is_empty()) {
            let is_merged = settings.word("managedSourcesBehavior").as_deref() == Some("merge");
            files.push(HookState::new(HooksPlace::Managed, remote, &settings));
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
                files.push(HookState::new(HooksPlace::Managed, path, &settings));
            }
        }
        Ok(files)
    }
}

/// The project of a folder: the nearest git repository around it, else the folder itself.
fn project(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder)
}
