//! The files of a recording: a registry with heartbeats and Claude Code's records in a temporary folder.
//!
//! Guarantees: the same files give the same answers on every computer: time, processes and environment are fixed, and
//! the temporary folder reads as `/home/me` in every answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use headcount_core::view::history::Actor;
use headcount_core::view::snapshot::wire::{Reader, Snapshot};
use headcount_core::{Time, time};
use headcount_engine::Error;
use headcount_engine::clock::Wait;
use headcount_engine::ops::ActionContext;
use headcount_engine::process::Processes;
use headcount_engine::tasks::model::Model;
use headcount_engine::workspace::config::resolved::{CliOverrides, ResolvedConfig};
use headcount_engine::workspace::environment::Environment;
use serde::Deserialize;
use serde_json::Value;

/// The time of the first state of every recording.
pub(crate) const START: &str = "2025-11-17T20:00:00Z";

/// What a workspace has before it is recorded.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Definition {
    /// The registry; `None`: there is none.
    pub(crate) registry: Option<Value>,
    /// The last heartbeat of each id.
    pub(crate) beats: BTreeMap<String, String>,
    /// The ids whose last heartbeat signs off.
    pub(crate) goodbyes: BTreeSet<String>,
    /// The id whose last heartbeat is not valid JSON.
    pub(crate) broken: Option<String>,
    /// The pids of sessions that run, beside those of the records.
    pub(crate) alive: BTreeSet<u32>,
    /// The pids of sessions that ended.
    pub(crate) gone: BTreeSet<u32>,
    /// Claude Code's records. `cwd` is relative to the home folder.
    pub(crate) records: Vec<Value>,
}

impl Definition {
    /// Reads `fixtures/<name>.json`.
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/recordings/fixtures/{name}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }
}

/// A home folder with a workspace in `shop`.
pub(crate) struct Fixture {
    home: tempfile::TempDir,
    pub(crate) env: Environment,
    pub(crate) overrides: CliOverrides,
    processes: Arc<FixedProcesses>,
    /// The last state that could be read.
    model: Option<Model>,
    now: Time,
}

impl Fixture {
    pub(crate) fn new(definition: &Definition) -> Self {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| Some(home.path().join(path));
        let env = Environment {
            folder: at("shop"),
            config: at(".config/headcount"),
            data: at(".local/share/headcount"),
            state: at(".local/state/headcount"),
            claude: at(".claude"),
            login: at(".config/autostart/headcount-tray.desktop"),
            home: None,
            programs: vec![home.path().join("bin")],
            ..Environment::default()
        };
        let pids = definition.records.iter().filter_map(|record| record.get("pid")?.as_u64()?.try_into().ok());
        let alive = definition.alive.iter().copied().chain(pids).collect();
        let processes = Arc::new(FixedProcesses { alive, gone: definition.gone.clone() });
        let now = time::parse(START).unwrap();
        let fixture = Self { home, env, overrides: CliOverrides::default(), processes, model: None, now };
        fixture.write(definition);
        fixture
    }

