//! The tray icon, its tooltip and its menu.
//!
//! Guarantees: renders snapshots only; draws an icon once per badge; foreign text is sanitised. One interface for the
//! app, one back end per system: D-Bus on Linux (`linux.rs`), the system's own tray elsewhere (`native.rs`).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod reregister;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(not(target_os = "linux"))]
use native as system;

use std::sync::Arc;

use headcount_core::view::badge::{self, Badge};
use headcount_core::view::menu::{self, Item};
use headcount_core::view::messages;
use headcount_core::view::snapshot::{Snapshot, Trouble};
use headcount_engine::autostart::Login;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::tasks::supervisor::supervise_and_report;
use headcount_engine::tasks::throttle::ThrottledSnapshots;
use headcount_engine::tasks::workspace_task::Snapshots;
use tauri::App;

use crate::ui_event::UiEventSender;

pub(crate) use system::Tray;

/// The content of the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    /// The content of the icon.
    pub(crate) badge: Badge,
    /// A short summary: "Headcount: 3 active · 9 stale".
    pub(crate) title: String,
    /// The summary as a sentence.
    pub(crate) tooltip: String,
    /// The menu.
    pub(crate) menu: Vec<Item>,
}

impl Face {
    /// The face before the workspace has been read.
    fn reading() -> Self {
        let text = messages::with_app_name(menu::READING);
        Self { badge: Badge::reading(), title: text.clone(), tooltip: text, menu: menu::reading() }
    }

    fn of(snapshot: &Snapshot, starts_at_login: Option<bool>) -> Self {
        Self {
            badge: Badge::of([snapshot]),
            title: messages::with_app_name(&badge::title(snapshot)),
            tooltip: messages::with_app_name(&badge::tooltip(snapshot)),
            menu: menu::menu(snapshot, starts_at_login),
        }
    }
}

impl Face {
    /// The face after a face could not be made.
    fn failed(reason: &str) -> Self {
        let text = messages::with_app_name(&messages::plain(&Trouble::internal(reason, String::new()).message, 1000));
        Self { badge: Badge::unknown(), title: text.clone(), tooltip: text, menu: menu::failed(reason) }
    }

    /// The face after the snapshots ended.
    fn ended() -> Self {
        let text = messages::with_app_name(menu::ENDED);
        Self { badge: Badge::unknown(), title: text.clone(), tooltip: text, menu: menu::ended() }
    }
}

/// Adds the icon to the tray, or waits for a tray to appear.
pub(crate) fn open(app: &App, events: &UiEventSender) -> Result<Tray, Box<dyn std::error::Error>> {
    Tray::open(app, Face::reading(), events)
}

/// Shows the snapshots, throttled. Shows an unknown state after they end, and the reason after a panic.
pub(crate) async fn follow(tray: Tray, login: Login, snapshots: Snapshots) {
    let tray = Arc::new(tray);
    let start = || render(Arc::clone(&tray), login.clone(), snapshots.clone());
    let report = |reason: String| {
        let tray = Arc::clone(&tray);
        async move { tray.show(move || Face::failed(&reason)).await }
    };
    supervise_and_report("tray", start, report).await;
}

async fn render(tray: Arc<Tray>, login: Login, snapshots: Snapshots) {
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    while let Some(snapshot) = snapshots.next().await {
        // The ages in the menu are computed when the menu is opened, if the system requests it then.
        let login = login.clone();
        let face = move || {
            let snapshot = Snapshot { at: SystemClock.now().max(snapshot.at), ..(*snapshot).clone() };
            Face::of(&snapshot, Some(login.is_on()))
        };
        tray.show(face).await;
    }
    tray.show(Face::ended).await;
}
