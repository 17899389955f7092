//! The desktop's support for a tray and notifications, for `headcount doctor`.
//!
//! Guarantees: read-only. For each missing feature the finding says what still works and what to do.

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
    use headcount_core::notification::Features;

    use super::Finding;
    use crate::{app, notifications};

    pub(super) async fn examine() -> Vec<Finding> {
        let Ok(bus) = zbus::Connection::session().await else {
            let remedy = "Start Headcount in a desktop session. The command works without one.";
            return vec![Finding::odd(
                "desktop",
                "There is no D-Bus session bus, so there is no tray icon and no notifications.",
                remedy,
            )];
        };
        let features = notifications::ask_features(&bus).await;
        [tray(&bus).await, notifications(features)].into_iter().chain(autostart()).collect()
    }

    async fn tray(bus: &zbus::Connection) -> Finding {
        if notifications::has_tray(bus).await {
            return Finding::fine("tray", "This desktop shows tray icons.");
        }
        let remedy = format!("{} Notifications and the window work without it.", app::desktop().tray_remedy());
        Finding::odd("tray", "This desktop does not show tray icons.", remedy)
    }

    /// The remedy if *Start at login* has no effect on this desktop.
    fn autostart() -> Option<Finding> {
        let remedy = app::desktop().autostart_remedy()?;
        let message = "This desktop may ignore autostart entries, so that *Start at login* has no effect.";
        Some(Finding::odd("autostart", message, remedy))
    }

    fn notifications(features: Option<Features>) -> Finding {
        let Some(features) = features else {
            let remedy = "Install a notification server, for example dunst; until then, clean up in the window.";
            return Finding::wrong("notifications", "This desktop does not show notifications.", remedy);
        };
        if features.shows_buttons {
            return Finding::fine("notifications", "This desktop shows notifications with buttons.");
        }
        let remedy = "Clean up from the tray's menu or the window.";
        Finding::odd("notifications", "This desktop shows notifications without buttons.", remedy)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Finding;

    #[expect(clippy::unused_async, reason = "looking takes time on Linux")]
    pub(super) async fn examine() -> Vec<Finding> {
        vec![Finding::fine("desktop", "The system shows tray icons and notifications.")]
    }
}
