//! Updates that fail at each of their steps, one after the other: by one system error, by lasting errors, or by the
//! death of the process.
//!
//! Guarantees: every step that the failpoints count fails once. Does not test the durability of syncs: no power loss is
//! simulated.

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::process::{Command, ExitStatus};

use headcount_core::liveness::cleanup;
use headcount_core::registry::change::EntryChange;
use headcount_core::registry::undo;
use headcount_core::view::history::Actor;
use headcount_core::{Registry, Time};

use super::{Decision, Store};
use crate::Error;
use crate::files::failpoints::{self, Fault, Step};
use crate::store::OverwritePolicy;
use crate::store::journal::{CLEANUP, ChangeMeta, Journal, UNDO, is_in_effect};
use crate::store::lock::{self, Lock};

const BEFORE: &str = "{\n\t\"2\": {\"status\": \"active\", \"x\": 1e3},\r\n\"1\": {\"status\": \"active\"}}\n";
const AFTER: &str = "{\n\t\"2\": {\"status\": \"inactive\", \"x\": 1e3, \"marked_inactive_at\": \"1970-01-01T00:00:00Z\"},\r\n\"1\": {\"status\": \"active\"}}\n";

/// The steps of every update, in no particular order.
const ALL_STEPS: [Step; 13] = [
    Step::Lock,
    Step::Sweep,
    Step::Read,
    Step::Folder,
    Step::Create,
    Step::Adopt,
    Step::Write,
    Step::Sync,
    Step::Open,
    Step::Append,
    Step::SyncRecord,
    Step::Rename,
    Step::SyncFolder,
];

/// A failed device: `EIO`, or `ERROR_IO_DEVICE` on Windows.
const EIO: i32 = if cfg!(windows) { 1117 } else { 5 };

/// A full disk: `ENOSPC`, or `ERROR_DISK_FULL` on Windows.
const ENOSPC: i32 = if cfg!(windows) { 112 } else { 28 };

/// Environment variables with the folder and the step at which a child process dies.
const FOLDER: &str = "HEADCOUNT_DIES_IN";
const STEP: &str = "HEADCOUNT_DIES_AT";

struct Fixture {
    folder: PathBuf,
    store: Store,
    journal: Journal,
}

impl Fixture {
    fn of(folder: &Path) -> Self {
        let store = Store::new(folder.join("ws/claude_sessions.json"));
        Self { folder: folder.to_owned(), store, journal: Journal::new(folder.join("state")) }
    }

    fn new() -> (tempfile::TempDir, Self) {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self::of(folder.path());
        std::fs::create_dir(folder.path().join("ws")).unwrap();
        std::fs::write(&fixture.store.registry, BEFORE).unwrap();
        (folder, fixture)
    }

    /// Marks session 2 inactive.
    fn update(&self) -> Result<Option<String>, Error> {
        let meta = ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Command, what: CLEANUP, of: None };
        let ((), change) = self.store.update(&self.journal, &meta, |registry| {
            let (text, entries) = cleanup::mark(registry, &[2], Time::UNIX_EPOCH);
            Ok(Ok(Decision { text, entries, outcome: () }))
        })?;
        Ok(change)
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.store.registry).unwrap()
    }

    /// The result of the offered undo, if one is offered.
    fn undone(&self) -> Option<undo::Reversal> {
        let offer = self.journal.undo_offer(Time::UNIX_EPOCH).unwrap()?.0;
        let record = self.journal.change(&offer.change).unwrap();
        Some(undo::undo(&Registry::read(self.text().into_bytes()).unwrap(), &record.entries))
    }

    fn check_no_temp_files(&self, when: &str) {
        let mut left = Vec::new();
        for folder in ["ws", "state", "state/copies"] {
            let entries = std::fs::read_dir(self.folder.join(folder)).into_iter().flatten();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        }
        let beside = left.iter().filter(|path| path.starts_with(self.folder.join("ws"))).count();
        assert!(beside <= 2, "{when}: more than the registry and its lock: {left:?}");
        left.retain(|path| path.extension().is_some_and(|extension| extension == "tmp"));
        assert!(left.is_empty(), "{when}: {left:?}");
    }

    /// Checks after a failure that the next update succeeds, cleans up, and can be undone byte for byte.
    fn check_next(&self, when: &str) {
        self.update().unwrap();
        assert_eq!(self.text(), AFTER, "{when}");
        self.check_no_temp_files(when);
        let undone = self.undone().unwrap();
        assert_eq!((undone.text.as_str(), undone.restored.len()), (BEFORE, 1), "{when}");
    }
}

