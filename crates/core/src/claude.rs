//! What Claude Code reveals of its sessions: whose process, which kind, and what an entry of the registry remembers of it.
//!
//! Promises: a session is its process, known by pid, start time and pid domain; Claude's own id is the second name, because
//! it changes below a running session. A record's fields are observed, not documented: each is optional and of any type,
//! and what cannot be understood proves nothing. Does not look at processes or files, and knows no registry: who is whose
//! is in `running`.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Number;
use crate::json::quote;

/// A process that cannot be taken for another one: pids are used again, start times are not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessKey {
    /// Its pid.
    pub pid: u32,
    /// When it started, in the words of its system: on Linux clock ticks since the boot.
    pub started: String,
    /// In which space of pids, as `linux:<machine>:pid:[<namespace>]`; nothing where that was not said.
    pub domain: Option<String>,
    /// Since which start of the computer its times count; nothing where that was not said.
    pub boot: Option<String>,
}

impl ProcessKey {
    /// Whether both are the same process. What one of the two does not say does not tell them apart.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let agree = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).is_none_or(|(one, other)| one == other)
        };
        (self.pid, &self.started) == (other.pid, &other.started)
            && agree(&self.domain, &other.domain)
            && agree(&self.boot, &other.boot)
    }
}

/// What an entry remembers of the Claude Code session behind it: its `claude` object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claude {
    /// Its process.
    pub process: Option<ProcessKey>,
    /// Claude's id of the session.
    pub session_id: Option<String>,
    /// Its transcript.
    pub transcript: Option<String>,
    /// The folder it works in.
    pub cwd: Option<String>,
    /// The number its model was last told.
    pub told: Option<Number>,
}

impl Claude {
    /// Reads the object; nothing where it is none.
    pub(crate) fn read(raw: &str) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_str(raw).ok()?;
        let key = key(&object, "proc_start", "pid_domain");
        Some(Self {
            process: key.map(|key| ProcessKey { boot: text(&object, "boot"), ..key }),
            session_id: text(&object, "session_id"),
            transcript: text(&object, "transcript"),
            cwd: text(&object, "cwd"),
            told: object.get("told").and_then(Value::as_u64),
        })
    }

    /// The members of the object, in their order, as JSON text.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let process = self.process.as_ref();
        let said = |text: Option<&String>| text.map(|text| quote(text));
        let members = [
            ("pid", process.map(|key| key.pid.to_string())),
            ("proc_start", said(process.map(|key| &key.started))),
            ("pid_domain", said(process.and_then(|key| key.domain.as_ref()))),
            ("boot", said(process.and_then(|key| key.boot.as_ref()))),
            ("session_id", said(self.session_id.as_ref())),
            ("transcript", said(self.transcript.as_ref())),
            ("cwd", said(self.cwd.as_ref())),
            ("told", self.told.map(|number| number.to_string())),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Whether this is the session of a process or, where that says nothing, of an id.
    pub(crate) fn is_of(&self, process: Option<&ProcessKey>, session_id: Option<&str>) -> bool {
        let same_process = self.process.as_ref().zip(process).is_some_and(|(own, other)| own.is(other));
        same_process || session_id.is_some_and(|id| self.session_id.as_deref() == Some(id))
    }
}

/// What kind of process a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[cfg_attr(feature = "wire-types", ts(rename = "SessionKind"))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person works with it.
    Interactive,
    /// It works in the background.
    Background,
    /// A program started it: `claude -p`, the SDK.
    Sdk,
}

/// One of Claude Code's own records, `sessions/<pid>.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its process.
    pub pid: u32,
    /// The process, where its start is said.
    pub process: Option<ProcessKey>,
    /// Claude's id of the session.
    pub session_id: Option<String>,
    /// The folder it works in.
    pub cwd: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it is; nothing where it is no session: a daemon, a worker, a spare process.
    pub kind: Option<Kind>,
    /// The background job that it is.
    pub job: Option<String>,
    /// The background job that goes on in its place.
    pub parked: Option<String>,
}

impl Record {
    /// Reads a record; nothing where it is torn or none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            pid: pid(&object)?,
            process: key(&object, "procStart", "pidDomain"),
            session_id: text(&object, "sessionId"),
            cwd: text(&object, "cwd"),
            name: text(&object, "name"),
            kind: kind(&object),
            job: text(&object, "jobId"),
            parked: text(&object, "parkedJobId"),
        })
    }
}

fn kind(object: &Map<String, Value>) -> Option<Kind> {
    let said = |name: &str| object.get(name).and_then(Value::as_str);
    match (said("kind"), said("entrypoint")) {
        (Some("bg"), _) if object.get("spare") == Some(&Value::Bool(true)) => None,
        (Some("bg"), _) => Some(Kind::Background),
        (Some("daemon" | "daemon-worker"), _) => None,
        (_, Some("sdk-cli" | "sdk-ts" | "sdk-py")) => Some(Kind::Sdk),
        // Another way in, or one that is not said: `interactive` is what a person works with.
        (Some("interactive"), _) => Some(Kind::Interactive),
        _ => None,
    }
}

/// A text that says something.
fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn pid(object: &Map<String, Value>) -> Option<u32> {
    object.get("pid").and_then(Value::as_u64).and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0)
}

fn key(object: &Map<String, Value>, started: &str, domain: &str) -> Option<ProcessKey> {
    let started = match object.get(started)? {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(ProcessKey { pid: pid(object)?, started, domain: text(object, domain), boot: None })
}

/// The last part of a path, whichever system wrote it.
#[must_use]
pub fn folder_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "claude_tests.rs"]
mod tests;
