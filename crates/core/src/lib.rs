//! The rules of Headcount: the meaning of its files and every decision about sessions.
//!
//! Guarantees: decisions are functions of values (bytes, times, a zone, file names), so that each can be tested as a
//! table. Does not open files, read the clock or the environment, or start threads. The rules are those of the
//! protocol: which sessions are alive, which session a heartbeat belongs to, which numbers are free.

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
pub mod terminal;
pub mod time;
pub mod view;
pub mod workspaces;

pub use registry::{Number, Registry};
pub use time::{Time, Timeout};
