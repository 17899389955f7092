//! Registering, signing off, reactivating, and writing heartbeats.
//!
//! Guarantees: core decides on the registry that is read under the lock. A failed heartbeat is an error; a change of
//! the registry before it stays made, and the message says so.

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::{BeatKind, NewBeat};
use headcount_core::liveness::cleanup::{self, Target};
use headcount_core::liveness::{Process, is_unused_and_gone};
use headcount_core::registry::registration::{self, NewSession, RegistrationError};
use headcount_core::registry::{Class, Entry};

use crate::ops::{ActionContext, change};
use crate::store::heartbeat_writer;
use crate::{Error, Workspace};

/// Registers a session under a free number. Returns the change's id.
///
/// # Errors
///
/// If core refuses the registration, or the registry cannot be changed.
pub fn register(
    workspace: &Workspace,
    new_session: &NewSession,
    context: ActionContext,
) -> Result<Option<String>, Error> {
    change(workspace, &context.meta("register"), |registry| registration::register(registry, new_session, context.at))
}

/// Signs a session off. Returns the change's id.
///
/// # Errors
///
/// If core refuses it, or the registry cannot be changed.
pub fn release(
    workspace: &Workspace,
    target: impl Into<Target>,
    context: ActionContext,
) -> Result<Option<String>, Error> {
    let target = target.into();
    change(workspace, &context.meta("release"), |registry| {
        registration::check_target(registry, &target)?;
        registration::release(registry, target.number, context.at)
    })
}

/// Signs off those of the sessions that ended before they were used. Returns the change's id.
///
/// # Errors
///
/// If the registry cannot be read or changed.
pub fn release_unused(
    workspace: &Workspace,
    numbers: &[Number],
    context: ActionContext,
) -> Result<Option<String>, Error> {
    change(workspace, &context.meta("release"), |registry| {
        let is_unused = |entry: &&Entry| {
            numbers.contains(&entry.number)
                && entry.process().is_some_and(|key| is_unused_and_gone(entry, workspace.processes.look(key)))
        };
        let ended: Vec<Number> = registry.entries().iter().filter(is_unused).map(|entry| entry.number).collect();
        Ok(cleanup::mark(registry, &ended, context.at))
    })
}

/// Reactivates a session and writes a heartbeat for it. Returns the change's id.
///
/// # Errors
///
/// If core refuses it, or the registry or the heartbeat cannot be written.
pub fn reactivate(
    workspace: &Workspace,
    target: impl Into<Target>,
    context: ActionContext,
) -> Result<Option<String>, Error> {
    let target = target.into();
    let change = change(workspace, &context.meta("reactivate"), |registry| {
        registration::check_target(registry, &target)?;
        let claude = registry.entry(target.number).and_then(|entry| entry.claude.as_ref());
        let has_ended = |key| workspace.processes.look(key) == Process::Gone;
        let kept = claude.filter(|claude| !claude.process.as_ref().is_some_and(has_ended));
        registration::reactivate(registry, target.number, kept)
    })?;
    heartbeat(workspace, target, BeatKind::Identity, context)?;
    Ok(change)
}

/// Writes a heartbeat for a session that is registered and not inactive.
///
/// # Errors
///
/// If there is no such session, or the heartbeat cannot be written.
pub fn heartbeat(
    workspace: &Workspace,
    target: impl Into<Target>,
    kind: BeatKind,
    context: ActionContext,
) -> Result<(), Error> {
    let target = target.into();
    let number = target.number;
    let registry = workspace.store().read_with_retry()?;
    registration::check_target(&registry, &target).map_err(|refusal| Error::refused(refusal, workspace))?;
    let entry =
        registry.entry(number).ok_or_else(|| Error::refused(RegistrationError::NoSession(number), workspace))?;
    if entry.class() == Class::Inactive {
        // A heartbeat would be a sign of life of a session that has signed off.
        return Err(Error::refused(RegistrationError::Already(number, "inactive"), workspace));
    }
    // A background heartbeat requires a running process now, not only in an earlier snapshot.
    let is_alive = |key| workspace.processes.look(key) == Process::Alive;
    if kind == BeatKind::Background && !entry.process().is_none_or(is_alive) {
        return Ok(());
    }
    heartbeat_writer::write(workspace, &NewBeat { number, session_id: &entry.session_id, kind, at: context.at })
}
