//! Headcount's effects: files, locks, watching, and every action a person can take, once.
//!
//! Promises: decisions are core's; the registry changes through one door (`store`); reading costs in proportion to what
//! changed; nothing polls. Does not print, draw or know of a desktop. Time, paths and the environment come in as
//! arguments: only [`paths`] and [`config`] look at them.

pub mod announcements;
mod atomic;
pub mod background;
mod beat;
pub mod beats;
mod branch;
mod claude_folders;
pub mod clock;
pub mod config;
pub mod copies;
pub mod doctor;
mod error;
mod file;
mod folder;
mod guard;
pub mod hook;
pub mod hook_log;
pub mod hooks;
pub mod identity;
mod in_place;
pub mod journal;
mod litter;
pub mod live;
mod lives;
mod lock;
pub mod login;
pub mod model;
mod names;
pub mod ops;
pub mod origin;
pub mod pace;
pub mod paths;
pub mod picture;
pub mod process;
pub mod programs;
mod records;
mod rights;
mod seam;
mod search;
mod session_routes;
pub mod snooze;
pub mod store;
pub mod suspend;
mod tally;
mod trust;
mod watch;
pub mod workspace;
mod worktree;

pub use error::Error;
pub use workspace::Workspace;