/// The operation that the error message names.
fn doing(step: Step) -> &'static str {
    match step {
        Step::Lock => "lock",
        Step::Read => "read the registry",
        Step::Folder => "create the folder",
        Step::Create => "write in the folder",
        Step::Adopt => "keep mode and owner of",
        Step::Write | Step::Cut | Step::Sync => "write",
        Step::Open | Step::Append | Step::SyncRecord => "write the journal",
        Step::Rename => "replace",
        // These never fail an update: nothing depends on the first, and the second comes after the change.
        Step::Sweep | Step::SyncFolder => unreachable!(),
    }
}

fn check_failure(fixture: &Fixture, error: &Error, step: Step, errno: i32, when: &str) {
    let message = error.to_string();
    let reason = std::io::Error::from_raw_os_error(errno).to_string();
    let start = format!("Could not {} {}{MAIN_SEPARATOR}", doing(step), fixture.folder.display());
    assert!(message.starts_with(&start) && message.contains(&reason), "{when}: {message}");
    let remedy = if errno == ENOSPC { "Free some space there" } else { "Check what is there" };
    assert!(message.contains(remedy), "{when}: {message}");
    assert_eq!(fixture.text(), BEFORE, "{when}");
    fixture.check_no_temp_files(when);
}

#[test]
fn a_failed_step_changes_nothing() {
    for errno in [EIO, ENOSPC] {
        let mut steps = Vec::new();
        loop {
            let (_folder, fixture) = Fixture::new();
            failpoints::plan(steps.len(), Fault::Once(errno));
            let result = fixture.update();
            let Some(step) = failpoints::reached() else { break };
            let when = format!("error {errno} at step {} ({step:?})", steps.len());
            match (step, result) {
                (Step::Sweep | Step::SyncFolder, result) => {
                    result.expect(&when);
                    assert_eq!(fixture.text(), AFTER, "{when}");
                }
                (_, Ok(_)) => panic!("{when}: it went through"),
                (_, Err(error)) => {
                    check_failure(&fixture, &error, step, errno, &when);
                    assert_eq!(
                        fixture.journal.undo_offer(Time::UNIX_EPOCH).unwrap(),
                        None,
                        "{when}: what did not happen is offered"
                    );
                    assert_eq!(fixture.journal.last_change().unwrap(), None, "{when}");
                    fixture.check_next(&when);
                }
            }
            steps.push(step);
        }
        for step in ALL_STEPS {
            assert!(steps.contains(&step), "no update came by {step:?}: {steps:?}");
        }
    }
}

#[test]
fn lasting_errors_change_nothing() {
    for nth in 0.. {
        let (_folder, fixture) = Fixture::new();
        failpoints::plan(nth, Fault::FromThereOn(EIO));
        let result = fixture.update();
        let Some(step) = failpoints::reached() else { break };
        let when = format!("from step {nth} ({step:?}) on");
        if fixture.text() == AFTER {
            assert_eq!(step, Step::SyncFolder, "{when}");
            result.expect(&when);
        } else {
            result.expect_err(&when);
            assert_eq!(fixture.text(), BEFORE, "{when}");
            fixture.check_no_temp_files(&when);
            // Not even the withdrawal could be recorded. Undoing the change finds nothing to restore.
            assert!(fixture.undone().is_none_or(|undone| undone.restored.is_empty()), "{when}");
            fixture.check_next(&when);
        }
    }
}

#[test]
fn a_failed_restore_changes_nothing() {
    restore_with_faults(BEFORE, OverwritePolicy::Anything);
    restore_with_faults("[]", OverwritePolicy::Unreadable);
}

fn restore_with_faults(before: &str, over: OverwritePolicy) {
    for nth in 0.. {
        let (_folder, fixture) = Fixture::new();
        std::fs::write(&fixture.store.registry, before).unwrap();
        let meta = ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Command, what: "restore", of: None };
        failpoints::plan(nth, Fault::Once(EIO));
        let result = fixture.store.replace(&fixture.journal, &meta, b"{}", over);
        let Some(step) = failpoints::reached() else { break };
        let when = format!("step {nth} ({step:?})");
        if result.is_err() {
            assert_eq!(fixture.text(), before, "{when}");
            fixture.check_no_temp_files(&when);
            let records = fixture.journal.all().unwrap();
            let restored = records.iter().filter(|record| record.what == "restore");
            assert!(
                restored.into_iter().all(|record| !crate::store::journal::is_in_effect(&records, &record.id)),
                "{when}"
            );
        } else {
            assert!(matches!(step, Step::Sweep | Step::SyncFolder) && fixture.text() == "{}", "{when}");
        }
    }
}

