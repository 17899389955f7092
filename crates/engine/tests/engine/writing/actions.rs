//! Actions apply to the current files, not to what a screen showed (protocol §4, §5).

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use headcount_core::Time;
use headcount_core::claude::ProcessKey;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::Process;
use headcount_core::liveness::cleanup::{CautionCode, Selection, Target};
use headcount_core::registry::registration::RegistrationError;
use headcount_core::view::history::Actor;
use headcount_engine::clock::{Clock as _, SystemClock, Wait};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::process::Processes;
use headcount_engine::tasks::model::Model;
use headcount_engine::{Error, Workspace};

use crate::fixture::{Fixture, registry};

fn now() -> Time {
    SystemClock.now()
}

fn context() -> ActionContext {
    ActionContext { by: Actor::Window, at: now() }
}

fn targets(fixture: &Fixture, numbers: &[u64]) -> Selection {
    let rows = Model::look(&fixture.workspace(), now()).unwrap().rows();
    Selection::Only(rows.iter().filter(|row| numbers.contains(&row.number)).map(|row| Target::of(row)).collect())
}

#[test]
fn cleanup_skips_sessions_that_changed_since_they_were_shown() {
    let fixture = Fixture::with(&[1, 332, 332, 332], now());
    let named = targets(&fixture, &[1, 2, 3, 4]);
    // Changes since the screen was drawn: another session took 2, 3 beats again, 4 was removed.
    let mut since = registry(3).replacen("\"2\": {", "\"2\": {\n    \"session_id\": \"newcomer\",", 1);
    since.push('\n');
    fixture.write_registry(&since);
    fixture.beat(3, now());
    let cleanup = ops::cleanup(&fixture.workspace(), &named, false, context()).unwrap();
    assert!(cleanup.done.marked.is_empty());
    let skipped: Vec<_> = cleanup.done.skipped.iter().map(|it| (it.number, it.why.as_str())).collect();
    assert_eq!(
        skipped,
        [(1, "is active"), (2, "belongs to another session now"), (3, "is active"), (4, "is not in the registry")]
    );
    assert_eq!(cleanup.done.change, None);
    assert_eq!(fixture.read_registry(), since);
    assert!(!fixture.workspace.memory.exists());
}

#[test]
fn cleanup_marks_only_the_selected_stale_sessions() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let before = fixture.read_registry();
    let done = ops::cleanup(&fixture.workspace(), &targets(&fixture, &[2]), false, context()).unwrap().done;
    assert_eq!(done.marked, [2]);
    let after = Model::look(&fixture.workspace(), now()).unwrap().snapshot(now());
    assert_eq!((after.counts.stale, after.counts.inactive), (1, 1));
    let undone = ops::undo(&fixture.workspace(), &done.change.unwrap(), context()).unwrap();
    assert_eq!(undone.restored, [2]);
    assert_eq!(fixture.read_registry(), before);
}

#[test]
fn cleanup_without_evidence_is_refused_unless_forced() {
    let fixture = Fixture::with(&[1, 332], now());
    std::fs::remove_dir_all(&fixture.workspace.heartbeats).unwrap();
    let before = fixture.read_registry();
    let refused = ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap_err();
    assert!(matches!(&refused, Error::NoEvidence(caution) if caution.code == CautionCode::NoHeartbeatsFolder));
    assert_eq!(fixture.read_registry(), before);
    // If no session would be marked, there is nothing to refuse.
    ops::cleanup(&fixture.workspace(), &Selection::Only(vec![]), false, context()).unwrap();
    std::fs::write(&fixture.workspace.heartbeats, "a file").unwrap();
    let refused = ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap_err();
    assert!(matches!(&refused, Error::NoEvidence(caution) if caution.code == CautionCode::HeartbeatsUnreadable));
    let forced = ops::cleanup(&fixture.workspace(), &Selection::All, true, context()).unwrap();
    assert_eq!(forced.done.marked, [1, 2]);
}

