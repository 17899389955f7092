//! The engine on real folders, with real processes, and on clocks that tests move.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod acting;
mod agreement;
mod announcing;
mod clocks;
mod configuring;
mod folders;
mod following;
mod links;
mod lives;
mod locking;
mod passing;
mod quiet;
mod reverting;
mod scene;
mod torn;
mod writers;
