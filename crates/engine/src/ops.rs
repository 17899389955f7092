//! Every action a person can take, once. Tray, window, command and hook call these.
//!
//! Promises: an action decides on what is on disk now, under the lock, not on what a screen showed; it is in the journal;
//! it either happened or says why not. Blocks: callers that must not wait run it elsewhere.

use headcount_core::cleanup::{self, Done, Selection, Undone};
use headcount_core::snapshot::Snapshot;
use headcount_core::snooze::Snooze;
use headcount_core::{Number, Registry, Time};

use crate::journal::{Actor, CLEANUP, Deed, UNDO};
use crate::model::Model;
use crate::store::Decision;
use crate::{Error, Workspace, snooze};

/// Who acts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// Who.
    pub by: Actor,
    /// When: what "stale" is measured against, and what is written as the time of the change.
    pub at: Time,
}

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
    let deed = Deed { at: act.at, by: act.by, what: CLEANUP, of: None };
    let (mut cleanup, change) = workspace.store().update(&workspace.journal(), &deed, |registry| {
        let (cleanup, numbers) = decide_cleanup(workspace, registry.clone(), selection, is_forced, act.at)?;
        if numbers.is_empty() {
            return Ok(Err(cleanup));
        }
        let (text, entries) = cleanup::mark(registry, &numbers, act.at);
        Ok(Ok(Decision { text, entries, outcome: cleanup }))
    })?;
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

/// Takes a change back, session by session, wherever nobody changed it since.
pub fn undo(workspace: &Workspace, change: &str, act: Act) -> Result<Undone, Error> {
    let journal = workspace.journal();
    let record = journal.change(change)?;
    let deed = Deed { at: act.at, by: act.by, what: UNDO, of: Some(change.to_owned()) };
    let (undone, taken_back) = workspace.store().update(&journal, &deed, |registry| {
        let undone = headcount_core::change::undo(registry, &record.entries);
        let outcome = Undone {
            restored: undone.restored.iter().map(|entry| entry.number).collect(),
            refused: undone.refused,
            change: change.to_owned(),
        };
        Ok(Ok(Decision { text: undone.text, entries: undone.restored, outcome }))
    })?;
    if taken_back.is_none() {
        // Nothing could be put back: said once, and not offered again.
        journal.append(&deed, Vec::new())?;
    }
    Ok(undone)
}

/// Quietens notifications, or brings them back.
pub fn snooze(workspace: &Workspace, choice: Snooze, act: Act) -> Result<(), Error> {
    snooze::set(&workspace.places.state, choice.until(act.at, &chrono::Local))
}
