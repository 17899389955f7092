//! The context of one run of a command: workspace, configuration and time.

use headcount_core::view::history::Actor;
use headcount_engine::claude::hook_env::HookEnv;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::workspace::config::Config;
use headcount_engine::workspace::config::named::WithName;
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::environment::Environment;
use headcount_engine::workspace::registry_lookup::search::Search;
use headcount_engine::{Workspace, suspend};

use crate::Failure;
use crate::args::Global;
use crate::output::Output;

/// One run of a command.
pub(crate) struct CommandContext {
    pub(crate) workspace: Workspace,
    pub(crate) config: Config,
    /// The result of the search for a registry in the folders above.
    pub(crate) search: Search,
}

impl CommandContext {
    /// Opens the workspace in which the calling Claude Code session is registered, unless a registry is named.
    pub(crate) fn open_own(global: &Global, output: &Output) -> Result<Self, Failure> {
        let env = Environment::of_process();
        let is_named = global.registry.is_some() || global.workspace.is_some() || env.registry.is_some();
        let registry = if is_named { None } else { ops::registry_of_caller(&HookEnv::of_process(), &env) };
        Self::open(&Global { registry: registry.or_else(|| global.registry.clone()), ..global.clone() }, output)
    }

    /// Opens the workspace, and prints problems of the configuration on standard error.
    ///
    /// # Errors
    /// If no workspace can be determined.
    pub(crate) fn open(global: &Global, output: &Output) -> Result<Self, Failure> {
        let overrides = CliOverrides {
            registry: global.registry.clone(),
            tree: global.tree.clone(),
            heartbeats: global.heartbeats.clone(),
            timeout: global.timeout_minutes,
        };
        let ResolvedConfig { workspace, config, search, .. } = Self::resolve(overrides, global, output)?;
        // Records the current clock, so that the next run can detect that the computer slept in between.
        suspend::note(&workspace, &SystemClock.read());
        Ok(Self { workspace, config, search })
    }

    /// Opens all workspaces of the configuration, each with its name, and that of this folder.
    ///
    /// # Errors
    /// If no workspace can be determined.
    pub(crate) fn open_all(global: &Global, output: &Output) -> Result<Vec<(String, Self)>, Failure> {
        let overrides = CliOverrides { timeout: global.timeout_minutes, ..CliOverrides::default() };
        let resolved = Self::resolve(overrides, global, output)?;
        let open = |WithName { name, workspace }| {
            suspend::note(&workspace, &SystemClock.read());
            let is_own = workspace == resolved.workspace;
            let search = if is_own { resolved.search.clone() } else { Search::default() };
            (name, Self { workspace, config: resolved.config.clone(), search })
        };
        Ok(resolved.workspaces().into_iter().map(open).collect())
    }

    /// Resolves the workspace, and prints problems of the configuration on standard error.
    fn resolve(overrides: CliOverrides, global: &Global, output: &Output) -> Result<ResolvedConfig, Failure> {
        let env = Environment::of_process();
        let overrides = in_named_workspace(overrides, global, &env)?;
        let resolved = ResolvedConfig::new(overrides, env)?;
        for complaint in resolved.config.complaints.iter().filter(|_| !output.is_quiet) {
            Output::print_diagnostic("warning", complaint);
        }
        Ok(resolved)
    }

    /// The action context: this command, at the current time.
    pub(crate) fn context() -> ActionContext {
        ActionContext { by: Actor::Command, at: SystemClock.now() }
    }
}

/// Selects the workspace that `--workspace` names.
pub(crate) fn in_named_workspace(
    overrides: CliOverrides,
    global: &Global,
    env: &Environment,
) -> Result<CliOverrides, Failure> {
    match &global.workspace {
        Some(name) => Ok(overrides.in_workspace(name, &Config::read(env.config_file().as_deref()).workspaces)?),
        None => Ok(overrides),
    }
}
