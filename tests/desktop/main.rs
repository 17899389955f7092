//! Tests of the built app on real desktops, from the icon to the window.
//!
//! Each module is one subject. Each test has a temporary desktop of its own (`fixture.rs`). Some desktops have a real
//! panel and a real notification server; the others have fakes controlled by the test, which are fast and exact.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing step fails its test"
)]

mod actions;
mod announcements;
mod appearance;
mod autostart;
mod broken_registry;
mod claude_sessions;
mod cleanup_cautions;
mod fake_services;
mod fixture;
mod heartbeats;
mod hostile_input;
mod instances;
mod isolation;
mod main_scenario;
mod menu;
mod notification_servers;
mod page;
mod panels;
mod resource_use;
mod restore_copy;
mod session_list;
mod settings;
mod show;
mod waiting_sessions;
mod window;
mod workspaces;
