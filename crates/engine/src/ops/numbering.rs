//! Changing numbers (protocol §4 "Reassign").
//!
//! Promises: the moves that are shown are the moves that are made, or none: whoever came in between is an error, not a
//! surprise. What follows a move (a beat under the new id with the old time, the files that name this shell's number) comes
//! after the registry; where it fails, that is said in the log, and the session shows it by itself at its next beat.

use std::collections::BTreeMap;

use headcount_core::heartbeat::heartbeat_file::{Kind, NewBeat};
use headcount_core::registry::numbering::{self, Move, Renumbered};
use headcount_core::registry::registration::RegistrationError;
use headcount_core::{Number, Registry, Time};

use super::{ActionContext, change};
use crate::claude::shell_identity;
use crate::store::heartbeat_writer;
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// The moves that would give session `from` the number `to`.
pub fn rehearse_reassign(workspace: &Workspace, from: Number, to: Number) -> Result<Vec<Move>, Error> {
    let registry = workspace.store().read_with_retry()?;
    numbering::reassign(&registry, from, to).map_err(|refusal| Error::refused(refusal, workspace))
}

/// Gives session `from` the number `to`; whoever has it takes `from`. Where `shown` says which moves a person agreed to,
/// it is those or none.
pub fn reassign(
    workspace: &Workspace,
    from: Number,
    to: Number,
    shown: Option<&[Move]>,
    context: ActionContext,
) -> Result<Renumbered, Error> {
    let moves = rehearse_reassign(workspace, from, to)?;
    renumber(workspace, moves, shown, "reassign", context)
}

/// The moves that would number the active sessions 1, 2, 3 … in their order.
pub fn rehearse_compact(workspace: &Workspace, at: Time) -> Result<Vec<Move>, Error> {
    let model = Model::look(workspace, at)?;
    Ok(numbering::compact(model.table().registry(), &model.rows()))
}

/// Numbers the active sessions 1, 2, 3 … in their order. Where `shown` says which moves a person agreed to, it is those or
/// none.
pub fn compact(workspace: &Workspace, shown: Option<&[Move]>, context: ActionContext) -> Result<Renumbered, Error> {
    let moves = rehearse_compact(workspace, context.at)?;
    renumber(workspace, moves, shown, "compact", context)
}

fn renumber(
    workspace: &Workspace,
    moves: Vec<Move>,
    shown: Option<&[Move]>,
    what: &'static str,
    context: ActionContext,
) -> Result<Renumbered, Error> {
    let is_shown = |shown: &[Move]| {
        shown.len() == moves.len() && moves.iter().zip(shown).all(|(found, shown)| found.is_as_shown(shown))
    };
    if shown.is_some_and(|shown| !is_shown(shown)) {
        return Err(Error::refused(RegistrationError::Outdated, workspace));
    }
    if moves.is_empty() {
        return Ok(Renumbered { moves, change: None });
    }
    let before = signs_of_life(workspace, context.at)?;
    let change = change(workspace, &context.meta(what), |registry| {
        still_fit(registry, &moves)?;
        Ok(numbering::relocate(registry, &moves))
    })?;
    follow(workspace, &moves, &before);
    Ok(Renumbered { moves, change })
}

/// Whether moves that were planned on an earlier look still lead nowhere but to free or vacated numbers.
fn still_fit(registry: &Registry, moves: &[Move]) -> Result<(), RegistrationError> {
    let is_held = |number| registry.entry(number).is_some() || registry.bad_entries().contains(&number);
    for step in moves {
        if registry.entry(step.from).is_none() {
            return Err(RegistrationError::Nobody(step.from));
        }
        if !step.still_fits(registry) {
            return Err(RegistrationError::Outdated);
        }
        if is_held(step.to) && !moves.iter().any(|other| other.from == step.to) {
            return Err(RegistrationError::Taken(step.to));
        }
    }
    Ok(())
}

/// The last signs of life by number, to be carried along by those who move.
pub(super) type Signs = BTreeMap<Number, Time>;

/// The last signs of life as they are now.
pub(super) fn signs_of_life(workspace: &Workspace, now: Time) -> Result<Signs, Error> {
    let rows = Model::look(workspace, now)?.rows();
    Ok(rows.iter().filter_map(|row| Some((row.number, row.last_sign_of_life?))).collect())
}

/// What follows moves that were made: beats that carry the signs of life from before them, because until the running
/// session learns its number its old beats are somebody else's; and the files that name a number.
pub(super) fn follow(workspace: &Workspace, moves: &[Move], before: &Signs) {
    if moves.is_empty() {
        return;
    }
    if let Err(error) = carry(workspace, moves, before) {
        tracing::warn!("{error}");
    }
    shell_identity::moved(&workspace.places, moves);
}

fn carry(workspace: &Workspace, moves: &[Move], before: &Signs) -> Result<(), Error> {
    let registry = workspace.store().read_with_retry()?;
    for step in moves {
        let (Some(at), Some(entry)) = (before.get(&step.from), registry.entry(step.to)) else { continue };
        let beat = NewBeat { number: step.to, session_id: &entry.session_id, kind: Kind::Reassigned, at: *at };
        heartbeat_writer::write(&workspace.places, &beat)?;
    }
    Ok(())
}
