//! Saying who one is: what that is decided on, and what follows.
//!
//! Promises: the registry first, then the beat, then the three files by which a shell remembers its number; where a later one
//! fails, what is done stays done and the message says what failed. Does not ask: see core's `identification`.

use std::path::Path;

use headcount_core::heartbeat::heartbeat_file::Kind;
use headcount_core::registry::identify_flow::{self, Answers, EntryAction, Known, Next, States};
use headcount_core::registry::registration::NewSession;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Number, Time};
use serde::Serialize;

use super::hook_event::remember_route;
use super::{ActionContext, CallingSession, calling_session, registration};
use crate::claude::shell_identity;
use crate::tasks::model::Model;
use crate::workspace::paths::HookEnv;
use crate::{Error, Workspace};

/// What an identification is decided on.
#[derive(Debug)]
pub struct IdentifyContext {
    /// The sessions as they were found.
    pub picture: Snapshot,
    /// The lowest free number.
    pub lowest: Number,
    /// The number this machine's shell last identified as.
    pub last: Option<Number>,
    /// The Claude Code session that asks.
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
            &Known { states, cleanup: &self.picture.cleanup, lowest: *lowest, last: *last, own },
            answers,
        )
    }
}

/// Looks at who is there, for a command with this environment. Changes nothing.
pub fn meet(workspace: &Workspace, env: &HookEnv, at: Time) -> Result<IdentifyContext, Error> {
    let caller = calling_session(workspace, env)?;
    let model = Model::look(workspace, at)?;
    let picture = model.snapshot(at);
    let states: States = picture.rows.iter().map(|row| (row.number, row.state)).collect();
    let lowest = identify_flow::lowest(model.table().registry(), &states);
    // The file is shared by all windows of a machine, a calling session is one of them.
    let last = if caller.is_some() { None } else { shell_identity::number(folder(workspace)) };
    Ok(IdentifyContext { picture, lowest, last, caller, states })
}

/// What became of an identification.
#[derive(Debug, Serialize)]
pub struct Identified {
    /// The number.
    pub number: Number,
    /// `registered`, `reactivated`, or `known`: it went on as what it was.
    pub how: &'static str,
    /// The change's id in the journal; nothing where the registry stayed as it was.
    pub change: Option<String>,
}

/// Is somebody from now on: registered or brought back where that is needed, beating, and remembered as this shell's.
pub fn identify(
    workspace: &Workspace,
    entrance: EntryAction,
    caller: Option<&CallingSession>,
    terminal: &str,
    context: ActionContext,
) -> Result<Identified, Error> {
    let number = entrance.number();
    let (how, change) = match entrance {
        EntryAction::GoOn(_) => ("known", None),
        EntryAction::Reactivate(_) => ("reactivated", registration::reactivate(workspace, number, context)?),
        EntryAction::Register { role, goal, .. } => {
            // A session that is registered already is not registered a second time.
            let claude = caller.filter(|caller| caller.number.is_none()).map(|caller| caller.claude.clone());
            let new_session = NewSession { number, session_id: None, role, goal, terminal: terminal.into(), claude };
            let process = new_session.claude.as_ref().and_then(|claude| claude.process.clone());
            let change = registration::register(workspace, &new_session, context)?;
            remember_route(workspace, process.as_ref());
            ("registered", change)
        }
    };
    if how != "reactivated" {
        registration::heartbeat(workspace, number, Kind::Identity, context)?;
    }
    shell_identity::write(&workspace.places, number)?;
    Ok(Identified { number, how, change })
}

fn folder(workspace: &Workspace) -> &Path {
    workspace.places.registry.parent().unwrap_or(Path::new("."))
}
