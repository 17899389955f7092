//! Undo, redo, and overwrites by other programs, one after the other on one registry.

use std::sync::Arc;

use headcount_core::Time;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::registry::registration::NewSession;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::store::OverwritePolicy;

use crate::fixture::{Fixture, registry};

fn now() -> Time {
    SystemClock.now()
}

fn context() -> ActionContext {
    ActionContext { by: Actor::Command, at: now() }
}

#[test]
fn a_swap_can_be_undone_and_redone() {
    let fixture = Fixture::with(&[1, 5, 332], now());
    let workspace = fixture.workspace();
    let identity = fixture.folder().join(".session_identity");
    std::fs::write(&identity, "1\n").unwrap();
    let shell = || std::fs::read_to_string(&identity).unwrap();
    let before = fixture.read_registry();
    let swap = ops::reassign(&workspace, 1, 3, None, context()).unwrap();
    assert_eq!((swap.moves.len(), shell().as_str()), (2, "3\n"));
    let swapped = fixture.read_registry();
    let undone = ops::undo(&workspace, &swap.change.unwrap(), context()).unwrap();
    assert_eq!((undone.restored.len(), undone.refused.len()), (2, 0));
    assert_eq!((fixture.read_registry(), shell().as_str()), (before.clone(), "1\n"));
    // Undoing the undo is the swap again.
    let undo = ops::history(&workspace, 1).unwrap().remove(0);
    assert_eq!(undo.what, "undo");
    assert_eq!(ops::undo(&workspace, &undo.id, context()).unwrap().restored.len(), 2);
    assert_eq!((fixture.read_registry(), shell().as_str()), (swapped, "3\n"));
    // A session that moved on since is left alone; the other one returns to the number freed by that.
    ops::reassign(&workspace, 3, 9, None, context()).unwrap();
    let change = ops::history(&workspace, 10).unwrap().into_iter().find(|line| line.what == "undo").unwrap();
    let half = ops::undo(&workspace, &change.id, context()).unwrap();
    assert_eq!((half.restored.as_slice(), half.refused.len()), (&[3][..], 1), "{half:?}");
    assert!(half.refused[0].why.contains("no longer"), "{half:?}");
    let after = workspace.store().read().unwrap();
    let roles: Vec<(u64, &str)> = after.entries().iter().map(|entry| (entry.number, entry.role.as_str())).collect();
    assert_eq!((roles, shell().as_str()), (vec![(9, "Rôle 1"), (2, "Rôle 2"), (3, "Rôle 3")], "9\n"));
}

#[tokio::test]
async fn an_overwrite_is_reported_once_and_can_be_redone() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let workspace = fixture.workspace();
    let older = fixture.read_registry();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    let done = ops::cleanup(&workspace, &Selection::All, false, context()).unwrap().done;
    let is_clean = |snapshot: &Snapshot| snapshot.counts.inactive == 2 && snapshot.reverted_change.is_none();
    following.until("the cleanup", is_clean).await;
    // A script that had read the registry before writes back what it read.
    fixture.write_registry(&older);
    let told = following.until("the older copy", |snapshot| snapshot.reverted_change.is_some()).await;
    let reverted_change = told.reverted_change.clone().unwrap();
    assert_eq!((reverted_change.numbers, Some(&reverted_change.change)), (vec![2, 3], done.change.as_ref()));
    let redone = ops::redo(&workspace, &reverted_change.change, context()).unwrap();
    assert_eq!(redone.restored, [2, 3]);
    following.until("the change again", is_clean).await;
    // Overwritten once more: it is not reported again, because the program would not stop.
    fixture.write_registry(&older);
    let again = following.until("the older copy again", |snapshot| snapshot.counts.stale == 2).await;
    assert_eq!(again.reverted_change, None);
    assert_eq!(fixture.read_registry(), registry(3), "nothing is redone automatically");
}

