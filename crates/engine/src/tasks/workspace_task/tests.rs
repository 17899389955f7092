//! Tests: what a change leads to, and restarts after panics.

use std::path::Path;

use super::*;
use crate::clock::SystemClock;
#[cfg(all(target_os = "linux", not(feature = "portable")))]
use crate::files::io_counters::count;

// Elsewhere than on Linux events come from a thread, a moment later.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
#[test]
fn a_new_auxiliary_folder_does_not_rescan_the_heartbeats() {
    let root = tempfile::tempdir().unwrap();
    let root = crate::files::file::real_path(root.path()).unwrap();
    let workspace = Workspace {
        registry: root.join("ws/r.json"),
        heartbeats: root.join("ws/heartbeats"),
        memory: root.join("state/registries/ws"),
        state: root.join("state"),
        records: vec![root.join("claude/sessions")],
        ..Workspace::default()
    };
    std::fs::create_dir_all(&workspace.heartbeats).unwrap();
    let (mut live, _snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace.clone()), Arc::new(SystemClock));
    live.read_everything();

    // The first change and the first session create these folders, while a session beats.
    let sessions = root.join("claude/sessions");
    std::fs::create_dir_all(&workspace.memory).unwrap();
    std::fs::create_dir_all(&sessions).unwrap();
    std::fs::write(workspace.heartbeats.join("session-1.json"), "{}").unwrap();
    let (is_enough, counts) = count(|| live.catch_up());
    assert_eq!((is_enough, counts.scans), (true, 0));
    assert_eq!(live.model.orphans(), 1, "the beat was missed");

    // They are watched from now on, and the workspace still is.
    std::fs::write(workspace.memory.join("journal.jsonl"), "").unwrap();
    std::fs::write(sessions.join("7.json"), "{}").unwrap();
    std::fs::write(workspace.heartbeats.join("session-2.json"), "{}").unwrap();
    let batch = live.watch.take();
    assert_eq!((batch.memory, batch.records.len(), batch.beats.len()), (true, 1, 1));
    assert!(!batch.auxiliary && !batch.everything);

    // Another heartbeats folder requires reading everything.
    std::fs::rename(&workspace.heartbeats, root.join("ws/old")).unwrap();
    std::fs::create_dir(&workspace.heartbeats).unwrap();
    assert!(!live.catch_up());
}

// Elsewhere than on Linux events come from a thread, a moment later.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
#[test]
fn a_remembered_claude_folder_costs_no_look_at_the_beats() {
    let root = tempfile::tempdir().unwrap();
    let root = crate::files::file::real_path(root.path()).unwrap();
    let workspace = workspace(&root);
    let (state, heartbeats) = (workspace.state.clone(), workspace.heartbeats.clone());
    std::fs::create_dir_all(&state).unwrap();
    let other = root.join("other");
    std::fs::create_dir_all(other.join("sessions")).unwrap();
    let (mut live, _snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace), Arc::new(SystemClock));
    live.read_everything();
    assert_eq!(live.model.rows().len(), 1);

    config_folders::remember(&state, &other).unwrap();
    let (is_enough, counts) = count(|| live.catch_up());
    assert_eq!((is_enough, counts.scans, live.model.rows().len()), (true, 0, 1));
    assert_eq!(live.kept.resolved.borrow().workspace.records, [other.join("sessions")]);

    // It is watched from now on, and the workspace still is.
    std::fs::write(other.join("sessions/7.json"), "{}").unwrap();
    std::fs::write(heartbeats.join("session-1.json"), "{}").unwrap();
    let batch = live.watch.take();
    assert_eq!((batch.records.len(), batch.beats.len(), batch.everything), (1, 1, false));
}

fn workspace(root: &Path) -> Workspace {
    let workspace = Workspace::in_folder(root);
    std::fs::write(&workspace.registry, r#"{"1": {"status": "active"}}"#).unwrap();
    workspace
}

async fn until(snapshots: &mut Snapshots, is_it: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let found = snapshots.wait_for(|snapshot| snapshot.as_deref().is_some_and(&is_it));
    let found = tokio::time::timeout(Duration::from_secs(20), found).await.expect("it comes").expect("it lives");
    Arc::clone(found.as_ref().unwrap())
}

fn has_internal_trouble(snapshot: &Snapshot) -> bool {
    snapshot.trouble.as_ref().is_some_and(Trouble::is_internal)
}

/// One panic while a change is handled, and one while everything is read on another thread.
#[tokio::test]
async fn a_task_that_panics_reports_it_and_is_restarted() {
    let root = tempfile::tempdir().unwrap();
    let workspace = workspace(&crate::files::file::real_path(root.path()).unwrap());
    let registry = workspace.registry.clone();
    let (live, mut snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace), Arc::new(SystemClock));
    failpoints::panic_at(&registry, 1);
    let task = tokio::spawn(live.run());
    let broken = until(&mut snapshots, has_internal_trouble).await;
    assert!(broken.rows.is_empty() && broken.trouble.as_ref().unwrap().message.contains("failpoint"));
    let healed = until(&mut snapshots, |snapshot| snapshot.trouble.is_none()).await;
    assert_eq!(healed.rows.len(), 1);

    failpoints::panic_at(&registry, 2);
    std::fs::write(&registry, r#"{"1": {"status": "active"}, "2": {"status": "active"}}"#).unwrap();
    let broken = until(&mut snapshots, has_internal_trouble).await;
    assert_eq!(broken.rows.len(), 1, "the last state is kept");
    let healed = until(&mut snapshots, |snapshot| snapshot.trouble.is_none()).await;
    assert_eq!(healed.rows.len(), 2, "the missed change is read");
    assert!(!failpoints::is_armed(&registry), "both panics happened");

    drop(snapshots);
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_task_that_waits_for_its_restart_ends_with_its_last_receiver() {
    let root = tempfile::tempdir().unwrap();
    let workspace = workspace(root.path());
    failpoints::panic_at(&workspace.registry, usize::MAX);
    let (live, mut snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace), Arc::new(SystemClock));
    let task = tokio::spawn(live.run());
    until(&mut snapshots, has_internal_trouble).await;
    drop(snapshots);
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("it ends").unwrap();
}
