//! Headcount's hooks under the real Claude Code: `make test-claude`.
//!
//! A scenario that is not fulfilled yet carries `#[ignore = "pending: …"]`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod activity;
mod client;
mod lifecycle;
mod names;
mod places;
mod reports;
#[path = "../../support/claude.rs"]
#[allow(unreachable_pub, reason = "the desktop tests have it from a crate")]
mod stand_in;
mod support;
