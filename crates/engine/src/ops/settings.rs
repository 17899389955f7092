//! Changing settings, and previewing the effect of a change.
//!
//! Guarantees: a setting is written to the file, or an error is returned; running processes read it from there. The
//! preview of another timeout uses the files as they are now.

use headcount_core::liveness::State;
use headcount_core::settings::{Setting, TimeoutEffect};
use headcount_core::{Time, Timeout};

use crate::tasks::model::Model;
use crate::workspace::config;
use crate::workspace::resolved_config::ResolvedConfig;
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
