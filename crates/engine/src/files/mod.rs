//! Reading, creating and replacing files. Every other module of the engine accesses the disk through these.

pub(crate) mod atomic;
pub(crate) mod dir_entries;
pub(crate) mod failpoints;
pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod in_place;
pub(crate) mod io_counters;
pub(crate) mod metadata;
pub(crate) mod sharing;
pub(crate) mod temp_files;
