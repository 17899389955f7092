//! Many real processes on one registry, until a byte is lost or the rounds are done.
//!
//! Guarantees: every writer of Headcount is a separate process (this program, started again as a worker). All
//! randomness comes from a seed that is printed and can be set with `HEADCOUNT_SEED`. A short run by default, long runs
//! with `HEADCOUNT_TORTURE=1` (`make torture`).

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failing step fails its test; figures are printed for the person running it"
)]

mod concurrent_processes;
mod fixture;
mod journal_replay;
mod kill;
mod seeded_random;
mod worker;

/// The amount of work: `short`, or `long` with `HEADCOUNT_TORTURE`.
fn rounds(short: usize, long: usize) -> usize {
    if std::env::var_os("HEADCOUNT_TORTURE").is_some() { long } else { short }
}
