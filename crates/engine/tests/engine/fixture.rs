//! A workspace in a temporary folder, and a follower of it.
//!
//! Guarantees: nothing outside of the temporary folder is used. Every wait has a deadline. A follower keeps every
//! snapshot it received. Heartbeats have the scripts' format and the matching modification time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{Local, TimeDelta};
use headcount_core::liveness::State;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::{Time, time};
use headcount_engine::Workspace;
use headcount_engine::clock::Clock;
use headcount_engine::tasks::workspace_task::{ConfigUpdates, Snapshots, WorkspaceTask};
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::environment::Environment;
use headcount_engine::workspace::registry_lookup::RegistryLookup;

/// Timeout of every wait on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A workspace in a temporary folder.
pub(crate) struct Fixture {
    root: tempfile::TempDir,
    pub(crate) workspace: Workspace,
}

impl Fixture {
    /// A workspace of which only the parent of its coordination folder exists.
    pub(crate) fn bare() -> Self {
        let mut root = tempfile::tempdir().unwrap();
        // Wine 8 keeps the names of removed folders while they are watched, for which the standard library waits forever.
        root.disable_cleanup(std::env::var_os("HEADCOUNT_TESTS_KEEP_FOLDERS").is_some());
        let folder = root.path().join("ws/coordination");
        std::fs::create_dir(root.path().join("ws")).unwrap();
        let workspace = Workspace {
            registry: folder.join("claude_sessions.json"),
            heartbeats: folder.join("heartbeats"),
            memory: root.path().join("state/registries/ws"),
            state: root.path().join("state"),
            records: vec![root.path().join("claude/sessions")],
            // Sessions in any folder belong to this registry.
            lookup: RegistryLookup { variable: Some(folder.join("claude_sessions.json")), ..RegistryLookup::default() },
            ..Workspace::default()
        };
        Self { root, workspace }
    }

    /// A workspace with active sessions. Each entry of `minutes` is the age of a session's heartbeat at `moment`.
    pub(crate) fn with(minutes: &[i64], moment: Time) -> Self {
        let fixture = Self::bare();
        std::fs::create_dir_all(&fixture.workspace.heartbeats).unwrap();
        fixture.write_registry(&registry(minutes.len()));
        for (number, minutes) in (1..).zip(minutes) {
            fixture.beat(number, moment - TimeDelta::minutes(*minutes));
        }
        fixture
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The folder of the registry.
    pub(crate) fn folder(&self) -> PathBuf {
        self.workspace.registry.parent().unwrap().to_owned()
    }

    pub(crate) fn workspace(&self) -> Workspace {
        self.workspace.clone()
    }

    pub(crate) fn write_registry(&self, text: &str) {
        std::fs::write(&self.workspace.registry, text).unwrap();
    }

    pub(crate) fn read_registry(&self) -> String {
        std::fs::read_to_string(&self.workspace.registry).unwrap()
    }

    /// Writes a heartbeat of a session.
    pub(crate) fn beat(&self, number: u64, moment: Time) {
        beat_in(&self.workspace.heartbeats, number, moment);
    }

    /// Starts to follow the workspace.
    pub(crate) fn follow(&self, clock: Arc<dyn Clock>) -> Following {
        Following::start(self.workspace(), clock)
    }

    /// Replaces the configuration file atomically.
    pub(crate) fn configure(&self, text: &str) {
        let folder = self.root().join("config");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join("config.toml")).unwrap();
    }

    /// The resolved configuration of a process with these overrides and the fixture's configuration.
    pub(crate) fn resolve(&self, overrides: CliOverrides) -> ResolvedConfig {
        let env = Environment {
            config: Some(self.root().join("config")),
            data: Some(self.root().join("data")),
            state: Some(self.workspace.state.clone()),
            ..Environment::default()
        };
        ResolvedConfig::new(overrides, env).unwrap()
    }

    /// Starts to follow the configured workspace.
    pub(crate) fn follow_configured(&self, overrides: CliOverrides, clock: Arc<dyn Clock>) -> Following {
        let (live, snapshots) = WorkspaceTask::new(self.resolve(overrides), clock);
        Following::of(live, snapshots)
    }
}

/// A registry of `count` active sessions, registered long ago, in the scripts' format.
pub(crate) fn registry(count: usize) -> String {
    let entries: Vec<String> = (1..=count)
        .map(|number| format!("  \"{number}\": {{\n    \"status\": \"active\",\n    \"role\": \"Rôle {number}\",\n    \"x\": 1e3\n  }}"))
        .collect();
    format!("{{\n{}\n}}", entries.join(",\n"))
}

/// Writes a heartbeat into a folder.
pub(crate) fn beat_in(folder: &Path, number: u64, moment: Time) {
    let name = moment.with_timezone(&Local).format("%Y-%m-%d_%H-%M-%S");
    let path = folder.join(format!("{name}-session-{number}.json"));
    std::fs::write(&path, format!("{{\"timestamp\": \"{}\"}}", time::wire(moment))).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(moment.into()).unwrap();
}

/// A running follower of a workspace, stopped when dropped.
pub(crate) struct Following {
    task: tokio::task::JoinHandle<()>,
    pub(crate) config_updates: ConfigUpdates,
    pub(crate) snapshots: Snapshots,
    seen: Arc<Mutex<Vec<Arc<Snapshot>>>>,
}

impl Following {
    /// Starts to follow a workspace.
    pub(crate) fn start(workspace: Workspace, clock: Arc<dyn Clock>) -> Self {
        let (live, snapshots) = WorkspaceTask::new(ResolvedConfig::fixed(workspace), clock);
        Self::of(live, snapshots)
    }

    fn of(live: WorkspaceTask, snapshots: Snapshots) -> Self {
        let config_updates = live.config_updates();
        let seen = Arc::<Mutex<Vec<Arc<Snapshot>>>>::default();
        let (mut all, keeper) = (snapshots.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            while all.changed().await.is_ok() {
                let snapshot = all.borrow_and_update().clone();
                lock(&keeper).extend(snapshot);
            }
        });
        Self { task: tokio::spawn(live.run()), config_updates, snapshots, seen }
    }

    /// Waits for a snapshot that satisfies a condition.
    pub(crate) async fn until(&mut self, what: &str, is_right: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let is_right = |snapshot: &Option<Arc<Snapshot>>| snapshot.as_ref().is_some_and(|snapshot| is_right(snapshot));
        let waited = tokio::time::timeout(DEADLINE, self.snapshots.wait_for(is_right)).await;
        let found = waited.map(|found| found.unwrap().clone().unwrap());
        found.unwrap_or_else(|_| panic!("not in time: {what}; last seen: {:#?}", self.seen().last()))
    }

    /// Waits until `count` sessions are active.
    pub(crate) async fn until_active(&mut self, count: usize) -> Arc<Snapshot> {
        self.until(&format!("{count} active"), |snapshot| snapshot.counts.active == count).await
    }

    /// All snapshots so far.
    pub(crate) fn seen(&self) -> Vec<Arc<Snapshot>> {
        lock(&self.seen).clone()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The state of a session.
pub(crate) fn state(snapshot: &Snapshot, number: u64) -> State {
    snapshot.row(number).unwrap().state
}

/// Polls until a condition without a notification is true.
pub(crate) async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
