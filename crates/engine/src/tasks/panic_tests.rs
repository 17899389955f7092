//! Each task does its work after a panic. The panics are those of `failpoints`; `workspace_task` tests its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::Workspace;
use crate::clock::SystemClock;
use crate::files::failpoints;
use crate::process::{Processes as _, SystemProcesses};
use crate::tasks::background;
use crate::tasks::workspace_task::{ConfigUpdates, Snapshots, WorkspaceTask};
use crate::workspace::config::resolved::ResolvedConfig;

const DEADLINE: Duration = Duration::from_mins(1);

/// Follows a registry with one session, whose process is the given one.
fn follow(root: &Path, pid: u32, registered_at: &str) -> (Workspace, ConfigUpdates, Snapshots, JoinHandle<()>) {
    let root = crate::files::file::real_path(root).unwrap();
    let workspace = Workspace::in_folder(&root);
    let key = SystemProcesses::new().key(pid).unwrap();
    let mut claude = serde_json::json!({"pid": pid, "proc_start": key.started, "pid_domain": key.domain});
    // Only Linux has an id of the boot.
    if let Some(boot) = key.boot {
        claude["boot"] = boot.into();
    }
    let entry = format!(r#"{{"status": "active", "registered_at": "{registered_at}", "claude": {claude}}}"#);
    std::fs::write(&workspace.registry, format!(r#"{{"1": {entry}}}"#)).unwrap();
    let (task, snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace.clone()), Arc::new(SystemClock));
    let config_updates = task.config_updates();
    let following = tokio::spawn(task.run());
    (workspace, config_updates, snapshots, following)
}

#[tokio::test]
async fn a_keepalive_that_panicked_is_written_after_all() {
    let root = tempfile::tempdir().unwrap();
    let (workspace, config_updates, mut snapshots, following) =
        follow(root.path(), std::process::id(), "2025-11-17T20:00:00Z");
    failpoints::panic_at(&workspace.heartbeats, 1);
    let beating = tokio::spawn(background::run(config_updates, Arc::new(SystemClock), snapshots.clone()));
    let is_kept_alive = |rows: &[_]| rows.iter().any(|row: &Arc<_>| has_heartbeat(row));
    let found = snapshots.wait_for(|last| last.as_ref().is_some_and(|last| is_kept_alive(&last.rows)));
    tokio::time::timeout(DEADLINE, found).await.expect("a heartbeat in time").unwrap();
    assert!(!failpoints::is_armed(&workspace.heartbeats), "the panic happened");
    end([beating, following]).await;
}

fn has_heartbeat(row: &headcount_core::view::session::row::Row) -> bool {
    row.last_heartbeat.is_some()
}

#[tokio::test]
async fn an_announcement_that_panicked_is_made_after_all() {
    use headcount_core::notification::announcement::AnnouncementStep;
    use tokio::sync::mpsc::{channel, unbounded_channel};

    use crate::tasks::announcements;

    let root = tempfile::tempdir().unwrap();
    let mut ended = crate::process::start_waiting();
    let (workspace, config_updates, mut snapshots, following) = follow(root.path(), ended.id(), "2025-11-17T20:00:00Z");
    let path = workspace.memory.join("announced.json");
    failpoints::panic_at(&path, 2);
    let ((sender, mut steps), (_reporter, reports)) = (channel(4), unbounded_channel());
    let announced = announcements::announce(
        config_updates,
        Arc::new(SystemClock),
        snapshots.clone(),
        Arc::new(|_, _| false),
        sender,
        reports,
    );
    let announcing = tokio::spawn(announced);
    let running = snapshots.wait_for(|last| last.as_ref().is_some_and(|last| last.counts.active == 1));
    tokio::time::timeout(DEADLINE, running).await.expect("a session in time").unwrap();
    ended.kill().unwrap();
    ended.wait().unwrap();
    let step = tokio::time::timeout(DEADLINE, steps.recv()).await.expect("an announcement in time").unwrap();
    assert!(matches!(step, announcements::DesktopStep::Announcement(AnnouncementStep::Show(_))), "{step:?}");
    assert!(!failpoints::is_armed(&path), "both panics happened");
    end([announcing, following]).await;
}

/// Ends tasks, so that no folder is watched any more when it is removed.
async fn end(tasks: [JoinHandle<()>; 2]) {
    for task in tasks {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
}
