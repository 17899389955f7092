//! Claude Code's hooks: in its settings, and run by its events.

mod bare_hook;
mod forms;
pub(crate) mod input;
mod install;
mod replies;
mod routing;
pub(crate) mod sessions;
mod shell_commands;
mod status;
#[cfg(target_os = "linux")]
mod wrappers;
