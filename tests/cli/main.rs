//! The built command, as people and scripts run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod bare_hook;
mod beats;
mod cases;
#[path = "../support/claude.rs"]
#[allow(unreachable_pub, reason = "the desktop tests have it from a crate")]
mod claude;
mod cleanup;
mod environment;
mod faults;
mod finding;
mod hook;
mod hook_forms;
mod hook_input;
mod hook_lines;
mod hook_status;
mod hooks;
mod hostile;
mod identify;
mod output;
mod planted;
mod power_loss;
mod quietly;
mod refusals;
mod restore;
mod rights;
mod scripts;
mod shells;
mod status;
mod stranger;
mod syscalls;
mod terminal;
mod times;
mod tolerance;
mod trust;
mod undo;
mod usage;
mod watch;
mod world;
