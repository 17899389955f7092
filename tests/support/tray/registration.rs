//! The items registered with the tray's watcher, and finding one of them.
//!
//! Guarantees: a returned item has just answered. An item of an ended program is skipped, even if the watcher has
//! not noticed yet.

use super::item::TrayItem;
use super::{WATCHER, WATCHER_PATH};
use crate::desktop::bus::owned;
use crate::error::{DesktopError, Result, bus};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Proxy};

/// Waits for an item, of this process if `pid` is given.
pub(crate) async fn find(connection: &Connection, pid: Option<u32>, wait: Duration) -> Result<TrayItem> {
    let mut seen = "no host for tray items.".to_owned();
    let found = timeout(wait, search(connection, pid, &mut seen)).await;
    found.unwrap_or_else(|_| {
        let of = pid.map(|pid| format!(" of process {pid}")).unwrap_or_default();
        Err(DesktopError::Late { awaited: format!("a tray item{of}"), waited: wait, seen })
    })
}

async fn search(connection: &Connection, pid: Option<u32>, seen: &mut String) -> Result<TrayItem> {
    let attempted = || "ask for the tray items".to_owned();
    loop {
        owned(connection, WATCHER, true).await?;
        let watcher: Proxy<'_> = zbus::proxy::Builder::new(connection)
            .destination(WATCHER)
            .and_then(|proxy| proxy.path(WATCHER_PATH))
            .and_then(|proxy| proxy.interface(WATCHER))
            .map_err(bus(attempted()))?
            .cache_properties(CacheProperties::No)
            .build()
            .await
            .map_err(bus(attempted()))?;
        let mut changes = watcher.receive_all_signals().await.map_err(bus(attempted()))?;
        let mut hosts = watcher.receive_owner_changed().await.map_err(bus(attempted()))?;
        loop {
            // The watcher may end at any moment; then the next one is awaited.
            let Ok(names) = watcher.get_property::<Vec<String>>("RegisteredStatusNotifierItems").await else {
                break;
            };
            *seen = format!("the items [{}].", names.join(", "));
            for name in &names {
                if let Some(item) = usable(connection, name, pid).await? {
                    return Ok(item);
                }
            }
            tokio::select! {
                change = changes.next() => if change.is_none() { break },
                _ = hosts.next() => break,
            }
        }
    }
}

/// The item of this registration, if it is alive and belongs to the wanted process.
async fn usable(connection: &Connection, registration: &str, pid: Option<u32>) -> Result<Option<TrayItem>> {
    let Some((name, path)) = split(registration) else { return Ok(None) };
    let attempted = || format!("ask who has the tray item {registration}");
    let Ok(bus_name) = BusName::try_from(name) else { return Ok(None) };
    let proxy = DBusProxy::new(connection).await.map_err(bus(attempted()))?;
    let Ok(owner) = proxy.get_name_owner(bus_name.clone()).await else { return Ok(None) };
    if let Some(pid) = pid
        && proxy.get_connection_unix_process_id(bus_name).await.ok() != Some(pid)
    {
        return Ok(None);
    }
    let item = TrayItem::attach(connection, owner.as_str(), path).await?;
    Ok(item.view().await.is_ok().then_some(item))
}

/// Watchers list items as bus name and path joined, or as the bare name for the default path.
fn split(registration: &str) -> Option<(&str, &str)> {
    match registration.find('/') {
        Some(0) => None,
        Some(at) => registration.split_at_checked(at),
        None => Some((registration, "/StatusNotifierItem")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn registrations_have_a_name_and_a_path() {
        assert_eq!(super::split(":1.5/StatusNotifierItem"), Some((":1.5", "/StatusNotifierItem")));
        assert_eq!(super::split(":1.5/org/ayatana/x"), Some((":1.5", "/org/ayatana/x")));
        assert_eq!(super::split("org.kde.x-1-1"), Some(("org.kde.x-1-1", "/StatusNotifierItem")));
        assert_eq!(super::split("/StatusNotifierItem"), None);
    }
}
