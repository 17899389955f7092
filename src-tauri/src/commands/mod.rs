//! The commands of the page.
//!
//! Guarantees: each command is one call of the engine, by the window, at the current time. A failure is a code and a
//! message. The page can call the commands of `table.rs` and listen to events, nothing else: handler, permissions and
//! the names that the page uses are made from that table.

mod settings;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::cleanup::{CleanupDone, Selection, Target, UndoDone};
use headcount_core::registry::numbering::{Move, Renumbered};
use headcount_core::registry::registration::NewSession;
use headcount_core::settings::timeout;
use headcount_core::terminal::outcome::ShowResult;
use headcount_core::view::action::View;
use headcount_core::view::history::{Actor, HistoryLine};
use headcount_core::view::session::details::Details;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::snapshot::delta::{DeltaEncoder, SnapshotDelta};
use headcount_core::view::snapshot::wire::{Changed, Failure, Registered, RegisteredAll};
use headcount_engine::autostart::Login;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::workspace_task::{ConfigUpdates, Snapshots};
use headcount_engine::workspace::desktop_env;
use headcount_engine::workspace::environment::Environment;
use headcount_engine::{Error, Workspace};
use serde::Deserialize;
use tauri::State;
use tauri::ipc::Invoke;

use crate::args;
use crate::command_arg::Arg;
use crate::tasks;

/// The number of journal entries shown by the page.
const HISTORY: usize = 500;

/// The state shared by the commands.
pub(crate) struct AppState {
    program: PathBuf,
    env: Environment,
    config_updates: ConfigUpdates,
    snapshots: Snapshots,
    encoder: Mutex<DeltaEncoder>,
}

impl AppState {
    pub(crate) fn new(program: PathBuf, env: Environment, config_updates: ConfigUpdates, snapshots: Snapshots) -> Self {
        Self { program, env, config_updates, snapshots, encoder: Mutex::default() }
    }

    /// The autostart entry for the tray app.
    fn login(&self) -> Login {
        args::login(&self.program, &self.config_updates.borrow())
    }

    /// The changes since the last snapshot that the page received.
    pub(crate) fn next_delta(&self, snapshot: &Arc<Snapshot>) -> Option<SnapshotDelta> {
        self.encoder.lock().unwrap_or_else(PoisonError::into_inner).next_delta(snapshot)
    }
}

/// A session as the page showed it.
#[derive(Deserialize)]
struct Named {
    number: Number,
    session_id: String,
}

/// The place where the page opens. Taken once by the page.
pub(crate) struct Opening(Mutex<Option<View>>);

impl Opening {
    pub(crate) fn at(place: View) -> Self {
        Self(Mutex::new(Some(place)))
    }

    /// Replaces the place. Returns `false` if the page has already taken it.
    pub(crate) fn replace(&self, place: &View) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_some() && waiting.replace(place.clone()).is_some()
    }
}

/// The handler of the page's requests.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    macro_rules! commands {
        ($($table:tt)*) => { tauri::generate_handler![$($table)*] };
    }
    include!("table.rs")
}

/// An engine error in wire form.
fn failure(error: &Error) -> Failure {
    Failure { code: error.code().into(), message: error.to_string() }
}

/// The failure while the app exits.
fn closing() -> Failure {
    Failure { code: "closing".into(), message: "Headcount is closing".into() }
}

/// The current snapshot. Waits until the first one is available.
#[tauri::command]
async fn snapshot(state: State<'_, AppState>) -> Result<SnapshotDelta, Failure> {
    let mut snapshots = state.snapshots.clone();
    let known = snapshots.wait_for(Option::is_some).await.map_err(|_| closing())?.clone();
    let known = known.ok_or_else(closing)?;
    let at = SystemClock.now().max(known.at);
    Ok(state.encoder.lock().unwrap_or_else(PoisonError::into_inner).whole(&known, at))
}

/// The place where the page opens. Returned once.
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands its state over so")]
#[tauri::command]
fn place(opening: State<'_, Opening>) -> Option<String> {
    opening.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(|place| place.to_string())
}

