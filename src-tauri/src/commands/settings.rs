//! The page's commands about settings, autostart, hooks and copies.
//!
//! Guarantees: paths come from the system's file dialog, never from the page. Other values are checked by the engine. A
//! changed setting reaches the page as a configuration change, not as the command's result.

use headcount_core::claude::hook_settings::hook_status::Hooks;
use headcount_core::notification::snooze::Snooze;
use headcount_core::settings::{Invalid, Setting};
use headcount_core::view::history::KeptCopy;
use headcount_core::view::setup::{Setup, TimeoutEffect};
use headcount_core::view::snapshot::wire::Failure;
use headcount_engine::claude::hooks::{self, HookLocations};
use headcount_engine::store::OverwritePolicy;
use headcount_engine::{Error, ops};
use serde_json::Value;
use tauri::{State, WebviewWindow};

use super::{AppState, blocking, closing, failure};
use crate::command_arg::Arg;
use crate::tasks;

/// The configured values and the values in effect.
#[tauri::command]
pub(crate) async fn settings(state: State<'_, AppState>) -> Result<Setup, Failure> {
    Ok(state.config_updates.borrow().setup())
}

/// Sets a key; `null` resets it to its default.
#[tauri::command]
pub(crate) async fn set(state: State<'_, AppState>, key: Arg<String>, value: Arg<Value>) -> Result<(), Failure> {
    let (key, value) = (key.0, value.0);
    let is_path = matches!(key.as_str(), "registry" | "heartbeats");
    if is_path && !value.is_null() {
        return Err(failure(&Error::from(Invalid::Value { key, wanted: "what is chosen in the system's dialog" })));
    }
    write(&state, &key, &value).await
}

/// Asks for a registry or a heartbeats folder in the system's dialog, and sets it. Returns whether one was chosen.
#[tauri::command]
pub(crate) async fn choose(
    window: WebviewWindow,
    state: State<'_, AppState>,
    key: Arg<String>,
) -> Result<bool, Failure> {
    let key = key.0;
    let dialog = rfd::AsyncFileDialog::new().set_parent(&window);
    let workspace = state.config_updates.borrow().workspace.clone();
    let chosen = match key.as_str() {
        "registry" => {
            let dialog = dialog.set_title("Choose a registry").add_filter("Registry", &["json"]);
            dialog.set_directory(workspace.registry.parent().unwrap_or(&workspace.registry)).pick_file().await
        }
        "heartbeats" => {
            dialog.set_title("Choose a heartbeats folder").set_directory(&workspace.heartbeats).pick_folder().await
        }
        _ => return Err(failure(&Error::from(Invalid::Key(key)))),
    };
    let Some(chosen) = chosen else { return Ok(false) };
    // A path that is not valid Unicode becomes a value that is rejected with a reason.
    let value = chosen.path().to_str().map_or(Value::Bool(false), Value::from);
    write(&state, &key, &value).await.map(|()| true)
}

async fn write(state: &AppState, key: &str, value: &Value) -> Result<(), Failure> {
    let setting = Setting::new(key, Some(value)).map_err(|invalid| failure(&invalid.into()))?;
    let resolved = state.config_updates.borrow().clone();
    let written = tasks::wait_for(move || ops::set(&resolved, &setting)).await;
    written.ok_or_else(closing)?.map_err(|error| failure(&error))
}

/// The effect that another timeout would have now.
#[tauri::command]
pub(crate) async fn preview_timeout(state: State<'_, AppState>, minutes: Arg<Value>) -> Result<TimeoutEffect, Failure> {
    let setting = Setting::new("timeout_minutes", Some(&minutes.0)).map_err(|invalid| failure(&invalid.into()))?;
    let Setting::Timeout(Some(timeout)) = setting else { return Ok(TimeoutEffect::default()) };
    blocking(&state, move |workspace, context| ops::preview_timeout(workspace, timeout, context.at)).await
}

/// Snoozes notifications, or ends the snooze.
#[tauri::command]
pub(crate) async fn snooze(state: State<'_, AppState>, choice: Arg<Snooze>) -> Result<(), Failure> {
    blocking(&state, move |workspace, context| ops::snooze(workspace, choice.0, context)).await
}

/// Whether the tray app starts at login.
#[tauri::command]
pub(crate) async fn starts_at_login(state: State<'_, AppState>) -> Result<bool, Failure> {
    Ok(state.login().is_on())
}

/// Turns autostart of the tray app on or off.
#[tauri::command]
pub(crate) async fn start_at_login(state: State<'_, AppState>, is_wanted: Arg<bool>) -> Result<(), Failure> {
    let login = state.login();
    blocking(&state, move |_, _| ops::start_at_login(&login, is_wanted.0)).await
}

/// The state of Claude Code's hooks.
#[tauri::command]
pub(crate) async fn hooks(state: State<'_, AppState>) -> Result<Hooks, Failure> {
    let env = state.env.clone();
    blocking(&state, move |_, _| Ok(hooks::hooks(&HookLocations::in_environment(&env)?))).await
}

/// Installs the hooks in the user's settings.
#[tauri::command]
pub(crate) async fn install_hooks(state: State<'_, AppState>) -> Result<Hooks, Failure> {
    let (program, env) = (state.program.clone(), state.env.clone());
    blocking(&state, move |_, _| ops::install_own_hooks(&program, &env)).await
}

/// Uninstalls them.
#[tauri::command]
pub(crate) async fn remove_hooks(state: State<'_, AppState>) -> Result<Hooks, Failure> {
    let env = state.env.clone();
    blocking(&state, move |_, _| ops::uninstall_own_hooks(&env)).await
}

/// The newest good copy of the registry, if restoring it would repair the registry.
#[tauri::command]
pub(crate) async fn newest_copy(state: State<'_, AppState>) -> Result<Option<KeptCopy>, Failure> {
    blocking(&state, |workspace, _| ops::newest_copy(workspace)).await
}

/// Restores a copy in place of an unreadable registry. Returns where the unreadable file was kept.
#[tauri::command]
pub(crate) async fn restore(state: State<'_, AppState>, id: Arg<String>) -> Result<Option<String>, Failure> {
    let kept = blocking(&state, move |workspace, context| {
        ops::restore(workspace, &id.0, OverwritePolicy::Unreadable, context)
    })
    .await?;
    Ok(kept.map(|path| path.display().to_string()))
}
