//! One record of the journal, and what later records say about it.

use std::path::PathBuf;

use headcount_core::registry::change::EntryChange;
use headcount_core::view::history::Actor;
use headcount_core::{Time, time};
use serde::{Deserialize, Serialize};

/// The name of a cleanup in the journal.
pub(crate) const CLEANUP: &str = "cleanup";

/// The name of an undo in the journal.
pub(crate) const UNDO: &str = "undo";

/// The name of a redo in the journal.
pub(crate) const REDO: &str = "redo";

/// The name of a restored copy in the journal. Its record lists no entries: it replaces all of them.
pub(crate) const RESTORE: &str = "restore";

/// The name of a record that says that a recorded change was not made.
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// Metadata of a change to be made.
#[derive(Clone, Debug)]
pub struct ChangeMeta {
    /// The time of the change.
    pub at: Time,
    /// The program that makes it.
    pub by: Actor,
    /// The kind of change: `cleanup`, `undo`.
    pub what: &'static str,
    /// The id of the change that this one undoes.
    pub of: Option<String>,
}

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The change's id.
    pub id: String,
    /// The time of the change.
    #[serde(deserialize_with = "time::deserialize")]
    pub at: Time,
    /// The program that made it.
    pub by: Actor,
    /// The kind of change: `cleanup`, `undo`.
    pub what: String,
    /// The changes to each session's entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryChange>,
    /// The id of the change that this record undoes, redoes or withdraws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The temp file that was renamed to the registry. While it exists, the change is not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temp: Option<PathBuf>,
}

impl Record {
    /// Whether the change is not made: a process is making it now, or died before the rename.
    pub(super) fn is_unfinished(&self) -> bool {
        self.temp.as_ref().is_some_and(|temp| std::fs::symlink_metadata(temp).is_ok())
    }
}

/// Whether a change was not undone, or was redone.
#[must_use]
pub fn is_in_effect(records: &[Record], id: &str) -> bool {
    match records.iter().rfind(|record| record.of.as_deref() == Some(id)) {
        None => true,
        Some(record) if record.what == REDO => is_in_effect(records, &record.id),
        Some(record) if record.what == UNDO => !is_in_effect(records, &record.id),
        Some(_) => false,
    }
}

/// Whether a change was recorded and then not made.
pub(crate) fn was_withdrawn(records: &[Record], id: &str) -> bool {
    records.iter().any(|record| record.what == WITHDRAWN && record.of.as_deref() == Some(id))
}
