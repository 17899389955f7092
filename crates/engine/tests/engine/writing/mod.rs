//! Changing a registry: actions, locks, interrupted writes, links.

mod actions;
mod concurrent_writers;
mod locking;
mod partial_writes;
mod symlinks;
mod undo_and_overwrites;
