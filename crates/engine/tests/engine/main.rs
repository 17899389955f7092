//! Tests of the engine with real folders and processes, and with virtual clocks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing step fails its test"
)]

mod actions;
mod announcements;
mod clocks;
mod concurrent_writers;
mod configuration;
mod file_watching;
mod folder_changes;
mod follow_equals_rescan;
mod idle_cost;
mod locking;
mod partial_writes;
mod processes;
mod scene;
mod symlinks;
mod time_and_suspend;
mod undo_and_overwrites;
