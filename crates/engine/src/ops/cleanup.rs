//! Cleaning up.
//!
//! Promises: marks exactly the stale sessions among those asked for, as they are found under the lock; refuses without
//! evidence unless forced; right after the computer slept, sessions that are only quiet are left alone unless they are named. A rehearsal decides the same way and changes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use headcount_core::liveness::cleanup::{self, CautionCode, Done, Selection};
use headcount_core::liveness::{Reason, State};
use headcount_core::view::row::Row;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Registry, Time};

use super::{ActionContext, prune, release_unused};
use crate::store::Decision;
use crate::store::journal::CLEANUP;
use crate::tasks::model::Model;
use crate::{Error, Workspace, suspend};

/// A cleanup, and the picture it was decided on.
#[derive(Debug)]
pub struct Cleanup {
    /// What was done.
    pub done: Done,
    /// The sessions as they were found.
    pub before: Snapshot,
}

/// How often the evidence is read again without the lock because a beat came in between.
const ATTEMPTS: u32 = 3;

/// Marks stale sessions inactive. Without evidence (see [`cleanup::Caution::lacks_evidence`]) only when forced.
///
/// The evidence is read before the lock is taken, because that takes long in a large folder; under the lock only the sessions
/// that would be marked are looked at again.
///
/// # Errors
/// If evidence is missing, or the registry cannot be read or changed.
pub fn cleanup(
    workspace: &Workspace,
    selection: &Selection,
    is_forced: bool,
    context: ActionContext,
) -> Result<Cleanup, Error> {
    let deed = context.meta(CLEANUP);
    for attempt in 1.. {
        let evidence = FolderState::of(&workspace.places.heartbeats);
        let mut model = model(workspace, workspace.store().read_with_retry()?, context.at);
        let (cleanup, planned) = decide_cleanup(workspace, &model, selection, is_forced, context.at)?;
        if planned.is_empty() {
            refuse_right_after_sleep(&cleanup, selection)?;
            return Ok(swept(workspace, cleanup, None, selection, context));
        }
        let (cleanup, change) = workspace.store().update(&workspace.journal(), &deed, |registry| {
            if evidence.has_changed(&workspace.places.heartbeats) {
                if attempt < ATTEMPTS {
                    return Ok(Err(None));
                }
                model = self::model(workspace, registry.clone(), context.at);
            } else {
                model.set_registry(Ok(registry.clone()), context.at);
                model.recheck_evidence(&planned, context.at);
            }
            let (mut cleanup, mut numbers) = decide_cleanup(workspace, &model, selection, is_forced, context.at)?;
            // What became stale meanwhile was not looked at again.
            numbers.retain(|number| planned.contains(number));
            cleanup.done.marked.retain(|number| planned.contains(number));
            if numbers.is_empty() {
                return Ok(Err(Some(cleanup)));
            }
            let (text, entries) = cleanup::mark(registry, &numbers, context.at);
            Ok(Ok(Decision { text, entries, outcome: Some(cleanup) }))
        })?;
        if let Some(cleanup) = cleanup {
            return Ok(swept(workspace, cleanup, change, selection, context));
        }
    }
    Err(Error::ConcurrentModification { path: workspace.places.heartbeats.clone() })
}

/// Refuses a cleanup of all sessions while those that were left alone get time to beat, if it would do nothing else.
fn refuse_right_after_sleep(cleanup: &Cleanup, selection: &Selection) -> Result<(), Error> {
    let just_woke = cleanup.before.cleanup.caution.as_ref().filter(|caution| caution.code == CautionCode::JustWoke);
    match just_woke {
        Some(caution) if *selection == Selection::All && !cleanup.done.skipped.is_empty() => {
            Err(Error::NoEvidence(caution.clone()))
        }
        _ => Ok(()),
    }
}

