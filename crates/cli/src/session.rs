//! What every command needs: the workspace it is about, and the time.

use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::workspace::config::Config;
use headcount_engine::workspace::paths::{CliOverrides, Environment, HookEnv, Search};
use headcount_engine::workspace::workspace_source::{ResolvedConfig, WorkspaceSource};
use headcount_engine::{Workspace, suspend};

use crate::Failure;
use crate::args::Global;
use crate::output::Output;

/// One run of the command.
pub(crate) struct Session {
    pub(crate) workspace: Workspace,
    pub(crate) config: Config,
    /// What looking for a registry near came to.
    pub(crate) search: Search,
}

impl Session {
    /// Finds the workspace that the calling Claude Code session is registered in, unless another one is named.
    pub(crate) fn open_own(global: &Global, output: &Output) -> Result<Self, Failure> {
        let env = Environment::of_process();
        let is_named = global.registry.is_some() || env.registry.is_some();
        let registry = if is_named { None } else { ops::registry_of_caller(&HookEnv::of_process(), &env) };
        Self::open(&Global { registry: registry.or_else(|| global.registry.clone()), ..global.clone() }, output)
    }

    /// Finds the workspace. What is odd in the configuration is said on standard error.
    pub(crate) fn open(global: &Global, output: &Output) -> Result<Self, Failure> {
        let overrides = CliOverrides {
            registry: global.registry.clone(),
            tree: global.tree.clone(),
            heartbeats: global.heartbeats.clone(),
            timeout: global.timeout_minutes,
        };
        let ResolvedConfig { workspace, config, search, .. } = WorkspaceSource::of_process(overrides).open()?;
        for complaint in config.complaints.iter().filter(|_| !output.is_quiet) {
            Output::complain("warning", complaint);
        }
        // Each run leaves a mark for the next one, which may be the first after a sleep of the computer.
        suspend::note(&workspace, &SystemClock.read());
        Ok(Self { workspace, config, search })
    }

    /// This command, acting now.
    pub(crate) fn context() -> ActionContext {
        ActionContext { by: Actor::Command, at: SystemClock.now() }
    }
}
