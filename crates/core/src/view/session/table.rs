//! The table of all sessions of a registry with their states, updated incrementally.
//!
//! Guarantees: after any sequence of updates the rows are those that a new evaluation of everything would give; the
//! cost of an update is proportional to what changed; an unchanged row stays the same shared object. Heartbeats are
//! looked up by id; this module reads no files.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::heartbeat::activity_histogram::ActivityHistogram;
use crate::liveness::ownership::Ownership;
use crate::liveness::{Evidence, State};
use crate::registry::numbering;
use crate::registry::{Entry, Number, Registry};
use crate::time::{Time, Timeout};
use crate::view::session::evidence_source::{EvidenceSource, KnownBeats};
use crate::view::session::row::{Counts, Row};
use crate::view::text::shared_texts::fill;
use crate::view::warning::{Code, Warning};

/// A row of the table, with the moment of its next change.
#[derive(Clone, Debug)]
struct TableRow {
    row: Arc<Row>,
    broken: Option<String>,
    next_change: Option<Time>,
}

impl TableRow {
    fn warnings(&self, registry_path: &str, beat_path: impl Fn(&str) -> String) -> impl Iterator<Item = Warning> {
        let own = self.row.warnings.iter().map(|code| {
            let path = Some(registry_path.to_owned());
            Warning { code: *code, message: session_message(*code, self.row.number), path }
        });
        let broken = self.broken.as_ref().map(|file| {
            let number = self.row.number;
            let message = session_message(Code::BrokenHeartbeat, number);
            Warning { code: Code::BrokenHeartbeat, message, path: Some(beat_path(file)) }
        });
        own.chain(broken)
    }
}

/// All sessions of one registry, with their states.
#[derive(Clone, Debug)]
pub struct SessionTable {
    registry: Registry,
    ownership: Ownership,
    timeout: Timeout,
    rows: Vec<TableRow>,
}

impl SessionTable {
    /// Evaluates every session. `ownership` must be that of `registry`.
    #[must_use]
    pub fn new(
        registry: Registry,
        ownership: Ownership,
        timeout: Timeout,
        now: Time,
        sources: &EvidenceSource<'_, '_>,
    ) -> Self {
        let rows = (0..registry.entries().len())
            .filter_map(|at| judge(&registry, &ownership, timeout, at, now, sources))
            .collect();
        Self { registry, ownership, timeout, rows }
    }

    /// The registry of the table.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The owners of all heartbeat ids.
    #[must_use]
    pub fn ownership(&self) -> &Ownership {
        &self.ownership
    }

    /// Evaluates again the sessions that own one of `ids`, those with one of `numbers`, and those with a state that
    /// changes by itself until `now`.
    pub fn reevaluate(
        &mut self,
        ids: impl IntoIterator<Item = impl AsRef<str>>,
        numbers: &[Number],
        now: Time,
        sources: &EvidenceSource<'_, '_>,
    ) {
        let mut places: BTreeSet<usize> = self.due(now).collect();
        places.extend(numbers.iter().filter_map(|number| self.registry.place(*number)));
        for id in ids {
            places.extend(self.ownership.owners(id.as_ref()));
        }
        for at in places {
            let Some(new) = judge(&self.registry, &self.ownership, self.timeout, at, now, sources) else { continue };
            if let Some(old) = self.rows.get_mut(at) {
                let row = if *old.row == *new.row { Arc::clone(&old.row) } else { new.row };
                *old = TableRow { row, ..new };
            }
        }
    }

    /// The ids of the heartbeats of sessions that change by themselves until `now`.
    pub fn due_ids(&self, now: Time) -> impl Iterator<Item = &str> {
        self.due(now).flat_map(|at| self.ownership.ids(at)).map(String::as_str)
    }

    fn due(&self, now: Time) -> impl Iterator<Item = usize> {
        self.rows
            .iter()
            .enumerate()
            .filter(move |(_, row)| row.next_change.is_some_and(|time| time <= now))
            .map(|(at, _)| at)
    }

    /// The next moment at which a session changes by itself; `None` if none does.
    #[must_use]
    pub fn next_change(&self) -> Option<Time> {
        self.rows.iter().filter_map(|row| row.next_change).min()
    }

