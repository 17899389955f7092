//! Shows the notifications decided by core, and forwards their actions.
//!
//! `headcount_core::notification` decides what is shown and what an action does. There is one back end per system: the
//! notification server's D-Bus protocol on Linux (`linux.rs`), Tauri's plugin elsewhere (`native.rs`).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(not(target_os = "linux"))]
use native as system;

use std::path::Path;
use std::sync::Arc;

use headcount_core::notification::announcement::{AnnouncementReport, AnnouncementStep};
use headcount_core::notification::attention;
use headcount_core::notification::{self, Notification, OutcomeOffer, Slot};
use headcount_core::view::text::outcome_messages;
use headcount_engine::icon_file;
use headcount_engine::tasks::announcements::{DesktopReport, DesktopStep, Reporter};
use headcount_engine::tasks::supervisor::shared;
use tauri::{AppHandle, Manager as _};
use tokio::sync::mpsc::Receiver;

use crate::tasks;
use crate::ui_event::{UiEvent, UiEventSender};

#[cfg(target_os = "linux")]
pub(crate) use linux::{ask_features, has_tray};

/// The notification back end, and the channels for actions and reports.
struct Notices {
    system: system::System,
    events: UiEventSender,
    reporter: Reporter,
}

/// Connects to the notification server. The outcomes of the steps handled by [`follow`] are sent to `reporter`.
pub(crate) fn open(
    app: &AppHandle,
    state: &Path,
    events: &UiEventSender,
    reporter: &Reporter,
) -> Result<(), Box<dyn std::error::Error>> {
    let picture = icon_file::keep(state, include_bytes!("../../../icons/128x128.png"));
    let picture = picture.inspect_err(|error| tracing::warn!("{error}")).ok();
    let system = system::System::open(app, picture.as_deref(), events.clone(), reporter.clone())?;
    app.manage(Notices { system, events: events.clone(), reporter: reporter.clone() });
    Ok(())
}

/// Performs the steps decided by core in the background, until the channel closes.
pub(crate) fn follow(app: &AppHandle, steps: Receiver<DesktopStep>) {
    let (app, steps) = (app.clone(), shared(steps));
    tasks::supervised("notifications", move || {
        let (app, steps) = (app.clone(), Arc::clone(&steps));
        async move { perform(app, &mut *steps.lock().await).await }
    });
}

async fn perform(app: AppHandle, steps: &mut Receiver<DesktopStep>) {
    while let Some(step) = steps.recv().await {
        let notices = app.state::<Notices>();
        match step {
            DesktopStep::Announcement(step) => notices.perform_stale(step).await,
            DesktopStep::Attention(attention::AttentionStep::Show(shown)) => {
                let is_shown = notices.show(Notification::attention(&shown)).await;
                notices.report(DesktopReport::AttentionShown(shown.slot, is_shown));
            }
            DesktopStep::Attention(attention::AttentionStep::Withdraw(slot)) => notices.system.withdraw(slot).await,
        }
    }
}

impl Notices {
    async fn perform_stale(&self, step: AnnouncementStep) {
        match step {
            AnnouncementStep::CleanUp(targets) => drop(self.events.send(UiEvent::CleanUpEnded(targets))),
            AnnouncementStep::ShowReverted(reverted_change) => {
                let (title, body) = outcome_messages::reverted(&reverted_change);
                let offer = Some(OutcomeOffer::Redo(reverted_change.change.clone()));
                if !self.show(Notification::outcome(&title, &body, offer)).await {
                    self.report(DesktopReport::Announcement(AnnouncementReport::RevertNotShown(
                        reverted_change.change,
                    )));
                }
            }
            AnnouncementStep::Show(announcement) => {
                let shown = if system::REPORTS_CLOSING {
                    AnnouncementReport::Shown
                } else {
                    AnnouncementReport::ShownUnobserved
                };
                let is_shown = self.show(Notification::stale(&announcement)).await;
                self.report(DesktopReport::Announcement(if is_shown { shown } else { AnnouncementReport::NotShown }));
            }
            AnnouncementStep::Withdraw => self.system.withdraw(Slot::Stale).await,
        }
    }
}

/// Shows the result of an action, or another message.
pub(crate) fn say(app: &AppHandle, title: &str, body: &str, offer: Option<OutcomeOffer>) {
    show(app, Notification::outcome(title, body, offer));
}

/// Shows a notification, from any thread.
pub(crate) fn show(app: &AppHandle, notification: Notification) {
    let app = app.clone();
    tasks::spawn(async move {
        app.state::<Notices>().show(notification).await;
    });
}

/// Withdraws all notifications when the app exits. Blocks.
pub(crate) fn withdraw_all(app: &AppHandle) {
    if let Some(notices) = app.try_state::<Notices>() {
        notices.system.withdraw_all();
    }
}

impl Notices {
    /// Shows a notification, or the window instead. Returns whether a person can see either.
    async fn show(&self, notification: Notification) -> bool {
        if self.system.show(&notification).await {
            return true;
        }
        let instead = notification::without_server(&notification, self.system.has_tray().await);
        let is_shown = instead.is_some();
        if let Some(action) = instead {
            // Sending fails only while the app exits.
            drop(self.events.send(UiEvent::Do(action, None)));
        }
        is_shown
    }

    fn report(&self, report: DesktopReport) {
        // Sending fails only while the app exits.
        drop(self.reporter.send(report));
    }
}
