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
mod bare_hook;
#[cfg(unix)]
#[path = "../support/claude.rs"]
#[allow(unreachable_pub, reason = "the desktop tests use it through a crate")]
mod claude;
#[cfg(unix)]
mod cleanup;
#[cfg(unix)]
mod completions_and_manual;
#[cfg(unix)]
mod documentation;
#[cfg_attr(not(unix), expect(dead_code, reason = "other tests use the rest"))]
mod environment;
#[cfg(unix)]
mod extreme_times;
#[cfg(unix)]
mod heartbeats;
#[cfg(unix)]
mod hook;
#[cfg(unix)]
mod hook_commands;
#[cfg(unix)]
mod hook_forms;
#[cfg(unix)]
mod hook_input;
#[cfg(unix)]
mod hook_status;
#[cfg(unix)]
mod hooks;
#[cfg(unix)]
mod hostile_input;
#[cfg(unix)]
mod identify;
#[cfg(unix)]
mod io_faults;
#[cfg(target_os = "linux")]
mod json_schema;
#[cfg(unix)]
mod keep;
#[cfg(unix)]
mod lenient_parsing;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod permissions;
#[cfg(unix)]
mod power_loss;
#[cfg(unix)]
mod power_loss_image;
mod protocol_cases;
#[cfg(unix)]
mod quiet_flag;
#[cfg(unix)]
mod registry_discovery;
#[cfg(unix)]
mod restore;
#[cfg(unix)]
mod scripts;
#[cfg(unix)]
mod security;
#[cfg(unix)]
mod show;
#[cfg(unix)]
mod status;
#[cfg(unix)]
mod syscall_faults;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod undo;
#[cfg(unix)]
mod unprivileged_user;
#[cfg(unix)]
mod untrusted_clone;
#[cfg(unix)]
mod unusable_registry;
#[cfg(unix)]
mod usage;
#[cfg(target_os = "linux")]
mod wait;
#[cfg(unix)]
mod watch;
#[cfg(unix)]
mod workspaces;
#[cfg(unix)]
mod written_files;
