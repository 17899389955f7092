//! Claude Code: its records of running processes, its hooks, and what an entry of the registry remembers of it.
//!
//! Does not look up processes or files, and does not use the registry, except to decide about a hook's event.

pub mod activity;
mod claude_object;
pub mod hook;
pub mod hook_settings;
pub(crate) mod process_key;
mod record;
pub mod session_role;

pub use claude_object::Claude;
pub use process_key::{MAX_ROUNDING, PidSpace, ProcessKey};
pub use record::{Record, RecordStatus, SessionKind};

/// The last component of a path, with separators of any system.
#[must_use]
pub fn folder_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}
