//! Encodes snapshots for the window: the whole snapshot first or on request, then deltas.
//!
//! Guarantees: applying every delta in order gives the snapshot itself; deltas are numbered, so that a missing one is
//! detected; a change of one of ten thousand sessions is one row on the wire. New fields of the snapshot are included
//! automatically. Keeps only the last snapshot.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::registry::Number;
use crate::time::Time;
use crate::view::session::row::Row;
use crate::view::snapshot::Snapshot;
use crate::view::snapshot::wire::{self, Reader, SessionRow};

/// The state of the encoder: the last snapshot sent and its serial number.
#[derive(Debug, Default)]
pub struct DeltaEncoder {
    serial: u64,
    last: Option<Arc<Snapshot>>,
    rest: Map<String, Value>,
}

/// A whole snapshot, or the changes since the last one.
#[derive(Clone, Debug)]
pub struct SnapshotDelta {
    serial: u64,
    is_whole: bool,
    at: Time,
    rows: Vec<Arc<Row>>,
    gone: Vec<Number>,
    rest: Map<String, Value>,
}

impl DeltaEncoder {
    /// The changes since the last snapshot; `None` if `next` is the same one.
    pub fn next_delta(&mut self, next: &Arc<Snapshot>) -> Option<SnapshotDelta> {
        let last = self.last.take();
        if last.as_ref().is_some_and(|last| Arc::ptr_eq(last, next)) {
            self.last = last;
            return None;
        }
        let before = last.as_ref().map_or(&[][..], |last| &last.rows);
        let (rows, gone) = changes(before, &next.rows);
        let is_whole = last.is_none();
        Some(self.encode(next, next.at, is_whole, rows, gone))
    }

    /// The whole snapshot with its ages at the moment `at`, for a receiver that has none or missed a delta.
    pub fn whole(&mut self, next: &Arc<Snapshot>, at: Time) -> SnapshotDelta {
        self.rest.clear();
        self.encode(next, at, true, next.rows.clone(), Vec::new())
    }

    fn encode(
        &mut self,
        next: &Arc<Snapshot>,
        at: Time,
        is_whole: bool,
        rows: Vec<Arc<Row>>,
        gone: Vec<Number>,
    ) -> SnapshotDelta {
        let all = rest(next, at);
        let is_new = |(name, value): &(&String, &Value)| self.rest.get(*name) != Some(*value);
        let rest = all.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone())).collect();
        self.serial += 1;
        self.rest = all;
        self.last = Some(Arc::clone(next));
        SnapshotDelta { serial: self.serial, is_whole, at, rows, gone, rest }
    }
}

/// The fields of a snapshot except its sessions.
fn rest(snapshot: &Snapshot, at: Time) -> Map<String, Value> {
    let frame = serde_json::to_value(wire::Snapshot::of(snapshot, &[], Reader::Window));
    let Ok(Value::Object(mut fields)) = frame else { return Map::new() };
    fields.shift_remove("sessions");
    fields.insert("at".into(), Value::String(crate::time::wire(at)));
    fields
}

/// The rows that are new or changed, and the numbers that no session has any more. Both inputs are sorted by number.
fn changes(before: &[Arc<Row>], after: &[Arc<Row>]) -> (Vec<Arc<Row>>, Vec<Number>) {
    let (mut changed, mut gone) = (Vec::new(), Vec::new());
    let mut old = before.iter().peekable();
    for row in after {
        while let Some(left) = old.next_if(|old| old.number < row.number) {
            gone.push(left.number);
        }
        let same = old.next_if(|old| old.number == row.number);
        // Unchanged rows are usually the same object, so that their fields need not be compared.
        if !same.is_some_and(|old| Arc::ptr_eq(old, row) || old == row) {
            changed.push(Arc::clone(row));
        }
    }
    gone.extend(old.map(|left| left.number));
    (changed, gone)
}

impl Serialize for SnapshotDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sessions = self.rows.iter().map(|row| SessionRow::of(row, self.at, Reader::Window)).collect();
        let Self { serial, is_whole, gone, rest, .. } = self;
        WireSnapshotDelta { serial: *serial, is_whole: *is_whole, sessions, gone, rest }.serialize(serializer)
    }
}

