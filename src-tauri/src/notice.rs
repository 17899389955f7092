//! Notifications: showing what core announces, and hearing what people answer.
//!
//! Promises: one notification about stale sessions at a time; the sessions it named travel with it, so that a click acts
//! on exactly those; text from the registry is shown as text. Where the desktop reports no clicks, the text says where
//! to go instead. Does not decide when.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use headcount_core::announcement::{Abilities, Announcement, Report, Step};
use headcount_core::answer;
use headcount_core::menu::{Action as Choice, Place};
use headcount_core::snooze::Snooze;
use headcount_core::words::button as words;
use headcount_engine::announcements::Reporter;
use headcount_engine::picture;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationBuilder, NotificationExt as _};

use crate::choice::{self, Choices};

/// The picture on notifications.
struct Picture(Option<PathBuf>);

/// The notification about stale sessions.
const STALE: i32 = 1;
/// The answer to something a person did.
const ANSWER: i32 = 2;

/// What travels with a notification.
const TARGETS: &str = "targets";
const CLEANS_ON_CLICK: &str = "cleans_on_click";
const CHANGE: &str = "change";

/// A click on the notification itself, as the plugin calls it.
const TAP: &str = "tap";
const CLEAN_UP: &str = "clean_up";
const REVIEW: &str = "review";
const SNOOZE: &str = "snooze";
const UNDO: &str = "undo";
const REDO: &str = "redo";

/// What a short message offers.
pub(crate) enum Offer {
    /// To take this change back.
    Undo(String),
    /// To make this change again.
    Redo(String),
}

/// Registers the buttons and listens to them. To be called before anything is shown: a notification shown without a
/// listener has no buttons.
pub(crate) fn listen(app: &AppHandle, state: &Path, choices: Choices) -> tauri_plugin_notification::Result<()> {
    let picture = picture::keep(state, include_bytes!("../../icons/128x128.png"));
    app.manage(Picture(picture.inspect_err(|error| tracing::warn!("{error}")).ok()));
    let button = |id: &str, title: &str| Action::builder(id, title).build();
    let (clean_up, review, snooze) =
        (button(CLEAN_UP, words::CLEAN_UP), button(REVIEW, words::REVIEW), button(SNOOZE, words::SNOOZE));
    let notifications = app.notification();
    notifications.register_action_types(vec![
        ActionType::builder(CLEAN_UP).actions(vec![clean_up, review.clone(), snooze.clone()]).build(),
        ActionType::builder(REVIEW).actions(vec![review, snooze]).build(),
        ActionType::builder(UNDO).actions(vec![button(UNDO, words::UNDO)]).build(),
        ActionType::builder(REDO).actions(vec![button(REDO, words::APPLY_AGAIN)]).build(),
    ])?;
    let handle = app.clone();
    notifications.on_action(move |performed| answer(&handle, &choices, performed))
}

fn answer(app: &AppHandle, choices: &Choices, performed: &ActionPerformed) {
    let Some(notification) = performed.notification() else { return };
    let extra = |name: &str| notification.extra().get(name).cloned().unwrap_or_default();
    let targets = || serde_json::from_value(extra(TARGETS)).unwrap_or_default();
    let change = || extra(CHANGE).as_str().map(str::to_owned);
    let chosen = match (performed.action_id(), notification.id()) {
        (CLEAN_UP, STALE) => Some(Choice::CleanUp(targets())),
        (TAP, STALE) if extra(CLEANS_ON_CLICK) == true => Some(Choice::CleanUp(targets())),
        (REVIEW | TAP, STALE) => Some(Choice::Open(Place::Review)),
        (SNOOZE, STALE) => Some(Choice::Snooze(Snooze::Hour)),
        (UNDO, ANSWER) => change().map(Choice::Undo),
        (REDO, ANSWER) => change().map(Choice::Redo),
        // A click on an answer has read it.
        _ => None,
    };
    if let Some(action) = chosen {
        drop(choices.send(choice::Choice::Do(action)));
    }
    // Servers keep some notifications on show after they were answered.
    close(app, notification.id());
}

/// Follows the steps that core decides, until they end.
pub(crate) async fn follow(
    app: AppHandle,
    mut steps: tokio::sync::mpsc::Receiver<Step>,
    reporter: Reporter,
    choices: Choices,
) {
    let generation = Arc::new(AtomicU64::new(0));
    while let Some(step) = steps.recv().await {
        if let Step::CleanUp(targets) = step {
            // The same deed as a click, with the same answer.
            drop(choices.send(choice::Choice::Do(Choice::CleanUp(targets))));
            continue;
        }
        if let Step::Tell(put_back) = step {
            let (title, body) = answer::put_back(&put_back);
            say(&app, &title, &body, Some(Offer::Redo(put_back.change)));
            continue;
        }
        let current = generation.fetch_add(1, Ordering::SeqCst) + 1;
        withdraw(&app, STALE).await;
        let Step::Show(announcement) = step else { continue };
        let abilities = abilities().await;
        let (closing, generation) = (reporter.clone(), Arc::clone(&generation));
        let builder = stale(&app, &announcement, abilities);
        let builder = on_close(builder, move || {
            // The end of one that was replaced is not the end of the one that replaced it.
            if generation.load(Ordering::SeqCst) == current {
                drop(closing.send(Report::Closed));
            }
        });
        let shown = builder.show().inspect_err(|error| tracing::warn!(%error, "cannot show a notification"));
        drop(reporter.send(if shown.is_ok() { Report::Shown } else { Report::NotShown }));
    }
}

