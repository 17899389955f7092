//! Tests of the built command, as people and scripts run it. On Windows only the cases of the protocol run: the others use
//! shells, links, modes and signals.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failing step fails its test"
)]

#[cfg(unix)]
mod access;
#[cfg(unix)]
#[path = "../support/claude.rs"]
#[allow(unreachable_pub, reason = "the desktop tests use it through a crate")]
mod claude;
#[cfg(unix)]
mod cleanup;
#[cfg(unix)]
mod command_line;
#[cfg(unix)]
mod commands;
#[cfg_attr(not(unix), expect(dead_code, reason = "other tests use the rest"))]
mod environment;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod hooks;
mod protocol_cases;
#[cfg(unix)]
mod registry;
#[cfg(target_os = "linux")]
mod strace;
#[cfg(unix)]
mod terminal;
