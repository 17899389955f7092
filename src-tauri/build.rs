//! Tells Tauri which commands the window may call; nothing else is allowed to it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = tauri_build::AppManifest::new().commands(&[
        "snapshot",
        "place",
        "cleanup",
        "undo",
        "history",
        "details",
        "register",
        "register_running",
        "register_all_running",
        "heartbeat",
        "release",
        "reactivate",
        "rehearse_reassign",
        "reassign",
        "rehearse_compact",
        "compact",
        "settings",
        "set",
        "choose",
        "rehearse_timeout",
        "snooze",
        "starts_at_login",
        "start_at_login",
        "hooks",
        "install_hooks",
        "remove_hooks",
        "newest_copy",
        "restore",
    ]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
