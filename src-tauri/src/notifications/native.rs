//! Notifications on macOS and Windows, through Tauri's plugin.
//!
//! Ids are not reused while the app runs, so that a late click belongs to its own notification. These systems do not
//! report when a notification closes, so a later announcement does not repeat its sessions.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headcount_core::notification::{DEFAULT_KEY, Features, Ledger, Notification, Slot};
use headcount_engine::tasks::announcements::{DesktopReport, Reporter};
use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};

use crate::ui_event::{UiEvent, UiEventSender};

/// Whether the system reports when a notification closes.
pub(super) const REPORTS_CLOSING: bool = false;

/// The plugin's name for a click on the text.
const TAP: &str = "tap";

/// The sender of all reports: the system.
const SYSTEM: &str = "";

/// The system's notifications.
pub(super) struct System {
    app: AppHandle,
    picture: Option<PathBuf>,
    shown: Arc<Mutex<Shown>>,
}

#[derive(Default)]
struct Shown {
    ledger: Ledger,
    last: u16,
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

impl System {
    pub(super) fn open(
        app: &AppHandle,
        picture: Option<&Path>,
        events: UiEventSender,
        reporter: Reporter,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let notifications = app.notification();
        let types = Notification::kinds().into_iter().map(|(kind, buttons)| {
            let buttons = buttons.iter().map(|button| Action::builder(button.key, button.label).build());
            ActionType::builder(kind).actions(buttons.collect::<Vec<_>>()).build()
        });
        notifications.register_action_types(types.collect())?;
        let shown = Arc::<Mutex<Shown>>::default();
        let (handle, known) = (app.clone(), Arc::clone(&shown));
        // Registered before anything is shown: a notification shown without a listener has no buttons.
        notifications.on_action(move |performed| receive(&handle, &known, &events, &reporter, performed))?;
        Ok(Self { app: app.clone(), picture: picture.map(Path::to_owned), shown })
    }

    #[expect(clippy::unused_async, reason = "showing takes time on Linux")]
    pub(super) async fn show(&self, notification: &Notification) -> bool {
        let message = notification.message(Features::native());
        let mut shown = lock(&self.shown);
        if let Some(id) = shown.ledger.take(notification.slot) {
            close(&self.app, id);
        }
        shown.last = shown.last.wrapping_add(1);
        let id = shown.last;
        let mut builder = self.app.notification().builder().id(i32::from(id)).title(message.title).body(message.body);
        if let Some(kind) = notification.kind() {
            builder = builder.action_type_id(kind);
        }
        if let Some(path) = &self.picture {
            builder = builder.icon(path.to_string_lossy());
        }
        shown.ledger.sent(SYSTEM, u32::from(id), notification.clone());
        builder.show().inspect_err(|error| tracing::warn!(%error, "cannot show a notification")).is_ok()
    }

    #[expect(clippy::unused_async, reason = "withdrawing takes time on Linux")]
    pub(super) async fn withdraw(&self, slot: Slot) {
        if let Some(id) = lock(&self.shown).ledger.take(slot) {
            close(&self.app, id);
        }
    }

    pub(super) fn withdraw_all(&self) {
        if let Err(error) = self.app.notification().remove_all_active() {
            tracing::debug!(%error, "cannot withdraw the notifications");
        }
    }

    #[expect(clippy::unused_async, reason = "looking takes time on Linux")]
    pub(super) async fn has_tray(&self) -> bool {
        true
    }
}

fn receive(
    app: &AppHandle,
    shown: &Mutex<Shown>,
    events: &UiEventSender,
    reporter: &Reporter,
    performed: &ActionPerformed,
) {
    let Some(id) = performed.notification().and_then(|notification| u32::try_from(notification.id()).ok()) else {
        return;
    };
    let key = if performed.action_id() == TAP { DEFAULT_KEY } else { performed.action_id() };
    let mut shown = lock(shown);
    if let Some(answer) = shown.ledger.pressed(SYSTEM, id, key) {
        // Sending fails only while the app exits.
        drop(events.send(UiEvent::Do(answer.action, answer.token)));
    }
    if let Some(slot) = shown.ledger.closed(SYSTEM, id) {
        drop(reporter.send(DesktopReport::Closed(slot)));
    }
    drop(shown);
    close(app, id);
}

/// Closes a shown notification. Blocks.
fn close(app: &AppHandle, id: u32) {
    let id = i32::try_from(id).into_iter().collect();
    if let Err(error) = app.notification().remove_active(id) {
        tracing::debug!(%error, "cannot withdraw a notification");
    }
}
