//! Performs the actions chosen in the tray menu or on a notification.
//!
//! Guarantees: each action is one call of the engine or one start of the window. Blocking work runs outside the main
//! loop. Failures are shown in a notification.

use std::path::Path;
use std::time::{Duration, Instant};

use headcount_core::Number;
use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::notification::OutcomeOffer;
use headcount_core::notification::announcement::AnnouncementReport;
use headcount_core::terminal::outcome::ShowOutcome;
use headcount_core::view::action::{Action, View};
use headcount_core::view::history::Actor;
use headcount_core::view::text::messages;
use headcount_core::view::text::outcome_messages;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::announcements::{DesktopReport, Reporter};
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::desktop_env;
use headcount_engine::{Error, Workspace};
use tauri::AppHandle;

use crate::args;
use crate::notifications;
use crate::tasks;

/// Performs an action. `token`, the activation token of the click, lets the window take the focus.
pub(crate) fn perform(app: &AppHandle, program: &Path, resolved: &ResolvedConfig, action: Action, token: Option<&str>) {
    let workspace = &resolved.workspace;
    match action {
        Action::Open(place) => open_window(app, program, &resolved.overrides, &place, token),
        Action::Show(number) => show(app, workspace, number),
        Action::InWorkspace(name, action) => in_workspace(app, resolved, &name, *action),
        Action::CleanUp(targets) => clean_up(app, workspace, targets),
        Action::Undo(change) => undo(app, workspace, change),
        Action::Redo(change) => redo(app, workspace, change),
        Action::Register(pid) => register(app, workspace, pid),
        Action::RegisterAll => register_all(app, workspace),
        Action::Snooze(choice) => {
            in_background(app, workspace, move |workspace| ops::snooze(workspace, choice, context()));
        }
        Action::StartAtLogin(is_wanted) => {
            let login = args::login(program, resolved);
            in_background(app, workspace, move |_| ops::start_at_login(&login, is_wanted));
        }
        Action::Quit => app.exit(0),
    }
}

/// Performs an action in another workspace. Only terminals are shown there: window and notifications are of this one.
fn in_workspace(app: &AppHandle, resolved: &ResolvedConfig, name: &str, action: Action) {
    match (resolved.workspace_named(name), action) {
        (Some(workspace), Action::Show(number)) => show(app, &workspace, number),
        (_, action) => tracing::warn!(name, ?action, "the action is not possible in this workspace"),
    }
}

/// The action context: the tray, at the current time.
fn context() -> ActionContext {
    ActionContext { by: Actor::Tray, at: SystemClock.now() }
}

/// Brings the terminal of a session to the front. Only a failure is reported.
fn show(app: &AppHandle, workspace: &Workspace, number: Number) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let shown = ops::show(workspace, number, desktop_env::of_process())?;
        if shown.outcome != ShowOutcome::Shown {
            let (title, body) = shown.message();
            notifications::say(&handle, &title, &body, None);
        }
        Ok(())
    });
}

/// Marks the given sessions inactive if they are still stale. Shows the result in a notification with *Undo*.
fn clean_up(app: &AppHandle, workspace: &Workspace, targets: Vec<Target>) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let done = ops::cleanup(workspace, &Selection::Only(targets), false, context())?.done;
        let (title, body) = outcome_messages::cleaned_up(&done);
        notifications::say(&handle, &title, &body, done.change.map(OutcomeOffer::Undo));
        Ok(())
    });
}

/// Marks sessions with ended processes inactive. A failure is reported to the announcer, which retries: no person
/// waits for the result.
pub(crate) fn clean_up_ended(app: &AppHandle, workspace: &Workspace, targets: Vec<Target>, reporter: Reporter) {
    let (app, workspace, ended) = (app.clone(), workspace.clone(), targets.clone());
    let action = move || {
        let done = ops::cleanup(&workspace, &Selection::Only(ended), false, context())?.done;
        if !done.marked.is_empty() {
            let (title, body) = outcome_messages::cleaned_up(&done);
            notifications::say(&app, &title, &body, done.change.map(OutcomeOffer::Undo));
        }
        Ok(())
    };
    // Sending fails only while the app exits.
    tasks::act(action, move |_| {
        drop(reporter.send(DesktopReport::Announcement(AnnouncementReport::NotCleanedUp(targets))));
    });
}

/// Registers a running session under a free number, and shows the result.
fn register(app: &AppHandle, workspace: &Workspace, pid: u32) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let (number, _) = ops::register_running(workspace, pid, context())?;
        let (title, body) = outcome_messages::registered(number);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Registers all running sessions under free numbers, and shows the result.
fn register_all(app: &AppHandle, workspace: &Workspace) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let (numbers, _) = ops::register_all_running(workspace, context())?;
        let (title, body) = outcome_messages::registered_all(&numbers);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Undoes a change, and shows the result.
fn undo(app: &AppHandle, workspace: &Workspace, change: String) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let undone = ops::undo(workspace, &change, context())?;
        let (title, body) = outcome_messages::undone(&undone);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Redoes a change that was overwritten with an older copy, and shows the result.
fn redo(app: &AppHandle, workspace: &Workspace, change: String) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let redone = ops::redo(workspace, &change, context())?;
        let (title, body) = outcome_messages::redone(&redone);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Opens the window, or raises the existing one.
pub(crate) fn open_window(
    app: &AppHandle,
    program: &Path,
    overrides: &CliOverrides,
    place: &View,
    token: Option<&str>,
) {
    let mut command = tokio::process::Command::new(program);
    command.args(args::for_window(overrides, place, token));
    #[cfg(target_os = "linux")]
    if let Some(token) = token {
        // Lets the compositor pass the focus of the click to the new window.
        command.env("XDG_ACTIVATION_TOKEN", token);
    }
    let (handle, start) = (app.clone(), Instant::now());
    tasks::spawn(async move {
        let failure = match command.spawn() {
            // Awaited, so that no zombie process remains.
            Ok(mut window) => match window.wait().await {
                Ok(status) if !status.success() && start.elapsed() < WINDOW_START => {
                    let has_web_engine = tauri::webview_version().is_ok();
                    Some(outcome_messages::window_ended(&status.to_string(), has_web_engine))
                }
                ended => ended.err().map(|error| error.to_string()),
            },
            Err(error) => Some(error.to_string()),
        };
        if let Some(failure) = failure {
            notifications::say(&handle, outcome_messages::NO_WINDOW, &messages::plain(&failure, 1000), None);
        }
    });
}

/// A window that fails in this time was never shown. One that ends later was ended by the user or the system.
const WINDOW_START: Duration = Duration::from_secs(10);

/// Runs blocking work in the background. A failure is shown in a notification.
fn in_background(
    app: &AppHandle,
    workspace: &Workspace,
    work: impl FnOnce(&Workspace) -> Result<(), Error> + Send + 'static,
) {
    let (handle, workspace) = (app.clone(), workspace.clone());
    let report = move |error: Error| {
        let text = messages::plain(&error.to_string(), 1000);
        notifications::say(&handle, outcome_messages::NOTHING_CHANGED, &text, None);
    };
    tasks::act(move || work(&workspace), report);
}
