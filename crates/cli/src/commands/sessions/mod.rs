//! Commands about one session: its registration, its number, its own settings, its terminal.

pub(crate) mod identify;
pub(crate) mod preferences;
pub(crate) mod registration;
pub(crate) mod renumber;
pub(crate) mod show;