#[test]
fn cleanup_of_all_sessions_has_a_caution_but_is_allowed() {
    let fixture = Fixture::with(&[332, 332], now());
    let cleanup = ops::preview_cleanup(&fixture.workspace(), &Selection::All, false, now()).unwrap();
    assert_eq!(cleanup.before.cleanup.caution.unwrap().code, CautionCode::EverythingStale);
    assert_eq!(cleanup.done.marked, [1, 2]);
}

#[test]
fn a_failed_change_is_not_offered_for_undo() {
    // A file is in the place of the state folder, so neither a copy nor a record can be written.
    let fixture = Fixture::with(&[1, 332], now());
    std::fs::create_dir_all(fixture.workspace.memory.parent().unwrap()).unwrap();
    std::fs::write(&fixture.workspace.memory, "a file").unwrap();
    let before = fixture.read_registry();
    assert!(matches!(ops::cleanup(&fixture.workspace(), &Selection::All, false, context()), Err(Error::Io { .. })));
    assert_eq!(fixture.read_registry(), before);
    std::fs::remove_file(&fixture.workspace.memory).unwrap();
    assert_eq!(fixture.workspace().journal().undo_offer(now()).unwrap(), None);
    let entries = std::fs::read_dir(fixture.folder()).unwrap().flatten();
    assert_eq!(entries.filter(|entry| entry.path().extension().is_some_and(|it| it == "tmp")).count(), 0);
}

#[test]
fn temporary_files_of_dead_writers_are_removed() {
    let fixture = Fixture::with(&[1, 332], now());
    let leftovers = ["a", "b"].map(|name| fixture.folder().join(format!(".claude_sessions.json.{name}.tmp")));
    let kept = [".claude_sessions.json.bak", ".other.json.a.tmp", "claude_sessions.json.a.tmp"];
    for path in &leftovers {
        std::fs::write(path, "{\"1\": {").unwrap();
    }
    for name in kept {
        std::fs::write(fixture.folder().join(name), "").unwrap();
    }
    // Reading does not remove left-over files; changing does.
    Model::look(&fixture.workspace(), now()).unwrap();
    assert!(leftovers.iter().all(|path| path.exists()));
    ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap();
    assert!(leftovers.iter().all(|path| !path.exists()));
    assert!(kept.iter().all(|name| fixture.folder().join(name).exists()));
}

#[test]
fn copies_contain_the_text_before_each_change() {
    let fixture = Fixture::with(&[1, 332], now());
    let mut before = Vec::new();
    for _ in 0..3 {
        before.push(fixture.read_registry());
        let change =
            ops::cleanup(&fixture.workspace(), &Selection::All, false, context()).unwrap().done.change.unwrap();
        before.push(fixture.read_registry());
        ops::undo(&fixture.workspace(), &change, context()).unwrap();
    }
    let mut copies: Vec<_> = std::fs::read_dir(fixture.workspace.memory.join("copies")).unwrap().flatten().collect();
    copies.sort_by_key(std::fs::DirEntry::file_name);
    let copies: Vec<_> = copies.iter().map(|copy| std::fs::read_to_string(copy.path()).unwrap()).collect();
    assert_eq!(copies, before);
}

#[test]
fn an_action_is_refused_if_another_session_has_the_number() {
    let fixture = Fixture::with(&[1, 2], now());
    let workspace = fixture.workspace();
    let other_session = Target { number: 2, session_id: Some("another".into()) };
    let before = fixture.read_registry();
    let refused = |result: Result<(), Error>| assert_eq!(result.unwrap_err().code(), "refused");
    refused(ops::release(&workspace, other_session.clone(), context()).map(drop));
    refused(ops::heartbeat(&workspace, other_session.clone(), BeatKind::Manual, context()));
    let own = Target { session_id: Some("session-2".into()), ..other_session.clone() };
    assert_eq!(fixture.read_registry(), before);
    ops::release(&workspace, own.clone(), context()).unwrap();
    refused(ops::reactivate(&workspace, other_session, context()).map(drop));
    ops::reactivate(&workspace, own, context()).unwrap();
    assert_eq!(fixture.read_registry(), before);
}

