//! Notifications: what programs send, what servers answer, and a server of our own.

pub(crate) mod event;
pub(crate) mod fake_server;
pub(crate) mod log;

/// The bus name of the notification server, and its interface.
pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// Where on that name it is.
pub(crate) const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
