//! The processes of a desktop: start, find and end them, however the caller ends.

pub(crate) mod process_scan;
pub(crate) mod program;
pub(crate) mod reaper;
