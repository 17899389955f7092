//! Session numbers: which are free, and how sessions change theirs.
//!
//! Guarantees: a number is free if no active, stale or unknown entry has it (an entry that cannot be read keeps its
//! number); no entry is lost by a move: a session already using a target number gets a vacated one. Moves keep the
//! order of the file and every other field (protocol §4 "Reassign"). Does not write files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::json::edit::Layout;
use crate::json::{quote, string};
use crate::liveness::State;
use crate::registry::change::{self, EntryChange, EntryEdit, Fields};
use crate::registry::registration::RegistrationError;
use crate::registry::{Entry, Number, Registry};
use crate::view::session::row::Row;

/// Free numbers are listed at least up to this one.
const MIN_HIGHEST: Number = 13;

/// Maximum length of the list of free numbers: a registry may contain a session with the number 1763247310.
const MAX_LISTED: usize = 10_000;

/// The free numbers from 1 up to the highest in use (at least 13), lowest first.
#[must_use]
pub fn free(held: &BTreeSet<Number>) -> Vec<Number> {
    let highest = held.last().copied().unwrap_or_default().max(MIN_HIGHEST);
    (1..=highest).filter(|number| !held.contains(number)).take(MAX_LISTED).collect()
}

/// The change of one session's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Move {
    /// The number before.
    pub from: Number,
    /// The number after.
    pub to: Number,
    /// A fingerprint of the session with the number `from`, so that a move shown to the user is not applied to another
    /// session that has taken the number since. Absent in recorded changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wire-types", ts(optional))]
    pub holder: Option<u32>,
}

impl Move {
    /// The move that a change made; `None` for other changes.
    #[must_use]
    pub fn of(change: &EntryChange) -> Option<Self> {
        match change {
            EntryChange::Moved { from, to, .. } => Some(Self { from: *from, to: *to, holder: None }),
            _ => None,
        }
    }

    fn in_registry(registry: &Registry, from: Number, to: Number) -> Self {
        Self { from, to, holder: registry.entry(from).map(fingerprint) }
    }

    /// Whether this is the move that was shown, of the same session if both have a fingerprint.
    #[must_use]
    pub fn is_as_shown(&self, shown: &Self) -> bool {
        let same = self.holder.zip(shown.holder).is_none_or(|(own, shown)| own == shown);
        (self.from, self.to) == (shown.from, shown.to) && same
    }

    /// Whether the number `from` still belongs to the same session.
    #[must_use]
    pub fn still_fits(&self, registry: &Registry) -> bool {
        let holder = registry.entry(self.from).map(fingerprint);
        self.holder.is_none() || self.holder == holder
    }
}

