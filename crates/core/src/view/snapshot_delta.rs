//! What the window hears: the whole picture when it asks, then what changed, piece by piece.
//!
//! Promises: whoever applies each piece to what it had before has the picture itself; pieces are counted, so that a missed
//! one shows; one of ten thousand sessions that changes is one row on the wire. A field that a snapshot gains is told of
//! without a word here. Does not keep more than the picture told last.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::registry::Number;
use crate::time::Time;
use crate::view::row::Row;
use crate::view::snapshot::Snapshot;
use crate::view::snapshot::wire::{self, Reader, SessionRow};

/// What was told last, and how often.
#[derive(Debug, Default)]
pub struct DeltaEncoder {
    serial: u64,
    told: Option<Arc<Snapshot>>,
    rest: Map<String, Value>,
}

/// A picture, or what is new in it.
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
    /// What is new since the last time; nothing where that was the same picture.
    pub fn news(&mut self, next: &Arc<Snapshot>) -> Option<SnapshotDelta> {
        let told = self.told.take();
        if told.as_ref().is_some_and(|told| Arc::ptr_eq(told, next)) {
            self.told = told;
            return None;
        }
        let before = told.as_ref().map_or(&[][..], |told| &told.rows);
        let (rows, gone) = changes(before, &next.rows);
        let is_whole = told.is_none();
        Some(self.tell(next, next.at, is_whole, rows, gone))
    }

    /// The whole picture, as it is `at` a moment: for who has none, or missed a piece.
    pub fn whole(&mut self, next: &Arc<Snapshot>, at: Time) -> SnapshotDelta {
        self.rest.clear();
        self.tell(next, at, true, next.rows.clone(), Vec::new())
    }

    fn tell(
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
        self.told = Some(Arc::clone(next));
        SnapshotDelta { serial: self.serial, is_whole, at, rows, gone, rest }
    }
}

/// Everything of a picture but its sessions.
fn rest(snapshot: &Snapshot, at: Time) -> Map<String, Value> {
    let frame = serde_json::to_value(wire::Snapshot::of(snapshot, &[], Reader::Window));
    let Ok(Value::Object(mut fields)) = frame else { return Map::new() };
    fields.shift_remove("sessions");
    fields.insert("at".into(), Value::String(crate::time::wire(at)));
    fields
}

