//! Headcount's engine on real files in a folder of its own: hooks, looks and cleanups as the command runs them.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::cleanup::{CautionCode, Selection};
use headcount_core::liveness::keepalive::periodic_work;
use headcount_core::view::history::Actor;
use headcount_core::{Number, Registry};
use headcount_engine::claude::hook;
use headcount_engine::claude::hook_env::HookEnv;
use headcount_engine::clock::Clock as _;
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::process::Processes;
use headcount_engine::tasks::model::Model;
use headcount_engine::workspace::environment::Environment;
use headcount_engine::workspace::registry_lookup::REGISTRY;
use headcount_engine::{Error, Workspace};

use crate::backend::{Backend, HookCall, Observation};
use crate::machine::Machine;

pub(crate) struct EngineBackend {
    folder: tempfile::TempDir,
    env: Environment,
    workspace: Workspace,
}

impl EngineBackend {
    pub(crate) fn new(machine: &Machine) -> Self {
        // A file system in memory, if there is one: thousands of synced writes a day.
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        for workspace in ["alpha", "beta"] {
            let coordination = root.join(workspace).join("docs/coordination");
            std::fs::create_dir_all(coordination.join("heartbeats")).unwrap();
            std::fs::write(coordination.join(REGISTRY), "{}").unwrap();
        }
        for inner in ["alpha/crates/core", "alpha/docs", "alpha/target", "beta/src", "claude/sessions"] {
            std::fs::create_dir_all(root.join(inner)).unwrap();
        }
        let env = Environment {
            folder: Some(root.clone()),
            config: Some(root.join("config")),
            data: Some(root.join("data")),
            state: Some(root.join("state")),
            claude: Some(root.join("claude")),
            home: Some(root.clone()),
            ..Environment::default()
        };
        let workspace = Workspace::of_session(Some(&root.join("alpha")), &env).unwrap();
        let workspace = Workspace { processes: Arc::new(machine.clone()), ..workspace };
        Self { folder, env, workspace }
    }

    fn context(machine: &Machine, by: Actor) -> ActionContext {
        ActionContext { by, at: machine.now() }
    }
}

impl Backend for EngineBackend {
    fn hook(&mut self, call: &HookCall, machine: &Machine) -> Option<Number> {
        let root = self.root();
        let machine = machine.seen_from(call.place);
        let env = HookEnv {
            pid: call.pid,
            entrypoint: Some(call.entrypoint.to_owned()),
            project: Some(PathBuf::from(format!("{root}{}", call.project))),
            job: call.job.clone(),
            ..HookEnv::default()
        };
        let payload = Cursor::new(call.payload(&root).into_bytes());
        let processes: Arc<dyn Processes> = Arc::new(machine.clone());
        let reply = hook::run_with(payload, &env, &self.env, &machine, &processes).unwrap()?;
        // The first number in the text for the model is its own.
        let (_, text) = reply.line.split_once("has the number ")?;
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    fn record(&mut self, pid: u32, text: Option<&str>) {
        let path = self.folder.path().join(format!("claude/sessions/{pid}.json"));
        match text {
            Some(text) => std::fs::write(path, text).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }

    fn observe(&mut self, machine: &Machine) -> Observation {
        let other = std::fs::read_to_string(self.folder.path().join("beta/docs/coordination").join(REGISTRY)).unwrap();
        let snapshot = Model::look(&self.workspace, machine.now()).unwrap().snapshot(machine.now());
        Observation {
            registry: Registry::read(std::fs::read(&self.workspace.registry).unwrap()).unwrap(),
            rows: snapshot.rows,
            unregistered: snapshot.unregistered.iter().map(|found| found.pid).collect(),
            free: snapshot.available_numbers,
            has_changed_elsewhere: other != "{}",
        }
    }

    fn cleanup(&mut self, machine: &Machine) -> Vec<Number> {
        let context = Self::context(machine, Actor::Command);
        match ops::cleanup(&self.workspace, &Selection::All, false, context) {
            Ok(cleanup) => cleanup.done.marked,
            Err(Error::NoEvidence(caution)) if caution.code == CautionCode::JustWoke => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }

    fn reassign(&mut self, from: Number, to: Number, machine: &Machine) {
        ops::reassign(&self.workspace, from, to, None, Self::context(machine, Actor::Window)).unwrap();
    }

    fn keep_alive(&mut self, machine: &Machine) {
        let snapshot = Model::look(&self.workspace, machine.now()).unwrap().snapshot(machine.now());
        for target in periodic_work(&snapshot, machine.now()).due {
            ops::heartbeat(&self.workspace, target, BeatKind::Background, Self::context(machine, Actor::Tray)).unwrap();
        }
    }

    fn root(&self) -> String {
        std::fs::canonicalize(self.folder.path()).unwrap().display().to_string()
    }
}
