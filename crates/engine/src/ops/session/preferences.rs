//! What a person sets for one session: whether it is kept, and its own timeout.

use headcount_core::Timeout;
use headcount_core::liveness::cleanup::Target;
use headcount_core::registry::{preferences, registration};

use super::super::{ActionContext, change};
use crate::{Error, Workspace};

/// Sets whether a session is kept: cleanup neither marks nor offers a kept session. Returns the change's id; `None` if
/// nothing changed.
///
/// # Errors
///
/// If there is no such session, its number belongs to another one now, or the registry cannot be changed.
pub fn keep(
    workspace: &Workspace,
    target: impl Into<Target>,
    is_kept: bool,
    context: ActionContext,
) -> Result<Option<String>, Error> {
    let target = target.into();
    let what = if is_kept { "keep" } else { "unkeep" };
    change(workspace, &context.meta(what), |registry| {
        registration::check_target(registry, &target)?;
        preferences::set_keep(registry, target.number, is_kept)
    })
}

/// Sets a session's own timeout; `None` resets it to the general one. Returns the change's id; `None` if
/// nothing changed.
///
/// # Errors
///
/// As [`keep`].
pub fn set_own_timeout(
    workspace: &Workspace,
    target: impl Into<Target>,
    timeout: Option<Timeout>,
    context: ActionContext,
) -> Result<Option<String>, Error> {
    let target = target.into();
    change(workspace, &context.meta("timeout"), |registry| {
        registration::check_target(registry, &target)?;
        preferences::set_timeout(registry, target.number, timeout)
    })
}
