//! How the simulation drives Headcount: hooks, cleanups, changes by a person, and observations.

pub(crate) mod core;
pub(crate) mod engine;

use std::sync::Arc;

use headcount_core::view::session::row::Row;
use headcount_core::{Number, Registry};

use crate::day::step::{Event, Place};
use crate::machine::Machine;

/// A hook, as Claude Code starts it.
#[derive(Clone, Debug)]
pub(crate) struct HookCall {
    pub(crate) event: Event,
    pub(crate) conversation: String,
    /// `CLAUDE_PID`, where the version sets it.
    pub(crate) pid: Option<u32>,
    pub(crate) entrypoint: &'static str,
    pub(crate) job: Option<String>,
    /// `CLAUDE_PROJECT_DIR`.
    pub(crate) project: &'static str,
    pub(crate) cwd: &'static str,
    pub(crate) place: Place,
}

impl HookCall {
    /// What Claude Code writes to standard input. `root` comes before each folder.
    pub(crate) fn payload(&self, root: &str) -> String {
        let (name, more) = match self.event {
            Event::Start(source) => ("SessionStart", format!(r#", "source": "{source}""#)),
            Event::Prompt => ("UserPromptSubmit", r#", "prompt": "x""#.into()),
            Event::Tool => ("PostToolUse", r#", "tool_name": "Bash""#.into()),
            Event::Stop => ("Stop", r#", "stop_hook_active": false"#.into()),
            Event::Notification => ("Notification", r#", "notification_type": "permission_prompt""#.into()),
            Event::SubagentStop => ("SubagentStop", r#", "agent_id": "a1""#.into()),
            Event::End(reason) => ("SessionEnd", format!(r#", "reason": "{reason}""#)),
        };
        let (id, cwd) = (&self.conversation, self.cwd);
        format!(
            r#"{{"session_id": "{id}", "transcript_path": "{root}/{id}.jsonl", "cwd": "{root}{cwd}", "hook_event_name": "{name}"{more}}}"#
        )
    }
}

/// What a person is shown, and the registry that it is made of.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) registry: Registry,
    pub(crate) rows: Vec<Arc<Row>>,
    /// The pids of sessions that run and are not registered.
    pub(crate) unregistered: Vec<u32>,
    pub(crate) free: Vec<Number>,
    /// Another workspace's registry was changed.
    pub(crate) has_changed_elsewhere: bool,
}

/// Headcount: its real code on files of its own, or its core in memory.
pub(crate) trait Backend {
    /// Runs a hook. Returns the number that the model is told.
    fn hook(&mut self, call: &HookCall, machine: &Machine) -> Option<Number>;

    /// Claude Code wrote or removed a record.
    fn record(&mut self, pid: u32, text: Option<&str>);

    /// Reads everything that a person is shown.
    fn observe(&mut self, machine: &Machine) -> Observation;

    /// `headcount cleanup`. Returns the numbers that were marked inactive.
    fn cleanup(&mut self, machine: &Machine) -> Vec<Number>;

    /// A person changes a number.
    fn reassign(&mut self, from: Number, to: Number, machine: &Machine);

    /// What the tray does for sessions that are proven alive.
    fn keep_alive(&mut self, machine: &Machine);

    /// The folder that all folders are below.
    fn root(&self) -> String;
}
