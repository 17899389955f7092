//! Claude Code's files: its records, its settings and hooks; and the hook command.

pub(crate) mod claude_records;
pub(crate) mod config_folders;
pub mod hook;
pub mod hook_env;
pub mod hook_log;
pub mod hooks;
pub(crate) mod session_routes;
pub mod shell_identity;
