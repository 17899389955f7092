//! A workspace: one registry, its beats, its journal. The unit of everything; an app may hold several.
//!
//! Promises: knows its paths and timeout, holds no state; two values for the same paths are the same workspace.

use headcount_core::Timeout;

use crate::Error;
use crate::config::Config;
use crate::journal::Journal;
use crate::paths::{self, Places, Said, Surroundings};
use crate::store::Store;

/// One registry, its beats, its journal.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its paths.
    pub places: Places,
    /// How long a session may be quiet.
    pub timeout: Timeout,
}

impl Workspace {
    /// A workspace at these places.
    #[must_use]
    pub fn new(places: Places, timeout: Timeout) -> Self {
        Self { places, timeout }
    }

    /// The workspace of this process: what was said, else what is configured or near. With it what is configured.
    pub fn of_process(said: &Said, timeout: Option<Timeout>) -> Result<(Self, Config), Error> {
        let around = Surroundings::of_process();
        let config = Config::read(around.config_file().as_deref());
        let places = paths::find(said, &config, &around)?;
        Ok((Self::new(places, timeout.unwrap_or(config.settings.timeout)), config))
    }

    /// The door to its registry.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.places.registry.clone())
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.places.memory.clone())
    }
}
