//! The window: a process of its own, with its own engine on the same files, gone when closed.
//!
//! Promises: a second start raises the first and goes to its place; the page can call four commands and listen, nothing
//! else; a failure reaches the page as a code and a sentence. Decides nothing.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use headcount_core::Number;
use headcount_core::cleanup::{Done, Selection, Target, Undone};
use headcount_core::menu::Place;
use headcount_core::snapshot::Snapshot;
use headcount_core::snapshot::wire::Failure;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::journal::Actor;
use headcount_engine::live::{Live, Snapshots};
use headcount_engine::ops::{self, Act};
use headcount_engine::{Error, Workspace};
use tauri::{App, AppHandle, Emitter as _, Manager as _, State, WebviewUrl, WebviewWindowBuilder};

use crate::args::{Opened, place_asked_for};

/// The window's name, also in its capability file.
const MAIN: &str = "main";

/// What the commands need.
struct Desk {
    workspace: Workspace,
    snapshots: Snapshots,
    /// Where the page is to open, until it asked.
    place: Mutex<Option<Place>>,
}

/// What the engine says, on the wire.
fn failure(error: &Error) -> Failure {
    Failure { code: error.code().into(), message: error.to_string() }
}

/// The app is ending under the page.
fn closing() -> Failure {
    Failure { code: "closing".into(), message: "Headcount is closing".into() }
}

pub(crate) fn run(opened: &Opened, place: Place) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut context = tauri::generate_context!();
    // Another app than the tray to the system: each is a single instance of its own, with its own web data.
    context.config_mut().identifier.push_str(".Window");
    let workspace = opened.workspace.clone();
    let code = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, args, _folder| raise(app, &place_asked_for(&args))))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .invoke_handler(tauri::generate_handler![snapshot, cleanup, undo, self::place])
        .setup(move |app| open(app, workspace, place))
        .build(context)?
        .run_return(|_, _| {});
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn open(app: &mut App, workspace: Workspace, place: Place) -> Result<(), Box<dyn std::error::Error>> {
    let handle = app.handle().clone();
    tauri::async_runtime::block_on(async {
        let (live, snapshots) = Live::new(workspace.clone(), Arc::new(SystemClock));
        tauri::async_runtime::spawn(live.run());
        tauri::async_runtime::spawn(forward(handle, snapshots.clone()));
        app.manage(Desk { workspace, snapshots, place: Mutex::new(Some(place)) });
    });
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Headcount")
        // The page is the app's own and stays it: a policy for contents does not say where a window may go.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .inner_size(880.0, 720.0)
        .min_inner_size(480.0, 360.0)
        .build()?;
    Ok(())
}

/// Tells the page of every change.
async fn forward(app: AppHandle, mut snapshots: Snapshots) {
    while snapshots.changed().await.is_ok() {
        let Some(snapshot) = snapshots.borrow_and_update().clone() else { continue };
        if let Err(error) = app.emit_to(MAIN, "snapshot", snapshot.as_ref()) {
            tracing::warn!(%error, "cannot tell the page");
        }
    }
}

fn raise(app: &AppHandle, place: &Place) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let raised = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = raised.and_then(|()| app.emit_to(MAIN, "place", place.to_string())) {
        tracing::warn!(%error, "cannot raise the window");
    }
}

/// What is known now; waits for the first look.
#[tauri::command]
async fn snapshot(desk: State<'_, Desk>) -> Result<Snapshot, Failure> {
    let mut snapshots = desk.snapshots.clone();
    let known = snapshots.wait_for(Option::is_some).await.map_err(|_| closing())?;
    let known = known.as_deref().ok_or_else(closing)?;
    Ok(Snapshot { at: SystemClock.now().max(known.at), ..known.clone() })
}

/// Marks these sessions inactive, as far as they are stale.
#[tauri::command]
async fn cleanup(desk: State<'_, Desk>, numbers: Vec<Number>, force: bool) -> Result<Done, Failure> {
    let known = desk.snapshots.borrow().clone();
    // The page names numbers; who they were when it did is known here.
    let target = |number| {
        known.as_ref().and_then(|known| known.row(number)).map_or(Target::number(number), |row| Target::of(row))
    };
    let selection = Selection::Only(numbers.into_iter().map(target).collect());
    blocking(&desk, move |workspace, act| ops::cleanup(workspace, &selection, force, act).map(|cleanup| cleanup.done))
        .await
}

/// Takes a change back.
#[tauri::command]
async fn undo(desk: State<'_, Desk>, change: String) -> Result<Undone, Failure> {
    blocking(&desk, move |workspace, act| ops::undo(workspace, &change, act)).await
}

/// Where the page is to open; asked once.
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands its state over so")]
#[tauri::command]
fn place(desk: State<'_, Desk>) -> Option<String> {
    desk.place.lock().unwrap_or_else(PoisonError::into_inner).take().map(|place| place.to_string())
}

/// Runs an action that may wait for a lock.
async fn blocking<T: Send + 'static>(
    desk: &Desk,
    work: impl FnOnce(&Workspace, Act) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    let workspace = desk.workspace.clone();
    let act = Act { by: Actor::Window, at: SystemClock.now() };
    let done = tauri::async_runtime::spawn_blocking(move || work(&workspace, act)).await;
    done.map_err(|_| closing())?.map_err(|error| failure(&error))
}
