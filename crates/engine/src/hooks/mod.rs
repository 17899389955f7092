//! Headcount's hooks where Claude Code looks for them: in a person's settings, in a project's, or in a plugin's folder.
//!
//! Promises: says of each place whether hooks are there and whether their program still is; looking changes nothing. What
//! installs them is in `ops`. Does not know what a hook does.

pub mod change;

use std::path::{Path, PathBuf};

pub use headcount_core::claude_settings::standing::Place;
use headcount_core::claude_settings::standing::{Hooks, HooksIn, Oddity};
use headcount_core::claude_settings::{self, Hook, Settings, Wish};

use crate::doctor::{Finding, Health};
use crate::paths::{self, Surroundings};
use crate::{Error, file};

/// No settings are this large.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Settings in Claude Code's folder, a person's or a project's.
const SETTINGS: &str = "settings.json";

/// The plugin's folder in Claude Code's, its description and its hooks.
const PLUGIN: &str = "skills/headcount";
pub(crate) const DESCRIPTION: &str = ".claude-plugin/plugin.json";
const PLUGIN_HOOKS: &str = "hooks/hooks.json";

/// What puts them there.
const INSTALL: &str = "To have sessions register, beat and sign off by themselves: `headcount hooks install`.";

/// The folders around which hooks can be.
#[derive(Clone, Debug)]
pub struct Sites {
    claude: PathBuf,
    project: PathBuf,
    state: PathBuf,
}

impl Sites {
    /// Those around a process.
    pub fn around(around: &Surroundings) -> Result<Self, Error> {
        let folder = around.folder.clone().unwrap_or_default();
        Ok(Self {
            claude: around.claude.clone().ok_or(Error::Homeless { what: "hooks" })?,
            project: project(&folder).join(".claude"),
            state: around.state.clone().ok_or(Error::Homeless { what: "copies" })?,
        })
    }

    /// The file in which hooks of a place stand.
    #[must_use]
    pub fn file(&self, place: Place) -> PathBuf {
        match place {
            Place::User => self.claude.join(SETTINGS),
            Place::Project => self.project.join(SETTINGS),
            Place::Plugin => self.plugin().join(PLUGIN_HOOKS),
        }
    }

    /// The plugin's folder.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.claude.join(PLUGIN)
    }

    /// What is remembered of a file that was changed: the copy of what it was, above all.
    #[must_use]
    pub fn memory(&self, file: &Path) -> PathBuf {
        paths::beneath(&self.state.join("hooks"), file)
    }

    /// The places. The project's settings are the person's own where the project is their home.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let is_home = self.project == self.claude;
        [Place::User, Place::Project, Place::Plugin]
            .into_iter()
            .filter(move |place| !is_home || *place != Place::Project)
    }
}

/// The project a folder is in: the nearest one above that is kept by git, else the folder itself.
fn project(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder)
}

/// What was found in a place.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The place.
    pub place: Place,
    /// The file.
    pub path: PathBuf,
    /// Headcount's hooks in it.
    pub hooks: Vec<Hook>,
    /// They are there and switched off.
    pub are_off: bool,
}

impl Standing {
    /// Those of Headcount's programs that are not there any more.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.hooks.iter().map(|hook| hook.program.as_str()).filter(|program| !is_there(program))
    }

    /// The events nobody listens to here.
    fn unheard(&self) -> impl Iterator<Item = &'static str> {
        claude_settings::events().filter(|event| !self.hooks.iter().any(|hook| hook.event == *event))
    }
}

/// Whether a program is there. One without a path is looked for by whoever starts it, on a path that is not known here.
#[must_use]
pub fn is_there(program: &str) -> bool {
    let path = Path::new(program);
    path.components().count() == 1 || path.is_file()
}

/// Looks at a place.
pub fn look(sites: &Sites, place: Place) -> Result<Standing, Error> {
    let path = sites.file(place);
    let settings = read(&path)?.unwrap_or_else(Settings::absent);
    Ok(Standing { place, path, hooks: settings.own(), are_off: settings.are_hooks_off() })
}

/// Reads settings; nothing where there are none.
pub(crate) fn read(path: &Path) -> Result<Option<Settings>, Error> {
    let bytes = match file::read(path, LIMIT) {
        Ok(Some(contents)) if contents.is_whole => contents.bytes,
        Ok(Some(_)) => return Err(Error::TooLarge { path: path.to_owned(), limit: LIMIT }),
        Ok(None) => return Err(Error::NotAFile { path: path.to_owned() }),
        // A link to nowhere is not a file that nobody wrote yet: writing would not go where it points.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(source) => return Err(Error::io("read", path, source)),
    };
    let settings = Settings::read(bytes);
    settings.map(Some).map_err(|reason| Error::Settings { path: path.to_owned(), reason })
}

