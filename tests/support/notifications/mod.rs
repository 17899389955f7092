//! Notifications: messages, a log, and a fake server.

pub(crate) mod event;
pub(crate) mod fake_server;
pub(crate) mod log;

/// The bus name and interface of the notification server.
pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The object path of the notification server.
pub(crate) const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
