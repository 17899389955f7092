//! The tray process: follows a workspace, shows it in the tray, and announces stale sessions.
//!
//! Guarantees: no window and no web engine in this process, so its memory stays small over weeks. A second start opens
//! the window. A desktop without a tray does not end the process. Runs until *Quit*.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use headcount_core::notification::Notification;
use headcount_engine::clock::SystemClock;
use headcount_engine::tasks::announcements::{Reporter, announce};
use headcount_engine::tasks::supervisor::shared;
use headcount_engine::tasks::workspace_task::{ConfigUpdates, WorkspaceTask};
use headcount_engine::tasks::{background, other_workspaces};
use headcount_engine::workspace::desktop_env;
use headcount_engine::{Workspace, ops};
use tauri::{App, AppHandle, Manager as _, RunEvent};

use crate::action;
use crate::args::{self, SecondStart, Started};
use crate::ui_event::{UiEvent, UiEventReceiver};
use crate::{notifications, tasks, tray};

/// Capacity of the channel for announcement steps; usually one is pending.
const STEPS: usize = 4;

pub(crate) fn run(started: Started) -> Result<ExitCode, Box<dyn std::error::Error>> {
    // One thread is enough for all async tasks; Tauri would start one per core.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    tauri::async_runtime::set(runtime.handle().clone());

    let (program, overrides) = (started.program.clone(), started.resolved.overrides.clone());
    let second_start = move |app: &AppHandle, args: Vec<String>, folder: String| {
        let asked = SecondStart::read(&args, &folder);
        // The settings may have changed the registry since the start.
        let shown =
            app.try_state::<ConfigUpdates>().map(|config_updates| config_updates.borrow().workspace.registry.clone());
        match (shown, asked.registry) {
            (Some(shown), Some(other)) if !is_same_file(&shown, &other) => {
                let shown = shown.display().to_string();
                notifications::show(app, Notification::other_registry(&shown, &other.display().to_string()));
            }
            _ => action::open_window(app, &program, &overrides, &asked.place, asked.token.as_deref()),
        }
    };
    let builder = tauri::Builder::default().plugin(tauri_plugin_single_instance::init(second_start));
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    #[cfg_attr(not(target_os = "macos"), expect(unused_mut, reason = "it is changed on macOS"))]
    let mut app = builder.setup(move |app| start(app, started)).build(tauri::generate_context!())?;
    // No Dock icon and no menu of its own, also for a program outside of a bundle, which has no Info.plist.
    #[cfg(target_os = "macos")]
    app.set_activation_policy(tauri::ActivationPolicy::Accessory);
    let code = app.run_return(|app, event| match event {
        // Tauri exits with the last window, but this process never has one.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        // Without the app, the buttons of its notifications have no effect.
        RunEvent::Exit => notifications::withdraw_all(app),
        _ => {}
    });
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn start(app: &mut App, started: Started) -> Result<(), Box<dyn std::error::Error>> {
    let Started { resolved, program } = started;
    let handle = app.handle().clone();
    let clock = Arc::new(SystemClock);
    let (events, chosen) = tokio::sync::mpsc::unbounded_channel();
    let (reporter, reports) = tokio::sync::mpsc::unbounded_channel();
    notifications::open(&handle, &resolved.workspace.state, &events, &reporter)?;
    // The tray comes first: it shows "…" while the folder is read.
    let tray = tray::open(app, &events)?;
    tauri::async_runtime::block_on(async {
        let login = args::login(&program, &resolved);
        let (task, snapshots) = WorkspaceTask::new(resolved, clock.clone());
        let config_updates = task.config_updates();
        handle.manage(config_updates.clone());
        tasks::spawn(task.run());
        tasks::spawn(background::run(config_updates.clone(), clock.clone(), snapshots.clone()));
        let (following, others) = other_workspaces::follow(config_updates.clone(), clock.clone());
        tasks::spawn(following);
        let (steps, to_show) = tokio::sync::mpsc::channel(STEPS);
        let has_focus = |workspace: &Workspace, number| ops::has_focus(workspace, number, desktop_env::of_process());
        let has_focus = Arc::new(has_focus);
        let announced = announce(config_updates.clone(), clock, snapshots.clone(), has_focus, steps, reports);
        tasks::spawn(announced);
        notifications::follow(&handle, to_show);
        tasks::spawn(tray::follow(tray, login, config_updates.clone(), snapshots, others));
        #[cfg(unix)]
        {
            let handle = handle.clone();
            tasks::supervised("signals", move || end_on_signal(handle.clone()));
        }
        let chosen = shared(chosen);
        tasks::supervised("events", move || {
            let (handle, program, reporter) = (handle.clone(), program.clone(), reporter.clone());
            let (config_updates, chosen) = (config_updates.clone(), Arc::clone(&chosen));
            async move { handle_events(handle, program, config_updates, &mut *chosen.lock().await, reporter).await }
        });
    });
    Ok(())
}

/// The desktop's kind, from `XDG_CURRENT_DESKTOP`.
#[cfg(target_os = "linux")]
pub(crate) fn desktop() -> headcount_core::desktop::DesktopKind {
    headcount_core::desktop::DesktopKind::of(&std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default())
}

/// Whether two paths lead to the same file, as far as they can be resolved.
fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other
        || std::fs::canonicalize(one).is_ok_and(|one| std::fs::canonicalize(other).is_ok_and(|other| one == other))
}

/// Exits on a termination signal, so that notifications are withdrawn.
#[cfg(unix)]
async fn end_on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = signals.map(signal) else {
        tracing::warn!("cannot receive signals: notifications stay when the app is ended by one");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    app.exit(0);
}

/// Handles events in the order in which they were sent.
async fn handle_events(
    app: AppHandle,
    program: PathBuf,
    config_updates: ConfigUpdates,
    chosen: &mut UiEventReceiver,
    reporter: Reporter,
) {
    while let Some(choice) = chosen.recv().await {
        match choice {
            UiEvent::Do(action, token) => {
                let resolved = Arc::clone(&config_updates.borrow());
                action::perform(&app, &program, &resolved, action, token.as_deref());
            }
            UiEvent::CleanUpEnded(targets) => {
                let resolved = Arc::clone(&config_updates.borrow());
                action::clean_up_ended(&app, &resolved.workspace, targets, reporter.clone());
            }
            #[cfg(target_os = "linux")]
            UiEvent::NoTray => {
                let notification = Notification::no_tray(desktop());
                tracing::warn!("{}", notification.body);
                notifications::show(&app, notification);
            }
        }
    }
}