/// The wire format of [`SnapshotDelta`].
#[derive(Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "SnapshotDelta"))]
pub struct WireSnapshotDelta<'a> {
    /// One more than the serial of the delta before it.
    serial: u64,
    /// It contains everything; else only the changes since the delta before it.
    is_whole: bool,
    /// The sessions, or those that are new or changed.
    sessions: Vec<SessionRow<'a>>,
    /// The numbers that no session has any more.
    gone: &'a [Number],
    /// The other fields of the snapshot, or those that changed.
    #[cfg_attr(feature = "wire-types", ts(type = "Partial<Omit<Snapshot, \"sessions\">>"))]
    rest: &'a Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::cleanup::CleanupOffer;
    use crate::time::Timeout;
    use crate::view::session::row::Counts;
    use proptest::prelude::*;

    fn snapshot(rows: &[(Number, u8)]) -> Arc<Snapshot> {
        let rows = rows.iter().map(|(number, role)| Arc::new(Row { role: role.to_string(), ..Row::example(*number) }));
        let rows: Vec<Arc<Row>> = rows.collect();
        Arc::new(Snapshot {
            registry: "r".into(),
            heartbeats: "h".into(),
            at: Time::UNIX_EPOCH,
            timeout: Timeout::default(),
            counts: Counts::of(rows.iter().map(AsRef::as_ref)),
            available_numbers: rows.iter().map(|row| row.number + 1).collect(),
            unregistered: Vec::new(),
            elsewhere: Vec::new(),
            warnings: Vec::new(),
            trouble: None,
            cleanup: CleanupOffer::default(),
            undo: None,
            reverted_change: None,
            auto_cleanup: false,
            snoozed_until: None,
            quiet_until: None,
            is_polling: false,
            next_change: None,
            rows,
        })
    }

    /// Applies a delta like the window does.
    fn apply(window: &mut Map<String, Value>, delta: &Value) {
        if delta["is_whole"] == true {
            *window = Map::new();
        }
        window.extend(delta["rest"].as_object().unwrap().clone());
        let mut sessions = window.remove("sessions").and_then(|all| all.as_array().cloned()).unwrap_or_default();
        let is_replaced = |session: &Value| {
            let number = &session["number"];
            let changed = delta["sessions"].as_array().unwrap().iter().any(|new| new["number"] == *number);
            changed || delta["gone"].as_array().unwrap().contains(number)
        };
        sessions.retain(|session| !is_replaced(session));
        sessions.extend(delta["sessions"].as_array().unwrap().clone());
        sessions.sort_by_key(|session| session["number"].as_u64());
        window.insert("sessions".into(), Value::Array(sessions));
    }

    #[test]
    fn a_change_of_one_session_is_one_row() {
        let many: Vec<(Number, u8)> = (1..=10_000).map(|number| (number, 0)).collect();
        let before = snapshot(&many);
        let mut encoder = DeltaEncoder::default();
        let whole = serde_json::to_value(encoder.whole(&before, before.at)).unwrap();
        assert_eq!(whole["sessions"].as_array().unwrap().len(), 10_000);
        assert!(encoder.next_delta(&before).is_none(), "the same snapshot has no changes");

        let mut after = Snapshot::clone(&before);
        let other = &snapshot(&[(77, 1)]).rows[0];
        after.rows[76] = Arc::clone(other);
        let delta = serde_json::to_string(&encoder.next_delta(&Arc::new(after)).unwrap()).unwrap();
        assert!(delta.len() < 500 && delta.contains("\"serial\":2") && delta.contains("session-77"), "{delta}");
    }

    proptest! {
        /// For any sequence of snapshots and of requests for the whole one.
        #[test]
        fn applied_deltas_give_the_snapshot(
            snapshots in proptest::collection::vec((proptest::collection::btree_map(1u64..9, 0u8..3, 0..8), any::<bool>()), 1..8),
        ) {
            let (mut encoder, mut window, mut serial) = (DeltaEncoder::default(), Map::new(), 0);
            for (rows, is_whole_requested) in snapshots {
                let next = snapshot(&rows.into_iter().collect::<Vec<_>>());
                let delta = if is_whole_requested { Some(encoder.whole(&next, next.at)) } else { encoder.next_delta(&next) };
                let delta = serde_json::to_value(delta.unwrap()).unwrap();
                serial += 1;
                prop_assert_eq!(&delta["serial"], serial);
                apply(&mut window, &delta);
                let wanted = serde_json::to_value(wire::Snapshot::of(&next, &next.rows, Reader::Window)).unwrap();
                prop_assert_eq!(Value::Object(window.clone()), wanted);
            }
        }
    }
}
