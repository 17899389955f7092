//! Undoing changes, and redoing changes that another program overwrote with an older copy.
//!
//! Guarantees: works session by session, for those that were not changed since; the others are reported with a reason.
//! The undo of a move updates the files with the number as well.

use headcount_core::Registry;
use headcount_core::liveness::cleanup::{self, Selection, Target, UndoDone};
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::numbering::Move;
use headcount_core::registry::undo;

use super::ActionContext;
use super::session::{SignsOfLife, finish_moves, last_signs_of_life};
use crate::store::Decision;
use crate::store::journal::{CLEANUP, ChangeMeta, REDO, UNDO};
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// Undoes a change.
///
/// # Errors
///
/// [`Error::NoChange`], or the errors of changing the registry.
pub fn undo(workspace: &Workspace, change: &str, context: ActionContext) -> Result<UndoDone, Error> {
    apply(workspace, change, &context.meta(UNDO), undo::undo)
}

/// Redoes a change that another program overwrote with an older copy. A cleanup does not mark sessions that run by now.
///
/// # Errors
///
/// As [`undo`].
pub fn redo(workspace: &Workspace, change: &str, context: ActionContext) -> Result<UndoDone, Error> {
    apply(workspace, change, &context.meta(REDO), |registry, changes| {
        let record = workspace.journal().change(change);
        if record.is_ok_and(|record| record.what == CLEANUP) {
            redo_cleanup(workspace, registry, changes, context)
        } else {
            undo::redo(registry, changes)
        }
    })
}

/// Redoes a cleanup, but only for the sessions that a cleanup would mark now.
fn redo_cleanup(
    workspace: &Workspace,
    registry: &Registry,
    changes: &[EntryChange],
    context: ActionContext,
) -> undo::Reversal {
    let rows = Model::of(workspace, registry.clone(), context.at).rows();
    let targets = changes.iter().map(|change| Target::number(change.number())).collect();
    let plan = cleanup::plan(&rows, &Selection::Only(targets));
    let still: Vec<EntryChange> =
        changes.iter().filter(|change| plan.mark.contains(&change.number())).cloned().collect();
    let mut undone = undo::redo(registry, &still);
    undone.refused.extend(plan.skipped);
    undone
}

fn apply(
    workspace: &Workspace,
    change: &str,
    meta: &ChangeMeta,
    decide: impl Fn(&Registry, &[EntryChange]) -> undo::Reversal,
) -> Result<UndoDone, Error> {
    let journal = workspace.journal();
    let record = journal.change(change)?;
    let meta = ChangeMeta { of: Some(change.to_owned()), ..meta.clone() };
    let signs = if record.entries.iter().any(|entry| Move::of(entry).is_some()) {
        last_signs_of_life(workspace, meta.at)?
    } else {
        SignsOfLife::new()
    };
    let ((undone, moves), applied) = workspace.store().update(&journal, &meta, |registry| {
        let undo::Reversal { text, restored, refused } = decide(registry, &record.entries);
        let moves: Vec<Move> = restored.iter().filter_map(Move::of).collect();
        let numbers = restored.iter().map(EntryChange::number).collect();
        let outcome = (UndoDone { restored: numbers, refused, change: change.to_owned() }, moves);
        Ok(Ok(Decision { text, entries: restored, outcome }))
    })?;
    match applied {
        Some(_) => finish_moves(workspace, &moves, &signs),
        // Nothing could be undone. The record prevents that it is offered again.
        None => drop(workspace.store().note(&journal, &meta)?),
    }
    Ok(undone)
}
