//! Which registry sessions in a folder use: the one answer for hooks, commands and the tray.
//!
//! Guarantees: looks in the order of design §4: `$HEADCOUNT_REGISTRY`, the folder and those above it, then the
//! configured registry or the user's default. Does not read the environment or the configuration. Creates nothing.

pub mod search;
pub(crate) mod trust;

use std::path::{Path, PathBuf};

use crate::Error;
use crate::workspace::config::Config;
use crate::workspace::environment::Environment;
use crate::workspace::registry_lookup::search::{Found, PassedOver, Patience, Search};
use crate::workspace::registry_lookup::trust::Trust;

/// The registry's name in a coordination folder.
pub const REGISTRY: &str = "claude_sessions.json";

/// The sources of a registry, apart from the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryLookup {
    /// `$HEADCOUNT_REGISTRY`, as an absolute path: the registry of sessions in all folders.
    pub variable: Option<PathBuf>,
    /// Whether the variable counts as found and not as named: in a hook, because a project's settings can set it.
    pub is_hook: bool,
    /// The registry of sessions without one near their folder: the configured one, else the user's default.
    pub fallback: Option<PathBuf>,
    /// Which registries near a folder are trusted.
    pub trust: Trust,
}

impl RegistryLookup {
    /// The sources in this environment.
    #[must_use]
    pub fn new(config: &Config, env: &Environment) -> Self {
        let own = || env.data.as_ref().map(|data| data.join(REGISTRY));
        Self {
            // A relative path in a folder that is gone names no file.
            variable: env.registry.clone().and_then(|path| env.absolute(path.into()).ok()),
            is_hook: env.is_hook,
            fallback: config.settings.registry.clone().or_else(own),
            trust: Trust::new(config, env),
        }
    }

    /// Searches for the registry of sessions in a folder. If none is found, the fallback is used.
    pub(crate) fn search(&self, folder: Option<&Path>, patience: Patience) -> Search {
        let mut passed_over = Vec::new();
        match &self.variable {
            Some(variable) if !self.is_hook => return Search::found(Found::named(variable)),
            Some(variable) => match search::judge_named(variable, &self.trust) {
                Ok(found) => return Search::found(found),
                Err(passed) => passed_over.push(passed),
            },
            None => {}
        }
        let mut search = folder.map(|folder| search::search(folder, &self.trust, patience)).unwrap_or_default();
        search.passed_over.splice(0..0, passed_over);
        search
    }

    /// The registry of sessions in a folder. Does not wait for a torn file.
    #[must_use]
    pub fn registry_of(&self, folder: Option<&Path>) -> Option<PathBuf> {
        let found = self.search(folder, Patience::None).found.map(|found| found.registry);
        found.or_else(|| self.fallback.clone())
    }

    /// The nearest registry, in a folder or above it.
    #[must_use]
    pub fn nearest(&self, folder: &Path) -> Option<Found> {
        search::search(folder, &self.trust, Patience::Torn).found
    }

    /// Checks a registry that was used before, as if it had been found. `None`: it is the fallback, which is used as it
    /// is.
    ///
    /// # Errors
    ///
    /// [`Error::PassedOver`] if it must not be used any more.
    pub(crate) fn check_again(&self, registry: &Path) -> Result<Option<Found>, Error> {
        if self.fallback.as_deref() == Some(registry) {
            return Ok(None);
        }
        search::judge_named(registry, &self.trust).map(Some).map_err(Error::PassedOver)
    }

    /// Why hooks do not use the registry that the variable names.
    pub(crate) fn refusal_in_hooks(&self) -> Option<PassedOver> {
        let variable = self.variable.as_ref().filter(|_| !self.is_hook)?;
        search::judge_named(variable, &self.trust).err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_belong_to_the_nearest_registry() {
        let root = tempfile::tempdir().unwrap();
        let root = crate::files::file::real_path(root.path()).unwrap();
        let near = root.join("ws/coordination").join(REGISTRY);
        std::fs::create_dir_all(near.parent().unwrap()).unwrap();
        std::fs::write(&near, "{}").unwrap();
        let env = Environment { data: Some(root.join("data")), ..Environment::default() };
        let lookup = RegistryLookup::new(&Config::default(), &env);
        let (inside, elsewhere) = (root.join("ws/src"), root.join("x"));
        assert_eq!(lookup.registry_of(Some(&inside)).as_ref(), Some(&near));
        assert_eq!(lookup.registry_of(Some(&elsewhere)), Some(root.join("data").join(REGISTRY)));
        assert_eq!(lookup.registry_of(None), Some(root.join("data").join(REGISTRY)));
        let env = Environment { registry: Some(near.clone().into()), ..env };
        let lookup = RegistryLookup::new(&Config::default(), &env);
        assert_eq!(lookup.registry_of(Some(&elsewhere)).as_ref(), Some(&near));
        assert_eq!(lookup.registry_of(None).as_ref(), Some(&near));
    }
}
