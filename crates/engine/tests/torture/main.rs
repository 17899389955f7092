//! Many real processes on one registry, for as long as it takes to lose a byte.
//!
//! Promises: every writer of Headcount is a process of its own (this very program, started again as a worker); whatever is
//! random comes from a seed that is printed, and `HEADCOUNT_SEED` takes. A short round by default, the long ones with
//! `HEADCOUNT_TORTURE=1` (`make torture`).

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails; figures are for whoever runs it"
)]

mod chance;
mod crowd;
mod killed;
mod replay;
mod scene;
mod worker;

/// How much is to be done: a short round, or a long one.
fn rounds(short: usize, long: usize) -> usize {
    if std::env::var_os("HEADCOUNT_TORTURE").is_some() { long } else { short }
}
