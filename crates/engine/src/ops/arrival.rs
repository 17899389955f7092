//! Claude Code sessions that come, go on and leave, and those that run without being registered.
//!
//! Promises: what core decides, on the registry as it is under the lock; the common case, a session that is known, takes no
//! lock and writes a beat at most. A beat that cannot be written is said in the log: the registry is what counts.

use headcount_core::Number;
use headcount_core::arrival::{self, Arrival, Here, Visitor};
use headcount_core::claude::Claude;
use headcount_core::enrolment::Refusal;
use headcount_core::hook::Event;
use headcount_core::new_beat::{Kind, NewBeat};
use headcount_core::registry::Registry;
use headcount_core::running;

use super::Act;
use crate::model::Model;
use crate::store::Decision;
use crate::{Error, Workspace, beat};

/// How often a change is decided anew because it became one of another kind.
const ATTEMPTS: u32 = 5;

/// Does what an event of a session means. Returns what its model is to be told, where there is something.
pub fn attend(workspace: &Workspace, visitor: &Visitor, event: &Event, act: Act) -> Result<Option<String>, Error> {
    let decide = |registry: &Registry| {
        arrival::arrive(registry, visitor, event, act.at, |key| workspace.processes.look(key))
            .map_err(|refusal| Error::refused(refusal, workspace))
    };
    let mut arrival = decide(&workspace.store().read_patiently()?)?;
    for attempt in 0.. {
        let Some(what) = changes(&arrival) else { break };
        if attempt == ATTEMPTS {
            return Err(Error::Restless { path: workspace.places.registry.clone() });
        }
        let (decided, change) = make(workspace, act, what, decide)?;
        arrival = decided;
        if change.is_some() {
            break;
        }
    }
    let is_start = matches!(event, Event::SessionStart(_));
    match arrival {
        Arrival::Nobody => Ok(None),
        Arrival::Left(number, _) => {
            prune(workspace, &[number], act);
            Ok(None)
        }
        Arrival::Here(here) => {
            sign(workspace, &here, is_start, act);
            let moved = here.moved_from.map(|from| arrival::moved(from, here.number));
            if !is_start {
                return Ok(moved);
            }
            let rows = Model::look(workspace, act.at)?.rows();
            Ok(Some(arrival::greeting(here.number, rows.iter().map(AsRef::as_ref))))
        }
    }
}

/// Registers a session that runs and that the registry does not know, by its pid, under the lowest free number. Returns
/// the number and the change's id.
pub fn register_running(workspace: &Workspace, pid: u32, act: Act) -> Result<(Number, Option<String>), Error> {
    let model = Model::look(workspace, act.at)?;
    let gone = || Error::NotRunning { pid, path: workspace.places.registry.clone() };
    let record = model.lives().record(pid).ok_or_else(gone)?;
    let visitor = Visitor {
        claude: Claude {
            process: record.process.clone(),
            session_id: record.session_id.clone(),
            cwd: record.cwd.clone(),
            ..Claude::default()
        },
        role: arrival::role(record.name.as_deref(), record.cwd.as_deref(), None),
        terminal: workspace.processes.terminal(pid),
        is_subagent: false,
    };
    let (arrival, change) = make(workspace, act, "register", |registry| {
        let known = running::entry_of(registry, visitor.claude.process.as_ref(), visitor.claude.session_id.as_deref());
        let refused = |refusal| Error::refused(refusal, workspace);
        match known {
            Some(entry) => Err(refused(Refusal::Taken(entry.number))),
            None => arrival::register(registry, &visitor, act.at).map_err(refused),
        }
    })?;
    let Arrival::Here(here) = arrival else { return Err(gone()) };
    sign(workspace, &here, true, act);
    Ok((here.number, change))
}

/// What an arrival does to the registry; nothing where it changes nothing.
fn changes(arrival: &Arrival) -> Option<&'static str> {
    match arrival {
        Arrival::Here(here) => here.changed.is_some().then_some(here.what),
        Arrival::Left(..) => Some("release"),
        Arrival::Nobody => None,
    }
}

/// Decides again under the lock, and makes the change where it still is of that kind: the journal is told what it is, and
/// somebody may have written in between.
fn make(
    workspace: &Workspace,
    act: Act,
    what: &'static str,
    decide: impl Fn(&Registry) -> Result<Arrival, Error>,
) -> Result<(Arrival, Option<String>), Error> {
    workspace.store().update(&workspace.journal(), &act.deed(what), |registry| {
        let outcome = decide(registry)?;
        if changes(&outcome) != Some(what) {
            return Ok(Err(outcome));
        }
        let changed = match &outcome {
            Arrival::Nobody => None,
            Arrival::Here(here) => here.changed.clone(),
            Arrival::Left(_, changed) => Some(changed.clone()),
        };
        let Some((text, entries)) = changed else { return Ok(Err(outcome)) };
        // What an entry remembers of a session is no change that a person would take back.
        let entries = if what == "attend" { Vec::new() } else { entries };
        Ok(Ok(Decision { text, entries, outcome }))
    })
}

fn sign(workspace: &Workspace, here: &Here, is_start: bool, act: Act) {
    let kind = if is_start || here.what != "attend" { Kind::Identity } else { Kind::Activity };
    let beat = NewBeat { number: here.number, session_id: &here.session_id, kind, at: act.at };
    if let Err(error) = beat::write(&workspace.places.heartbeats, &beat) {
        tracing::warn!("{error}");
    }
}

/// Removes the beats of sessions that are older than anything shows.
pub fn prune(workspace: &Workspace, numbers: &[Number], act: Act) {
    let Ok(registry) = workspace.store().read() else { return };
    let entries = numbers.iter().filter_map(|number| registry.entry(*number));
    let ids: Vec<&str> = entries.map(|entry| entry.session_id.as_str()).collect();
    beat::prune(&workspace.places.heartbeats, &ids, act.at);
}
