//! What every command needs: the workspace it is about, and the time.

use headcount_core::history::Actor;
use headcount_engine::Workspace;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::config::Config;
use headcount_engine::ops::Act;
use headcount_engine::paths::{self, Said, Surroundings};

use crate::Failure;
use crate::args::Global;
use crate::output::Output;

/// One run of the command.
pub(crate) struct Session {
    pub(crate) workspace: Workspace,
    pub(crate) config: Config,
}

impl Session {
    /// Finds the workspace. What is odd in the configuration is said on standard error.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let around = Surroundings::of_process();
        let config = Config::read(around.config_file().as_deref());
        for complaint in &config.complaints {
            Output::complain("warning", complaint);
        }
        let said = Said { registry: global.registry.clone(), heartbeats: global.heartbeats.clone() };
        let places = paths::find(&said, &config, &around)?;
        let workspace = Workspace::new(places, global.timeout_minutes.unwrap_or(config.timeout));
        Ok(Self { workspace, config })
    }

    /// This command, acting now.
    pub(crate) fn act() -> Act {
        Act { by: Actor::Command, at: SystemClock.now() }
    }
}
