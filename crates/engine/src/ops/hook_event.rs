//! Events of Claude Code's hooks, and registration of sessions that run without an entry.
//!
//! Guarantees: core decides on the registry that is read under the lock. The common case, a known session, takes no
//! lock and writes at most one heartbeat. A failed heartbeat is logged and is no error, because the registry is more
//! important.

use headcount_core::Number;
use headcount_core::claude::hook::{Event, Source};
use headcount_core::claude::hook_reply::{self, HookReply};
use headcount_core::claude::hook_transition::{
    self, HookSession, MatchedSession, ProcessKnowledge, Transition, reaches_model,
};
use headcount_core::claude::session_role;
use headcount_core::claude::{Claude, ProcessKey, Record};
use headcount_core::heartbeat::heartbeat_file::{Kind, NewBeat};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;
use headcount_core::liveness::ownership::Ownership;
use headcount_core::liveness::process_matching;
use headcount_core::registry::Registry;
use headcount_core::registry::registration::RegistrationError;
use headcount_core::view::history::Actor;

use super::ActionContext;
use crate::claude::claude_records::ClaudeRecords;
use crate::claude::session_routes;
use crate::store::Decision;
use crate::store::heartbeat_writer;
use crate::store::heartbeat_writer::Pruning;
use crate::tasks::model::Model;
use crate::{Error, Workspace};

/// Maximum number of decisions, if other programs change the registry meanwhile.
const ATTEMPTS: u32 = 5;

/// The result of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookOutcome {
    /// The session's number while it is registered.
    pub number: Option<Number>,
    /// Whether the session has signed off.
    pub has_signed_off: bool,
    /// The reply to Claude Code.
    pub reply: HookReply,
    /// The number that the session's model was told before this event.
    pub told_before: Option<Number>,
}

/// Handles an event of a session.
///
/// # Errors
///
/// If the registry cannot be read or changed.
pub fn handle_event(
    workspace: &Workspace,
    session: &HookSession,
    event: &Event,
    context: ActionContext,
) -> Result<HookOutcome, Error> {
    let known = SystemKnowledge { workspace };
    let decide = |registry: &Registry| {
        hook_transition::decide(registry, session, event, context.at, &known)
            .map_err(|refusal| Error::refused(refusal, workspace))
    };
    let registry = workspace.store().read_with_retry()?;
    let mut transition = decide(&registry)?;
    for attempt in 0.. {
        let Some(what) = change_of(&transition) else { break };
        if attempt == ATTEMPTS {
            return Err(Error::ConcurrentModification { path: workspace.registry.clone() });
        }
        let made = make(workspace, context, what, decide)?;
        transition = made.transition;
        if made.is_done {
            break;
        }
    }
    match transition {
        Transition::Ignored => Ok(HookOutcome::default()),
        Transition::SignedOff(numbers, _) => {
            prune(workspace, &numbers, context);
            Ok(HookOutcome { has_signed_off: true, ..HookOutcome::default() })
        }
        Transition::Matched(matched) => {
            write_beat(workspace, &matched, matches!(event, Event::SessionStart(_)), context);
            let reply = reply(workspace, session, &matched, event, context)?;
            Ok(HookOutcome {
                number: Some(matched.number),
                told_before: matched.told_before,
                reply,
                has_signed_off: false,
            })
        }
    }
}

/// Records that a reply did not reach the model, so that the next prompt repeats it.
///
/// # Errors
///
/// If the registry cannot be changed.
pub fn forget_told(
    workspace: &Workspace,
    number: Number,
    told: Option<Number>,
    context: ActionContext,
) -> Result<(), Error> {
    workspace.store().update(&workspace.journal(), &context.meta("update"), |registry| {
        Ok(match hook_transition::forget_told(registry, number, told) {
            Some((text, _)) => Ok(Decision { text, entries: Vec::new(), outcome: () }),
            None => Err(()),
        })
    })?;
    Ok(())
}

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
    let known = SystemKnowledge { workspace };
    let (registered, change) =
        workspace.store().update(&workspace.journal(), &context.meta("register"), |registry| {
            let mut after = registry.clone();
            let (mut registered, mut entries) = (Vec::new(), Vec::new());
            for session in &sessions {
                let (process, id) = (session.claude.process.as_ref(), session.claude.session_id.as_deref());
                if let Some(entry) = process_matching::entry_of(&after, process, id) {
                    // It has registered itself meanwhile.
                    match pid {
                        Some(_) => return Err(Error::refused(RegistrationError::Taken(entry.number), workspace)),
                        None => continue,
                    }
                }
                // A running session may have been used already. Its model gets the number with the next prompt.
                let transition = hook_transition::register(&after, session, &Event::Other, context.at, &known)
                    .map_err(|refusal| Error::refused(refusal, workspace))?;
                let Transition::Matched(mut matched) = transition else { continue };
                let Some((text, changes)) = matched.changed.take() else { continue };
                after = Registry::read(text.into_bytes())
                    .map_err(|reason| Error::Unreadable { path: workspace.registry.clone(), reason })?;
                entries.extend(changes);
                registered.push((matched, session.claude.process.clone()));
            }
            let text = after.text().to_owned();
            Ok(Ok(Decision { text, entries, outcome: registered }))
        })?;
    for (matched, process) in &registered {
        write_beat(workspace, matched, true, context);
        remember_route(workspace, process.as_ref());
    }
    let registered: Vec<&MatchedSession> = registered.iter().map(|(matched, _)| matched).collect();
    Ok((registered.iter().map(|matched| matched.number).collect(), change))
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
        role: session_role::role(name.as_deref(), record.cwd.as_deref(), None),
        terminal: workspace.processes.terminal(record.pid),
        may_register: true,
        ..HookSession::default()
    }
}

