//! What git knows of a folder, read from its own files: the branch, and the main worktree of a linked one.

pub(crate) mod branch;
pub(crate) mod worktree;