/// What there is to say about hooks, as the doctor says it.
#[must_use]
pub fn examine(sites: &Sites) -> Finding {
    survey(sites).map_or_else(|finding| finding, |standings| judge(&standings))
}

/// How hooks stand, as the window shows it.
#[must_use]
pub fn hooks(sites: &Sites) -> Hooks {
    let (standings, finding) = match survey(sites) {
        Ok(standings) => {
            (standings.iter().filter(|found| !found.hooks.is_empty()).cloned().collect(), judge(&standings))
        }
        Err(finding) => (Vec::new(), finding),
    };
    // That there are none is said by there being none.
    let is_odd = finding.health == Health::Wrong || (finding.health == Health::Odd && !standings.is_empty());
    let oddity = is_odd.then_some(Oddity { message: finding.message, remedy: finding.remedy });
    let places = standings.iter().map(|found: &Standing| HooksIn {
        place: found.place,
        path: found.path.display().to_string(),
        is_broken: found.missing().next().is_some() || found.unheard().next().is_some(),
    });
    Hooks::new(places.collect(), oddity)
}

/// Looks at every place. Where one cannot be read, nothing can be said of the others: an event could run twice.
fn survey(sites: &Sites) -> Result<Vec<Standing>, Finding> {
    let standings = sites.places().map(|place| look(sites, place)).collect::<Result<_, _>>();
    standings.map_err(|error| Finding::wrong("hooks", error.to_string(), "Mend that file."))
}

/// What follows from what was found.
#[must_use]
pub fn judge(standings: &[Standing]) -> Finding {
    let installed: Vec<&Standing> = standings.iter().filter(|standing| !standing.hooks.is_empty()).collect();
    let again = "`headcount hooks install` puts the right one in its place.";
    let paths = || installed.iter().map(|found| found.path.display().to_string()).collect::<Vec<_>>().join(" and ");
    let is_plugin = |standing: &&Standing| standing.place == Place::Plugin;
    let Some(first) = installed.first() else {
        return Finding::odd("hooks", "Claude Code does not tell Headcount about its sessions.", INSTALL);
    };
    if let Some((standing, program)) = installed.iter().find_map(|found| Some((found, found.missing().next()?))) {
        let message = format!("{} starts {program}, which is not there.", standing.path.display());
        return Finding::wrong("hooks", message, again_at(standing.place).unwrap_or(again));
    }
    if installed.len() > 1 && installed.iter().any(is_plugin) {
        let remedy = "Keep one: `headcount hooks uninstall`, then `headcount hooks install` with or without --plugin.";
        return Finding::wrong(
            "hooks",
            format!("Installed twice, in {}: every event runs them twice.", paths()),
            remedy,
        );
    }
    if standings.iter().any(|standing| standing.are_off) {
        return Finding::odd(
            "hooks",
            "Claude Code's hooks are switched off.",
            "Remove `disableAllHooks` from its settings.",
        );
    }
    let unheard: Vec<&str> = first.unheard().collect();
    if installed.len() == 1 && !unheard.is_empty() {
        let message = format!("{} tells Headcount nothing of {}.", paths(), unheard.join(", "));
        return Finding::odd("hooks", message, again_at(first.place).unwrap_or(again));
    }
    Finding::fine("hooks", format!("Claude Code tells Headcount about its sessions, by {}.", paths()))
}

/// How hooks are put right elsewhere than in a person's settings.
fn again_at(place: Place) -> Option<&'static str> {
    match place {
        Place::User => None,
        Place::Project => Some("`headcount hooks install --project` puts the right one in its place."),
        Place::Plugin => Some("`headcount hooks install --plugin` puts the right one in its place."),
    }
}

/// What the description of the plugin says.
pub(crate) fn description() -> String {
    let text = "{\n  \"name\": \"headcount\",\n  \"version\": \"VERSION\",\n  \"description\": \"Tells Headcount which sessions are running\"\n}\n";
    text.replace("VERSION", env!("CARGO_PKG_VERSION"))
}

/// Settings with hooks in them.
pub(crate) fn with(settings: &Settings, wish: &Wish<'_>, path: &Path) -> Result<String, Error> {
    settings.with(wish).map_err(|reason| Error::Settings { path: path.to_owned(), reason })
}
