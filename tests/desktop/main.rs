//! The built app on real desktops: what a person sees of it and does with it, from the icon to the window.
//!
//! Each module is a subject. A test has a throw-away desktop of its own (`world.rs`), where some have a real panel and a
//! real notification server, and the others have ones that the test plays itself, because those are quick and exact.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod actions;
mod announcements;
mod appearance;
mod beats;
mod cautions;
mod claude;
mod cost;
mod host;
mod instances;
mod list;
mod login;
mod menu;
mod page;
mod person;
mod rescue;
mod seclusion;
mod servers;
mod settings;
mod story;
mod stranger;
mod trouble;
mod window;
mod world;
