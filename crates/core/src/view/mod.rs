//! Plain data and texts that the tray, the window, the command and notifications render without deciding anything.

pub mod accent;
pub mod badge;
pub mod details;
pub mod history;
pub mod menu;
pub mod messages;
pub mod outcome_messages;
pub mod overview;
pub mod row;
pub mod session_fields;
pub mod session_table;
pub mod shared_texts;
pub mod snapshot;
pub mod snapshot_delta;
pub mod status_line;
pub mod time_span;
pub mod wait_condition;
pub mod warning;
