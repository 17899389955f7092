//! Taking changes back, and making them again after another program's older copy undid them.
//!
//! Promises: session by session, wherever nobody changed it since; who was left alone is said, with the reason. A move is
//! taken back with the files that name the number.

use headcount_core::Registry;
use headcount_core::liveness::cleanup::{self, Selection, Target, Undone};
use headcount_core::registry::change::{self, EntryChange};
use headcount_core::registry::numbering::Move;

use super::ActionContext;
use super::numbering::{Signs, follow, signs_of_life};
use crate::store::Decision;
use crate::store::journal::{CLEANUP, ChangeMeta, REDO, UNDO};
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// Takes a change back.
pub fn undo(workspace: &Workspace, change: &str, context: ActionContext) -> Result<Undone, Error> {
    turn(workspace, change, &context.meta(UNDO), change::undo)
}

/// Makes a change again that another program's older copy took back. A cleanup never marks sessions that run by now.
pub fn redo(workspace: &Workspace, change: &str, context: ActionContext) -> Result<Undone, Error> {
    turn(workspace, change, &context.meta(REDO), |registry, changes| {
        let record = workspace.journal().change(change);
        if record.is_ok_and(|record| record.what == CLEANUP) {
            redo_cleanup(workspace, registry, changes, context)
        } else {
            change::redo(registry, changes)
        }
    })
}

/// Makes a cleanup again, of those sessions only that a cleanup would mark now.
fn redo_cleanup(
    workspace: &Workspace,
    registry: &Registry,
    changes: &[EntryChange],
    context: ActionContext,
) -> change::Undone {
    let rows = Model::of(workspace, registry.clone(), context.at).rows();
    let targets = changes.iter().map(|change| Target::number(change.number())).collect();
    let plan = cleanup::plan(&rows, &Selection::Only(targets));
    let still: Vec<EntryChange> =
        changes.iter().filter(|change| plan.mark.contains(&change.number())).cloned().collect();
    let mut undone = change::redo(registry, &still);
    undone.refused.extend(plan.skipped);
    undone
}

fn turn(
    workspace: &Workspace,
    change: &str,
    meta: &ChangeMeta,
    decide: impl Fn(&Registry, &[EntryChange]) -> change::Undone,
) -> Result<Undone, Error> {
    let journal = workspace.journal();
    let record = journal.change(change)?;
    let meta = ChangeMeta { of: Some(change.to_owned()), ..meta.clone() };
    let signs = if record.entries.iter().any(|entry| Move::of(entry).is_some()) {
        signs_of_life(workspace, meta.at)?
    } else {
        Signs::new()
    };
    let ((undone, moves), turned) = workspace.store().update(&journal, &meta, |registry| {
        let change::Undone { text, restored, refused } = decide(registry, &record.entries);
        let moves: Vec<Move> = restored.iter().filter_map(Move::of).collect();
        let numbers = restored.iter().map(EntryChange::number).collect();
        let outcome = (Undone { restored: numbers, refused, change: change.to_owned() }, moves);
        Ok(Ok(Decision { text, entries: restored, outcome }))
    })?;
    match turned {
        Some(_) => follow(workspace, &moves, &signs),
        // Nothing could be turned: said once, and not offered again.
        None => drop(workspace.store().note(&journal, &meta)?),
    }
    Ok(undone)
}
