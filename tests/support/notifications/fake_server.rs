//! A notification server of our own, for tests that need a person who chooses at a known moment.
//!
//! Promises: it numbers, replaces, closes and reports as the specification asks; after an action the notification
//! is closed, unless it asked to stay (`resident`), as the real servers do. Nothing expires by itself. Every notification
//! is examined ([`Notification::faults`]); a faulty one fails the test when the server is dropped. On demand it behaves as
//! badly as real servers do: it reports a press twice, ignores `resident`, restarts and gives the same numbers again.
//! Does not promise: to show anything.

use super::event::{CloseReason, Notification};
use super::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::bus::connect;
use crate::error::{DesktopError, Result, bus};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use zbus::Connection;
use zbus::fdo::RequestNameFlags;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

/// What a server says that it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities(pub Vec<String>);

impl Default for Capabilities {
    /// Text with markup, and buttons.
    fn default() -> Self {
        Self(["body", "body-markup", "actions"].map(str::to_owned).to_vec())
    }
}

impl Capabilities {
    /// The default without this one: `actions` for a server without buttons.
    #[must_use]
    pub fn without(mut self, capability: &str) -> Self {
        self.0.retain(|other| other != capability);
        self
    }
}

/// What the server shows, and the last number it gave.
#[derive(Debug, Default)]
struct Shown {
    notifications: Vec<Notification>,
    last_id: u32,
    /// Faults of all notifications so far.
    faults: Vec<String>,
    ignores_resident: bool,
}

type Shared = Arc<Mutex<Shown>>;

fn lock(shown: &Shared) -> MutexGuard<'_, Shown> {
    // Nothing that is done under the lock can leave it half done.
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A notification server that shows nothing; it goes away when dropped.
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

    /// Crashes and starts again: what it showed is gone without a report, and numbers start from 1.
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

    /// From now on every notification is closed after an action, `resident` or not.
    pub fn ignore_resident(&self) {
        lock(&self.shown).ignores_resident = true;
    }

    /// Reports an action as GNOME Shell sometimes does: two times, and then the end of the notification.
    pub async fn invoke_twice(&self, id: u32, key: &str) -> Result<()> {
        self.get(id)?;
        let attempted = || format!("report the action {key:?}");
        Server::action_invoked(&self.emitter()?, id, key).await.map_err(bus(attempted()))?;
        Server::action_invoked(&self.emitter()?, id, key).await.map_err(bus(attempted()))?;
        // A program may have withdrawn it after the first one.
        if self.get(id).is_ok() { self.close(id, CloseReason::Dismissed).await } else { Ok(()) }
    }

    /// Reports an action of any notification from a connection that is not the server's, as any program on the bus can.
    pub async fn forge(&self, id: u32, key: &str) -> Result<()> {
        let attempted = || format!("forge the action {key:?}");
        let connection = connect(&self.address).await?;
        let emitter = SignalEmitter::new(&connection, NOTIFICATIONS_PATH).map_err(bus(attempted()))?;
        Server::action_invoked(&emitter, id, key).await.map_err(bus(attempted()))?;
        Server::notification_closed(&emitter, id, CloseReason::Dismissed.code()).await.map_err(bus(attempted()))?;
        Ok(())
    }

    /// Reports a press the way compositors want it: with an activation token before it.
    pub async fn invoke_with_token(&self, id: u32, key: &str, token: &str) -> Result<()> {
        let attempted = || "report an activation token".to_owned();
        Server::activation_token(&self.emitter()?, id, token).await.map_err(bus(attempted()))?;
        self.invoke(id, key).await
    }

    /// What it shows now, the oldest first.
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

    /// Closes one for this reason, and reports that.
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

/// What answers on the bus.
struct Server {
    capabilities: Capabilities,
    shown: Shared,
}

#[expect(clippy::unused_self, reason = "what is on the bus is a method")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
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
        // A replaced one keeps its place.
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