fn stale(app: &AppHandle, announcement: &Announcement, abilities: Abilities) -> NotificationBuilder<tauri::Wry> {
    let kind = if announcement.offers_cleanup { CLEAN_UP } else { REVIEW };
    let builder = blank(app, STALE).extra(TARGETS, &announcement.targets);
    let builder = builder.extra(CLEANS_ON_CLICK, announcement.cleans_on_click);
    // Servers that report no clicks are known to show buttons as a dialog, or not at all.
    let builder = if abilities.reports_clicks { builder.action_type_id(kind) } else { builder };
    builder.title(&announcement.title).body(abilities.body(announcement))
}

/// A notification with our picture on it.
fn blank(app: &AppHandle, id: i32) -> NotificationBuilder<tauri::Wry> {
    let builder = app.notification().builder().id(id);
    match app.try_state::<Picture>().and_then(|picture| picture.0.clone()) {
        Some(path) => builder.icon(path.to_string_lossy()),
        None => builder,
    }
}

/// Says something in answer to what a person did.
pub(crate) fn say(app: &AppHandle, title: &str, body: &str, offer: Option<Offer>) {
    let (app, title, body) = (app.clone(), title.to_owned(), body.to_owned());
    tauri::async_runtime::spawn(async move {
        let abilities = abilities().await;
        withdraw(&app, ANSWER).await;
        let mut builder = blank(&app, ANSWER).title(title).body(abilities.text(&body));
        builder = match offer.filter(|_| abilities.reports_clicks) {
            Some(Offer::Undo(change)) => builder.action_type_id(UNDO).extra(CHANGE, change),
            Some(Offer::Redo(change)) => builder.action_type_id(REDO).extra(CHANGE, change),
            None => builder,
        };
        if let Err(error) = builder.show() {
            tracing::warn!(%error, "cannot show a notification");
        }
    });
}

/// Closes one from a task. The plugin asks the server and waits for its answer, which a task must not.
async fn withdraw(app: &AppHandle, id: i32) {
    let app = app.clone();
    if let Err(error) = tauri::async_runtime::spawn_blocking(move || close(&app, id)).await {
        tracing::warn!(%error, "cannot withdraw a notification");
    }
}

/// Closes one that shows. Blocks.
fn close(app: &AppHandle, id: i32) {
    if let Err(error) = app.notification().remove_active(vec![id]) {
        tracing::debug!(%error, "cannot withdraw a notification");
    }
}

/// Closes all that show, at the end of the app. Blocks.
pub(crate) fn withdraw_all(app: &AppHandle) {
    if let Err(error) = app.notification().remove_all_active() {
        tracing::debug!(%error, "cannot withdraw the notifications");
    }
}

#[cfg(target_os = "linux")]
fn on_close(
    builder: NotificationBuilder<tauri::Wry>,
    then: impl FnOnce() + Send + 'static,
) -> NotificationBuilder<tauri::Wry> {
    builder.on_close(then)
}

/// Elsewhere nobody says when a notification is gone.
#[cfg(not(target_os = "linux"))]
fn on_close(
    builder: NotificationBuilder<tauri::Wry>,
    _then: impl FnOnce() + Send + 'static,
) -> NotificationBuilder<tauri::Wry> {
    builder
}

/// What the notification server can do. Asked anew each time: another one may have taken over.
#[cfg(target_os = "linux")]
async fn abilities() -> Abilities {
    ask_abilities().await.unwrap_or(Abilities { reports_clicks: false, renders_markup: false })
}

/// What the notification server can do; nothing where there is none.
#[cfg(target_os = "linux")]
pub(crate) async fn ask_abilities() -> Option<Abilities> {
    let name = "org.freedesktop.Notifications";
    let asked = async {
        let bus = zbus::Connection::session().await?;
        let reply =
            bus.call_method(Some(name), "/org/freedesktop/Notifications", Some(name), "GetCapabilities", &()).await?;
        reply.body().deserialize::<Vec<String>>()
    };
    let capabilities = asked.await.inspect_err(|error| tracing::warn!(%error, "no notification server")).ok()?;
    let has = |ability: &str| capabilities.iter().any(|capability| capability == ability);
    Some(Abilities { reports_clicks: has("actions"), renders_markup: has("body-markup") })
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "asking takes time on Linux")]
async fn abilities() -> Abilities {
    Abilities { reports_clicks: true, renders_markup: false }
}
