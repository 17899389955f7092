//! Changing numbers (protocol §4 "Reassign").
//!
//! Guarantees: makes exactly the moves that the user was shown, or none: if another session came between, it is an
//! error. The heartbeat under the new id with the old time, and the files with this shell's number, are written after
//! the registry. If that fails, it is logged, and the session's next heartbeat corrects it.

use std::collections::BTreeMap;

use headcount_core::heartbeat::heartbeat_file::{BeatKind, NewBeat};
use headcount_core::registry::numbering::{self, Move, Renumbered};
use headcount_core::registry::registration::RegistrationError;
use headcount_core::{Number, Registry, Time};

use crate::claude::shell_identity;
use crate::ops::{ActionContext, change};
use crate::store::heartbeat_writer;
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// The moves that would give session `from` the number `to`.
///
/// # Errors
///
/// If core refuses the move, or the registry cannot be read.
pub fn preview_reassign(workspace: &Workspace, from: Number, to: Number) -> Result<Vec<Move>, Error> {
    let registry = workspace.store().read_with_retry()?;
    numbering::reassign(&registry, from, to).map_err(|refusal| Error::refused(refusal, workspace))
}

/// Gives session `from` the number `to`. A session with that number gets `from`. If `shown` is given, the moves must be
/// the same.
///
/// # Errors
///
/// If core refuses the moves, they differ from `shown`, or the registry cannot be changed.
pub fn reassign(
    workspace: &Workspace,
    from: Number,
    to: Number,
    shown: Option<&[Move]>,
    context: ActionContext,
) -> Result<Renumbered, Error> {
    let moves = preview_reassign(workspace, from, to)?;
    renumber(workspace, moves, shown, "reassign", context)
}

/// The moves that would number the active sessions 1, 2, 3 … in their order.
///
/// # Errors
///
/// If the registry cannot be read.
pub fn preview_compact(workspace: &Workspace, at: Time) -> Result<Vec<Move>, Error> {
    let model = Model::look(workspace, at)?;
    Ok(numbering::compact(model.table().registry(), &model.rows()))
}

/// Numbers the active sessions 1, 2, 3 … in their order. If `shown` is given, the moves must be the same.
///
/// # Errors
///
/// As [`reassign`].
pub fn compact(workspace: &Workspace, shown: Option<&[Move]>, context: ActionContext) -> Result<Renumbered, Error> {
    let moves = preview_compact(workspace, context.at)?;
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
    let before = last_signs_of_life(workspace, context.at)?;
    let change = change(workspace, &context.meta(what), |registry| {
        check_moves(registry, &moves)?;
        Ok(numbering::apply_moves(registry, &moves))
    })?;
    finish_moves(workspace, &moves, &before);
    Ok(Renumbered { moves, change })
}

/// Checks that moves which were planned before still lead only to free or vacated numbers.
fn check_moves(registry: &Registry, moves: &[Move]) -> Result<(), RegistrationError> {
    let is_held = |number| registry.entry(number).is_some() || registry.bad_entries().contains(&number);
    for step in moves {
        if registry.entry(step.from).is_none() {
            return Err(RegistrationError::NoSession(step.from));
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

/// The last signs of life by number.
pub(in crate::ops) type SignsOfLife = BTreeMap<Number, Time>;

/// Reads the last sign of life of every session.
pub(in crate::ops) fn last_signs_of_life(workspace: &Workspace, now: Time) -> Result<SignsOfLife, Error> {
    let rows = Model::look(workspace, now)?.rows();
    Ok(rows.iter().filter_map(|row| Some((row.number, row.last_sign_of_life?))).collect())
}

/// Finishes moves: writes heartbeats with the last signs of life under the new ids, because the old heartbeats belong
/// to the old ids and the running session does not use the new one yet; and updates the files with this shell's number.
pub(in crate::ops) fn finish_moves(workspace: &Workspace, moves: &[Move], before: &SignsOfLife) {
    if moves.is_empty() {
        return;
    }
    if let Err(error) = write_moved_heartbeats(workspace, moves, before) {
        tracing::warn!("{error}");
    }
    shell_identity::moved(workspace, moves);
}

fn write_moved_heartbeats(workspace: &Workspace, moves: &[Move], before: &SignsOfLife) -> Result<(), Error> {
    let registry = workspace.store().read_with_retry()?;
    for step in moves {
        let (Some(at), Some(entry)) = (before.get(&step.from), registry.entry(step.to)) else { continue };
        let beat = NewBeat { number: step.to, session_id: &entry.session_id, kind: BeatKind::Reassigned, at: *at };
        heartbeat_writer::write(workspace, &beat)?;
    }
    Ok(())
}
