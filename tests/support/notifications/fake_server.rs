//! A fake notification server, for tests that choose actions at a known moment.
//!
//! Guarantees: assigns ids, replaces, closes and reports as specified. After an action the notification is closed
//! unless it is `resident`, as in real servers. Nothing expires. Every notification is checked
//! ([`Notification::faults`]); a faulty one fails the test when the server is dropped. On demand it misbehaves like
//! real servers: it reports an action twice, ignores `resident`, or restarts and reuses ids. Shows nothing.

use super::event::{CloseReason, Notification};
use super::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::desktop::bus::connect;
use crate::error::{DesktopError, Result, bus};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use zbus::Connection;
use zbus::fdo::RequestNameFlags;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

/// The capabilities that a server reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities(pub Vec<String>);

impl Default for Capabilities {
    /// Text with markup, and buttons.
    fn default() -> Self {
        Self(["body", "body-markup", "actions"].map(str::to_owned).to_vec())
    }
}

impl Capabilities {
    /// The default without this capability: `actions` for a server without buttons.
    #[must_use]
    pub fn without(mut self, capability: &str) -> Self {
        self.0.retain(|other| other != capability);
        self
    }
}

/// The shown notifications, and the last assigned id.
#[derive(Debug, Default)]
struct Shown {
    notifications: Vec<Notification>,
    last_id: u32,
    /// The faults of all notifications so far.
    faults: Vec<String>,
    ignores_resident: bool,
}

type Shared = Arc<Mutex<Shown>>;

fn lock(shown: &Shared) -> MutexGuard<'_, Shown> {
    // No operation under the lock leaves an inconsistent state if it panics.
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A notification server that shows nothing. It is stopped when dropped.
#[derive(Debug)]
pub struct FakeServer {
    connection: Connection,
    shown: Shared,
    address: String,
    capabilities: Capabilities,
}

impl FakeServer {
    pub(crate) async fn start(address: &str, capabilities: Capabilities) -> Result<Self> {
        let shown = Shared::default();
        let connection = Self::serve(address, capabilities.clone(), &shown).await?;
        Ok(Self { connection, shown, address: address.to_owned(), capabilities })
    }

    async fn serve(address: &str, capabilities: Capabilities, shown: &Shared) -> Result<Connection> {
        let attempted = || "start a notification server".to_owned();
        let connection = connect(address).await?;
        let server = Server { capabilities, shown: Arc::clone(shown) };
        connection.object_server().at(NOTIFICATIONS_PATH, server).await.map_err(bus(attempted()))?;
        connection
            .request_name_with_flags(NOTIFICATIONS, RequestNameFlags::DoNotQueue.into())
            .await
            .map_err(bus(attempted()))?;
        Ok(connection)
    }

    /// Crashes and restarts: shown notifications are lost without a signal, and ids start at 1.
    pub async fn restart(&mut self) -> Result<()> {
        let attempted = || "stop a notification server".to_owned();
        self.connection.release_name(NOTIFICATIONS).await.map_err(bus(attempted()))?;
        {
            let mut shown = lock(&self.shown);
            shown.notifications.clear();
            shown.last_id = 0;
        }
        let connection = Self::serve(&self.address, self.capabilities.clone(), &self.shown).await?;
        self.connection = connection;
        Ok(())
    }

    /// From now on every notification is closed after an action, even if it is `resident`.
    pub fn ignore_resident(&self) {
        lock(&self.shown).ignores_resident = true;
    }

    /// Reports an action as GNOME Shell sometimes does: twice, followed by the close signal.
    pub async fn invoke_twice(&self, id: u32, key: &str) -> Result<()> {
        self.get(id)?;
        let attempted = || format!("report the action {key:?}");
        Server::action_invoked(&self.emitter()?, id, key).await.map_err(bus(attempted()))?;
        Server::action_invoked(&self.emitter()?, id, key).await.map_err(bus(attempted()))?;
        // A program may have withdrawn it after the first signal.
        if self.get(id).is_ok() { self.close(id, CloseReason::Dismissed).await } else { Ok(()) }
    }

