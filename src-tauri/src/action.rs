//! Carrying out what was chosen in the menu or on a notification.
//!
//! Promises: each choice is one call of the engine or one start of the window; what blocks runs beside the desktop's
//! loop; what fails is said in a notification.

use std::path::Path;

use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::notification::Offer;
use headcount_core::notification::announcement::Report;
use headcount_core::view::history::Actor;
use headcount_core::view::menu::{Action, Place};
use headcount_core::view::messages;
use headcount_core::view::outcome_messages;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::tasks::announcements::Reporter;
use headcount_engine::workspace::paths::CliOverrides;
use headcount_engine::workspace::workspace_source::ResolvedConfig;
use headcount_engine::{Error, Workspace};
use tauri::AppHandle;

use crate::args;
use crate::notifications;

/// Does what was chosen. A window is raised with `token`, the activation token of the click.
pub(crate) fn perform(app: &AppHandle, program: &Path, opened: &ResolvedConfig, action: Action, token: Option<&str>) {
    let workspace = &opened.workspace;
    match action {
        Action::Open(place) => open_window(app, program, &opened.overrides, &place, token),
        Action::CleanUp(targets) => clean_up(app, workspace, targets),
        Action::Undo(change) => undo(app, workspace, change),
        Action::Redo(change) => redo(app, workspace, change),
        Action::Register(pid) => register(app, workspace, pid),
        Action::RegisterAll => register_all(app, workspace),
        Action::Snooze(choice) => {
            in_background(app, workspace, move |workspace| ops::snooze(workspace, choice, context()))
        }
        Action::StartAtLogin(is_wanted) => {
            let login = args::login(program, opened);
            in_background(app, workspace, move |_| ops::start_at_login(&login, is_wanted));
        }
        Action::Quit => app.exit(0),
    }
}

/// The tray, acting now.
fn context() -> ActionContext {
    ActionContext { by: Actor::Tray, at: SystemClock.now() }
}

/// Marks the named sessions inactive, as far as they are still stale, and says so with *Undo*.
fn clean_up(app: &AppHandle, workspace: &Workspace, targets: Vec<Target>) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let done = ops::cleanup(workspace, &Selection::Only(targets), false, context())?.done;
        let (title, body) = outcome_messages::cleaned_up(&done);
        notifications::say(&handle, &title, &body, done.change.map(Offer::Undo));
        Ok(())
    });
}

/// Marks sessions inactive whose processes ended. What fails is reported and tried again: no person waits for it.
pub(crate) fn clean_up_ended(app: &AppHandle, workspace: &Workspace, targets: Vec<Target>, reporter: Reporter) {
    let (app, workspace) = (app.clone(), workspace.clone());
    tauri::async_runtime::spawn_blocking(move || {
        match ops::cleanup(&workspace, &Selection::Only(targets.clone()), false, context()) {
            Ok(cleanup) if cleanup.done.marked.is_empty() => {}
            Ok(cleanup) => {
                let (title, body) = outcome_messages::cleaned_up(&cleanup.done);
                notifications::say(&app, &title, &body, cleanup.done.change.map(Offer::Undo));
            }
            Err(error) => {
                tracing::warn!("{error}");
                // No one receives any more only while the app ends.
                drop(reporter.send(Report::NotCleanedUp(targets)));
            }
        }
    });
}

/// Gives a session that runs a number, and says so.
fn register(app: &AppHandle, workspace: &Workspace, pid: u32) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let (number, _) = ops::register_running(workspace, pid, context())?;
        let (title, body) = outcome_messages::registered(number);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Gives all sessions that run numbers, and says so.
fn register_all(app: &AppHandle, workspace: &Workspace) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let (numbers, _) = ops::register_all_running(workspace, context())?;
        let (title, body) = outcome_messages::registered_all(&numbers);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Takes a change back, and says so.
fn undo(app: &AppHandle, workspace: &Workspace, change: String) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let undone = ops::undo(workspace, &change, context())?;
        let (title, body) = outcome_messages::undone(&undone);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Makes a change again that an older copy took back, and says so.
fn redo(app: &AppHandle, workspace: &Workspace, change: String) {
    let handle = app.clone();
    in_background(app, workspace, move |workspace| {
        let redone = ops::redo(workspace, &change, context())?;
        let (title, body) = outcome_messages::redone(&redone);
        notifications::say(&handle, &title, &body, None);
        Ok(())
    });
}

/// Opens the window, or raises the one there is.
pub(crate) fn open_window(
    app: &AppHandle,
    program: &Path,
    overrides: &CliOverrides,
    place: &Place,
    token: Option<&str>,
) {
    let mut command = tokio::process::Command::new(program);
    command.args(args::for_window(overrides, place, token));
    #[cfg(target_os = "linux")]
    if let Some(token) = token {
        // Lets the compositor give the new window the focus that the click had.
        command.env("XDG_ACTIVATION_TOKEN", token);
    }
    let handle = app.clone();
    tauri::async_runtime::spawn(async move {
        let ended = match command.spawn() {
            // Waited for, so that no dead process is left behind.
            Ok(mut window) => window.wait().await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            notifications::say(&handle, outcome_messages::NO_WINDOW, &messages::plain(&error.to_string(), 1000), None);
        }
    });
}

/// Runs what may block; a failure is said in a notification.
fn in_background(
    app: &AppHandle,
    workspace: &Workspace,
    work: impl FnOnce(&Workspace) -> Result<(), Error> + Send + 'static,
) {
    let (handle, workspace) = (app.clone(), workspace.clone());
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = work(&workspace) {
            tracing::warn!("{error}");
            notifications::say(
                &handle,
                outcome_messages::NOTHING_CHANGED,
                &messages::plain(&error.to_string(), 1000),
                None,
            );
        }
    });
}
