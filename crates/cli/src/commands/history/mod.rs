//! Commands about past changes: list them, undo one, restore a copy of the registry.

pub(crate) mod log;
pub(crate) mod restore;
pub(crate) mod undo;
