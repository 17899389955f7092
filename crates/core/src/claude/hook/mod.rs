//! Claude Code's hooks: from an event on standard input to what it changes in the registry and what is replied.

pub mod admission;
mod memory;
pub mod owner;
pub mod payload;
pub mod reply;
mod sign_off;
pub mod transition;
