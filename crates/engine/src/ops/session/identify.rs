//! Identifying: the evidence for the decision, and the changes that follow.
//!
//! Guarantees: writes the registry first, then the heartbeat, then the three files with the shell's number. If a later
//! step fails, the earlier ones stay done and the error names the failed one. Does not ask the user: see core's
//! `identify_flow`.

use std::path::Path;

use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::registry::identify_flow::{self, Answers, EntryAction, Known, Next, States};
use headcount_core::registry::registration::NewSession;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Time};
use serde::Serialize;

use super::running::remember_route;
use super::{CallingSession, calling_session, registration};
use crate::claude::hook_env::HookEnv;
use crate::claude::shell_identity;
use crate::ops::ActionContext;
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// The evidence for an identification.
#[derive(Debug)]
pub struct IdentifyContext {
    /// The sessions before it.
    pub snapshot: Snapshot,
    /// The lowest free number.
    pub lowest: Number,
    /// The number as which a shell of this machine last identified.
    pub last: Option<Number>,
    /// The Claude Code session that runs the command.
    pub caller: Option<CallingSession>,
    states: States,
}

impl IdentifyContext {
    /// The next step.
    #[must_use]
    pub fn next(&self, answers: &Answers) -> Next {
        let Self { states, lowest, last, .. } = self;
        let own = self.caller.as_ref().and_then(|caller| caller.number);
        identify_flow::next(
            &Known { states, cleanup: &self.snapshot.cleanup, lowest: *lowest, last: *last, own },
            answers,
        )
    }
}

/// Reads the evidence for a command with this environment. Changes nothing.
///
/// # Errors
///
/// If the registry cannot be read.
pub fn identify_context(workspace: &Workspace, env: &HookEnv, at: Time) -> Result<IdentifyContext, Error> {
    let caller = calling_session(workspace, env)?;
    let model = Model::look(workspace, at)?;
    let snapshot = model.snapshot(at);
    let states: States = snapshot.rows.iter().map(|row| (row.number, row.state)).collect();
    let lowest = identify_flow::lowest(model.table().registry(), &states);
    // All windows of a machine share the file, so it is not used for one Claude Code session.
    let last = if caller.is_some() { None } else { shell_identity::number(folder(workspace)) };
    Ok(IdentifyContext { snapshot, lowest, last, caller, states })
}

/// The result of an identification.
#[derive(Debug, Serialize)]
pub struct Identified {
    /// The number.
    pub number: Number,
    /// `registered`, `reactivated`, or `known` if it already had this number.
    pub how: &'static str,
    /// The change's id in the journal; `None` if the registry was not changed.
    pub change: Option<String>,
}

/// Registers or reactivates a session if necessary, writes a heartbeat, and stores the number for this shell.
///
/// # Errors
///
/// If core refuses the registration, or a file cannot be written.
pub fn identify(
    workspace: &Workspace,
    action: EntryAction,
    caller: Option<&CallingSession>,
    terminal: &str,
    context: ActionContext,
) -> Result<Identified, Error> {
    let number = action.number();
    let (how, change) = match action {
        EntryAction::Continue(_) => ("known", None),
        EntryAction::Reactivate(_) => ("reactivated", registration::reactivate(workspace, number, context)?),
        EntryAction::Register { role, goal, .. } => {
            // A session that is already registered must not get a second entry.
            let claude = caller.filter(|caller| caller.number.is_none()).map(|caller| caller.claude.clone());
            let new_session = NewSession { number, session_id: None, role, goal, terminal: terminal.into(), claude };
            let process = new_session.claude.as_ref().and_then(|claude| claude.process.clone());
            let change = registration::register(workspace, &new_session, context)?;
            remember_route(workspace, process.as_ref());
            ("registered", change)
        }
    };
    if how != "reactivated" {
        registration::heartbeat(workspace, number, BeatKind::Identity, context)?;
    }
    shell_identity::write(workspace, number)?;
    Ok(Identified { number, how, change })
}

fn folder(workspace: &Workspace) -> &Path {
    workspace.registry.parent().unwrap_or(Path::new("."))
}
