//! Registering, signing off, coming back, beating.
//!
//! Promises: what core allows, on the registry as it is under the lock. A beat that cannot be written is an error, and
//! the registry stays as it was changed: the message says so.

use headcount_core::Number;
use headcount_core::enrolment::{self, Newcomer, Refusal};
use headcount_core::new_beat::{Kind, NewBeat};
use headcount_core::registry::Class;

use super::{Act, change};
use crate::{Error, Workspace, beat};

/// Registers a session under a free number. Returns the change's id.
pub fn register(workspace: &Workspace, newcomer: &Newcomer, act: Act) -> Result<Option<String>, Error> {
    change(workspace, &act.deed("register"), |registry| enrolment::register(registry, newcomer, act.at))
}

/// Signs a session off. Returns the change's id.
pub fn release(workspace: &Workspace, number: Number, act: Act) -> Result<Option<String>, Error> {
    change(workspace, &act.deed("release"), |registry| enrolment::release(registry, number, act.at))
}

/// Brings a session back, and beats for it. Returns the change's id.
pub fn reactivate(workspace: &Workspace, number: Number, act: Act) -> Result<Option<String>, Error> {
    let change = change(workspace, &act.deed("reactivate"), |registry| enrolment::reactivate(registry, number))?;
    heartbeat(workspace, number, Kind::Identity, act)?;
    Ok(change)
}

/// Writes a beat for a session that is registered and not inactive.
pub fn heartbeat(workspace: &Workspace, number: Number, kind: Kind, act: Act) -> Result<(), Error> {
    let registry = workspace.store().read_patiently()?;
    let entry = registry.entry(number).ok_or_else(|| Error::refused(Refusal::Nobody(number), workspace))?;
    if entry.class() == Class::Inactive {
        // It would be a sign of life of somebody who signed off.
        return Err(Error::refused(Refusal::Already(number, "inactive"), workspace));
    }
    beat::write(&workspace.places.heartbeats, &NewBeat { number, session_id: &entry.session_id, kind, at: act.at })
}
