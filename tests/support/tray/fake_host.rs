//! A fake tray host, for tests that need a host without a real panel.
//!
//! Guarantees: accepts registrations like a panel, announces a host, forgets items when their program ends, and can
//! stop and restart like a crashing panel. Counts the signals of items during its lifetime. Draws nothing.

use super::{ITEM, WATCHER, WATCHER_PATH};
use crate::desktop::bus::connect;
use crate::error::{Result, bus};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;
use zbus::fdo::{DBusProxy, RequestNameFlags};
use zbus::message::{Header, Type};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, MatchRule, MessageStream};

/// The registered items, and the number of signals by name.
#[derive(Debug, Default)]
struct Known {
    items: Vec<String>,
    signals: HashMap<String, u64>,
}

/// Shared between the host, its bus object and its listeners.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Known>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // No operation under the lock leaves an inconsistent state if it panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A host for tray items that shows nothing. It is stopped when dropped.
#[derive(Debug)]
pub struct FakeHost {
    connection: Connection,
    known: Shared,
    listening: Vec<JoinHandle<()>>,
}

impl FakeHost {
    pub(crate) async fn start(address: &str) -> Result<Self> {
        let attempted = || "start a tray host".to_owned();
        let connection = connect(address).await?;
        let known = Shared::default();
        let watcher = Watcher { known: known.clone() };
        connection.object_server().at(WATCHER_PATH, watcher).await.map_err(bus(attempted()))?;
        let rule = MatchRule::builder().msg_type(Type::Signal).interface(ITEM).map_err(bus(attempted()))?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, None).await.map_err(bus(attempted()))?;
        let listening = vec![
            tokio::spawn(count(signals, known.clone())),
            tokio::spawn(remove_items_of_ended_programs(connection.clone(), known.clone())),
        ];
        let mut host = Self { connection, known, listening };
        host.come().await?;
        Ok(host)
    }

    /// Releases its name and forgets its items, like a crashed panel.
    pub async fn leave(&mut self) -> Result<()> {
        self.known.lock().items.clear();

        self.connection.release_name(WATCHER).await.map(drop).map_err(bus("take the tray host away"))
    }

    /// Acquires its name again, upon which programs register again.
    pub async fn come(&mut self) -> Result<()> {
        self.connection
            .request_name_with_flags(WATCHER, RequestNameFlags::DoNotQueue.into())
            .await
            .map(drop)
            .map_err(bus("become the tray host"))
    }

    /// Forgets its items and announces a host again, like a panel that restarts within its process.
    pub async fn forget(&mut self) -> Result<()> {
        let attempted = || "announce a tray host".to_owned();
        self.known.lock().items.clear();
        let emitter = SignalEmitter::new(&self.connection, WATCHER_PATH).map_err(bus(attempted()))?;
        Watcher::status_notifier_host_registered(&emitter).await.map_err(bus(attempted()))
    }

    /// The registered items: bus name and path, joined.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        self.known.lock().items.clone()
    }

    /// How often items have sent this signal, for example `NewIcon`, since the host was started.
    #[must_use]
    pub fn signals(&self, name: &str) -> u64 {
        self.known.lock().signals.get(name).copied().unwrap_or(0)
    }
}

impl Drop for FakeHost {
    fn drop(&mut self) {
        self.listening.iter().for_each(JoinHandle::abort);
    }
}

async fn count(mut signals: MessageStream, known: Shared) {
    while let Some(Ok(message)) = signals.next().await {
        if let Some(name) = message.header().member() {
            *known.lock().signals.entry(name.to_string()).or_default() += 1;
        }
    }
}

async fn remove_items_of_ended_programs(connection: Connection, known: Shared) {
    let Ok(proxy) = DBusProxy::new(&connection).await else { return };
    let Ok(mut changes) = proxy.receive_name_owner_changed().await else { return };
    while let Some(change) = changes.next().await {
        let Ok(change) = change.args() else { continue };
        if change.new_owner().is_some() {
            continue;
        }
        let prefix = format!("{}/", change.name());
        let dead: Vec<String> = known.lock().items.extract_if(.., |item| item.starts_with(&prefix)).collect();
        let Ok(emitter) = SignalEmitter::new(&connection, WATCHER_PATH) else { return };
        for item in dead {
            let _ = Watcher::status_notifier_item_unregistered(&emitter, &item).await;
        }
    }
}

/// The object on the bus.
struct Watcher {
    known: Shared,
}

#[expect(clippy::unused_self, reason = "methods of a bus interface take self")]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // Programs send their bus name, or the path of the item if it is not the default.
        let item = match (service.starts_with('/'), header.sender()) {
            (true, Some(sender)) => format!("{sender}{service}"),
            (true, None) => return Err(zbus::fdo::Error::InvalidArgs("a path without a sender".to_owned())),
            (false, _) => format!("{service}/StatusNotifierItem"),
        };
        {
            let mut known = self.known.lock();
            known.items.retain(|other| *other != item);
            known.items.push(item.clone());
        }
        Self::status_notifier_item_registered(&emitter, &item).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, service: &str) {
        // This host is always present; other hosts make no difference.
        let _ = service;
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.known.lock().items.clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