/// Processes of unknown state. When the first of them is looked at, another program replaces the registry.
#[derive(Debug)]
struct ReplacesRegistry {
    registry: PathBuf,
    text: Mutex<Option<String>>,
}

impl Processes for ReplacesRegistry {
    fn look(&self, _: &ProcessKey) -> Process {
        if let Some(text) = self.text.lock().unwrap().take() {
            std::fs::write(&self.registry, text).unwrap();
        }
        Process::Unknown
    }

    fn ended(&self, _: &ProcessKey) -> Option<Wait<'static>> {
        None
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Sessions 1, 2 and 3, of which 1 and 2 were registered by these processes.
fn of_processes(one: u32, two: u32) -> String {
    let entry = |pid| format!(r#"{{"status": "active", "claude": {{"pid": {pid}, "proc_start": "1"}}}}"#);
    format!(r#"{{"1": {}, "2": {}, "3": {{"status": "inactive"}}}}"#, entry(one), entry(two))
}

#[test]
fn a_previewed_reassignment_is_refused_if_another_session_has_the_number_by_then() {
    // Another session has the number that moves, or the one that it swaps with, with the same default id.
    for (to, since) in [(5, of_processes(77, 20)), (2, of_processes(77, 20)), (2, of_processes(10, 77))] {
        let fixture = Fixture::bare();
        std::fs::create_dir_all(&fixture.workspace.heartbeats).unwrap();
        fixture.write_registry(&of_processes(10, 20));
        let shown = ops::preview_reassign(&fixture.workspace(), 1, to).unwrap();
        let refused = |workspace: &Workspace, when: &str| {
            let error = ops::reassign(workspace, 1, to, Some(&shown), context()).unwrap_err();
            assert!(matches!(&error, Error::Refused { refusal: RegistrationError::Outdated, .. }), "{when}: {error}");
            assert_eq!(fixture.read_registry(), since, "{when}");
            assert_eq!(ops::history(workspace, 9).unwrap().len(), 0, "{when}");
        };
        // While the action waits for the lock: after it has read the registry for the first time.
        let (registry, text) = (fixture.workspace.registry.clone(), Mutex::new(Some(since.clone())));
        let processes = Arc::new(ReplacesRegistry { registry, text });
        refused(&Workspace { processes, ..fixture.workspace() }, "under the lock");
        refused(&fixture.workspace(), "since the preview");
        // Without a change since it was shown it is made.
        fixture.write_registry(&of_processes(10, 20));
        let moved = ops::reassign(&fixture.workspace(), 1, to, Some(&shown), context()).unwrap();
        assert_eq!(moved.moves, shown);
    }
}

#[test]
fn details_follow_a_session_across_renumbering() {
    let fixture = Fixture::with(&[90, 30], now());
    let workspace = fixture.workspace();
    let moved = ops::reassign(&workspace, 2, 5, None, context()).unwrap();
    let shown = &ops::history(&workspace, 1).unwrap()[0].moves;
    assert!(shown.len() == 1 && moved.moves[0].is_as_shown(&shown[0]), "{shown:?}");
    fixture.beat(5, now());
    std::fs::write(fixture.workspace.heartbeats.join("x.json"), "{").unwrap();
    let details = ops::details(&workspace, 5, now()).unwrap();
    assert_eq!(details.former_numbers, [2]);
    // Its heartbeats under both numbers, without those of other sessions; the carried-over file is a heartbeat it
    // already had.
    assert_eq!(details.beats_that_day, 2, "{details:?}");
    assert!(details.warnings.is_empty(), "{details:?}");
    let row = Model::look(&workspace, now()).unwrap().rows().pop().unwrap();
    assert!(row.histogram.is_some());
    assert_eq!(ops::details(&workspace, 9, now()).unwrap_err().code(), "refused");
}
