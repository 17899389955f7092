//! The tray process: follows a workspace, shows it in the tray, announces what went stale.
//!
//! Promises: no window and no web engine here, so that it stays small for weeks; a second start opens the window; a
//! desktop without a tray ends nothing. Runs until *Quit*.

use std::process::ExitCode;
use std::sync::Arc;

use headcount_core::answer;
use headcount_engine::announcements::{Closed, announce};
use headcount_engine::background;
use headcount_engine::clock::SystemClock;
use headcount_engine::live::Live;
use tauri::{App, AppHandle, RunEvent};

use crate::action;
use crate::args::{Opened, place_asked_for};
use crate::choice::{Choice, Chosen};
use crate::{desk, notice};

/// Announcements that may wait for the desktop; there is one at a time.
const STEPS: usize = 4;

pub(crate) fn run(opened: Opened) -> Result<ExitCode, Box<dyn std::error::Error>> {
    // One thread serves everything that waits here; Tauri would start one for each core.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    tauri::async_runtime::set(runtime.handle().clone());

    let of_second = opened.clone();
    let second_start = move |app: &AppHandle, args: Vec<String>, _folder: String| {
        let place = place_asked_for(&args);
        action::open_window(app, &of_second, &place);
    };
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(second_start))
        .plugin(tauri_plugin_notification::init())
        .setup(move |app| start(app, &opened))
        .build(tauri::generate_context!())?;
    let code = app.run_return(|app, event| match event {
        // The last window is not the end: there never was one.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        // A button without an app behind it would do nothing.
        RunEvent::Exit => notice::withdraw_all(app),
        _ => {}
    });
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn start(app: &mut App, opened: &Opened) -> Result<(), Box<dyn std::error::Error>> {
    let handle = app.handle().clone();
    let workspace = opened.workspace.clone();
    let clock = Arc::new(SystemClock);
    let (choices, chosen) = tokio::sync::mpsc::unbounded_channel();
    notice::listen(&handle, &workspace.places.state, choices.clone())?;
    // The tray first: "…" while the folder is read is better than nothing.
    let desk = desk::open(app, &choices)?;
    tauri::async_runtime::block_on(async {
        let (live, snapshots) = Live::new(workspace.clone(), clock.clone());
        tauri::async_runtime::spawn(live.run());
        tauri::async_runtime::spawn(background::beat(workspace.clone(), clock.clone(), snapshots.clone()));
        if opened.notifications {
            let (steps, to_show) = tokio::sync::mpsc::channel(STEPS);
            let closed = Closed::default();
            tauri::async_runtime::spawn(announce(
                workspace.clone(),
                clock,
                snapshots.clone(),
                steps,
                Arc::clone(&closed),
            ));
            tauri::async_runtime::spawn(notice::follow(handle.clone(), to_show, closed, choices));
        }
        tauri::async_runtime::spawn(desk::follow(desk, opened.login.clone(), snapshots));
        tauri::async_runtime::spawn(obey(handle, opened.clone(), chosen));
    });
    Ok(())
}

/// Does what people choose, in the order they chose it.
async fn obey(app: AppHandle, opened: Opened, mut chosen: Chosen) {
    while let Some(choice) = chosen.recv().await {
        match choice {
            Choice::Do(action) => action::perform(&app, &opened, action),
            Choice::NoTray => {
                let (title, body) = answer::no_tray();
                tracing::warn!("{body}");
                notice::say(&app, &title, &body, None);
            }
        }
    }
}
