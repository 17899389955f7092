//! Saying who one is: what that is decided on, and what follows.
//!
//! Promises: the registry first, then the beat, then the three files by which a shell remembers its number; where a later one
//! fails, what is done stays done and the message says what failed. Does not ask: see core's `identification`.

use std::path::Path;

use headcount_core::enrolment::Newcomer;
use headcount_core::identification::{self, Answers, Entrance, Known, Next, States};
use headcount_core::new_beat::Kind;
use headcount_core::snapshot::Snapshot;
use headcount_core::{Number, Time};
use serde::Serialize;

use super::{Act, enrolment};
use crate::model::Model;
use crate::{Error, Workspace, identity};

/// What an identification is decided on.
#[derive(Debug)]
pub struct Acquaintance {
    /// The sessions as they were found.
    pub picture: Snapshot,
    /// The lowest free number.
    pub lowest: Number,
    /// The number this machine's shell last identified as.
    pub last: Option<Number>,
    states: States,
}

impl Acquaintance {
    /// The next step.
    #[must_use]
    pub fn next(&self, answers: &Answers) -> Next {
        let Self { states, lowest, last, .. } = self;
        identification::next(&Known { states, cleanup: &self.picture.cleanup, lowest: *lowest, last: *last }, answers)
    }
}

/// Looks at who is there. Changes nothing.
pub fn meet(workspace: &Workspace, at: Time) -> Result<Acquaintance, Error> {
    let model = Model::look(workspace, at)?;
    let picture = model.snapshot(at);
    let states: States = picture.rows.iter().map(|row| (row.number, row.state)).collect();
    let lowest = identification::lowest(model.roster().registry(), &states);
    Ok(Acquaintance { lowest, last: identity::number(folder(workspace)), states, picture })
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
pub fn identify(workspace: &Workspace, entrance: Entrance, terminal: &str, act: Act) -> Result<Identified, Error> {
    let number = entrance.number();
    let (how, change) = match entrance {
        Entrance::GoOn(_) => ("known", None),
        Entrance::Reactivate(_) => ("reactivated", enrolment::reactivate(workspace, number, act)?),
        Entrance::Register { role, goal, .. } => {
            let newcomer = Newcomer { number, session_id: None, role, goal, terminal: terminal.into(), claude: None };
            ("registered", enrolment::register(workspace, &newcomer, act)?)
        }
    };
    if how != "reactivated" {
        enrolment::heartbeat(workspace, number, Kind::Identity, act)?;
    }
    identity::write(folder(workspace), number)?;
    Ok(Identified { number, how, change })
}

fn folder(workspace: &Workspace) -> &Path {
    workspace.places.registry.parent().unwrap_or(Path::new("."))
}
