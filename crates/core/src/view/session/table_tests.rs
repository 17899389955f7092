//! Tests: what an update changes in the table, and what it leaves as it is.

use super::*;
use crate::heartbeat::{Beat, BeatName, Content};
use crate::liveness::Process;
use crate::time;
use chrono::{TimeDelta, Utc};
use std::collections::HashMap;

fn now() -> Time {
    time::parse("2025-11-17T20:00:00Z").unwrap()
}

fn beat(minutes_ago: i64) -> Vec<Beat> {
    let content = format!("{{\"timestamp\": \"{}\"}}", time::wire(now() - TimeDelta::minutes(minutes_ago)));
    vec![Beat::new(BeatName::parse("x.json").unwrap(), &Utc, None, Content::read(content.as_bytes(), true))]
}

fn look<'b>(beats: &'b HashMap<&str, Vec<Beat>>, id: &str) -> KnownBeats<'b> {
    KnownBeats::of(beats.get(id).map_or(&[], Vec::as_slice))
}

fn table(registry: &str, beats: &HashMap<&str, Vec<Beat>>) -> SessionTable {
    let registry = Registry::read(registry.as_bytes().to_vec()).unwrap();
    let ownership = Ownership::of(&registry);
    SessionTable::new(registry, ownership, Timeout::default(), now(), &EvidenceSource::of_beats(&|id| look(beats, id)))
}

#[test]
fn a_heartbeat_changes_only_its_own_row() {
    let mut beats = HashMap::from([("session-1", beat(500)), ("session-2", beat(500))]);
    let text = r#"{"2": {"status": "active"}, "1": {"status": "active"}}"#;
    let mut table = table(text, &beats);
    let before = table.rows();
    assert_eq!(before.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    beats.insert("session-2", beat(1));
    table.reevaluate(["session-2", "no-session"], &[], now(), &EvidenceSource::of_beats(&|id| look(&beats, id)));
    let after = table.rows();
    assert!(Arc::ptr_eq(&before[0], &after[0]));
    assert_eq!((before[1].state, after[1].state), (State::Stale, State::Active));
    assert_eq!((table.counts().active, table.counts().stale), (1, 1));
    assert_eq!(table.next_change(), Some(now() + TimeDelta::minutes(119) + TimeDelta::nanoseconds(1)));
}

#[test]
fn a_session_becomes_stale_without_a_file_change() {
    let beats = HashMap::from([("session-1", beat(100))]);
    let mut table = table(r#"{"1": {"status": "active"}}"#, &beats);
    let then = table.next_change().unwrap();
    assert_eq!(table.due_ids(then).collect::<Vec<_>>(), ["session-1"]);
    let none: [&str; 0] = [];
    let look = |id: &str| look(&beats, id);
    let sources = EvidenceSource::of_beats(&look);
    table.reevaluate(none, &[], then - TimeDelta::nanoseconds(1), &sources);
    assert_eq!(table.counts().stale, 0);
    table.reevaluate(none, &[], then, &sources);
    assert_eq!(table.counts().stale, 1);
    assert_eq!(table.next_change(), None);
}

#[test]
fn sessions_of_given_numbers_are_evaluated_again() {
    let beats = HashMap::from([("session-1", beat(500)), ("session-2", beat(1))]);
    let text = r#"{"1": {"status": "active", "claude": {"pid": 7, "proc_start": "1"}}, "2": {"status": "active"}}"#;
    let mut table = table(text, &beats);
    let none: [&str; 0] = [];
    let look = |id: &str| look(&beats, id);
    for (process, state) in [(Process::Alive, State::Active), (Process::Gone, State::Stale)] {
        let process_of = |entry: &Entry| if entry.claude.is_some() { process } else { Process::Unknown };
        table.reevaluate(
            none,
            &[1, 9],
            now(),
            &EvidenceSource { process: &process_of, ..EvidenceSource::of_beats(&look) },
        );
        let row = &table.rows()[0];
        assert_eq!((row.state, row.process, row.pid), (state, process, Some(7)));
    }
}

#[test]
fn numbers_of_unreadable_entries_are_not_free() {
    let table =
        table(r#"{"1": {"status": "inactive"}, "2": {"status": "active"}, "3": "x", "4": {}}"#, &HashMap::new());
    assert_eq!(table.available_numbers(), [1, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    let codes: Vec<Code> = table.warnings("r", str::to_owned).into_iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [Code::BadEntry, Code::UnknownStatus]);
    assert_eq!(table.near_miss("Session-02").unwrap().code, Code::NearMiss);
}