/// A file with a hard link is written in place, so that both names keep leading to the same file. Off Unix the number of
/// links is not known.
#[cfg(unix)]
#[test]
fn a_failed_step_in_place_changes_nothing() {
    for errno in [EIO, ENOSPC] {
        let mut steps = Vec::new();
        loop {
            let (_folder, fixture) = Fixture::new();
            let second = fixture.folder.join("second");
            std::fs::hard_link(&fixture.store.registry, &second).unwrap();
            let text_of_both = || {
                let (first, second) = (fixture.text(), std::fs::read_to_string(&second).unwrap());
                assert_eq!(first, second);
                first
            };
            failpoints::plan(steps.len(), Fault::Once(errno));
            let result = fixture.update();
            let Some(step) = failpoints::reached() else {
                assert_eq!(text_of_both(), AFTER);
                break;
            };
            let when = format!("error {errno} at step {} ({step:?})", steps.len());
            if matches!(step, Step::Sweep | Step::SyncFolder) {
                result.expect(&when);
            } else {
                result.expect_err(&when);
                assert_eq!(text_of_both(), BEFORE, "{when}");
                fixture.check_no_temp_files(&when);
                assert_eq!(fixture.journal.undo_offer(Time::UNIX_EPOCH).unwrap(), None, "{when}");
                fixture.check_next(&when);
            }
            assert_eq!(text_of_both(), AFTER, "{when}");
            let copy = fixture.journal.copies().list().unwrap().remove(0);
            assert_eq!(copy.read().unwrap(), BEFORE.as_bytes(), "{when}");
            steps.push(step);
        }
        assert!(steps.contains(&Step::Cut), "{steps:?}");
    }
}

#[test]
fn note_takes_the_lock() {
    let (_folder, fixture) = Fixture::new();
    let meta = ChangeMeta { at: Time::UNIX_EPOCH, by: Actor::Command, what: UNDO, of: None };
    let lock = Lock::take(&lock::path(&fixture.store.registry), lock::LOCK_TIMEOUT).unwrap();
    std::thread::scope(|scope| {
        let noting = scope.spawn(|| fixture.store.note(&fixture.journal, &meta));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!noting.is_finished() && fixture.journal.all().unwrap().is_empty());
        drop(lock);
        noting.join().unwrap().unwrap();
    });
    assert_eq!(fixture.journal.all().unwrap().len(), 1);
    // Without a registry no lock file is created.
    std::fs::remove_dir_all(fixture.folder.join("ws")).unwrap();
    fixture.store.note(&fixture.journal, &meta).unwrap();
    assert!(!fixture.folder.join("ws").exists());
}

/// Not a test of its own: the next test runs it in a child process that dies at a step.
#[test]
fn child_that_dies_at_a_step() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let nth = std::env::var(STEP).unwrap().parse().unwrap();
    let fixture = Fixture::of(Path::new(&folder));
    failpoints::plan(nth, Fault::Death);
    fixture.update().unwrap();
}

#[cfg(unix)]
fn was_aborted(status: ExitStatus) -> bool {
    const SIGABRT: i32 = 6;
    status.signal() == Some(SIGABRT)
}

#[cfg(not(unix))]
fn was_aborted(status: ExitStatus) -> bool {
    /// What a failed test ends with.
    const FAILED: i32 = 101;
    status.code() != Some(FAILED)
}

#[test]
fn a_process_that_dies_leaves_the_old_text_or_the_new() {
    let mut texts = Vec::new();
    loop {
        let (_folder, fixture) = Fixture::new();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::faults::child_that_dies_at_a_step"])
            .env(FOLDER, &fixture.folder)
            .env(STEP, texts.len().to_string())
            .output()
            .unwrap();
        let when = format!("dead at step {}", texts.len());
        if child.status.success() {
            assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "{when}: {child:?}");
            break;
        }
        assert!(was_aborted(child.status), "{when}: {child:?}");
        let text = fixture.text();
        assert!(text == BEFORE || text == AFTER, "{when}: {text}");
        if text == AFTER {
            assert_eq!(fixture.undone().unwrap().text, BEFORE, "{when}: it was made and can be undone");
            std::fs::write(&fixture.store.registry, BEFORE).unwrap();
        } else {
            assert!(fixture.undone().is_none(), "{when}: the undo of a change that was not made is offered");
            assert_eq!(fixture.journal.last_change().unwrap(), None, "{when}");
        }
        fixture.check_next(&when);
        let records = fixture.journal.all().unwrap();
        let in_effect =
            records.iter().filter(|record| !record.entries.is_empty() && is_in_effect(&records, &record.id)).count();
        assert_eq!(in_effect, if text == AFTER { 2 } else { 1 }, "{when}: {records:?}");
        assert!(records.iter().flat_map(|record| &record.entries).all(|entry| entry.number() == 2), "{when}");
        assert!(matches!(records.last().unwrap().entries[..], [EntryChange::Fields { .. }]), "{when}");
        texts.push(text);
    }
    // Only a death at the last step, the folder's sync, leaves the new text.
    assert!(texts.len() > 12 && texts.iter().position(|text| text == AFTER) == Some(texts.len() - 1), "{texts:?}");
}
