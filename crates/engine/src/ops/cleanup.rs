//! Cleaning up.
//!
//! Promises: marks exactly the stale sessions among those asked for, as they are found under the lock; refuses without
//! evidence unless forced. A rehearsal decides the same way and changes nothing.

use headcount_core::cleanup::{self, Done, Selection};
use headcount_core::snapshot::Snapshot;
use headcount_core::{Number, Registry, Time};

use super::Act;
use crate::journal::CLEANUP;
use crate::model::Model;
use crate::store::Decision;
use crate::{Error, Workspace, beat};

/// A cleanup, and the picture it was decided on.
#[derive(Debug)]
pub struct Cleanup {
    /// What was done.
    pub done: Done,
    /// The sessions as they were found.
    pub before: Snapshot,
}

/// Marks stale sessions inactive. Without evidence (see [`cleanup::Caution::lacks_evidence`]) only when forced.
pub fn cleanup(workspace: &Workspace, selection: &Selection, is_forced: bool, act: Act) -> Result<Cleanup, Error> {
    let deed = act.deed(CLEANUP);
    let (mut cleanup, change) = workspace.store().update(&workspace.journal(), &deed, |registry| {
        let (cleanup, numbers) = decide_cleanup(workspace, registry.clone(), selection, is_forced, act.at)?;
        if numbers.is_empty() {
            return Ok(Err(cleanup));
        }
        let (text, entries) = cleanup::mark(registry, &numbers, act.at);
        Ok(Ok(Decision { text, entries, outcome: cleanup }))
    })?;
    // The folder was looked through anyway, and it is about putting things in order.
    beat::sweep(&workspace.places, act.at);
    cleanup.done.change = change;
    Ok(cleanup)
}

/// What [`cleanup()`] would do at a moment. Changes nothing and takes no lock.
pub fn rehearse_cleanup(
    workspace: &Workspace,
    selection: &Selection,
    is_forced: bool,
    at: Time,
) -> Result<Cleanup, Error> {
    let registry = workspace.store().read_patiently()?;
    decide_cleanup(workspace, registry, selection, is_forced, at).map(|(cleanup, _)| cleanup)
}

fn decide_cleanup(
    workspace: &Workspace,
    registry: Registry,
    selection: &Selection,
    is_forced: bool,
    at: Time,
) -> Result<(Cleanup, Vec<Number>), Error> {
    if let Selection::Only(targets) = selection {
        // A number somebody typed is a mistake to be told; one that was named on a screen may simply be gone by now.
        let typed = targets.iter().filter(|target| target.session_id.is_none());
        if let Some(missing) = typed.map(|target| target.number).find(|number| registry.entry(*number).is_none()) {
            return Err(Error::NoSession { number: missing, path: workspace.places.registry.clone() });
        }
    }
    let before = Model::of(workspace, registry, at).snapshot(at);
    let plan = cleanup::plan(&before.rows, selection);
    match &before.cleanup.caution {
        Some(caution) if caution.lacks_evidence() && !is_forced && !plan.mark.is_empty() => {
            return Err(Error::NoEvidence(caution.clone()));
        }
        _ => {}
    }
    let done = Done { marked: plan.mark.clone(), skipped: plan.skipped, change: None };
    Ok((Cleanup { done, before }, plan.mark))
}
