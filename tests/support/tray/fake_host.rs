//! A tray host of our own, for tests that need one without the weight and the habits of a panel.
//!
//! Promises: it takes registrations as panels do, says that a host is there, forgets items whose program ends, and
//! can go away and return, as panels do when they crash. Signals of items are counted for as long as it lives.
//! Does not promise: to draw anything.

use super::{ITEM, WATCHER, WATCHER_PATH};
use crate::bus::connect;
use crate::error::{Result, bus};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;
use zbus::fdo::{DBusProxy, RequestNameFlags};
use zbus::message::{Header, Type};
use zbus::object_server::SignalEmitter;
use zbus::{Connection, MatchRule, MessageStream};

/// What the host knows.
#[derive(Debug, Default)]
struct Known {
    items: Vec<String>,
    signals: HashMap<String, u64>,
}

/// Shared between the host, what answers on the bus, and what listens there.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Known>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing that is done under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A host for tray items that shows nothing; it goes away when dropped.
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
            tokio::spawn(forget_the_dead(connection.clone(), known.clone())),
        ];
        let mut host = Self { connection, known, listening };
        host.come().await?;
        Ok(host)
    }

    /// Goes away, as a panel that crashed: its name is free and its items are forgotten.
    pub async fn leave(&mut self) -> Result<()> {
        self.known.lock().items.clear();

        self.connection.release_name(WATCHER).await.map(drop).map_err(bus("take the tray host away"))
    }

    /// Comes back; programs see the name and register again.
    pub async fn come(&mut self) -> Result<()> {
        self.connection
            .request_name_with_flags(WATCHER, RequestNameFlags::DoNotQueue.into())
            .await
            .map(drop)
            .map_err(bus("become the tray host"))
    }

    /// Forgets its items and announces a host again, as a panel does that restarts within its process.
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

    /// How often any item has sent this signal (`NewIcon`, say) since the host was started.
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

async fn forget_the_dead(connection: Connection, known: Shared) {
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

/// What answers on the bus.
struct Watcher {
    known: Shared,
}

#[expect(clippy::unused_self, reason = "what is on the bus is a method")]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // Programs send their bus name, or the path of the item where theirs is an unusual one.
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
        // This host is host enough; others are welcome and make no difference.
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
