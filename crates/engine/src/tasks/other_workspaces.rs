//! Following the workspaces that the configuration names beside that of the process.
//!
//! Guarantees: one task for each of them, in this process. A changed configuration takes effect at once. A burst of
//! changes is passed on at most ten times a second, the last one always. Without named workspaces nothing runs. Does
//! not change files.

use std::sync::Arc;

use headcount_core::view::overview::WorkspaceSnapshot;
use headcount_core::view::snapshot::Snapshot;
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::watch::{self, Sender};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::clock::Clock;
use crate::tasks::supervisor::supervise;
use crate::tasks::throttle::MIN_INTERVAL;
use crate::tasks::workspace_task::{ConfigUpdates, WorkspaceTask, forward};
use crate::workspace::config::named::{WithName, in_workspace};
use crate::workspace::config::resolved::ResolvedConfig;

/// The newest snapshots of the other workspaces, in the order of the configuration.
pub type OtherWorkspaces = watch::Receiver<Vec<WorkspaceSnapshot>>;

/// The task that follows the other workspaces, and what it reads. It ends with the last receiver.
pub fn follow(
    config_updates: ConfigUpdates,
    clock: Arc<dyn Clock>,
) -> (impl Future<Output = ()> + Send + 'static, OtherWorkspaces) {
    let (sender, receiver) = watch::channel(Vec::new());
    let task = async move {
        let start = || run(config_updates.clone(), Arc::clone(&clock), sender.clone());
        supervise("other workspaces", start).await;
    };
    (task, receiver)
}

/// The followed workspaces. Dropping it ends their tasks.
struct Followed {
    workspaces: Vec<WithName>,
    latest: Vec<Option<WorkspaceSnapshot>>,
    changes: Receiver<(usize, Arc<Snapshot>)>,
    _tasks: JoinSet<()>,
}

impl Followed {
    fn start(workspaces: Vec<WithName>, clock: &Arc<dyn Clock>) -> Self {
        let (sender, changes) = mpsc::channel(workspaces.len().max(1));
        let mut tasks = JoinSet::new();
        for (index, WithName { workspace, .. }) in workspaces.iter().enumerate() {
            let (task, snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace.clone()), Arc::clone(clock));
            tasks.spawn(task.run());
            tasks.spawn(forward(index, snapshots, sender.clone()));
        }
        Self { latest: vec![None; workspaces.len()], workspaces, changes, _tasks: tasks }
    }

    fn update(&mut self, index: usize, snapshot: Arc<Snapshot>) {
        if let (Some(WithName { name, workspace }), Some(latest)) =
            (self.workspaces.get(index), self.latest.get_mut(index))
        {
            *latest = Some(in_workspace(name, workspace, snapshot));
        }
    }

    /// The workspaces that were read.
    fn known(&self) -> Vec<WorkspaceSnapshot> {
        self.latest.iter().flatten().cloned().collect()
    }
}

async fn run(mut config_updates: ConfigUpdates, clock: Arc<dyn Clock>, sender: Sender<Vec<WorkspaceSnapshot>>) {
    loop {
        let others = config_updates.borrow_and_update().other_workspaces();
        let mut followed = Followed::start(others, &clock);
        sender.send_replace(Vec::new());
        loop {
            tokio::select! {
                changed = config_updates.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    if config_updates.borrow().other_workspaces() != followed.workspaces {
                        break;
                    }
                }
                Some((index, snapshot)) = followed.changes.recv() => {
                    followed.update(index, snapshot);
                    while let Ok((index, snapshot)) = followed.changes.try_recv() {
                        followed.update(index, snapshot);
                    }
                    sender.send_replace(followed.known());
                    sleep(MIN_INTERVAL).await;
                }
                () = sender.closed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use headcount_core::view::overview;

    use super::*;
    use crate::clock::SystemClock;
    use crate::workspace::config::resolved::CliOverrides;
    use crate::workspace::environment::Environment;

    fn write(root: &Path, name: &str, sessions: usize) {
        let folder = root.join(name);
        std::fs::create_dir_all(folder.join("heartbeats")).unwrap();
        let entry = |number| format!("\"{number}\": {{\"status\": \"active\"}}");
        let entries: Vec<String> = (1..=sessions).map(entry).collect();
        std::fs::write(folder.join("r.json"), format!("{{{}}}", entries.join(", "))).unwrap();
    }

    fn configure(root: &Path, names: &[&str]) {
        let table = |name: &&str| {
            let registry = root.join(name).join("r.json");
            format!("[[workspace]]\nname = {name:?}\nregistry = {:?}\n", registry.display().to_string())
        };
        let folder = root.join("config/headcount");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), names.iter().map(table).collect::<String>()).unwrap();
    }

    async fn until(others: &mut OtherWorkspaces, wanted: &[&str]) {
        let lines = |all: &Vec<WorkspaceSnapshot>| all.iter().map(overview::line).collect::<Vec<_>>() == wanted;
        let is_seen = tokio::time::timeout(Duration::from_secs(20), others.wait_for(lines)).await.is_ok();
        let shown: Vec<String> = others.borrow().iter().map(overview::line).collect();
        assert!(is_seen, "{wanted:?} in time, not {shown:?}");
    }

    #[tokio::test]
    async fn named_workspaces_are_followed_as_the_configuration_names_them() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        write(&root, "own", 1);
        write(&root, "market", 2);
        write(&root, "blog", 3);
        configure(&root, &["market"]);
        let env = Environment { config: Some(root.join("config/headcount")), ..Environment::default() };
        let overrides = CliOverrides { registry: Some(root.join("own/r.json")), ..CliOverrides::default() };
        let resolved = ResolvedConfig::new(overrides, env).unwrap();
        let (own, _snapshots) = WorkspaceTask::new(resolved, Arc::new(SystemClock));
        let (task, mut others) = follow(own.config_updates(), Arc::new(SystemClock));
        let tasks = [tokio::spawn(own.run()), tokio::spawn(task)];
        until(&mut others, &["market: 0 active · 2 stale"]).await;
        // A changed registry, another workspace, and one that disappears with its folder.
        write(&root, "market", 4);
        until(&mut others, &["market: 0 active · 4 stale"]).await;
        configure(&root, &["blog", "market"]);
        until(&mut others, &["blog: 0 active · 3 stale", "market: 0 active · 4 stale"]).await;
        std::fs::remove_dir_all(root.join("blog")).unwrap();
        until(&mut others, &["blog: 0 active", "market: 0 active · 4 stale"]).await;
        configure(&root, &["own"]);
        until(&mut others, &[]).await;
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