/// Reads processes and Claude Code's records of them.
struct SystemKnowledge<'w> {
    workspace: &'w Workspace,
}

impl ProcessKnowledge for SystemKnowledge<'_> {
    fn look(&self, process: &ProcessKey) -> Process {
        self.workspace.processes.look(process)
    }

    fn boot(&self) -> Option<Boot> {
        self.workspace.processes.boot()
    }

    fn parked_job(&self, process: &ProcessKey) -> Option<String> {
        let folders = self.workspace.records.iter();
        let record = folders.filter_map(|folder| ClaudeRecords::one(folder, process.pid));
        record
            .filter(|record| record.process.as_ref().is_some_and(|own| own.is(process)))
            .find_map(|record| record.parked)
    }
}

/// The kind of change that a transition makes; `None` if it makes none.
fn change_of(transition: &Transition) -> Option<&'static str> {
    match transition {
        Transition::Matched(matched) => matched.changed.is_some().then_some(matched.what),
        Transition::SignedOff(..) => Some("release"),
        Transition::Ignored => None,
    }
}

/// The result of a change.
struct Made {
    transition: Transition,
    is_done: bool,
}

/// Decides again under the lock, because another program may have written meanwhile. Makes the change only if it is of
/// the kind `what`, which the journal records.
fn make(
    workspace: &Workspace,
    context: ActionContext,
    what: &'static str,
    decide: impl Fn(&Registry) -> Result<Transition, Error>,
) -> Result<Made, Error> {
    let ((transition, is_done), _) =
        workspace.store().update(&workspace.journal(), &context.meta(what), |registry| {
            let transition = decide(registry)?;
            let changed = match &transition {
                _ if change_of(&transition) != Some(what) => None,
                Transition::Ignored => None,
                Transition::Matched(matched) => matched.changed.clone(),
                Transition::SignedOff(_, changed) => Some(changed.clone()),
            };
            let Some((text, entries)) = changed else { return Ok(Err((transition, false))) };
            // Data about a session in its entry is bookkeeping, which a user would not undo.
            let entries = if what == "update" { Vec::new() } else { entries };
            Ok(Ok(Decision { text, entries, outcome: (transition, true) }))
        })?;
    Ok(Made { transition, is_done })
}

/// The reply to an event. At a session's start it names the number and the other sessions; at a prompt it names the
/// number if the model has not got it.
fn reply(
    workspace: &Workspace,
    session: &HookSession,
    matched: &MatchedSession,
    event: &Event,
    context: ActionContext,
) -> Result<HookReply, Error> {
    if session.is_subagent || !reaches_model(event) {
        return Ok(HookReply::default());
    }
    let is_start = matches!(event, Event::SessionStart(_));
    let context = match matched.told_before {
        Some(told) if !is_start && told == matched.number => None,
        Some(told) if !is_start => Some(hook_reply::moved(told, matched.number)),
        _ => {
            let rows = Model::of_processes(workspace, workspace.store().read_with_retry()?, context.at).rows();
            Some(hook_reply::greeting(matched.number, rows.iter().map(AsRef::as_ref)))
        }
    };
    let is_title_free = session.title.is_none()
        || session.shown_title.as_deref().is_some_and(|title| session_role::is_own_title(title, &matched.role));
    // A cleared or compacted session already has its title.
    let wants_title =
        is_start && workspace.sets_titles && is_title_free && *event != Event::SessionStart(Source::Compact);
    Ok(HookReply { context, title: wants_title.then(|| session_role::title(matched.number, &matched.role)) })
}

fn write_beat(workspace: &Workspace, matched: &MatchedSession, is_start: bool, context: ActionContext) {
    let kind = if is_start || matched.what != "update" { Kind::Identity } else { Kind::Activity };
    let beat = NewBeat { number: matched.number, session_id: &matched.session_id, kind, at: context.at };
    if let Err(error) = heartbeat_writer::write(workspace, &beat) {
        tracing::warn!("{error}");
    }
}

/// Removes old heartbeats of these sessions that no view shows any more, and, unless called by a hook, those of ids
/// without a session. A hook has little time, so it examines only a part of a large folder.
pub fn prune(workspace: &Workspace, numbers: &[Number], context: ActionContext) {
    let Ok(registry) = workspace.store().read() else { return };
    let entries = numbers.iter().filter_map(|number| registry.entry(*number));
    let ids: Vec<&str> = entries.map(|entry| entry.session_id.as_str()).collect();
    let ownership = Ownership::of(&registry);
    let is_orphan = |id: &str| context.by != Actor::Hook && ownership.owners(id).is_empty();
    let (names, files) = if context.by == Actor::Hook { (2_000, 100) } else { (usize::MAX, 2_000) };
    heartbeat_writer::prune(workspace, &Pruning { ids: &ids, is_orphan: &is_orphan, names, files }, context.at);
}
