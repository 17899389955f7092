//! The window: a process of its own, with its own engine on the same files, gone when closed.
//!
//! Promises: a second start raises the first and goes to its place; the page hears of every change. What it may ask for
//! is in `commands`. Decides nothing.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use headcount_core::desktop;
use headcount_core::view::menu::Place;
use headcount_engine::clock::SystemClock;
use headcount_engine::tasks::throttle::ThrottledSnapshots;
use headcount_engine::tasks::workspace_task::{ConfigUpdates, Snapshots, WorkspaceTask};
use tauri::webview::PageLoadEvent;
use tauri::{App, AppHandle, Emitter as _, LogicalSize, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_window_state::StateFlags;

use crate::appearance;
use crate::args::{SecondStart, Started};
use crate::commands::{self, AppState, Opening};

/// The window's name, also in its capability file.
const MAIN: &str = "main";

/// How long a page may take before its window is shown without it: somebody asked for a window, and is to see that it fails.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);

/// The least size of the window where the screen has room for it, in logical pixels.
const MINIMUM: (f64, f64) = (480.0, 360.0);

/// How long a window may take to be focused.
const FOCUS: Duration = Duration::from_millis(300);

/// What of the window is as it was left. When it is seen is `appear`'s.
const REMEMBERED: StateFlags = StateFlags::all().difference(StateFlags::VISIBLE);

pub(crate) fn run(started: Started, place: Place) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut context = tauri::generate_context!();
    // Another app than the tray to the system: each is a single instance of its own, with its own web data.
    context.config_mut().identifier.push_str(".Window");
    let code = tauri::Builder::default()
        .manage(Opening::at(place))
        .plugin(tauri_plugin_single_instance::init(|app, args, folder| raise(app, SecondStart::read(&args, &folder))))
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(REMEMBERED).build())
        .invoke_handler(commands::handler())
        .setup(move |app| open(app, started))
        .build(context)?
        .run_return(|_, _| {});
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn open(app: &mut App, started: Started) -> Result<(), Box<dyn std::error::Error>> {
    let Started { origin, opened, program } = started;
    let handle = app.handle().clone();
    let system = appearance::follow();
    let theme = appearance::look(opened.settings().theme, *system.borrow());
    tauri::async_runtime::block_on(async {
        let around = origin.around().clone();
        let (live, snapshots) = WorkspaceTask::configured(origin, opened, Arc::new(SystemClock));
        let openings = live.openings();
        tauri::async_runtime::spawn(live.run());
        app.manage(AppState::new(program, around, openings.clone(), snapshots.clone()));
        tauri::async_runtime::spawn(forward(handle.clone(), snapshots));
        tauri::async_runtime::spawn(forward_settings(handle.clone(), openings.clone()));
        tauri::async_runtime::spawn(appearance::apply(handle, openings, system));
    });
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Headcount")
        .theme(theme)
        // The page is the app's own and stays it: a policy for contents does not say where a window may go.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .inner_size(880.0, 720.0)
        .min_inner_size(MINIMUM.0, MINIMUM.1)
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                appear(&window);
            }
        })
        .build()?;
    if let Err(error) = fit(&window) {
        tracing::warn!(%error, "cannot fit the window to the screen");
    }
    tauri::async_runtime::spawn(appear_anyway(window));
    Ok(())
}

/// Makes a window smaller that is larger than the work area of its screen, whether new or as it was left on another one.
fn fit(window: &WebviewWindow) -> tauri::Result<()> {
    let monitor = window.current_monitor()?.map_or_else(|| window.primary_monitor(), |monitor| Ok(Some(monitor)))?;
    let Some(monitor) = monitor else { return Ok(()) };
    let area: LogicalSize<f64> = monitor.work_area().size.to_logical(monitor.scale_factor());
    let size: LogicalSize<f64> = window.inner_size()?.to_logical(window.scale_factor()?);
    let (width, height) = desktop::fitting((size.width, size.height), (area.width, area.height));
    if width < size.width || height < size.height {
        let fitting = LogicalSize { width, height };
        window.set_min_size(Some(LogicalSize { width: MINIMUM.0.min(width), height: MINIMUM.1.min(height) }))?;
        window.set_size(fitting)?;
    }
    Ok(())
}

/// Shows the window; asked for once its page is loaded, so that what appears is the rows and not an empty sheet. `WebKitGTK`,
/// moreover, stands still for half a second where it has to paint a page that is still loading: it waits for a picture that
/// cannot come, because the page waits for files from the thread that waits.
fn appear(window: &WebviewWindow) {
    if let Err(error) = window.show() {
        tracing::warn!(%error, "cannot show the window");
    }
}

/// Shows a window whose page does not come.
async fn appear_anyway(window: WebviewWindow) {
    tokio::time::sleep(PAGE_TIMEOUT).await;
    if window.is_visible().is_ok_and(|is_visible| !is_visible) {
        tracing::warn!("the window's page has not loaded");
        appear(&window);
    }
}

/// Tells the page of every change, at a pace that leaves it time for whoever uses it.
async fn forward(app: AppHandle, snapshots: Snapshots) {
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    while let Some(snapshot) = snapshots.next().await {
        let Some(news) = app.state::<AppState>().news(&snapshot) else { continue };
        if let Err(error) = app.emit_to(MAIN, "news", news) {
            tracing::warn!(%error, "cannot tell the page");
        }
    }
}

/// Tells the page of every change of what is configured.
async fn forward_settings(app: AppHandle, mut openings: ConfigUpdates) {
    while openings.changed().await.is_ok() {
        let opened = Arc::clone(&openings.borrow_and_update());
        if let Err(error) = app.emit_to(MAIN, "settings", opened.setup()) {
            tracing::warn!(%error, "cannot tell the page");
        }
    }
}

/// Goes to a place in the window that is open, and brings the window to the front.
fn raise(app: &AppHandle, asked: SecondStart) {
    if app.state::<Opening>().instead(&asked.place) {
        // It is just opening, and its page does not listen yet.
        return;
    }
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = app.emit_to(MAIN, "place", asked.place.to_string()) {
        tracing::warn!(%error, "cannot tell the page");
    }
    tauri::async_runtime::spawn(async move {
        if let Err(error) = bring_to_front(&window, asked.token).await {
            tracing::warn!(%error, "cannot raise the window");
        }
    });
}

/// Raises and focuses the window. Compositors refuse that without the activation token of a click, and some panels send
/// none: what is not focused after a moment is hidden and shown, as a new window would be.
async fn bring_to_front(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    present(window, token)?;
    tokio::time::sleep(FOCUS).await;
    if !window.is_focused()? {
        window.hide()?;
        window.show()?;
        window.set_focus()?;
    }
    Ok(())
}

/// Presents the window with the token of the click.
#[cfg(target_os = "linux")]
fn present(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    use gtk::prelude::GtkWindowExt as _;
    let Some(token) = token else { return window.set_focus() };
    let to_present = window.clone();
    window.run_on_main_thread(move || match to_present.gtk_window() {
        Ok(window) => {
            window.set_startup_id(&token);
            window.present();
        }
        Err(error) => tracing::warn!(%error, "cannot present the window"),
    })
}

#[cfg(not(target_os = "linux"))]
fn present(window: &WebviewWindow, _token: Option<String>) -> tauri::Result<()> {
    window.set_focus()
}
