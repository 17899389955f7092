//! Headcount's effects: files, locks, watching, and one implementation of each user action.
//!
//! Guarantees: core makes the decisions; the registry is changed only through [`store`]; the cost of reading is
//! proportional to the change; nothing polls. Does not print, and does not depend on a desktop. Time, paths and the
//! environment are parameters: only [`workspace`] reads them.

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
mod show;
pub mod snooze;
pub mod store;
pub mod suspend;
pub mod tasks;
mod watch;
pub mod workspace;

pub use error::Error;
pub use workspace::Workspace;
