//! Tests of the built command, as people and scripts run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failing step fails its test"
)]

mod bare_hook;
#[path = "../support/claude.rs"]
#[allow(unreachable_pub, reason = "the desktop tests use it through a crate")]
mod claude;
mod cleanup;
mod completions_and_manual;
mod documentation;
mod environment;
mod extreme_times;
mod heartbeats;
mod hook;
mod hook_commands;
mod hook_forms;
mod hook_input;
mod hook_status;
mod hooks;
mod hostile_input;
mod identify;
mod io_faults;
mod lenient_parsing;
mod output;
mod permissions;
mod power_loss;
mod power_loss_image;
mod protocol_cases;
mod quiet_flag;
mod registry_discovery;
mod restore;
mod scripts;
mod security;
mod status;
mod syscall_faults;
mod terminal;
mod undo;
mod unprivileged_user;
mod untrusted_clone;
mod unusable_registry;
mod usage;
mod watch;
mod written_files;
