//! Events of Claude Code's hooks.
//!
//! Guarantees: core decides on the registry that is read under the lock. The common case, a known session, takes no
//! lock and writes at most one heartbeat. A failed heartbeat is logged and is no error, because the registry is more
//! important.

use headcount_core::Number;
use headcount_core::claude::hook::payload::{HookEvent, StartSource};
use headcount_core::claude::hook::reply::{self, HookReply};
use headcount_core::claude::hook::transition::{self, HookSession, MatchedSession, Transition, reaches_model};
use headcount_core::claude::session_role;
use headcount_core::liveness::ownership::Ownership;
use headcount_core::registry::Registry;
use headcount_core::view::history::Actor;

use super::ActionContext;
use super::session::{SystemKnowledge, write_beat};
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
    event: &HookEvent,
    context: ActionContext,
) -> Result<HookOutcome, Error> {
    let known = SystemKnowledge { workspace };
    let decide = |registry: &Registry| {
        transition::decide(registry, session, event, context.at, &known)
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
            write_beat(workspace, &matched, matches!(event, HookEvent::SessionStart(_)), context);
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
        Ok(match transition::forget_told(registry, number, told) {
            Some((text, _)) => Ok(Decision { text, entries: Vec::new(), outcome: () }),
            None => Err(()),
        })
    })?;
    Ok(())
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
    event: &HookEvent,
    context: ActionContext,
) -> Result<HookReply, Error> {
    if session.is_subagent || !reaches_model(event) {
        return Ok(HookReply::default());
    }
    let is_start = matches!(event, HookEvent::SessionStart(_));
    let context = match matched.told_before {
        Some(told) if !is_start && told == matched.number => None,
        Some(told) if !is_start => Some(reply::moved(told, matched.number)),
        _ => {
            let rows = Model::of_processes(workspace, workspace.store().read_with_retry()?, context.at).rows();
            Some(reply::greeting(matched.number, rows.iter().map(AsRef::as_ref)))
        }
    };
    let is_title_free = session.title.is_none()
        || session.shown_title.as_deref().is_some_and(|title| session_role::is_own_title(title, &matched.role));
    // A cleared or compacted session already has its title.
    let wants_title =
        is_start && workspace.sets_titles && is_title_free && *event != HookEvent::SessionStart(StartSource::Compact);
    Ok(HookReply { context, title: wants_title.then(|| session_role::title(matched.number, &matched.role)) })
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