    fn write(&self, definition: &Definition) {
        for folder in ["shop/docs/coordination/heartbeats", ".config/headcount", ".claude/sessions", "bin"] {
            std::fs::create_dir_all(self.path(folder)).unwrap();
        }
        self.place_program("bin/headcount");
        if let Some(registry) = &definition.registry {
            std::fs::write(self.registry(), serde_json::to_vec_pretty(registry).unwrap()).unwrap();
        }
        for (id, last) in &definition.beats {
            // Beats about every twenty minutes before the last one.
            for step in 0..8 {
                let at = time::parse(last).unwrap() - TimeDelta::seconds(1213 * step);
                let extra =
                    if definition.goodbyes.contains(id) && step == 0 { r#", "action": "disconnected""# } else { "" };
                let is_broken = definition.broken.as_ref() == Some(id) && step == 0;
                let text = format!(r#"{{"timestamp": "{}"{extra}{}"#, time::wire(at), if is_broken { "" } else { "}" });
                self.beat(id, at, &text);
            }
        }
        for record in &definition.records {
            let mut record = record.clone();
            let folder = self.path(record["cwd"].as_str().unwrap());
            std::fs::create_dir_all(&folder).unwrap();
            record["cwd"] = folder.display().to_string().into();
            let path = self.path(&format!(".claude/sessions/{}.json", record["pid"]));
            std::fs::write(path, record.to_string()).unwrap();
        }
    }

    fn beat(&self, id: &str, at: Time, text: &str) {
        // An id with a slash is in no file name.
        let id = id.replace('/', "_");
        let path = self.heartbeats().join(format!("{}-{id}.json", at.format("%Y-%m-%d_%H-%M-%S")));
        std::fs::write(&path, text).unwrap();
        std::fs::File::options().write(true).open(path).unwrap().set_modified(at.into()).unwrap();
    }

    /// Writes a program, which does nothing.
    pub(crate) fn place_program(&self, path: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A path in the home folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    pub(crate) fn registry(&self) -> PathBuf {
        self.path("shop/docs/coordination/claude_sessions.json")
    }

    pub(crate) fn heartbeats(&self) -> PathBuf {
        self.path("shop/docs/coordination/heartbeats")
    }

    /// Puts a directory where Headcount writes its journal, so that every change fails.
    pub(crate) fn block_journal(&self) {
        let journal = self.opened().workspace.journal().path();
        std::fs::remove_file(&journal).ok();
        std::fs::create_dir_all(journal).unwrap();
    }

    /// The workspace and its settings, as the window opens them.
    pub(crate) fn opened(&self) -> ResolvedConfig {
        let mut opened = ResolvedConfig::new(self.overrides.clone(), self.env.clone()).unwrap();
        opened.workspace.processes = Arc::<FixedProcesses>::clone(&self.processes);
        opened
    }

    /// An action by the window at the current time.
    pub(crate) fn context(&self, by: Actor) -> ActionContext {
        ActionContext { by, at: self.now }
    }

    pub(crate) fn set_time(&mut self, moment: &str) {
        self.now = time::parse(moment).unwrap();
    }

    /// Moves the time on by a second.
    pub(crate) fn tick(&mut self) {
        self.now += TimeDelta::seconds(1);
    }

    /// The snapshot that the window shows now.
    pub(crate) fn snapshot(&mut self) -> Value {
        let workspace = self.opened().workspace;
        match Model::look(&workspace, self.now) {
            Ok(model) => self.model = Some(model),
            Err(error) => self.keep_last(error),
        }
        let snapshot = self.model.as_ref().unwrap().snapshot(self.now);
        serde_json::to_value(Snapshot::of(&snapshot, &snapshot.rows, Reader::Window)).unwrap()
    }

    fn keep_last(&mut self, error: Error) {
        let workspace = self.opened().workspace;
        let model = self.model.get_or_insert_with(|| Model::blank(&workspace, self.now));
        model.set_registry(Err(error), self.now);
    }

    /// The value with the home folder as `/home/me`, and with ids that do not depend on the length of its real path.
    pub(crate) fn anonymous(&self, value: &Value) -> Value {
        let home = self.home.path().display().to_string();
        let text = value.to_string().replace(&home, "/home/me");
        serde_json::from_str(&without_offsets(&text)).unwrap()
    }
}

/// Removes what follows the time in ids of changes and copies: `20251117T200000.000000-1234`.
fn without_offsets(text: &str) -> String {
    const FORM: &[u8] = b"00000000T000000.000000-";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.as_bytes().windows(FORM.len()).position(|found| {
        found.iter().zip(FORM).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form })
    }) {
        out.push_str(&rest[..at + FORM.len() - 1]);
        rest = rest[at + FORM.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out + rest
}

/// Processes that run or ended from the beginning.
#[derive(Debug)]
struct FixedProcesses {
    alive: BTreeSet<u32>,
    gone: BTreeSet<u32>,
}

impl Processes for FixedProcesses {
    fn look(&self, key: &ProcessKey) -> Process {
        match key.pid {
            pid if self.alive.contains(&pid) => Process::Alive,
            pid if self.gone.contains(&pid) => Process::Gone,
            _ => Process::Unknown,
        }
    }

    fn ended(&self, _key: &ProcessKey) -> Option<Wait<'static>> {
        None
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        Some(ProcessKey { pid, started: "1".into(), domain: None, boot: None })
    }
}
