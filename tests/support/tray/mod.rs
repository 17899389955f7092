//! Tray items, from the side of the panel that shows them.

pub(crate) mod fake_host;
pub(crate) mod item;
pub(crate) mod menu;
pub(crate) mod pixmap;
pub(crate) mod registration;

/// The bus name of the one that tray items register with, and its interface.
pub(crate) const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// Where on that name it is.
pub(crate) const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// The interface of an item.
pub(crate) const ITEM: &str = "org.kde.StatusNotifierItem";
