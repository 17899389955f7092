//! Changing settings, and previewing the effect of a change.
//!
//! Guarantees: a setting is written to the file, or an error is returned; running processes read it from there. The
//! preview of another timeout uses the files as they are now.

use std::path::PathBuf;

use headcount_core::liveness::State;
use headcount_core::settings::Setting;
use headcount_core::view::setup::TimeoutEffect;
use headcount_core::workspaces::NamedWorkspace;
use headcount_core::{Time, Timeout};

use crate::tasks::model::Model;
use crate::workspace::config;
use crate::workspace::config::resolved::ResolvedConfig;
use crate::workspace::environment::Environment;
use crate::{Error, Workspace};

/// Sets a key of the configuration.
///
/// # Errors
///
/// [`Error::Homeless`] without a configuration file, or the errors of writing it.
pub fn set(opened: &ResolvedConfig, setting: &Setting) -> Result<(), Error> {
    let file = opened.file().ok_or(Error::Homeless { what: "configuration" })?;
    config::set(&file, setting)
}

/// The sessions that would change their state with another timeout.
///
/// # Errors
///
/// If the registry cannot be read.
pub fn preview_timeout(workspace: &Workspace, timeout: Timeout, at: Time) -> Result<TimeoutEffect, Error> {
    let mut model = Model::look(workspace, at)?;
    let before = model.rows();
    model.set_timeout(timeout, at);
    let after = model.rows();
    let mut effect = TimeoutEffect::default();
    for (before, after) in before.iter().zip(&after) {
        match (before.state, after.state) {
            (State::Active, State::Stale) => effect.stale.push(after.number),
            (State::Stale, State::Active) => effect.active.push(after.number),
            _ => {}
        }
    }
    Ok(effect)
}
/// Adds a workspace to the configuration.
///
/// # Errors
///
/// [`Error::InvalidWorkspace`] if it is not valid or its name is taken, [`Error::Homeless`] without a folder for the
/// configuration, or the file cannot be changed.
pub fn add_workspace(
    env: &Environment,
    name: &str,
    registry: PathBuf,
    heartbeats: Option<PathBuf>,
) -> Result<(), Error> {
    let (registry, heartbeats) = (env.absolute(registry)?, heartbeats.map(|path| env.absolute(path)).transpose()?);
    config::add_workspace(&config_file(env)?, &NamedWorkspace { name: name.to_owned(), registry, heartbeats })
}

/// Removes a workspace from the configuration. Its files stay as they are.
///
/// # Errors
///
/// [`Error::NoWorkspace`] if there is none with this name, and as [`add_workspace`].
pub fn remove_workspace(env: &Environment, name: &str) -> Result<(), Error> {
    config::remove_workspace(&config_file(env)?, name)
}

fn config_file(env: &Environment) -> Result<PathBuf, Error> {
    env.config_file().ok_or(Error::Homeless { what: "configuration" })
}
