//! Runs the real Claude Code in a pseudo-terminal, with a scratch home, a clean environment, and a model API on loopback.
//!
//! Promises: a client gets nothing of the caller's environment; its home, its settings and its temp folder are in a folder of
//! the test's own; every request that it sends to the model is recorded; every process with that home ends with the test, by
//! its pid. Waiting is for an event (text on the screen, a request, a record, the end of a process), always with a deadline.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on fails"
)]
#![allow(clippy::must_use_candidate, reason = "of use to tests only")]

mod api;
mod client;
mod home;
mod process;
mod terminal;

pub use api::ModelApi;
pub use client::Client;
pub use home::{Home, Run};
pub use process::Process;
pub use rustix::process::Signal;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long an event may take on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The interval at which conditions are checked that nothing reports.
const INTERVAL: Duration = Duration::from_millis(10);

/// The versions of the client to test, newest first, and their binaries: `HEADCOUNT_CLAUDE` holds `VERSION=PATH` pairs,
/// separated by spaces. Empty if no binary is installed.
pub fn binaries() -> Vec<(String, PathBuf)> {
    let named = std::env::var("HEADCOUNT_CLAUDE").unwrap_or_default();
    let pairs = named.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.map(|(version, path)| (version.to_owned(), PathBuf::from(path))).collect()
}

/// Checks a condition until it holds. Returns its value, or `None` once the deadline is over.
pub fn within<T>(deadline: Duration, mut check: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        // The deadline is read before the check, so that the last check is made after it.
        let is_over = start.elapsed() >= deadline;
        let found = check();
        if found.is_some() || is_over {
            return found;
        }
        std::thread::sleep(INTERVAL);
    }
}

/// Waits until a condition holds.
///
/// # Panics
///
/// If it does not hold within [`DEADLINE`].
#[track_caller]
pub fn until<T>(what: &str, check: impl FnMut() -> Option<T>) -> T {
    match within(DEADLINE, check) {
        Some(found) => found,
        None => panic!("not within {DEADLINE:?}: {what}"),
    }
}
