//! Which change can be undone, and until when that is offered.

use chrono::TimeDelta;
use headcount_core::registry::change::EntryChange;
use headcount_core::view::snapshot::UndoOffer;
use headcount_core::{Time, time};

use super::{CLEANUP, Journal, RESTORE, Record, is_in_effect};
use crate::Error;

/// For how long the undo of a cleanup is offered.
const UNDO_OFFER_DURATION: TimeDelta = TimeDelta::days(1);

impl Journal {
    /// The last cleanup, if its undo is offered, and the end of the offer. It is offered for a day, unless the cleanup
    /// was undone or a copy was restored since: undoing an old cleanup would more likely be an accident.
    ///
    /// # Errors
    ///
    /// As [`Self::all`].
    pub fn undo_offer(&self, now: Time) -> Result<Option<(UndoOffer, Time)>, Error> {
        let earliest = time::earlier(now, UNDO_OFFER_DURATION);
        let is_cleanup = |record: &&Record| record.what == CLEANUP;
        let is_enough = |records: &[Record]| {
            records.iter().any(|record| is_cleanup(&record)) || records.first().is_some_and(|first| first.at < earliest)
        };
        let records = self.back_until(is_enough)?;
        let restored = records.iter().rposition(|record| record.what == RESTORE && is_in_effect(&records, &record.id));
        let mut since = records.iter().skip(restored.map_or(0, |at| at + 1));
        let cleanup = since.rfind(is_cleanup).filter(|cleanup| is_in_effect(&records, &cleanup.id));
        let until = |cleanup: &Record| time::later(cleanup.at, UNDO_OFFER_DURATION);
        Ok(cleanup.filter(|cleanup| until(cleanup) > now).map(|cleanup| {
            let marked = cleanup.entries.iter().map(EntryChange::number).collect();
            (UndoOffer { change: cleanup.id.clone(), marked }, until(cleanup))
        }))
    }

    /// The last change that was not undone. An undo does not count as a change.
    ///
    /// # Errors
    ///
    /// As [`Self::all`].
    pub fn last_change(&self) -> Result<Option<Record>, Error> {
        let is_change = |record: &Record| !record.entries.is_empty() && record.of.is_none();
        let found = |records: &[Record]| {
            records.iter().rfind(|record| is_change(record) && is_in_effect(records, &record.id)).cloned()
        };
        Ok(found(&self.back_until(|records| found(records).is_some())?))
    }
}
