//! What the files of Headcount mean.
//!
//! Promises: every decision about sessions is made here, from values alone (bytes, times, a zone, names of files),
//! so that each can be tested as a table. Does not: open a file, ask a clock, read the environment, start a thread.
//! The rules are those of the protocol: who is alive, whose beat it is, which numbers are free.

pub mod autostart;
pub mod claude;
pub mod desktop;
pub mod foreign_text;
pub mod heartbeat;
mod json;
pub mod legacy_scripts;
pub mod liveness;
pub mod notification;
pub mod registry;
pub mod settings;
pub mod time;
pub mod view;

pub use registry::{Number, Registry};
pub use time::{Time, Timeout};
