//! Headcount's hooks in Claude Code's settings: those of the user, of a project, of an organisation, or in a plugin's
//! folder.
//!
//! Guarantees: reports for each place whether it contains hooks, whether their program exists, and whether Claude Code
//! runs them. Reading changes nothing. `ops` installs hooks. Does not know what a hook does.

pub mod change;
mod diagnosis;
mod locations;

use std::path::{Path, PathBuf};

pub use diagnosis::{examine, hooks, judge};
pub use headcount_core::claude::hook_settings::hook_status::HooksPlace;
use headcount_core::claude::hook_settings::levels::Switches;
use headcount_core::claude::hook_settings::{self, Hook, HookKind, HookOptions, Settings};
pub(crate) use locations::DESCRIPTION;
pub use locations::HookLocations;

use crate::Error;
use crate::files::file;

/// Maximum size of settings in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The hooks in a settings file.
#[derive(Clone, Debug)]
pub struct HookState {
    /// The place.
    pub place: HooksPlace,
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
    fn new(place: HooksPlace, path: PathBuf, settings: &Settings) -> Self {
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
pub fn look(locations: &HookLocations, place: HooksPlace) -> Result<HookState, Error> {
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
    states.push(look(locations, HooksPlace::Local)?);
    for place in locations.places() {
        states.push(look(locations, place)?);
    }
    Ok(states)
}

/// The events of which hooks also run from another place, for the same sessions as those of `place`.
pub(crate) fn events_elsewhere(locations: &HookLocations, place: HooksPlace) -> Result<Vec<String>, Error> {
    let (other, mut found) = match place {
        HooksPlace::User => (HooksPlace::Plugin, locations.managed().unwrap_or_default()),
        HooksPlace::Plugin => (HooksPlace::User, locations.managed().unwrap_or_default()),
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
