//! Notifications on Linux: `org.freedesktop.Notifications` over D-Bus, with hints that Tauri's plugin cannot send.
//!
//! Signals are accepted only from the connection that owns the server's name, and only for notifications with an id
//! from that server (`headcount_core::notification::Ledger`). Calls have a timeout.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use headcount_core::notification::announcement::AnnouncementReport;
use headcount_core::notification::{Features, Ledger, Notification, Slot};
use headcount_core::view::text::messages;
use headcount_engine::tasks::announcements::{DesktopReport, Reporter};
use headcount_engine::tasks::supervisor::shared;
use tauri::AppHandle;
use tokio::sync::Mutex;
use zbus::fdo::DBusProxy;
use zbus::message::Type;
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, Message, MessageStream};

use crate::tasks;
use crate::ui_event::{UiEvent, UiEventSender};

/// Whether the server reports when a notification closes.
pub(super) const REPORTS_CLOSING: bool = true;

const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The service at which tray icons register.
const TRAY: &str = "org.kde.StatusNotifierWatcher";

/// Timeout of a call to the server. A server that is started by the call has to load first.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout for withdrawing all notifications when the app exits.
const WITHDRAW_TIMEOUT: Duration = Duration::from_secs(2);

/// The `urgency` hint: normal.
const NORMAL: u8 = 1;

/// The connection to the notification server.
pub(super) struct System {
    /// `None` without a session bus.
    client: Option<Client>,
}

#[derive(Clone)]
struct Client {
    bus: Connection,
    /// Locked while a notification is sent, so that no signal is handled before its id is known.
    ledger: Arc<Mutex<Ledger>>,
    /// The URL of the icon file, for desktops on which the app is not installed.
    picture: Option<Arc<str>>,
}

impl System {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on the other systems")]
    pub(super) fn open(
        _app: &AppHandle,
        picture: Option<&Path>,
        events: UiEventSender,
        reporter: Reporter,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let url = picture.and_then(|path| tauri::Url::from_file_path(path).ok());
        let picture = url.map(|url| Arc::from(url.as_str()));
        let client = tauri::async_runtime::block_on(Client::connect(picture, events, reporter));
        let client = client.inspect_err(|error| tracing::warn!(%error, "no session bus, so no notifications")).ok();
        Ok(Self { client })
    }

    /// Shows a notification in place of the one in its slot. Returns whether a server accepted it.
    pub(super) async fn show(&self, notification: &Notification) -> bool {
        let Some(client) = &self.client else { return false };
        let shown = client.show(notification).await;
        shown.inspect_err(|error| tracing::warn!(%error, "no notification server took a notification")).is_ok()
    }

    pub(super) async fn withdraw(&self, slot: Slot) {
        if let Some(client) = &self.client {
            client.withdraw(&mut *client.ledger.lock().await, slot).await;
        }
    }

    /// Withdraws all notifications. Blocks until done or timed out.
    pub(super) fn withdraw_all(&self) {
        let Some(client) = &self.client else { return };
        let all = async {
            for id in client.ledger.lock().await.take_all() {
                client.close(id).await;
            }
        };
        tauri::async_runtime::block_on(async {
            if tokio::time::timeout(WITHDRAW_TIMEOUT, all).await.is_err() {
                tracing::warn!("the notification server does not answer");
            }
        });
    }

    /// Whether a host for tray icons is running.
    pub(super) async fn has_tray(&self) -> bool {
        match &self.client {
            Some(client) => has_tray(&client.bus).await,
            None => false,
        }
    }
}

impl Client {
    async fn connect(picture: Option<Arc<str>>, events: UiEventSender, reporter: Reporter) -> zbus::Result<Self> {
        let bus = zbus::connection::Builder::session()?.method_timeout(CALL_TIMEOUT).build().await?;
        let client = Self { bus, ledger: Arc::default(), picture };
        // Subscribed before anything is shown, so that no signal is missed.
        let reports =
            MatchRule::builder().msg_type(Type::Signal).sender(SERVER)?.path(PATH)?.interface(SERVER)?.build();
        let reports = MessageStream::for_match_rule(reports, &client.bus, None).await?;
        let owners = DBusProxy::new(&client.bus).await?.receive_name_owner_changed_with_args(&[(0, SERVER)]).await?;
        let (listening, streams) = (client.clone(), shared((reports, owners)));
        tasks::supervised("notification server", move || {
            let (client, streams) = (listening.clone(), Arc::clone(&streams));
            let (events, reporter) = (events.clone(), reporter.clone());
            async move {
                let (reports, owners) = &mut *streams.lock().await;
                client.listen(reports, owners, events, reporter).await;
            }
        });
        Ok(client)
    }

