//! Detects that another program overwrote a change of Headcount with an older copy of the registry.
//!
//! Guarantees: a change counts as reverted only within ten minutes, only after it was seen in effect, and not if a
//! later change of Headcount explains it. Concurrent programs that write correctly raise no alarm: such a program reads
//! the current file and changes one entry. So a change counts as reverted if an entry is lost or has its old number
//! again, or if several entries return completely to their old values at once. Accepted limit: an older copy that
//! reverts one field of a single session looks like a correct write. Does not repair anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use headcount_core::registry::change::{self, Before, EntryChange};
use headcount_core::registry::undo;
use headcount_core::view::snapshot::RevertedChange;
use headcount_core::{Number, Registry, Time, time};

use crate::store::journal::{REDO, RESTORE, Record, is_in_effect};

/// For how long a change is checked.
pub(crate) const WATCHED: TimeDelta = TimeDelta::minutes(10);

/// The recent changes of a registry, and which of them were reverted.
#[derive(Clone, Debug, Default)]
pub(crate) struct OverwriteDetector {
    recent: Vec<Record>,
    /// The changes that were seen in effect, with the entries before each change.
    in_effect: BTreeMap<String, BTreeMap<Number, Before>>,
    /// The registry at the last check.
    last: Option<Registry>,
    /// The reverted changes, with the numbers of their sessions.
    reverted: BTreeMap<String, BTreeSet<Number>>,
}

impl OverwriteDetector {
    /// Replaces the recent records of the journal, oldest first.
    pub(crate) fn recall(&mut self, recent: Vec<Record>) {
        let is_recent = |id: &String| recent.iter().any(|record| record.id == *id);
        self.in_effect.retain(|id, _| is_recent(id));
        self.reverted.retain(|id, _| is_recent(id));
        self.recent = recent;
    }

    /// Compares the registry with the recent changes. Returns a change that was reverted without an undo.
    pub(crate) fn look(&mut self, registry: &Registry, now: Time) -> Option<RevertedChange> {
        let changed = self.changed_since_last(registry);
        // Numbers of later changes, and those whose entry came or went with them.
        let (mut later, mut replaced): (BTreeSet<Number>, BTreeSet<Number>) = Default::default();
        let mut found = None;
        for record in self.recent.iter().rev().filter(|record| record.at > time::earlier(now, WATCHED)) {
            if record.what == RESTORE && is_in_effect(&self.recent, &record.id) {
                break;
            }
            let mut numbers = self.reverted_numbers(registry, record);
            // A later change of fields does not explain that an entry is gone.
            let is_explained = |number: &Number| match registry.raw_entry(*number) {
                Some(_) => later.contains(number),
                None => replaced.contains(number),
            };
            numbers.retain(|number| !is_explained(number));
            later.extend(record.entries.iter().flat_map(EntryChange::numbers));
            replaced.extend(record.entries.iter().filter(|entry| !is_plain(entry)).flat_map(EntryChange::numbers));
            // A change that was redone and reverted again is not reported again: that program will not stop.
            if record.what == REDO || record.entries.is_empty() {
                continue;
            }
            if numbers.is_empty() {
                self.reverted.remove(&record.id);
                self.in_effect.insert(record.id.clone(), change::entries_before(registry, &record.entries));
                continue;
            }
            let at_once = numbers.intersection(&changed).count();
            // Losing an entry or changing its number is never a correct write of another program.
            let is_correct_write = at_once == 0 || at_once == 1 && record.entries.iter().all(is_plain);
            if !is_correct_write && self.in_effect.contains_key(&record.id) {
                self.reverted.insert(record.id.clone(), numbers.clone());
            }
            if self.reverted.contains_key(&record.id) {
                found.get_or_insert(RevertedChange {
                    change: record.id.clone(),
                    numbers: numbers.into_iter().collect(),
                });
            }
        }
        found
    }

    /// The sessions that differ from the last registry, which this one replaces.
    fn changed_since_last(&mut self, registry: &Registry) -> BTreeSet<Number> {
        let last = self.last.replace(registry.clone());
        let last = last.filter(|last| last.text() != registry.text());
        last.map_or_else(BTreeSet::new, |last| change::differing(&last, registry))
    }

    /// The sessions of a change that are again as they were before it, and those that it kept and that are lost.
    fn reverted_numbers(&self, registry: &Registry, record: &Record) -> BTreeSet<Number> {
        let mut numbers = undo::reverted_sessions(registry, &record.entries);
        if let Some(before) = self.in_effect.get(&record.id) {
            let is_whole = |number: &Number| {
                before.get(number).is_none_or(|before| change::is_entry_before(registry, *number, before))
            };
            numbers.retain(is_whole);
            numbers.extend(undo::lost_sessions(registry, &record.entries, before));
        }
        numbers
    }
}

fn is_plain(entry: &EntryChange) -> bool {
    matches!(entry, EntryChange::Fields { .. })
}

#[cfg(test)]
#[path = "overwrite_simulation_tests.rs"]
mod simulation;
