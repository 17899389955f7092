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

mod fake_services;
mod fixture;
mod main_scenario;
mod notifications;
mod page;
mod process;
mod sessions;
mod tray;
mod window;
