//! Notifications: when they are shown, what they say, and what their buttons do.

mod announcements;
mod cleanup_cautions;
mod servers;
mod waiting_sessions;
