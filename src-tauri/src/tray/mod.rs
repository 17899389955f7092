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

use headcount_core::view::overview::{self, Overview, WorkspaceSnapshot};
use headcount_core::view::snapshot::{Snapshot, Trouble};
use headcount_core::view::text::messages;
use headcount_core::view::tray::badge::{self, Badge};
use headcount_core::view::tray::menu::{self, Item};
use headcount_engine::autostart::Login;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::tasks::other_workspaces::OtherWorkspaces;
use headcount_engine::tasks::supervisor::supervise_and_report;
use headcount_engine::tasks::throttle::ThrottledSnapshots;
use headcount_engine::tasks::workspace_task::{ConfigUpdates, Snapshots};
use headcount_engine::workspace::config::named::in_workspace;
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

    /// The face of one workspace, or of several if the configuration names others.
    fn of(own: &WorkspaceSnapshot, others: &[WorkspaceSnapshot], starts_at_login: Option<bool>) -> Self {
        let snapshot = &*own.snapshot;
        if !others.is_empty() {
            let all = [std::slice::from_ref(own), others].concat();
            let lines = overview::lines(&all);
            return Self {
                badge: Badge::of_all(&all),
                title: messages::with_app_name(&Overview::of(&all).headline()),
                tooltip: messages::with_app_name(&lines.join("\n")),
                menu: menu::menu_of_all(snapshot, &all, others, starts_at_login),
            };
        }
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
pub(crate) async fn follow(
    tray: Tray,
    login: Login,
    config_updates: ConfigUpdates,
    snapshots: Snapshots,
    others: OtherWorkspaces,
) {
    let tray = Arc::new(tray);
    let start = || {
        let (updates, snapshots, others) = (config_updates.clone(), snapshots.clone(), others.clone());
        render(Arc::clone(&tray), login.clone(), updates, snapshots, others)
    };
    let report = |reason: String| {
        let tray = Arc::clone(&tray);
        async move { tray.show(move || Face::failed(&reason)).await }
    };
    supervise_and_report("tray", start, report).await;
}

async fn render(
    tray: Arc<Tray>,
    login: Login,
    config_updates: ConfigUpdates,
    snapshots: Snapshots,
    mut others: OtherWorkspaces,
) {
    let mut snapshots = ThrottledSnapshots::new(snapshots);
    let (mut latest, mut are_others_followed) = (None, true);
    loop {
        tokio::select! {
            next = snapshots.next() => match next {
                Some(next) => latest = Some(next),
                None => break,
            },
            changed = others.changed(), if are_others_followed => are_others_followed = changed.is_ok(),
        }
        let Some(snapshot) = latest.clone() else { continue };
        let others = others.borrow_and_update().clone();
        let resolved = Arc::clone(&config_updates.borrow());
        // The ages in the menu are computed when the menu is opened, if the system requests it then.
        let login = login.clone();
        let face = move || {
            let snapshot = Snapshot { at: SystemClock.now().max(snapshot.at), ..(*snapshot).clone() };
            let name = if others.is_empty() { String::new() } else { resolved.own_name() };
            Face::of(&in_workspace(&name, &resolved.workspace, Arc::new(snapshot)), &others, Some(login.is_on()))
        };
        tray.show(face).await;
    }
    tray.show(Face::ended).await;
}