    /// The rows, sorted by number.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        let mut rows: Vec<_> = self.rows.iter().map(|row| Arc::clone(&row.row)).collect();
        rows.sort_unstable_by_key(|row| row.number);
        rows
    }

    /// The number of sessions per state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.rows.iter().map(|row| row.row.as_ref()))
    }

    /// The free numbers.
    #[must_use]
    pub fn available_numbers(&self) -> Vec<Number> {
        let held = self.rows.iter().filter(|row| row.row.state != State::Inactive).map(|row| row.row.number);
        numbering::free(&held.chain(self.registry.bad_entries().iter().copied()).collect())
    }

    /// All warnings about the registry and its sessions. `registry_path` is the registry's path; `beat_path` gives the
    /// path of a file in the heartbeats folder.
    #[must_use]
    pub fn warnings(&self, registry_path: &str, beat_path: impl Fn(&str) -> String) -> Vec<Warning> {
        let about_registry = |code, message| Warning { code, message, path: Some(registry_path.to_owned()) };
        let mut warnings = Vec::new();
        for key in self.registry.bad_keys() {
            let key = crate::view::text::messages::plain(key, 40);
            warnings.push(about_registry(Code::BadKey, format!("The key “{key}” is not a number; it is left alone.")));
        }
        for number in self.registry.bad_entries() {
            warnings.push(about_registry(
                Code::BadEntry,
                format!("The entry of session {number} is not an object; it is left alone."),
            ));
        }
        warnings.extend(self.rows.iter().flat_map(|row| row.warnings(registry_path, &beat_path)));
        warnings
    }

    /// The warnings about one session.
    #[must_use]
    pub fn warnings_of(&self, number: Number, registry_path: &str, beat_path: impl Fn(&str) -> String) -> Vec<Warning> {
        let rows = self.rows.iter().filter(|row| row.row.number == number);
        rows.flat_map(|row| row.warnings(registry_path, &beat_path)).collect()
    }

    /// A warning that an id without an owner was probably meant for a session.
    #[must_use]
    pub fn near_miss(&self, id: &str) -> Option<Warning> {
        let entry = self.registry.entries().get(self.ownership.near_miss(id)?)?;
        let message = format!(
            "Heartbeats of “{}” belong to no session; session {} has the id “{}”, and ids must match exactly.",
            crate::view::text::messages::plain(id, 60),
            entry.number,
            crate::view::text::messages::plain(&entry.session_id, 60),
        );
        Some(Warning { code: Code::NearMiss, message, path: None })
    }
}

/// The message of a warning about a session.
fn session_message(code: Code, number: Number) -> String {
    code.session_message().map_or_else(String::new, |text| fill(text, number))
}

fn judge(
    registry: &Registry,
    ownership: &Ownership,
    timeout: Timeout,
    at: usize,
    now: Time,
    sources: &EvidenceSource<'_, '_>,
) -> Option<TableRow> {
    let entry = registry.entries().get(at)?;
    let known: Vec<KnownBeats<'_>> = ownership.ids(at).iter().map(|id| (sources.beats)(id)).collect();
    let beats = known.iter().flat_map(|known| known.opened).collect();
    let evidence = Evidence { entry, beats, process: (sources.process)(entry), boot: sources.boot };
    let verdict = evidence.verdict(now, timeout);
    let mut warnings = verdict.warnings;
    warnings.extend(own_warnings(entry, ownership.is_shared(at), verdict.state));
    let row = Row {
        number: entry.number,
        session_id: entry.session_id.clone(),
        role: entry.role.clone(),
        goal: entry.goal.clone(),
        terminal: entry.terminal.clone(),
        status: entry.status.clone(),
        state: verdict.state,
        reason: verdict.reason,
        last_heartbeat: verdict.last_heartbeat,
        last_sign_of_life: verdict.last_sign_of_life,
        is_beating: verdict.is_beating,
        process: verdict.process,
        activity: (sources.activity)(entry).map(|activity| activity.seen_at(now)),
        pid: entry.process().map(|key| key.pid),
        is_background: entry.claude.as_ref().is_some_and(|claude| claude.job.is_some()),
        is_kept: entry.preferences.is_kept,
        own_timeout: entry.preferences.timeout,
        histogram: known.iter().filter_map(|known| known.histogram).reduce(ActivityHistogram::with),
        warnings,
    };
    Some(TableRow { row: Arc::new(row), broken: verdict.broken, next_change: evidence.next_change(now, timeout) })
}

fn own_warnings(entry: &Entry, is_shared: bool, state: State) -> impl Iterator<Item = Code> {
    [
        (is_shared, Code::DuplicateSessionId),
        (!entry.number_agrees, Code::NumberMismatch),
        (state == State::Unknown, Code::UnknownStatus),
    ]
    .into_iter()
    .filter_map(|(applies, code)| applies.then_some(code))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
