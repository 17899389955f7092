//! Installing and uninstalling: the hooks in Claude Code's settings, and the replacements of the old scripts.

mod hooks;
mod scripts;

pub use hooks::{install_hooks, install_own_hooks, uninstall_hooks, uninstall_own_hooks};
pub use scripts::{Step as ScriptStep, install_scripts, report_work, uninstall_scripts};
