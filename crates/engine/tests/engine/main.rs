//! Tests of the engine with real folders and processes, and with virtual clocks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing step fails its test"
)]

mod clocks;
mod fixture;
mod following;
mod writing;
