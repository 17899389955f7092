//! The history of Headcount's changes.
//!
//! Guarantees: newest first; only changes of sessions; each line says whether the change is still in effect.

use headcount_core::registry::change::EntryChange;
use headcount_core::registry::numbering::Move;
use headcount_core::time;
use headcount_core::view::history::HistoryLine;

use crate::store::journal::{RESTORE, Record, is_in_effect, was_withdrawn};
use crate::{Error, Workspace};

/// The newest changes, at most `limit`.
///
/// # Errors
///
/// If the journal cannot be read.
pub fn history(workspace: &Workspace, limit: usize) -> Result<Vec<HistoryLine>, Error> {
    let records = workspace.journal().all()?;
    // A change that was recorded and then withdrawn was never made, and bookkeeping or an undo of nothing changed no
    // session. Only a restore lists none, because it replaces all.
    let has_changed = |record: &&Record| !record.entries.is_empty() || record.what == RESTORE;
    let happened = records.iter().filter(has_changed).filter(|record| !was_withdrawn(&records, &record.id));
    Ok(happened.rev().take(limit).map(|record| line(record, &records)).collect())
}

fn line(record: &Record, records: &[Record]) -> HistoryLine {
    let is_undone = !is_in_effect(records, &record.id);
    HistoryLine {
        id: record.id.clone(),
        at: time::wire(time::whole_seconds(record.at)),
        by: record.by,
        what: record.what.clone(),
        of: record.of.clone(),
        numbers: record.entries.iter().map(EntryChange::number).collect(),
        moves: record.entries.iter().filter_map(Move::of).collect(),
        is_taken_back: is_undone,
        can_be_undone: !is_undone && !record.entries.is_empty(),
    }
}
