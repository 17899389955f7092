//! Noticing that another program's older copy took back what Headcount changed.
//!
//! Promises: a change counts as put back only after it was seen to stand, so that a change in the making is not one; for
//! ten minutes; and not where a later change of ours explains it, as a copy that was put back does for all before it. Does not act.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use headcount_core::change::{self, EntryChange};
use headcount_core::snapshot::PutBack;
use headcount_core::{Registry, Time, time};

use crate::journal::{REDO, RESTORE, Record, stands};

/// For how long a change is guarded.
pub(crate) const WATCHED: TimeDelta = TimeDelta::minutes(10);

/// The recent changes of a registry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    recent: Vec<Record>,
    stood: BTreeSet<String>,
}

impl Guard {
    /// Takes in the journal's recent records, the oldest first.
    pub(crate) fn recall(&mut self, recent: Vec<Record>) {
        self.stood.retain(|id| recent.iter().any(|record| record.id == *id));
        self.recent = recent;
    }

    /// Looks at the registry, and says which change is undone although nobody undid it.
    pub(crate) fn look(&mut self, registry: &Registry, now: Time) -> Option<PutBack> {
        let mut later: BTreeSet<u64> = BTreeSet::new();
        let mut found = None;
        for record in self.recent.iter().rev().filter(|record| record.at > time::earlier(now, WATCHED)) {
            if record.what == RESTORE && stands(&self.recent, &record.id) {
                break;
            }
            let mut numbers = change::put_back(registry, &record.entries);
            numbers.retain(|number| !later.contains(number));
            later.extend(record.entries.iter().flat_map(EntryChange::numbers));
            // One that was made again and put back again is not told of again: whoever does that does not stop.
            if record.what == REDO || record.entries.is_empty() {
                continue;
            }
            if numbers.is_empty() {
                self.stood.insert(record.id.clone());
            } else if self.stood.contains(&record.id) {
                found.get_or_insert(PutBack { change: record.id.clone(), numbers: numbers.into_iter().collect() });
            }
        }
        found
    }
}
