//! The window: a separate process with its own engine on the same files. It ends when the window is closed.
//!
//! Guarantees: a second start raises the window and navigates it. The page receives every change. `commands` lists the
//! page's requests. Decides nothing.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use headcount_core::desktop;
use headcount_core::view::action::View;
use headcount_engine::clock::SystemClock;
use headcount_engine::tasks::throttle::ThrottledSnapshots;
use headcount_engine::tasks::workspace_task::{ConfigUpdates, Snapshots, WorkspaceTask};
use tauri::webview::PageLoadEvent;
use tauri::{App, AppHandle, Emitter as _, LogicalSize, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_window_state::StateFlags;

use crate::appearance;
use crate::args::{SecondStart, Started};
use crate::commands::{self, AppState, Opening};
use crate::tasks;

/// The window's label, also used in its capability file.
pub(crate) const MAIN: &str = "main";

/// How long a page may take to load before its window is shown without it, so that the person sees the failure.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);

/// The minimum size of the window in logical pixels, if the screen is large enough.
const MINIMUM: (f64, f64) = (480.0, 360.0);

/// How long to wait for a window to become focused.
const FOCUS_TIMEOUT: Duration = Duration::from_millis(300);

/// The restored window state. Visibility is excluded: `appear` controls it.
const RESTORED: StateFlags = StateFlags::all().difference(StateFlags::VISIBLE);

pub(crate) fn run(started: Started, place: View) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut context = tauri::generate_context!();
    // Different from the tray's identifier: each process is a single instance of its own, with its own web data.
    context.config_mut().identifier.push_str(".Window");
    let code = tauri::Builder::default()
        .manage(Opening::at(place))
        .plugin(tauri_plugin_single_instance::init(|app, args, folder| raise(app, SecondStart::read(&args, &folder))))
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(RESTORED).build())
        .invoke_handler(commands::handler())
        .setup(move |app| open(app, started))
        .build(context)?
        .run_return(|_, _| {});
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn open(app: &mut App, started: Started) -> Result<(), Box<dyn std::error::Error>> {
    let Started { resolved, program } = started;
    let handle = app.handle().clone();
    let system = appearance::follow();
    let preferences = *system.borrow();
    let theme = preferences.theme(resolved.settings().theme);
    tauri::async_runtime::block_on(async {
        let env = resolved.env.clone();
        let (task, snapshots) = WorkspaceTask::new(resolved, Arc::new(SystemClock));
        let config_updates = task.config_updates();
        tasks::spawn(task.run());
        app.manage(AppState::new(program, env, config_updates.clone(), snapshots.clone()));
        let (app, updates) = (handle.clone(), config_updates.clone());
        tasks::supervised("theme", move || appearance::apply(app.clone(), updates.clone(), system.clone()));
        let app = handle.clone();
        tasks::supervised("settings", move || forward_settings(app.clone(), config_updates.clone()));
        tasks::supervised("page", move || forward(handle.clone(), snapshots.clone()));
    });
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Headcount")
        .theme(theme)
        .initialization_script(preferences.script())
        // Restricts navigation to the app's own page: a content security policy does not.
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
    tasks::spawn(appear_anyway(window));
    Ok(())
}

/// Shrinks a window that is larger than its screen's work area, for example after it was restored on a smaller screen.
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

/// Shows the window. Called after the page is loaded, so that rows appear instead of an empty page. In addition,
/// `WebKitGTK` blocks for half a second if it has to paint a page that is still loading: it waits for a frame, while
/// the page waits for files from the blocked thread.
fn appear(window: &WebviewWindow) {
    if let Err(error) = window.show() {
        tracing::warn!(%error, "cannot show the window");
    }
}

/// Shows the window if its page has not loaded in time.
async fn appear_anyway(window: WebviewWindow) {
    tokio::time::sleep(PAGE_TIMEOUT).await;
    if window.is_visible().is_ok_and(|is_visible| !is_visible) {
        tracing::warn!("the window's page has not loaded");
        appear(&window);
    }
}

/// Sends each change to the page, throttled so that the page stays responsive.
async fn forward(app: AppHandle, snapshots: Snapshots) {
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    while let Some(snapshot) = snapshots.next().await {
        let Some(delta) = app.state::<AppState>().next_delta(&snapshot) else { continue };
        if let Err(error) = app.emit_to(MAIN, "delta", delta) {
            tracing::warn!(%error, "cannot tell the page");
        }
    }
}

/// Sends each change of the configuration to the page.
async fn forward_settings(app: AppHandle, mut config_updates: ConfigUpdates) {
    while config_updates.changed().await.is_ok() {
        let resolved = Arc::clone(&config_updates.borrow_and_update());
        if let Err(error) = app.emit_to(MAIN, "settings", resolved.setup()) {
            tracing::warn!(%error, "cannot tell the page");
        }
    }
}

/// Navigates the open window to a place, and brings it to the front.
fn raise(app: &AppHandle, asked: SecondStart) {
    if app.state::<Opening>().replace(&asked.place) {
        // The window is still opening; its page will take the place.
        return;
    }
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = app.emit_to(MAIN, "place", asked.place.to_string()) {
        tracing::warn!(%error, "cannot tell the page");
    }
    tasks::spawn(async move {
        if let Err(error) = bring_to_front(&window, asked.token).await {
            tracing::warn!(%error, "cannot raise the window");
        }
    });
}

/// Brings the window to the workspace in use, and focuses it. Desktops go to the workspace of a window that is presented,
/// but show one that appears where the person is: so it disappears first. Compositors refuse the focus without the
/// activation token of a click, which some panels do not send: then it appears once more, like a new window.
async fn bring_to_front(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    window.unminimize()?;
    if !window.is_focused()? {
        reappear(window)?;
    }
    window.show()?;
    present(window, token)?;
    tokio::time::sleep(FOCUS_TIMEOUT).await;
    if !window.is_focused()? {
        reappear(window)?;
        window.set_focus()?;
    }
    Ok(())
}

/// Hides the window and shows it where it was, as far as the system tells places.
fn reappear(window: &WebviewWindow) -> tauri::Result<()> {
    let place = window.outer_position();
    window.hide()?;
    window.show()?;
    place.map_or(Ok(()), |place| window.set_position(place))
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
