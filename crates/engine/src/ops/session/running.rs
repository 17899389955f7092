//! Registration of sessions that run without an entry.

use std::path::Path;

use headcount_core::claude::hook::payload::HookEvent;
use headcount_core::claude::hook::transition::{self, HookSession, MatchedSession, Transition};
use headcount_core::claude::session_role;
use headcount_core::claude::{Claude, ProcessKey, Record};
use headcount_core::liveness::process_matching;
use headcount_core::registry::registration::RegistrationError;
use headcount_core::{Number, Registry, Time};

use super::{SystemKnowledge, write_beat};
use crate::claude::session_routes;
use crate::ops::ActionContext;
use crate::store::Decision;
use crate::tasks::model::Model;
use crate::workspace::git::branch;
use crate::{Error, Workspace};

/// Registers a running session by its pid, under the lowest free number. Returns the number and the change's id.
///
/// # Errors
///
/// If the pid is not that of an unregistered session, or the registry cannot be read or changed.
pub fn register_running(
    workspace: &Workspace,
    pid: u32,
    context: ActionContext,
) -> Result<(Number, Option<String>), Error> {
    let (numbers, change) = register_unregistered(workspace, Some(pid), context)?;
    let gone = || Error::NotRunning { pid, path: workspace.registry.clone() };
    numbers.first().map(|number| (*number, change)).ok_or_else(gone)
}

/// Registers all running sessions without an entry, in one change. Returns their numbers and the change's id.
///
/// # Errors
///
/// If the registry cannot be read or changed.
pub fn register_all_running(
    workspace: &Workspace,
    context: ActionContext,
) -> Result<(Vec<Number>, Option<String>), Error> {
    register_unregistered(workspace, None, context)
}

fn register_unregistered(
    workspace: &Workspace,
    pid: Option<u32>,
    context: ActionContext,
) -> Result<(Vec<Number>, Option<String>), Error> {
    let model = Model::look(workspace, context.at)?;
    let records = model.tracker().unregistered_records().filter(|record| pid.is_none_or(|pid| record.pid == pid));
    let sessions: Vec<HookSession> = records.map(|record| session_of(workspace, record)).collect();
    if sessions.is_empty() {
        return Ok((Vec::new(), None));
    }
    let (registered, change) =
        workspace.store().update(&workspace.journal(), &context.meta("register"), |registry| {
            register_each(workspace, registry, &sessions, pid.is_some(), context.at).map(Ok)
        })?;
    for (matched, process) in &registered {
        write_beat(workspace, matched, true, context);
        remember_route(workspace, process.as_ref());
    }
    let registered: Vec<&MatchedSession> = registered.iter().map(|(matched, _)| matched).collect();
    Ok((registered.iter().map(|matched| matched.number).collect(), change))
}

/// A session that was registered, and its process.
type Registered = (MatchedSession, Option<ProcessKey>);

/// Registers these sessions one after the other. A session that has an entry by now is left out, unless
/// `must_register`.
fn register_each(
    workspace: &Workspace,
    registry: &Registry,
    sessions: &[HookSession],
    must_register: bool,
    at: Time,
) -> Result<Decision<Vec<Registered>>, Error> {
    let known = SystemKnowledge { workspace };
    let mut after = registry.clone();
    let (mut registered, mut entries) = (Vec::new(), Vec::new());
    for session in sessions {
        let (process, id) = (session.claude.process.as_ref(), session.claude.session_id.as_deref());
        if let Some(entry) = process_matching::entry_of(&after, process, id) {
            // It has registered itself meanwhile.
            if must_register {
                return Err(Error::refused(RegistrationError::Taken(entry.number), workspace));
            }
            continue;
        }
        // A running session may have been used already. Its model gets the number with the next prompt.
        let transition = transition::register(&after, session, &HookEvent::Other, at, &known)
            .map_err(|refusal| Error::refused(refusal, workspace))?;
        let Transition::Matched(mut matched) = transition else { continue };
        let Some((text, changes)) = matched.changed.take() else { continue };
        after = Registry::read(text.into_bytes())
            .map_err(|reason| Error::Unreadable { path: workspace.registry.clone(), reason })?;
        entries.extend(changes);
        registered.push((matched, session.claude.process.clone()));
    }
    Ok(Decision { text: after.text().to_owned(), entries, outcome: registered })
}

/// Records the registry of a process, so that no other registry registers it.
pub(super) fn remember_route(workspace: &Workspace, process: Option<&ProcessKey>) {
    let state = &workspace.state;
    let Some(process) = process.filter(|_| state.is_absolute()) else { return };
    let registry = &workspace.registry;
    if let Err(error) = session_routes::remember(state, process, registry, &*workspace.processes) {
        tracing::warn!("{error}");
    }
}

/// The session that a record describes.
fn session_of(workspace: &Workspace, record: &Record) -> HookSession {
    let name = session_role::given_name(Some(record), None);
    let branch = record.cwd.as_deref().map(Path::new).and_then(branch::of);
    HookSession {
        claude: Claude {
            process: record.process.clone(),
            session_id: record.session_id.clone(),
            job: record.job.clone(),
            cwd: record.cwd.clone(),
            ..Claude::default()
        },
        pid: Some(record.pid),
        pid_space: workspace.processes.pid_space(),
        role: session_role::role(name.as_deref(), record.cwd.as_deref(), branch.as_deref()),
        terminal: workspace.processes.terminal(record.pid),
        may_register: true,
        ..HookSession::default()
    }
}
