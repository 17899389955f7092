//! A tray item: its properties, signals and actions.
//!
//! Guarantees: properties are read from the program at that moment, never from a cache. Signals are counted and timed
//! from the moment the item was found. Waiting reads the properties again only after a signal: a program that changes
//! without a signal is faulty, and the wait reveals it.

use super::ITEM;
use super::menu::{MENU, MenuEntry};
use super::pixmap::Pixmap;
use crate::error::{DesktopError, Result, bus};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream, message};

/// The contents of a tooltip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolTip {
    /// Its first line.
    pub title: String,
    /// The following text, in which panels render markup.
    pub text: String,
}

/// The displayed properties of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayView {
    /// The item's permanent id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
    /// Its tooltip.
    pub tool_tip: ToolTip,
    /// The name of its icon in the icon theme; empty if it sends pixels.
    pub icon_name: String,
    /// Its icon, in the sizes that it sends.
    pub icon: Vec<Pixmap>,
}

/// A signal of an item, or of its menu.
#[derive(Debug, Clone)]
pub struct ItemSignal {
    /// `NewIcon`, `NewToolTip`, `LayoutUpdated` and so on.
    pub name: String,
    /// The time of arrival.
    pub at: Instant,
}

/// A pixmap on the bus.
type RawPixmap = (i32, i32, Vec<u8>);

/// A tray item registered by a program.
#[derive(Debug)]
pub struct TrayItem {
    pub(super) connection: Connection,
    pub(super) owner: String,
    path: String,
    signals: UnboundedReceiver<ItemSignal>,
    listening: JoinHandle<()>,
}

impl TrayItem {
    pub(super) async fn attach(connection: &Connection, owner: &str, path: &str) -> Result<Self> {
        let attempted = || "listen to a tray item".to_owned();
        let rule = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .sender(owner.to_owned())
            .map_err(bus(attempted()))?
            .build()
            .to_owned();
        let mut stream = MessageStream::for_match_rule(rule, connection, None).await.map_err(bus(attempted()))?;
        let (sender, signals) = unbounded_channel();
        // A separate task: an unread stream would block the whole connection.
        let listening = tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let header = message.header();
                let of_item = header.interface().is_some_and(|name| [ITEM, MENU].contains(&name.as_str()));
                if let (true, Some(name)) = (of_item, header.member()) {
                    let _ = sender.send(ItemSignal { name: name.to_string(), at: Instant::now() });
                }
            }
        });
        Ok(Self { connection: connection.clone(), owner: owner.to_owned(), path: path.to_owned(), signals, listening })
    }

    /// The unique bus name of its program.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The current properties.
    pub async fn view(&self) -> Result<TrayView> {
        let attempted = || "read the tray item".to_owned();
        let reply = self
            .connection
            .call_method(
                Some(self.owner.as_str()),
                self.path.as_str(),
                Some("org.freedesktop.DBus.Properties"),
                "GetAll",
                &ITEM,
            )
            .await
            .map_err(bus(attempted()))?;
        let mut all: HashMap<String, OwnedValue> = reply.body().deserialize().map_err(bus(attempted()))?;
        let pixmaps: Vec<RawPixmap> = take(&mut all, "IconPixmap");
        let (_, _, title, text): (String, Vec<RawPixmap>, String, String) = take(&mut all, "ToolTip");
        Ok(TrayView {
            id: take(&mut all, "Id"),
            title: take(&mut all, "Title"),
            status: take(&mut all, "Status"),
            tool_tip: ToolTip { title, text },
            icon_name: take(&mut all, "IconName"),
            icon: pixmaps.into_iter().map(|(width, height, argb)| Pixmap { width, height, argb }).collect(),
        })
    }

    /// Waits until the properties satisfy a condition.
    pub async fn wait_until(&mut self, mut wanted: impl FnMut(&TrayView) -> bool, wait: Duration) -> Result<TrayView> {
        let deadline = Instant::now() + wait;
        loop {
            let view = self.view().await?;
            if wanted(&view) {
                return Ok(view);
            }
            if self.changed(deadline).await.is_err() {
                let sizes: Vec<String> = view.icon.iter().map(|pixmap| pixmap.width.to_string()).collect();
                let TrayView { title, status, tool_tip, .. } = view;
                let seen = format!("{title:?}, {status}, {tool_tip:?}, icons of {} pixels.", sizes.join(", "));
                return Err(DesktopError::Late { awaited: "the wanted tray item".to_owned(), waited: wait, seen });
            }
        }
    }

    /// Waits until the menu satisfies a condition.
    pub async fn wait_for_menu(
        &mut self,
        mut wanted: impl FnMut(&MenuEntry) -> bool,
        wait: Duration,
    ) -> Result<MenuEntry> {
        let deadline = Instant::now() + wait;
        loop {
            let menu = self.menu().await?;
            if wanted(&menu) {
                return Ok(menu);
            }
            if self.changed(deadline).await.is_err() {
                let seen = menu.outline();
                return Err(DesktopError::Late { awaited: "the wanted menu".to_owned(), waited: wait, seen });
            }
        }
    }

    /// The next unread signal of the item.
    pub async fn next_signal(&mut self, wait: Duration) -> Result<ItemSignal> {
        let late = || DesktopError::Late {
            awaited: "a signal of the tray item".to_owned(),
            waited: wait,
            seen: "silence.".to_owned(),
        };
        let next = timeout_at((Instant::now() + wait).into(), self.signals.recv()).await;
        next.ok().flatten().ok_or_else(late)
    }

    /// The unread signals, oldest first.
    pub fn pending_signals(&mut self) -> Vec<ItemSignal> {
        std::iter::from_fn(|| self.signals.try_recv().ok()).collect()
    }

    /// Sends a left click, like a panel.
    pub async fn activate(&self) -> Result<()> {
        self.connection
            .call_method(Some(self.owner.as_str()), self.path.as_str(), Some(ITEM), "Activate", &(0_i32, 0_i32))
            .await
            .map(drop)
            .map_err(bus("activate the tray item"))
    }

    /// The object path of its menu; `None` if it has no menu.
    pub(super) async fn menu_path(&self) -> Result<Option<OwnedObjectPath>> {
        let attempted = || "ask for the tray item's menu".to_owned();
        let reply = self
            .connection
            .call_method(
                Some(self.owner.as_str()),
                self.path.as_str(),
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(ITEM, "Menu"),
            )
            .await
            .map_err(bus(attempted()))?;
        let value: OwnedValue = reply.body().deserialize().map_err(bus(attempted()))?;
        let path = OwnedObjectPath::try_from(value).map_err(bus(attempted()))?;
        Ok((path.as_str() != "/NO_DBUSMENU" && path.as_str() != "/").then_some(path))
    }

    /// Waits for a signal, and consumes all pending ones: one read covers them.
    async fn changed(&mut self, deadline: Instant) -> std::result::Result<(), ()> {
        let next = timeout_at(deadline.into(), self.signals.recv()).await;
        next.ok().flatten().ok_or(())?;
        while self.signals.try_recv().is_ok() {}
        Ok(())
    }
}

impl Drop for TrayItem {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A property, or its type's default if the item does not have it: most properties are optional.
pub(super) fn take<T: TryFrom<OwnedValue> + Default>(from: &mut HashMap<String, OwnedValue>, name: &str) -> T {
    from.remove(name).and_then(|value| T::try_from(value).ok()).unwrap_or_default()
}
