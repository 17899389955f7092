//! Registers the tray icon again with a panel that lost it.
//!
//! A panel that crashes releases its bus name, which ksni detects. Some panels only drop their items and announce a
//! host again.

use futures_util::StreamExt as _;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream, Proxy};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";

/// Registers the icon again whenever a host without it is announced. Ends with the bus connection.
pub(super) async fn follow() {
    if let Err(error) = listen().await {
        tracing::debug!(%error, "cannot listen for hosts of tray icons");
    }
}

async fn listen() -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let uncached = zbus::proxy::CacheProperties::No;
    let watcher: Proxy<'_> = zbus::proxy::Builder::new(&bus)
        .destination(WATCHER)?
        .path(PATH)?
        .interface(WATCHER)?
        .cache_properties(uncached)
        .build()
        .await?;
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(WATCHER)?.path(PATH)?.interface(WATCHER)?;
    let announced = rule.member("StatusNotifierHostRegistered")?.build();
    let mut hosts = MessageStream::for_match_rule(announced, &bus, None).await?;
    // The name that ksni uses for the first item of a process.
    let name = format!("org.kde.StatusNotifierItem-{}-1", std::process::id());
    while hosts.next().await.is_some() {
        let items: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").await.unwrap_or_default();
        if !items.iter().any(|item| item.starts_with(&name))
            && let Err(error) = watcher.call::<_, _, ()>("RegisterStatusNotifierItem", &name).await
        {
            tracing::warn!(%error, "cannot register the icon again");
        }
    }
    Ok(())
}
