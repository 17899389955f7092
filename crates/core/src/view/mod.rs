//! Plain data and texts that the tray, the window, the command and notifications render without deciding anything.

pub mod accent;
pub mod action;
pub mod history;
pub mod overview;
pub mod session;
pub mod setup;
pub mod snapshot;
pub mod text;
pub mod tray;
pub mod wait_condition;
pub mod warning;
