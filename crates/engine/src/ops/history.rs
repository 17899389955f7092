//! What Headcount changed, for people to read.
//!
//! Promises: the newest first; says of each change whether it still stands.

use headcount_core::registry::change::EntryChange;
use headcount_core::registry::numbering::Move;
use headcount_core::time;
use headcount_core::view::history::HistoryLine;

use crate::store::journal::{Record, WITHDRAWN, is_in_effect, was_withdrawn};
use crate::{Error, Workspace};

/// The newest changes, at most so many.
pub fn history(workspace: &Workspace, limit: usize) -> Result<Vec<HistoryLine>, Error> {
    let records = workspace.journal().all()?;
    // What was recorded and then could not be done is no change.
    let happened = records.iter().filter(|record| record.what != WITHDRAWN && !was_withdrawn(&records, &record.id));
    Ok(happened.rev().take(limit).map(|record| line(record, &records)).collect())
}

fn line(record: &Record, records: &[Record]) -> HistoryLine {
    let is_taken_back = !is_in_effect(records, &record.id);
    HistoryLine {
        id: record.id.clone(),
        at: time::wire(time::whole_seconds(record.at)),
        by: record.by,
        what: record.what.clone(),
        of: record.of.clone(),
        numbers: record.entries.iter().map(EntryChange::number).collect(),
        moves: record.entries.iter().filter_map(Move::of).collect(),
        is_taken_back,
        can_be_undone: !is_taken_back && !record.entries.is_empty(),
    }
}