/// Marks these sessions inactive if they are stale.
#[tauri::command]
async fn cleanup(
    state: State<'_, AppState>,
    numbers: Arg<Vec<Number>>,
    force: Arg<bool>,
) -> Result<CleanupDone, Failure> {
    let known = state.snapshots.borrow().clone();
    // The page sends numbers; the session ids come from the snapshot that it shows.
    let target = |number| {
        known.as_ref().and_then(|known| known.row(number)).map_or(Target::number(number), |row| Target::of(row))
    };
    let selection = Selection::Only(numbers.0.into_iter().map(target).collect());
    blocking(&state, move |workspace, context| {
        ops::cleanup(workspace, &selection, force.0, context).map(|cleanup| cleanup.done)
    })
    .await
}

/// Undoes a change.
#[tauri::command]
async fn undo(state: State<'_, AppState>, change: Arg<String>) -> Result<UndoDone, Failure> {
    blocking(&state, move |workspace, context| ops::undo(workspace, &change.0, context)).await
}

/// The newest changes.
#[tauri::command]
async fn history(state: State<'_, AppState>) -> Result<Vec<HistoryLine>, Failure> {
    blocking(&state, |workspace, _| ops::history(workspace, HISTORY)).await
}

/// All details of one session.
#[tauri::command]
async fn details(state: State<'_, AppState>, number: Arg<Number>) -> Result<Details, Failure> {
    blocking(&state, move |workspace, context| ops::details(workspace, number.0, context.at)).await
}

/// Brings the terminal of a session to the front.
#[tauri::command]
async fn show(state: State<'_, AppState>, number: Arg<Number>) -> Result<ShowResult, Failure> {
    blocking(&state, move |workspace, _| ops::show(workspace, number.0, desktop_env::of_process())).await
}

/// Registers a session under a free number.
#[tauri::command]
async fn register(
    state: State<'_, AppState>,
    number: Arg<Number>,
    role: Arg<String>,
    goal: Arg<String>,
    session_id: Arg<Option<String>>,
) -> Result<Changed, Failure> {
    // Its terminal is not known; the scripts use this word.
    let (Arg(number), Arg(role), Arg(goal), Arg(session_id)) = (number, role, goal, session_id);
    let new_session = NewSession { number, session_id, role, goal, terminal: "unknown".into(), claude: None };
    let change = blocking(&state, move |workspace, context| ops::register(workspace, &new_session, context)).await?;
    Ok(Changed { change })
}

/// Registers a running, unregistered session under the lowest free number.
#[tauri::command]
async fn register_running(state: State<'_, AppState>, pid: Arg<u32>) -> Result<Registered, Failure> {
    let done = blocking(&state, move |workspace, context| ops::register_running(workspace, pid.0, context)).await;
    done.map(|(number, change)| Registered { number, change })
}

/// Registers every running, unregistered session in one change.
#[tauri::command]
async fn register_all_running(state: State<'_, AppState>) -> Result<RegisteredAll, Failure> {
    let done = blocking(&state, ops::register_all_running).await;
    done.map(|(numbers, change)| RegisteredAll { numbers, change })
}

/// Writes a heartbeat for a session.
#[tauri::command]
async fn heartbeat(state: State<'_, AppState>, named: Arg<Named>) -> Result<Changed, Failure> {
    let beat = |workspace: &Workspace, target, context| {
        ops::heartbeat(workspace, target, BeatKind::Manual, context).map(|()| None)
    };
    changed(&state, named, beat).await
}

/// Signs a session off.
#[tauri::command]
async fn release(state: State<'_, AppState>, named: Arg<Named>) -> Result<Changed, Failure> {
    changed(&state, named, ops::release).await
}

/// Reactivates a session.
#[tauri::command]
async fn reactivate(state: State<'_, AppState>, named: Arg<Named>) -> Result<Changed, Failure> {
    changed(&state, named, ops::reactivate).await
}

/// Sets whether a session is kept.
#[tauri::command]
async fn keep(state: State<'_, AppState>, named: Arg<Named>, is_kept: Arg<bool>) -> Result<Changed, Failure> {
    changed(&state, named, move |workspace, target, context| ops::keep(workspace, target, is_kept.0, context)).await
}