/// A fingerprint (FNV-1a) that distinguishes sessions with the same number and, because of that, the same id.
fn fingerprint(entry: &Entry) -> u32 {
    let process = entry.process().map(|key| format!("{} {} {:?}", key.pid, key.started, key.boot));
    // Without the time of reactivation and Claude's session id: both change during the life of a session.
    let identity = format!("{}\0{:?}\0{process:?}", entry.session_id, entry.registered_at);
    identity.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The result of changing numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Renumbered {
    /// The moves made; empty if nothing had to change.
    pub moves: Vec<Move>,
    /// The change's id in the journal; null if nothing changed.
    pub change: Option<String>,
}

/// The moves that give session `from` the number `to`: one, or two if they swap; none if it has that number.
///
/// # Errors
/// If the session does not exist, `to` is 0, or one of the entries cannot be read.
pub fn reassign(registry: &Registry, from: Number, to: Number) -> Result<Vec<Move>, RegistrationError> {
    if registry.entry(from).is_none() {
        let is_bad = registry.bad_entries().contains(&from);
        return Err(if is_bad { RegistrationError::NotChangeable(from) } else { RegistrationError::NoSession(from) });
    }
    match to {
        0 => Err(RegistrationError::Zero),
        to if registry.bad_entries().contains(&to) => Err(RegistrationError::NotChangeable(to)),
        to if to == from => Ok(Vec::new()),
        to => {
            let swap = registry.entry(to).map(|_| Move::in_registry(registry, to, from));
            Ok([Move::in_registry(registry, from, to)].into_iter().chain(swap).collect())
        }
    }
}

/// The moves that number the active sessions 1, 2, 3 … in their order. A session already using one of these numbers
/// gets a vacated one.
#[must_use]
pub fn compact(registry: &Registry, rows: &[Arc<Row>]) -> Vec<Move> {
    let mut targets = (1..).filter(|number| !registry.bad_entries().contains(number));
    let active = rows.iter().filter(|row| row.state == State::Active);
    let wanted: BTreeMap<Number, Number> = active.filter_map(|row| Some((row.number, targets.next()?))).collect();
    let taken: BTreeSet<Number> = wanted.values().copied().collect();
    let blocking = taken.iter().filter(|number| !wanted.contains_key(number) && registry.entry(**number).is_some());
    let mut vacated = wanted.keys().filter(|number| !taken.contains(number));
    let displaced: Vec<Move> =
        blocking.zip(&mut vacated).map(|(from, to)| Move::in_registry(registry, *from, *to)).collect();
    let moves = wanted.iter().map(|(from, to)| Move::in_registry(registry, *from, *to));
    moves.filter(|step| step.from != step.to).chain(displaced).collect()
}

/// Applies moves, which together must be a permutation or lead to free numbers. Returns the new text and the changes.
#[must_use]
pub fn apply_moves(registry: &Registry, moves: &[Move]) -> (String, Vec<EntryChange>) {
    let edits = moves.iter().map(|step| EntryEdit::Move(step.from, step.to, fields(registry, *step)));
    change::apply(registry, edits.collect())
}

fn fields(registry: &Registry, Move { from, to, .. }: Move) -> Fields {
    let mut fields: Fields = Vec::new();
    let id = registry.raw(from, "session_id").and_then(string);
    if id.is_some_and(|id| id == format!("session-{from}")) {
        fields.push(("session_id", Some(quote(&format!("session-{to}")))));
    }
    fields.push(("number", Some(to.to_string())));
    let former = registry.entry(from).map(|entry| entry.former_numbers.as_slice()).unwrap_or_default();
    let former: Vec<Number> = former.iter().copied().chain([from]).collect();
    fields.push(("former_numbers", Some(Layout::of_entries(registry).numbers(&former))));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::ownership::Ownership;
    use crate::registry::undo;
    use crate::time::{Time, Timeout};
    use crate::view::session::evidence_source::{EvidenceSource, KnownBeats};
    use crate::view::session::table::SessionTable;

    fn read(text: &str) -> Registry {
        Registry::read(text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn free_numbers_reach_to_the_highest_in_use() {
        assert_eq!(free(&BTreeSet::new()), (1..=13).collect::<Vec<_>>());
        assert_eq!(free(&[2, 3, 15].into()), [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(free(&(1..=13).collect()), Vec::<Number>::new());
        assert_eq!(free(&[Number::MAX].into()).len(), MAX_LISTED);
    }

    #[test]
    fn a_move_keeps_order_and_fields() {
        let before = "{\n  \"13\": {\n    \"session_id\": \"session-13\",\n    \"number\": 13,\n    \"x\": 1e3\n  },\n  \"2\": {\n    \"session_id\": \"own\"\n  }\n}";
        let registry = read(before);
        let (text, changes) = apply_moves(&registry, &reassign(&registry, 13, 5).unwrap());
        let wanted = before.replace("\"13\": {", "\"5\": {").replace("session-13", "session-5").replace("13,", "5,");
        let wanted = wanted.replace("1e3\n", "1e3,\n    \"former_numbers\": [\n      13\n    ]\n");
        assert_eq!(text, wanted);
        assert_eq!(undo::undo(&read(&text), &changes).text, before);
        // After another move it has both former numbers.
        let (text, _) = apply_moves(&read(&text), &[Move { from: 5, to: 6, holder: None }]);
        assert_eq!(read(&text).entry(6).unwrap().former_numbers, [13, 5]);
    }

    #[test]
    fn reassigning_to_a_number_in_use_swaps() {
        let before = r#"{"1": {"session_id": "session-1"}, "2": {"session_id": "own"}}"#;
        let registry = read(before);
        let (text, changes) = apply_moves(&registry, &reassign(&registry, 1, 2).unwrap());
        let after = read(&text);
        assert_eq!((after.entries()[0].number, after.entries()[0].session_id.as_str()), (2, "session-2"));
        assert_eq!((after.entries()[1].number, after.entries()[1].session_id.as_str()), (1, "own"));
        assert_eq!(undo::undo(&after, &changes).text, before);
    }

    #[test]
    fn impossible_moves_are_refused_with_the_reason() {
        let registry = read(r#"{"1": {}, "2": []}"#);
        assert_eq!(reassign(&registry, 9, 1), Err(RegistrationError::NoSession(9)));
        assert_eq!(reassign(&registry, 2, 1), Err(RegistrationError::NotChangeable(2)));
        assert_eq!(reassign(&registry, 1, 2), Err(RegistrationError::NotChangeable(2)));
        assert_eq!(reassign(&registry, 1, 0), Err(RegistrationError::Zero));
        assert_eq!(reassign(&registry, 1, 1), Ok(vec![]));
    }

    #[test]
    fn a_move_fits_only_the_session_that_was_shown() {
        let text = |registered: &str, pid: u32| {
            let claude = format!(r#"{{"pid": {pid}, "proc_start": "1"}}"#);
            format!(r#"{{"5": {{"registered_at": "{registered}", "role": "r", "claude": {claude}}}}}"#)
        };
        let before = read(&text("2025-11-17T20:00:00Z", 7));
        let shown = reassign(&before, 5, 6).unwrap();
        for (registered, pid, is_same) in
            [("2025-11-17T20:00:00Z", 7, true), ("2025-11-17T20:00:01Z", 7, false), ("2025-11-17T20:00:00Z", 8, false)]
        {
            let after = read(&text(registered, pid).replace("\"r\"", "\"another role\""));
            assert_eq!(shown[0].still_fits(&after), is_same);
            assert_eq!(reassign(&after, 5, 6).unwrap()[0].is_as_shown(&shown[0]), is_same);
        }
        // Without a fingerprint only the numbers are compared.
        let unmarked = Move { holder: None, ..shown[0] };
        assert!(unmarked.still_fits(&before) && shown[0].is_as_shown(&unmarked));
        assert!(!shown[0].is_as_shown(&Move { to: 7, ..unmarked }));
    }

    #[test]
    fn compacting_moves_a_session_that_uses_a_target_number() {
        let now = Time::UNIX_EPOCH;
        let entry = |number: u64, status: &str| {
            format!("\"{number}\": {{\"status\": \"{status}\", \"registered_at\": \"1970-01-01T00:00:00Z\"}}")
        };
        let entries =
            [entry(3, "active"), entry(8, "active"), entry(1, "inactive"), entry(13, "active"), "\"2\": 5".into()];
        let registry = read(&format!("{{{}}}", entries.join(", ")));
        let no_heartbeats = EvidenceSource::of_beats(&|_| KnownBeats::default());
        let table =
            SessionTable::new(registry.clone(), Ownership::of(&registry), Timeout::default(), now, &no_heartbeats);
        let moves = compact(&registry, &table.rows());
        let plain: Vec<(Number, Number)> = moves.iter().map(|step| (step.from, step.to)).collect();
        assert_eq!(plain, [(3, 1), (8, 3), (13, 4), (1, 8)]);
        let (text, changes) = apply_moves(&registry, &moves);
        let after = read(&text);
        let statuses: Vec<_> =
            after.entries().iter().map(|entry| (entry.number, entry.status.clone().unwrap())).collect();
        let wanted = [(1, "active"), (3, "active"), (8, "inactive"), (4, "active")].map(|(n, s)| (n, s.to_owned()));
        assert_eq!(statuses, wanted);
        assert_eq!(undo::undo(&after, &changes).text, registry.text());
        assert!(
            compact(
                &after,
                &SessionTable::new(after.clone(), Ownership::of(&after), Timeout::default(), now, &no_heartbeats)
                    .rows()
            )
            .is_empty()
        );
    }
}
