//! Cleanup of stale sessions.
//!
//! Guarantees: marks exactly the requested sessions that are stale under the lock. Refuses without evidence unless
//! forced. Right after the computer resumed, sessions without a recent heartbeat are skipped unless they are named. A
//! dry run decides in the same way and changes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use headcount_core::liveness::cleanup::{self, CautionCode, CleanupDone, Selection};
use headcount_core::liveness::{Reason, State};
use headcount_core::view::session::row::Row;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Registry, Time};

use super::{ActionContext, prune, release_unused};
use crate::store::Decision;
use crate::store::journal::CLEANUP;
use crate::tasks::model::Model;
use crate::{Error, Workspace, suspend};

/// A cleanup, and the snapshot it was decided on.
#[derive(Debug)]
pub struct Cleanup {
    /// The result.
    pub done: CleanupDone,
    /// The sessions before the cleanup.
    pub before: Snapshot,
}

/// Maximum number of attempts to read the evidence without the lock. A heartbeat that is written meanwhile makes one
/// fail.
const ATTEMPTS: u32 = 3;

/// Marks stale sessions inactive. Without evidence (see [`cleanup::Caution::lacks_evidence`]) only if forced.
///
/// The evidence is read before the lock is taken, because that takes long in a large folder. Under the lock only the
/// sessions to be marked are checked again.
///
/// # Errors
///
/// If evidence is missing, or the registry cannot be read or changed.
pub fn cleanup(
    workspace: &Workspace,
    selection: &Selection,
    is_forced: bool,
    context: ActionContext,
) -> Result<Cleanup, Error> {
    let meta = context.meta(CLEANUP);
    for attempt in 1.. {
        let evidence = FolderState::of(&workspace.heartbeats);
        let mut model = model(workspace, workspace.store().read_with_retry()?, context.at);
        let (cleanup, planned) = decide_cleanup(workspace, &model, selection, is_forced, context.at)?;
        if planned.is_empty() {
            refuse_right_after_sleep(&cleanup, selection)?;
            return Ok(finished(workspace, cleanup, None, selection, context));
        }
        let (cleanup, change) = workspace.store().update(&workspace.journal(), &meta, |registry| {
            if evidence.has_changed(&workspace.heartbeats) {
                if attempt < ATTEMPTS {
                    return Ok(Err(None));
                }
                model = self::model(workspace, registry.clone(), context.at);
            } else {
                model.set_registry(Ok(registry.clone()), context.at);
                model.recheck_evidence(&planned, context.at);
            }
            let (mut cleanup, mut numbers) = decide_cleanup(workspace, &model, selection, is_forced, context.at)?;
            // Sessions that became stale meanwhile were not checked again.
            numbers.retain(|number| planned.contains(number));
            cleanup.done.marked.retain(|number| planned.contains(number));
            if numbers.is_empty() {
                return Ok(Err(Some(cleanup)));
            }
            let (text, entries) = cleanup::mark(registry, &numbers, context.at);
            Ok(Ok(Decision { text, entries, outcome: Some(cleanup) }))
        })?;
        if let Some(cleanup) = cleanup {
            return Ok(finished(workspace, cleanup, change, selection, context));
        }
    }
    Err(Error::ConcurrentModification { path: workspace.heartbeats.clone() })
}

/// Refuses a cleanup of all sessions in the grace period after a resume, if it would only skip sessions.
fn refuse_right_after_sleep(cleanup: &Cleanup, selection: &Selection) -> Result<(), Error> {
    let just_woke = cleanup.before.cleanup.caution.as_ref().filter(|caution| caution.code == CautionCode::JustWoke);
    match just_woke {
        Some(caution) if *selection == Selection::All && !cleanup.done.skipped.is_empty() => {
            Err(Error::NoEvidence(caution.clone()))
        }
        _ => Ok(()),
    }
}

/// Signs off the sessions that ended unused. They are not stale, so the cleanup does not list them.
fn release_ended_unused(workspace: &Workspace, before: &Snapshot, context: ActionContext) {
    let is_unused = |row: &&Arc<Row>| row.state == State::Inactive && row.reason == Reason::Ended;
    let unused: Vec<Number> = before.rows.iter().filter(is_unused).map(|row| row.number).collect();
    if !unused.is_empty()
        && let Err(error) = release_unused(workspace, &unused, context)
    {
        tracing::warn!("{error}");
    }
}

fn finished(
    workspace: &Workspace,
    mut cleanup: Cleanup,
    change: Option<String>,
    selection: &Selection,
    context: ActionContext,
) -> Cleanup {
    if *selection == Selection::All {
        release_ended_unused(workspace, &cleanup.before, context);
    }
    // The cleanup has listed the folder anyway.
    prune(workspace, &cleanup.done.marked, context);
    cleanup.done.change = change;
    cleanup
}

/// The state of a folder, by its modification time, which changes when a file is added or removed.
#[derive(Debug, PartialEq, Eq)]
struct FolderState(Option<SystemTime>);

impl FolderState {
    /// The resolution of file times.
    const TICK: Duration = Duration::from_millis(20);

    /// Reads the state of a folder before its files are read. Waits until a later change will be visible in the time.
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

/// The result that [`cleanup()`] would have. Changes nothing and takes no lock.
///
/// # Errors
///
/// As [`cleanup()`].
pub fn preview_cleanup(
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
    if let Some(moment) = suspend::quiet_until(&workspace.memory, at) {
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
        // A typed number without a session is an error. A session that was chosen on a screen may have ended since.
        let typed = targets.iter().filter(|target| target.session_id.is_none());
        if let Some(missing) = typed.map(|target| target.number).find(|number| registry.entry(*number).is_none()) {
            return Err(Error::NoSession { number: missing, path: workspace.registry.clone() });
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
    let done = CleanupDone { marked: plan.mark.clone(), skipped: plan.skipped, change: None };
    Ok((Cleanup { done, before }, plan.mark))
}