#[tokio::test]
async fn our_own_restore_is_not_an_overwrite() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let workspace = fixture.workspace();
    let before = fixture.read_registry();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(1).await;
    ops::cleanup(&workspace, &Selection::All, false, context()).unwrap();
    following.until("the cleanup", |snapshot| snapshot.counts.inactive == 2 && snapshot.undo.is_some()).await;
    let copy = ops::copies(&workspace).unwrap().remove(0);
    ops::restore(&workspace, &copy.id, OverwritePolicy::Anything, context()).unwrap();
    following.until("the copy", |snapshot| snapshot.counts.stale == 2 && snapshot.undo.is_none()).await;
    assert_eq!(fixture.read_registry(), before);
    let told = following.seen();
    assert!(told.iter().all(|snapshot| snapshot.reverted_change.is_none()), "{told:#?}");
}

#[test]
fn a_copy_repairs_only_a_missing_or_unreadable_registry() {
    let fixture = Fixture::with(&[1, 332], now());
    let workspace = fixture.workspace();
    let good = fixture.read_registry();
    ops::cleanup(&workspace, &Selection::All, false, context()).unwrap();
    let cleaned = fixture.read_registry();
    assert_eq!(ops::newest_copy(&workspace).unwrap(), None, "a valid registry needs no repair");
    let id = ops::copies(&workspace).unwrap().remove(0).id;
    let repair = || ops::restore(&workspace, &id, OverwritePolicy::Unreadable, context());
    for text in ["", &good[..40], "[1]", "{\"1\": {nonsense}}", "{\"1\": {}, \"1\": {}}"] {
        fixture.write_registry(text);
        let copy = ops::newest_copy(&workspace).unwrap().unwrap();
        assert_eq!((copy.id.as_str(), copy.sessions), (id.as_str(), 2), "{text:?}");
        let kept = repair().unwrap().unwrap();
        assert_eq!((fixture.read_registry(), std::fs::read_to_string(&kept).unwrap()), (good.clone(), text.to_owned()));
        assert_eq!(kept.parent().unwrap(), std::path::Path::new(&copy.folder));
    }

    // Another program repaired it first, before the call or while it waited.
    fixture.write_registry(&cleaned);
    let refused = repair().unwrap_err();
    assert_eq!(refused.code(), "readable");
    fixture.write_registry(&good[..40]);
    let late = std::thread::scope(|scope| {
        let late = scope.spawn(repair);
        std::thread::sleep(std::time::Duration::from_millis(200));
        fixture.write_registry(&cleaned);
        late.join().unwrap()
    });
    assert_eq!((late.unwrap_err().code(), fixture.read_registry()), ("readable", cleaned));

    // The registry was deleted: there is nothing to keep.
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    let copy = ops::newest_copy(&workspace).unwrap().unwrap();
    assert_eq!(copy.sessions, 2);
    assert_eq!(ops::restore(&workspace, &copy.id, OverwritePolicy::Unreadable, context()).unwrap(), None);
    assert_eq!(fixture.read_registry(), good);

    // A folder cannot be replaced.
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    std::fs::create_dir(&fixture.workspace.registry).unwrap();
    assert_eq!(ops::newest_copy(&workspace).unwrap(), None);
    assert_eq!(repair().unwrap_err().code(), "not_a_file");
}

#[test]
fn an_empty_copy_is_not_offered() {
    let fixture = Fixture::with(&[], now());
    let workspace = fixture.workspace();
    fixture.write_registry("{}");
    ops::register(&workspace, &new_session(1), context()).unwrap();
    std::fs::remove_file(&fixture.workspace.registry).unwrap();
    assert_eq!(ops::newest_copy(&workspace).unwrap(), None, "the only copy is of an empty registry");
}

fn new_session(number: u64) -> NewSession {
    NewSession {
        number,
        session_id: None,
        role: "r".into(),
        goal: String::new(),
        terminal: "unknown".into(),
        claude: None,
    }
}

/// One turn of a script: reads the registry, changes one entry, and rewrites the whole file in place.
fn script_turn(fixture: &Fixture, number: u64, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let mut registry: serde_json::Value = serde_json::from_str(&fixture.read_registry()).unwrap();
    change(registry[number.to_string()].as_object_mut().unwrap());
    std::fs::write(&fixture.workspace.registry, serde_json::to_string_pretty(&registry).unwrap()).unwrap();
}

