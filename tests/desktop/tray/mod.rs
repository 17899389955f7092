//! The tray icon, its tooltip and its menu.

mod broken_registry;
mod heartbeats;
mod menu;
pub(crate) mod panels;
mod workspaces;
