//! Benchmarks of the pure code on the hot path: heartbeat names and contents, the registry, judging and marking
//! sessions.

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use headcount_core::heartbeat::{Beat, BeatName, Content};
use headcount_core::liveness::cleanup;
use headcount_core::liveness::ownership::Ownership;
use headcount_core::liveness::{Evidence, Process};
use headcount_core::{Registry, Timeout};

const NAME: &str = "2025-11-17_11-58-30-session-collective-mind.json";
const CONTENT: &[u8] = br#"{"session_number": 2, "timestamp": "2025-11-17T11:58:30Z", "type": "identity_heartbeat", "source": "session-identify.sh"}"#;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_409_600, 0).unwrap_or_default()
}

/// A registry of a thousand sessions in Python's layout.
fn text() -> Vec<u8> {
    let entry = |number: u64| {
        format!(
            "  \"{number}\": {{\n    \"session_id\": \"session-{number}\",\n    \"number\": {number},\n    \"role\": \"Builder of part {number}\",\n    \"goal\": \"Keep part {number} in order\",\n    \"status\": \"active\",\n    \"registered_at\": \"2025-11-15T22:15:00Z\",\n    \"terminal\": \"s002\"\n  }}"
        )
    };
    let entries: Vec<String> = (1..=1000).map(entry).collect();
    format!("{{\n{}\n}}", entries.join(",\n")).into_bytes()
}

fn beats(c: &mut Criterion) {
    c.bench_function("a name is taken apart", |b| b.iter(|| BeatName::parse(black_box(NAME))));
    c.bench_function("contents are read", |b| b.iter(|| Content::read(black_box(CONTENT), true)));
}

fn registries(c: &mut Criterion) {
    let text = text();
    let Ok(registry) = Registry::read(text.clone()) else { return };
    let numbers: Vec<u64> = (1..=1000).collect();
    let mut group = c.benchmark_group("a thousand sessions");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("are read", |b| b.iter(|| Registry::read(black_box(text.clone()))));
    group.bench_function("get their owners", |b| b.iter(|| Ownership::of(black_box(&registry))));
    group.bench_function("are marked", |b| b.iter(|| cleanup::mark(&registry, black_box(&numbers), now())));
    group.finish();
}

fn judging(c: &mut Criterion) {
    let (Ok(registry), Some(name)) = (Registry::read(text()), BeatName::parse(NAME)) else { return };
    let Some(entry) = registry.entries().first() else { return };
    let beat = Beat::new(name, &Utc, Some(now() - TimeDelta::minutes(5)), Content::read(CONTENT, true));
    let evidence = Evidence { entry, beats: vec![&beat; 3], process: Process::Unknown, boot: None };
    c.bench_function("a session is judged", |b| b.iter(|| black_box(&evidence).verdict(now(), Timeout::default())));
    c.bench_function("its next change is found", |b| {
        b.iter(|| black_box(&evidence).next_change(now(), Timeout::default()));
    });
}

criterion_group!(pure, beats, registries, judging);
criterion_main!(pure);