#[tokio::test]
async fn alternating_writers_are_not_reported_as_overwrites() {
    let fixture = Fixture::with(&[1, 1, 1, 1], now());
    let workspace = fixture.workspace();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(4).await;
    for turn in 0..40_u64 {
        let (ours, theirs) = (1 + turn % 4, 1 + (turn * 7 + turn / 4) % 4);
        ops::release(&workspace, ours, context()).unwrap();
        following.until("ours", |snapshot| snapshot.row(ours).unwrap().status.as_deref() == Some("inactive")).await;
        // Both within one observation: our change is reverted by hand, and another entry changes.
        script_turn(&fixture, theirs, |entry| {
            let work = format!("turn {turn}");
            entry.insert("current_work".into(), work.into());
        });
        script_turn(&fixture, ours, |entry| {
            entry.insert("status".into(), "active".into());
            entry.remove("marked_inactive_at");
        });
        following.until_active(4).await;
    }
    let alarms = following.seen().iter().filter(|snapshot| snapshot.reverted_change.is_some()).count();
    assert_eq!(alarms, 0, "of {} looks", following.seen().len());
}

#[tokio::test]
async fn an_entry_lost_to_an_overwrite_is_reported() {
    let fixture = Fixture::with(&[1, 1, 1], now());
    let workspace = fixture.workspace();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    let older = fixture.read_registry();
    let change = ops::register(&workspace, &new_session(9), context()).unwrap();
    following.until_active(4).await;
    // The program had read the registry before, and changed its own entry.
    let mut registry: serde_json::Value = serde_json::from_str(&older).unwrap();
    registry["3"]["current_work"] = "mine".into();
    fixture.write_registry(&serde_json::to_string_pretty(&registry).unwrap());
    let told = following.until("the older copy", |snapshot| snapshot.reverted_change.is_some()).await;
    let reverted_change = told.reverted_change.clone().unwrap();
    assert_eq!((reverted_change.numbers, Some(&reverted_change.change)), (vec![9], change.as_ref()));
    ops::redo(&workspace, &reverted_change.change, context()).unwrap();
    following
        .until("nothing to tell", |snapshot| snapshot.counts.active == 4 && snapshot.reverted_change.is_none())
        .await;
}

#[tokio::test]
async fn a_moved_session_that_an_older_copy_does_not_have_is_restored_by_redo() {
    let fixture = Fixture::with(&[1, 1, 1], now());
    let workspace = fixture.workspace();
    let mut following = fixture.follow(Arc::new(SystemClock));
    following.until_active(3).await;
    let older = fixture.read_registry();
    ops::register(&workspace, &new_session(9), context()).unwrap();
    following.until_active(4).await;
    ops::reassign(&workspace, 9, 5, None, context()).unwrap();
    following.until("moved", |snapshot| snapshot.row(5).is_some()).await;
    let moved = fixture.read_registry();
    fixture.write_registry(&older);
    let told = following.until("the older copy", |snapshot| snapshot.reverted_change.is_some()).await;
    let reverted_change = told.reverted_change.clone().unwrap();
    assert_eq!(reverted_change.numbers, [5]);
    let redone = ops::redo(&workspace, &reverted_change.change, context()).unwrap();
    assert_eq!((redone.restored.as_slice(), redone.refused.len()), (&[5][..], 0), "{redone:?}");
    assert_eq!(fixture.read_registry(), moved);
    following.until("nothing to tell", |snapshot| snapshot.reverted_change.is_none()).await;
}

#[tokio::test]
async fn redoing_a_cleanup_skips_sessions_that_beat_again() {
    let fixture = Fixture::with(&[1, 332, 332], now());
    let workspace = fixture.workspace();
    let change = ops::cleanup(&workspace, &Selection::All, false, context()).unwrap().done.change.unwrap();
    fixture.write_registry(&registry(3));
    fixture.beat(2, now());
    let redone = ops::redo(&workspace, &change, context()).unwrap();
    assert_eq!((redone.restored.as_slice(), redone.refused.len()), (&[3][..], 1), "{redone:?}");
}