    async fn show(&self, notification: &Notification) -> zbus::Result<()> {
        let mut ledger = self.ledger.lock().await;
        let features = features(&self.bus).await?;
        self.withdraw(&mut ledger, notification.slot).await;
        let message = notification.message(features);
        let actions: Vec<&str> = message.actions.iter().flat_map(|(key, label)| [*key, *label]).collect();
        let mut hints = HashMap::from([
            ("desktop-entry", Value::from(messages::APP_ID)),
            ("category", Value::from(message.category)),
            ("urgency", Value::from(NORMAL)),
            ("resident", Value::from(message.is_resident)),
        ]);
        if let Some(picture) = self.picture.as_deref() {
            hints.insert("image-path", Value::from(picture));
        }
        // Never replaces an id: a late click on the old notification would count for the new one.
        let replaces = 0_u32;
        let default_expiry = -1_i32;
        let sent =
            (messages::NAME, replaces, messages::APP_ID, message.title, message.body, actions, hints, default_expiry);
        let reply = self.bus.call_method(Some(SERVER), PATH, Some(SERVER), "Notify", &sent).await?;
        let header = reply.header();
        let owner = header.sender().map(zbus::names::UniqueName::as_str).unwrap_or_default();
        ledger.sent(owner, reply.body().deserialize()?, notification.clone());
        Ok(())
    }

    async fn withdraw(&self, ledger: &mut Ledger, slot: Slot) {
        if let Some(id) = ledger.take(slot) {
            self.close(id).await;
        }
    }

    async fn close(&self, id: u32) {
        // Servers return an error if the notification is already closed.
        if let Err(error) = self.bus.call_method(Some(SERVER), PATH, Some(SERVER), "CloseNotification", &id).await {
            tracing::debug!(%error, "cannot withdraw a notification");
        }
    }

    /// Handles the server's signals until the bus connection ends.
    async fn listen(
        self,
        reports: &mut MessageStream,
        owners: &mut zbus::fdo::NameOwnerChangedStream,
        events: UiEventSender,
        reporter: Reporter,
    ) {
        loop {
            let gone: Vec<Slot> = tokio::select! {
                report = reports.next() => match report {
                    Some(Ok(report)) => self.receive(&report, &events).await.into_iter().collect(),
                    Some(Err(_)) => Vec::new(),
                    None => return,
                },
                change = owners.next() => {
                    let Some(change) = change else { return };
                    let Ok(args) = change.args() else { continue };
                    let owner = args.new_owner().as_ref().map(zbus::names::UniqueName::as_str);
                    if owner.is_some() {
                        drop(reporter.send(DesktopReport::Announcement(AnnouncementReport::ServerAppeared)));
                    }
                    self.ledger.lock().await.server_is(owner)
                }
            };
            for slot in gone {
                drop(reporter.send(DesktopReport::Closed(slot)));
            }
        }
    }

    /// Handles one signal. Returns the slot of a notification that is no longer shown.
    async fn receive(&self, report: &Message, events: &UiEventSender) -> Option<Slot> {
        let (header, body) = (report.header(), report.body());
        let sender = header.sender()?.as_str();
        let mut ledger = self.ledger.lock().await;
        match header.member()?.as_str() {
            "ActivationToken" => {
                let (id, token) = body.deserialize().ok()?;
                ledger.token(sender, id, token);
                None
            }
            "ActionInvoked" => {
                let (id, key): (u32, &str) = body.deserialize().ok()?;
                let answer = ledger.pressed(sender, id, key)?;
                // Sending fails only while the app exits.
                drop(events.send(UiEvent::Do(answer.action, answer.token)));
                // Some servers keep showing a notification after an action was invoked.
                let slot = ledger.closed(sender, id);
                self.close(id).await;
                slot
            }
            "NotificationClosed" => {
                let (id, _reason): (u32, u32) = body.deserialize().ok()?;
                ledger.closed(sender, id)
            }
            _ => None,
        }
    }
}

/// The features of the notification server. Queried each time, because another server may have taken over.
async fn features(bus: &Connection) -> zbus::Result<Features> {
    let capabilities = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &()).await?;
    let capabilities: Vec<String> = capabilities.body().deserialize()?;
    let information = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetServerInformation", &()).await;
    // Without a name, no server-specific rules apply.
    let name = information
        .ok()
        .and_then(|reply| reply.body().deserialize::<(String, String, String, String)>().ok().map(|(name, ..)| name));
    Ok(Features::of(name.as_deref().unwrap_or_default(), &capabilities, has_tray(bus).await))
}

/// Whether a host for tray icons is running.
pub(crate) async fn has_tray(bus: &Connection) -> bool {
    let asked = async {
        DBusProxy::new(bus)
            .await?
            .name_has_owner(zbus::names::WellKnownName::from_static_str_unchecked(TRAY).into())
            .await
    };
    asked.await.unwrap_or_default()
}

/// The features of this desktop's notification server; `None` without a server.
pub(crate) async fn ask_features(bus: &Connection) -> Option<Features> {
    features(bus).await.inspect_err(|error| tracing::warn!(%error, "no notification server")).ok()
}