    /// Sends an action signal from another connection, as any program on the bus can.
    pub async fn forge(&self, id: u32, key: &str) -> Result<()> {
        let attempted = || format!("forge the action {key:?}");
        let connection = connect(&self.address).await?;
        let emitter = SignalEmitter::new(&connection, NOTIFICATIONS_PATH).map_err(bus(attempted()))?;
        Server::action_invoked(&emitter, id, key).await.map_err(bus(attempted()))?;
        Server::notification_closed(&emitter, id, CloseReason::Dismissed.code()).await.map_err(bus(attempted()))?;
        Ok(())
    }

    /// Reports an action preceded by an activation token, as compositors require.
    pub async fn invoke_with_token(&self, id: u32, key: &str, token: &str) -> Result<()> {
        let attempted = || "report an activation token".to_owned();
        Server::activation_token(&self.emitter()?, id, token).await.map_err(bus(attempted()))?;
        self.invoke(id, key).await
    }

    /// The shown notifications, oldest first.
    #[must_use]
    pub fn shown(&self) -> Vec<Notification> {
        lock(&self.shown).notifications.clone()
    }

    /// Reports that a person chose this action.
    pub async fn invoke(&self, id: u32, key: &str) -> Result<()> {
        let notification = self.get(id)?;
        let attempted = || format!("report the action {key:?}");
        let emitter = self.emitter()?;
        Server::action_invoked(&emitter, id, key).await.map_err(bus(attempted()))?;
        let resident = notification.hints.get("resident").is_some_and(|hint| bool::try_from(hint) == Ok(true));
        let ignores_resident = lock(&self.shown).ignores_resident;
        let is_kept = resident && !ignores_resident;
        // A program may have withdrawn it meanwhile.
        if is_kept || self.get(id).is_err() { Ok(()) } else { self.close(id, CloseReason::Dismissed).await }
    }

    /// Closes a notification for this reason, and reports it.
    pub async fn close(&self, id: u32, reason: CloseReason) -> Result<()> {
        self.get(id)?;
        lock(&self.shown).notifications.retain(|other| other.id != id);
        let emitter = self.emitter()?;
        Server::notification_closed(&emitter, id, reason.code()).await.map_err(bus("report a closed notification"))
    }

    fn get(&self, id: u32) -> Result<Notification> {
        let shown = lock(&self.shown);
        let found = shown.notifications.iter().find(|notification| notification.id == id).cloned();
        found.ok_or_else(|| DesktopError::Absent {
            what: format!("notification {id}"),
            present: format!("{:?}", shown.notifications.iter().map(|other| other.id).collect::<Vec<_>>()),
        })
    }

    fn emitter(&self) -> Result<SignalEmitter<'_>> {
        SignalEmitter::new(&self.connection, NOTIFICATIONS_PATH).map_err(bus("speak as the notification server"))
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        let faults = std::mem::take(&mut lock(&self.shown).faults);
        assert!(faults.is_empty() || std::thread::panicking(), "faulty notifications: {faults:#?}");
    }
}

/// The object on the bus.
struct Server {
    capabilities: Capabilities,
    shown: Shared,
}

#[expect(clippy::unused_self, reason = "methods of a bus interface take self")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "defined by the specification")]
    fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> u32 {
        let mut shown = lock(&self.shown);
        let id = if replaces_id == 0 {
            shown.last_id += 1;
            shown.last_id
        } else {
            replaces_id
        };
        let sent = (app_name, replaces_id, icon, summary, body, actions, hints, expire_timeout);
        let notification = Notification::new(id, sent, Instant::now());
        let faults = notification.faults().into_iter().map(|fault| format!("{fault}: {notification:?}"));
        shown.faults.extend(faults);
        // A replaced notification keeps its position.
        match shown.notifications.iter_mut().find(|other| other.id == id) {
            Some(other) => *other = notification,
            None => shown.notifications.push(notification),
        }
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let was_shown = {
            let mut shown = lock(&self.shown);
            let before = shown.notifications.len();
            shown.notifications.retain(|other| other.id != id);
            before != shown.notifications.len()
        };
        if was_shown {
            Self::notification_closed(&emitter, id, CloseReason::Withdrawn.code()).await?;
        }
        Ok(())
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.0.clone()
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("fake", "headcount", env!("CARGO_PKG_VERSION"), "1.2")
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(emitter: &SignalEmitter<'_>, id: u32, token: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;
}
