//! Tray items from the panel's side.

pub(crate) mod fake_host;
pub(crate) mod item;
pub(crate) mod menu;
pub(crate) mod pixmap;
pub(crate) mod registration;

/// The bus name and interface at which tray items register.
pub(crate) const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// The object path of the watcher.
pub(crate) const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// The interface of an item.
pub(crate) const ITEM: &str = "org.kde.StatusNotifierItem";