/// Signs off the sessions that ended unused. They are not stale, so the cleanup does not list them, and a session that is
/// marked could leave them its beats.
fn release_those_unused(workspace: &Workspace, before: &Snapshot, context: ActionContext) {
    let is_unused = |row: &&Arc<Row>| row.state == State::Inactive && row.reason == Reason::Ended;
    let unused: Vec<Number> = before.rows.iter().filter(is_unused).map(|row| row.number).collect();
    if !unused.is_empty()
        && let Err(error) = release_unused(workspace, &unused, context)
    {
        tracing::warn!("{error}");
    }
}

fn swept(
    workspace: &Workspace,
    mut cleanup: Cleanup,
    change: Option<String>,
    selection: &Selection,
    context: ActionContext,
) -> Cleanup {
    if *selection == Selection::All {
        release_those_unused(workspace, &cleanup.before, context);
    }
    // The folder was looked through anyway, and it is about putting things in order.
    prune(workspace, &cleanup.done.marked, context);
    cleanup.done.change = change;
    cleanup
}

/// A folder at one moment, by what changes when a file in it is added or removed.
#[derive(Debug, PartialEq, Eq)]
struct FolderState(Option<SystemTime>);

impl FolderState {
    /// How coarse the times of files can be.
    const TICK: Duration = Duration::from_millis(20);

    /// Looks at a folder whose files are read afterwards. Waits until a later change will show.
    fn of(folder: &Path) -> Self {
        let found = Self::look(folder);
        let age = found.0.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if age.is_some_and(|age| age < Self::TICK) {
            std::thread::sleep(Self::TICK);
            return Self::look(folder);
        }
        found
    }

    fn look(folder: &Path) -> Self {
        Self(std::fs::metadata(folder).and_then(|found| found.modified()).ok())
    }

    fn has_changed(&self, folder: &Path) -> bool {
        Self::look(folder) != *self
    }
}

/// What [`cleanup()`] would do at a moment. Changes nothing and takes no lock.
pub fn rehearse_cleanup(
    workspace: &Workspace,
    selection: &Selection,
    is_forced: bool,
    at: Time,
) -> Result<Cleanup, Error> {
    let registry = workspace.store().read_with_retry()?;
    decide_cleanup(workspace, &model(workspace, registry, at), selection, is_forced, at).map(|(cleanup, _)| cleanup)
}

fn model(workspace: &Workspace, registry: Registry, at: Time) -> Model {
    let mut model = Model::of(workspace, registry, at);
    if let Some(moment) = suspend::quiet_until(&workspace.places.memory, at) {
        model.set_quiet_until(moment);
    }
    model
}

fn decide_cleanup(
    workspace: &Workspace,
    model: &Model,
    selection: &Selection,
    is_forced: bool,
    at: Time,
) -> Result<(Cleanup, Vec<Number>), Error> {
    let registry = model.table().registry();
    if let Selection::Only(targets) = selection {
        // A number somebody typed is a mistake to be told; one that was named on a screen may simply be gone by now.
        let typed = targets.iter().filter(|target| target.session_id.is_none());
        if let Some(missing) = typed.map(|target| target.number).find(|number| registry.entry(*number).is_none()) {
            return Err(Error::NoSession { number: missing, path: workspace.places.registry.clone() });
        }
    }
    let before = model.snapshot(at);
    let plan = cleanup::plan(&before.rows, selection);
    match &before.cleanup.caution {
        Some(caution) if caution.lacks_evidence() && !is_forced && !plan.mark.is_empty() => {
            return Err(Error::NoEvidence(caution.clone()));
        }
        _ => {}
    }
    let just_woke = before.cleanup.caution.as_ref().is_some_and(|caution| caution.code == CautionCode::JustWoke);
    let plan = if just_woke && *selection == Selection::All && !is_forced {
        cleanup::without_quiet(plan, &before.rows)
    } else {
        plan
    };
    let done = Done { marked: plan.mark.clone(), skipped: plan.skipped, change: None };
    Ok((Cleanup { done, before }, plan.mark))
}