/// The rows that are new or other than before, and the numbers nobody has any more. Both go by number.
fn changes(before: &[Arc<Row>], after: &[Arc<Row>]) -> (Vec<Arc<Row>>, Vec<Number>) {
    let (mut changed, mut gone) = (Vec::new(), Vec::new());
    let mut old = before.iter().peekable();
    for row in after {
        while let Some(left) = old.next_if(|old| old.number < row.number) {
            gone.push(left.number);
        }
        let same = old.next_if(|old| old.number == row.number);
        // Most rows are the same object still, and are not looked into.
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

/// News on the wire.
#[derive(Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "SnapshotDelta"))]
pub struct WireSnapshotDelta<'a> {
    /// One more than that of the news before it.
    serial: u64,
    /// Everything is in it; else it is what changed since the news before it.
    is_whole: bool,
    /// The sessions, or those that are new or changed.
    sessions: Vec<SessionRow<'a>>,
    /// The numbers that nobody has any more.
    gone: &'a [Number],
    /// The other fields of the snapshot, or those that changed.
    #[cfg_attr(feature = "wire-types", ts(type = "Partial<Omit<Snapshot, \"sessions\">>"))]
    rest: &'a Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::cleanup::Offer;
    use crate::liveness::{Process, Reason, State};
    use crate::time::Timeout;
    use crate::view::row::Counts;
    use proptest::prelude::*;

    fn snapshot(rows: &[(Number, u8)]) -> Arc<Snapshot> {
        let rows = rows.iter().map(|(number, role)| {
            Arc::new(Row {
                number: *number,
                session_id: format!("session-{number}"),
                role: role.to_string(),
                goal: String::new(),
                terminal: None,
                status: None,
                state: State::Active,
                reason: Reason::Heartbeat,
                last_heartbeat: None,
                last_sign_of_life: None,
                is_beating: true,
                pulse: None,
                process: Process::Unknown,
                pid: None,
                is_background: false,
                warnings: Vec::new(),
            })
        });
        let rows: Vec<Arc<Row>> = rows.collect();
        Arc::new(Snapshot {
            registry: "r".into(),
            heartbeats: "h".into(),
            at: Time::UNIX_EPOCH,
            timeout: Timeout::default(),
            counts: Counts::of(rows.iter().map(|row| row.state)),
            available_numbers: rows.iter().map(|row| row.number + 1).collect(),
            unregistered: Vec::new(),
            elsewhere: Vec::new(),
            warnings: Vec::new(),
            trouble: None,
            cleanup: Offer::default(),
            undo: None,
            put_back: None,
            auto_cleanup: false,
            snoozed_until: None,
            quiet_until: None,
            is_polling: false,
            next_change: None,
            rows,
        })
    }

    /// What the window does with a piece.
    fn apply(picture: &mut Map<String, Value>, news: &Value) {
        if news["is_whole"] == true {
            *picture = Map::new();
        }
        picture.extend(news["rest"].as_object().unwrap().clone());
        let mut sessions = picture.remove("sessions").and_then(|all| all.as_array().cloned()).unwrap_or_default();
        let told = |session: &Value| {
            let number = &session["number"];
            let changed = news["sessions"].as_array().unwrap().iter().any(|new| new["number"] == *number);
            changed || news["gone"].as_array().unwrap().contains(number)
        };
        sessions.retain(|session| !told(session));
        sessions.extend(news["sessions"].as_array().unwrap().clone());
        sessions.sort_by_key(|session| session["number"].as_u64());
        picture.insert("sessions".into(), Value::Array(sessions));
    }

    #[test]
    fn one_of_many_is_one_row() {
        let many: Vec<(Number, u8)> = (1..=10_000).map(|number| (number, 0)).collect();
        let before = snapshot(&many);
        let mut teller = DeltaEncoder::default();
        let whole = serde_json::to_value(teller.whole(&before, before.at)).unwrap();
        assert_eq!(whole["sessions"].as_array().unwrap().len(), 10_000);
        assert!(teller.news(&before).is_none(), "the same picture is no news");

        let mut after = Snapshot::clone(&before);
        let other = &snapshot(&[(77, 1)]).rows[0];
        after.rows[76] = Arc::clone(other);
        let news = serde_json::to_string(&teller.news(&Arc::new(after)).unwrap()).unwrap();
        assert!(news.len() < 500 && news.contains("\"serial\":2") && news.contains("session-77"), "{news}");
    }

    proptest! {
        /// Whatever comes, goes and changes, and whenever somebody asks for everything: the pieces make up the picture.
        #[test]
        fn the_pieces_make_up_the_picture(
            pictures in proptest::collection::vec((proptest::collection::btree_map(1u64..9, 0u8..3, 0..8), any::<bool>()), 1..8),
        ) {
            let (mut teller, mut picture, mut serial) = (DeltaEncoder::default(), Map::new(), 0);
            for (rows, is_asked) in pictures {
                let next = snapshot(&rows.into_iter().collect::<Vec<_>>());
                let news = if is_asked { Some(teller.whole(&next, next.at)) } else { teller.news(&next) };
                let news = serde_json::to_value(news.unwrap()).unwrap();
                serial += 1;
                prop_assert_eq!(&news["serial"], serial);
                apply(&mut picture, &news);
                let wanted = serde_json::to_value(wire::Snapshot::of(&next, &next.rows, Reader::Window)).unwrap();
                prop_assert_eq!(Value::Object(picture.clone()), wanted);
            }
        }
    }
}
