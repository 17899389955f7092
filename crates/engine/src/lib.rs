//! Headcount's effects: files, locks, watching, and every action a person can take, once.
//!
//! Promises: decisions are core's; the registry changes through one door (`store`); reading costs in proportion to what
//! changed; nothing polls. Does not print, draw or know of a desktop. Time, paths and the environment come in as
//! arguments: only [`paths`] and [`config`] look at them.

pub mod autostart;
pub mod claude;
pub mod clock;
pub mod doctor;
mod error;
pub mod executables;
mod files;
pub mod icon_file;
pub mod ops;
pub mod process;
pub mod snooze;
pub mod store;
pub mod suspend;
pub mod tasks;
mod watch;
pub mod workspace;

pub use error::Error;
pub use workspace::Workspace;
