//! Which sessions are marked, and when a person is asked before.

use super::*;
use crate::liveness::ownership::Ownership;
use crate::time::Timeout;
use crate::view::session::evidence_source::{EvidenceSource, KnownBeats};
use crate::view::session::row::Counts;
use crate::view::session::table::SessionTable;

const TEXT: &str = "{\n  \"2\": {\n    \"status\": \"active\",\n    \"marked_inactive_at\": \"2025-11-15T00:00:00.000001Z\",\n    \"x\": 1e3\n  },\n  \"1\": {\n    \"status\": \"inactive\"\n  },\n  \"3\": {\n    \"status\": \"working\"\n  },\n  \"4\": {}\n}";

fn now() -> Time {
    time::parse("2025-11-17T20:00:00.5Z").unwrap()
}

fn rows(text: &str) -> (Registry, Vec<Arc<Row>>) {
    let registry = Registry::read(text.as_bytes().to_vec()).unwrap();
    let no_heartbeats = EvidenceSource::of_beats(&|_| KnownBeats::default());
    let rows =
        SessionTable::new(registry.clone(), Ownership::of(&registry), Timeout::default(), now(), &no_heartbeats).rows();
    (registry, rows)
}

#[test]
fn marking_changes_two_fields_only() {
    let (registry, rows) = rows(TEXT);
    let plan = plan(&rows, &Selection::All);
    assert_eq!(plan.mark, [2, 3]);
    let (text, changes) = mark(&registry, &plan.mark, now());
    assert_eq!(
        text,
        TEXT.replace("\"active\"", "\"inactive\"")
            .replace("2025-11-15T00:00:00.000001Z", "2025-11-17T20:00:00.500000Z")
            .replace("\"working\"", "\"inactive\",\n    \"marked_inactive_at\": \"2025-11-17T20:00:00.500000Z\"")
    );
    assert_eq!(changes.len(), 2);
}

#[test]
fn only_stale_sessions_of_a_selection_are_marked() {
    let (_, rows) = rows(TEXT);
    let other = Target { number: 3, session_id: Some("another-session".into()) };
    let asked =
        vec![Target::number(2), Target::number(1), Target::number(4), Target::number(9), other, Target::number(2)];
    let plan = plan(&rows, &Selection::Only(asked));
    assert_eq!(plan.mark, [2]);
    let skipped: Vec<_> = plan.skipped.iter().map(|skipped| (skipped.number, skipped.why.as_str())).collect();
    assert_eq!(
        skipped,
        [
            (1, "is already inactive"),
            (4, "has an unknown status"),
            (9, "is not in the registry"),
            (3, "belongs to another session now"),
        ]
    );
}

#[test]
fn insufficient_evidence_requires_confirmation() {
    use {CautionCode as C, Folder as F};
    let (_, rows) = rows(TEXT);
    let code = |active, folder, readable, woke| {
        let counts = Counts { active, stale: 2, ..Counts::default() };
        offer(&rows, counts, folder, readable, woke).caution.map(|caution| caution.code)
    };
    assert_eq!(code(1, F::Readable, true, false), None);
    assert_eq!(code(0, F::Readable, true, false), Some(C::EverythingStale));
    assert_eq!(code(1, F::Readable, true, true), Some(C::JustWoke));
    assert_eq!(code(1, F::Missing, true, true), Some(C::NoHeartbeatsFolder));
    assert_eq!(code(1, F::Unreadable, true, false), Some(C::HeartbeatsUnreadable));
    assert_eq!(code(1, F::Missing, false, false), Some(C::RegistryUnreadable));
    assert_eq!(offer(&[], Counts::default(), F::Missing, false, true), CleanupOffer::default());
}
