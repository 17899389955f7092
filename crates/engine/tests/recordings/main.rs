//! Records the answers of the engine for the page's mock backend (`ui/mock_backend/recorded`). `make wire` writes the
//! files; the test fails if they are outdated.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing step fails its test"
)]

mod commands;
mod fixture;
mod restoring;
mod sessions;
mod settings;
mod tape;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::tape::Tape;

/// The commands that no recording needs, with the reason.
const NOT_RECORDED: [(&str, &str); 4] = [
    ("snapshot", "each state has one"),
    ("show", "it depends on the terminals that are open"),
    ("place", "the page's address names it"),
    ("choose", "the system's file dialog answers"),
];

/// The names of heartbeats are in local time. The zone is set per process, so all of this runs in one of its own.
const ZONE: &str = "UTC";

/// Set in the process that records.
const INNER: &str = "HEADCOUNT_RECORDINGS_INNER";

#[test]
fn recordings_are_up_to_date_and_complete() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let status = command.args(["--exact", "compare", "--nocapture"]).envs([("TZ", ZONE), (INNER, "1")]).status();
    assert!(status.unwrap().success(), "see above");
}

/// Not a test of its own: `recordings_are_up_to_date_and_complete` starts it.
#[test]
fn compare() {
    if std::env::var_os(INNER).is_some() {
        check_answers();
        check_commands();
    }
}

/// All recordings, made once. In threads, because each waits for the disk most of the time.
fn tapes() -> &'static [Tape] {
    static TAPES: OnceLock<Vec<Tape>> = OnceLock::new();
    TAPES.get_or_init(|| {
        let all = [&sessions::TAPES[..], &settings::TAPES, &restoring::TAPES].concat();
        let threads: Vec<_> = all.into_iter().map(std::thread::spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// The recorded answers are those of the engine.
fn check_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/mock_backend/recorded");
    for tape in tapes() {
        let path = folder.join(format!("{}.json", tape.name));
        let text = tape.text();
        if std::env::var_os("WRITE_WIRE_TYPES").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let recorded = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(!recorded.is_empty() && read(&recorded) == read(&text), "{} is outdated: make wire", path.display());
    }
}

/// Every command of the window is recorded.
fn check_commands() {
    macro_rules! commands {
        ($($path:path),* $(,)?) => { [$(stringify!($path)),*] };
    }
    let table = include!("../../../../src-tauri/src/commands/table.rs");
    let table: BTreeSet<&str> = table.iter().map(|path| path.rsplit("::").next().unwrap().trim()).collect();
    let recorded = tapes().iter().flat_map(Tape::commands);
    let covered: BTreeSet<&str> = recorded.chain(NOT_RECORDED.map(|(name, _)| name)).collect();
    assert_eq!(covered, table);
}
