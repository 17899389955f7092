//! How this desktop is: whether there is a tray, and what notifications can do. For `headcount doctor`.
//!
//! Promises: only looks; says for each thing that is missing what still works and what to do.

use std::io::Write as _;
use std::process::ExitCode;

use headcount_engine::doctor::Finding;

/// Prints the findings as JSON.
pub(crate) fn print() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(system::examine());
    serde_json::to_writer(std::io::stdout(), &findings)?;
    writeln!(std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(target_os = "linux")]
mod system {
    use super::Finding;
    use crate::notice;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    pub(super) async fn examine() -> Vec<Finding> {
        let Ok(bus) = zbus::Connection::session().await else {
            let remedy = "Start it from a desktop session. The command works without one.";
            return vec![Finding::odd("desktop", "There is no session bus here: no tray, no notifications.", remedy)];
        };
        vec![tray(&bus).await, notifications().await]
    }

    async fn tray(bus: &zbus::Connection) -> Finding {
        let dbus = "org.freedesktop.DBus";
        let asked = async {
            let reply =
                bus.call_method(Some(dbus), "/org/freedesktop/DBus", Some(dbus), "NameHasOwner", &WATCHER).await?;
            reply.body().deserialize::<bool>()
        };
        if asked.await.unwrap_or_default() {
            return Finding::fine("tray", "This desktop shows tray icons.");
        }
        let remedy = "On GNOME, install the AppIndicator extension. Notifications and the window work without.";
        Finding::odd("tray", "Nothing on this desktop shows tray icons.", remedy)
    }

    async fn notifications() -> Finding {
        let Some(abilities) = notice::ask_abilities().await else {
            let remedy = "Install a notification server, dunst for one; until then open the window to clean up.";
            return Finding::wrong("notifications", "Nothing on this desktop shows notifications.", remedy);
        };
        if abilities.reports_clicks {
            return Finding::fine("notifications", "This desktop shows notifications with buttons.");
        }
        let remedy = "Clean up from the tray's menu or the window.";
        Finding::odd("notifications", "This desktop shows notifications, but reports no clicks on them.", remedy)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Finding;

    #[expect(clippy::unused_async, reason = "looking takes time on Linux")]
    pub(super) async fn examine() -> Vec<Finding> {
        vec![Finding::fine("desktop", "Tray and notifications are the system's own.")]
    }
}
