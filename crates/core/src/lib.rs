//! What the files of Headcount mean.
//!
//! Promises: every decision about sessions is made here, from values alone (bytes, times, a zone, names of files),
//! so that each can be tested as a table. Does not: open a file, ask a clock, read the environment, start a thread.
//! The rules are those of the protocol: who is alive, whose beat it is, which numbers are free.

mod announced;
pub mod announcement;
pub mod answer;
pub mod badge;
pub mod boot;
pub mod change;
pub mod claude;
pub mod claude_settings;
pub mod cleanup;
pub mod desktop;
pub mod details;
mod edit;
pub mod enrolment;
pub mod foreign_text;
pub mod heartbeat;
pub mod history;
pub mod hook;
pub mod hook_admission;
mod hook_memory;
pub mod hook_owner;
pub mod hook_reply;
pub mod hook_transition;
pub mod identification;
mod json;
pub mod liveness;
pub mod local_time;
pub mod login;
pub mod menu;
pub mod new_beat;
pub mod newest;
pub mod news;
pub mod notification;
pub mod numbering;
pub mod ownership;
pub mod pruning;
pub mod pulse;
pub mod recognition;
pub mod registry;
pub mod roster;
pub mod row;
pub mod running;
pub mod scripts;
pub mod session_role;
pub mod settings;
pub mod snapshot;
pub mod snooze;
pub mod time;
pub mod upkeep;
pub mod wake;
pub mod warning;
pub mod words;

pub use registry::{Number, Registry};
pub use time::{Time, Timeout};