/// Sets a session's own timeout; `null` resets it to the general one.
#[tauri::command]
async fn set_own_timeout(
    state: State<'_, AppState>,
    named: Arg<Named>,
    minutes: Arg<Option<u32>>,
) -> Result<Changed, Failure> {
    let timeout = minutes.0.map(timeout).transpose().map_err(|invalid| failure(&invalid.into()))?;
    changed(&state, named, move |workspace, target, context| ops::set_own_timeout(workspace, target, timeout, context))
        .await
}

/// The moves that a reassignment would make.
#[tauri::command]
async fn preview_reassign(
    state: State<'_, AppState>,
    from: Arg<Number>,
    to: Arg<Number>,
) -> Result<Vec<Move>, Failure> {
    blocking(&state, move |workspace, _| ops::preview_reassign(workspace, from.0, to.0)).await
}

/// Gives a session another number. Fails if the moves differ from the ones shown.
#[tauri::command]
async fn reassign(
    state: State<'_, AppState>,
    from: Arg<Number>,
    to: Arg<Number>,
    shown: Arg<Vec<Move>>,
) -> Result<Renumbered, Failure> {
    blocking(&state, move |workspace, context| ops::reassign(workspace, from.0, to.0, Some(&shown.0), context)).await
}

/// The moves that compacting would make.
#[tauri::command]
async fn preview_compact(state: State<'_, AppState>) -> Result<Vec<Move>, Failure> {
    blocking(&state, |workspace, context| ops::preview_compact(workspace, context.at)).await
}

/// Numbers the active sessions 1, 2, 3 … in their order.
#[tauri::command]
async fn compact(state: State<'_, AppState>, shown: Arg<Vec<Move>>) -> Result<Renumbered, Failure> {
    blocking(&state, move |workspace, context| ops::compact(workspace, Some(&shown.0), context)).await
}

/// Applies a change to a session named by the page.
async fn changed(
    state: &AppState,
    Arg(Named { number, session_id }): Arg<Named>,
    work: impl FnOnce(&Workspace, Target, ActionContext) -> Result<Option<String>, Error> + Send + 'static,
) -> Result<Changed, Failure> {
    let target = Target { number, session_id: Some(session_id) };
    let change = blocking(state, move |workspace, context| work(workspace, target, context)).await?;
    Ok(Changed { change })
}

/// Runs work that may wait for a lock.
async fn blocking<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&Workspace, ActionContext) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    let workspace = state.config_updates.borrow().workspace.clone();
    let context = ActionContext { by: Actor::Window, at: SystemClock.now() };
    let done = tasks::wait_for(move || work(&workspace, context)).await;
    done.ok_or_else(closing)?.map_err(|error| failure(&error))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    macro_rules! commands {
        ($($path:path),* $(,)?) => { [$(stringify!($path)),*] };
    }

    fn names() -> Vec<String> {
        let paths = include!("table.rs");
        paths.iter().map(|path| path.rsplit("::").next().unwrap().trim().to_owned()).collect()
    }

    #[test]
    fn the_window_may_use_the_commands_and_two_events_only() {
        let capability: Value = serde_json::from_str(include_str!("../../capabilities/window.json")).unwrap();
        let mut wanted: Vec<String> = names().iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
        wanted.extend(["core:event:allow-listen", "core:event:allow-unlisten"].map(str::to_owned));
        assert_eq!(capability["permissions"], serde_json::json!(wanted));
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
    }

    #[test]
    fn the_page_calls_commands_by_the_names_of_the_table() {
        let names: Vec<String> = names().iter().map(|name| format!("  | \"{name}\"")).collect();
        let text = format!(
            "// Generated from src-tauri/src/commands/table.rs by `make wire`.\n\n/** The commands that the page can call. */\n\
             export type CommandName =\n{};\n",
            names.join("\n")
        );
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/commands.d.ts");
        if std::env::var_os("WRITE_WIRE_TYPES").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "run `make wire`");
    }
}
