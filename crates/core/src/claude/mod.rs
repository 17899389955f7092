//! What Claude Code reveals of its sessions: whose process, which kind, and what an entry of the registry remembers of it.
//!
//! Promises: a session is its process, known by pid, start time and pid domain; Claude's own id is the second name, because
//! it changes below a running session. A record's fields are observed, not documented: each is optional and of any type,
//! and what cannot be understood proves nothing. Does not look at processes or files, and knows no registry: who is whose
//! is in `running`.

pub mod hook;
pub mod hook_admission;
mod hook_memory;
pub mod hook_owner;
pub mod hook_reply;
pub mod hook_settings;
pub mod hook_transition;
pub mod session_role;

use serde::Serialize;

use crate::Number;
use crate::json::{Fault, Fields, NAME_LIMIT, PATH_LIMIT, quote};
use crate::time::{self, Time};

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
        (self.pid, &self.started) == (other.pid, &other.started)
            && agree(self.domain.as_ref(), other.domain.as_ref())
            && agree(self.boot.as_ref(), other.boot.as_ref())
    }
}

/// Where a pid counts: its pid domain, and the boot of the computer. Known without looking at any process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PidSpace {
    /// As in [`ProcessKey::domain`].
    pub domain: Option<String>,
    /// As in [`ProcessKey::boot`].
    pub boot: Option<String>,
}

impl PidSpace {
    /// Whether a process may be one of this space. Fields missing on either side are ignored.
    #[must_use]
    pub fn may_contain(&self, process: &ProcessKey) -> bool {
        agree(self.domain.as_ref(), process.domain.as_ref()) && agree(self.boot.as_ref(), process.boot.as_ref())
    }
}

/// Whether two values are equal. A missing one does not differ from any.
fn agree(one: Option<&String>, other: Option<&String>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// What an entry remembers of the Claude Code session behind it: its `claude` object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claude {
    /// Its process.
    pub process: Option<ProcessKey>,
    /// Claude's id of the session.
    pub session_id: Option<String>,
    /// The id before that, so that a late goodbye of it is recognised.
    pub previous_id: Option<String>,
    /// The background job that the session runs as.
    pub job: Option<String>,
    /// The process in a terminal that started the session and shows the job since it went to the background.
    pub parked: Option<ProcessKey>,
    /// Its transcript.
    pub transcript: Option<String>,
    /// The folder it works in.
    pub cwd: Option<String>,
    /// The number its model was last told.
    pub told: Option<Number>,
    /// The role that Headcount gave the entry by itself; a role that differs was chosen by a person.
    pub auto_role: Option<String>,
    /// It has started and was never used since: nothing is lost if its process is gone.
    pub is_unused: bool,
}

/// The members of an entry's `claude` object that are read.
const CLAUDE: &[&str] = &[
    "pid",
    "proc_start",
    "pid_domain",
    "boot",
    "parked_pid",
    "parked_start",
    "session_id",
    "previous_id",
    "job",
    "transcript",
    "cwd",
    "told",
    "auto_role",
    "unused",
];

impl Claude {
    /// Reads the object; nothing where it is none.
    pub(crate) fn read(raw: &str) -> Option<Self> {
        let found = Fields::of(raw.as_bytes(), CLAUDE).ok()?;
        let with_boot = |key: ProcessKey| ProcessKey { boot: found.text("boot", NAME_LIMIT), ..key };
        Some(Self {
            process: key(&found, "pid", "proc_start", "pid_domain").map(with_boot),
            // Of the same computer and the same start of it.
            parked: key(&found, "parked_pid", "parked_start", "pid_domain").map(with_boot),
            session_id: found.text("session_id", NAME_LIMIT),
            previous_id: found.text("previous_id", NAME_LIMIT),
            job: found.text("job", NAME_LIMIT),
            transcript: found.text("transcript", PATH_LIMIT),
            cwd: found.text("cwd", PATH_LIMIT),
            told: found.number("told"),
            auto_role: found.text("auto_role", PATH_LIMIT),
            is_unused: found.is_true("unused"),
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
            ("previous_id", said(self.previous_id.as_ref())),
            ("job", said(self.job.as_ref())),
            ("parked_pid", self.parked.as_ref().map(|key| key.pid.to_string())),
            ("parked_start", said(self.parked.as_ref().map(|key| &key.started))),
            ("transcript", said(self.transcript.as_ref())),
            ("cwd", said(self.cwd.as_ref())),
            ("told", self.told.map(|number| number.to_string())),
            ("auto_role", said(self.auto_role.as_ref())),
            ("unused", self.is_unused.then(|| "true".to_owned())),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Whether this is the session of a process: the one it runs in, or the terminal that shows it.
    pub(crate) fn is_of_process(&self, process: &ProcessKey) -> bool {
        [&self.process, &self.parked].into_iter().flatten().any(|own| own.is(process))
    }

    /// Whether this is the conversation with an id.
    pub(crate) fn is_of_id(&self, session_id: &str) -> bool {
        self.session_id.as_deref() == Some(session_id)
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
    /// A person gave it the name.
    pub is_named_by_person: bool,
    /// Claude Code made the name up, or it is the id of the job.
    pub is_name_generated: bool,
    /// What it is; nothing where it is no session: a daemon, a worker, a spare process.
    pub kind: Option<Kind>,
    /// The background job that it is.
    pub job: Option<String>,
    /// The background job that goes on in its place.
    pub parked: Option<String>,
    /// It was started in advance and waits for a first prompt.
    pub is_spare: bool,
    /// When the session started.
    pub started_at: Option<Time>,
    /// What it does.
    pub status: Option<RecordStatus>,
}

/// What a session does, as its record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// It works.
    Busy,
    /// Its turn has ended.
    Idle,
    /// It waits for a person.
    Waiting,
    /// A shell of it runs in the background.
    Shell,
}

impl RecordStatus {
    fn read(text: &str) -> Option<Self> {
        match text {
            "busy" => Some(Self::Busy),
            "idle" => Some(Self::Idle),
            "waiting" => Some(Self::Waiting),
            "shell" => Some(Self::Shell),
            _ => None,
        }
    }
}

/// The members of a record that are read. The others may hold anything.
const RECORD: &[&str] = &[
    "pid",
    "procStart",
    "pidDomain",
    "sessionId",
    "cwd",
    "name",
    "nameSource",
    "kind",
    "entrypoint",
    "spare",
    "jobId",
    "parkedJobId",
    "startedAt",
    "status",
];

impl Record {
    /// Reads a record. `None` if it is torn or none, and if it does not say in a known way what it is a record of: that
    /// counts as no record at all.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let found = Fields::of(bytes, RECORD).ok()?;
        let (name, source) = (found.text("name", PATH_LIMIT), found.text("nameSource", NAME_LIMIT));
        let job = found.text("jobId", NAME_LIMIT);
        Some(Self {
            pid: pid(&found, "pid")?,
            process: key(&found, "pid", "procStart", "pidDomain"),
            session_id: found.text("sessionId", NAME_LIMIT),
            cwd: found.text("cwd", PATH_LIMIT),
            is_named_by_person: source.as_deref() == Some("user"),
            // `peer`: a background job got it from the process that started it (`claude --bg --name`).
            is_name_generated: source.is_some_and(|source| source != "user" && source != "peer")
                || name.is_some() && name == job,
            name,
            kind: match kind(&found) {
                Said::Session(kind) => Some(kind),
                Said::NoSession => None,
                Said::Nothing => return None,
            },
            job,
            parked: found.text("parkedJobId", NAME_LIMIT),
            is_spare: found.is_true("spare"),
            started_at: found.number("startedAt").and_then(time::from_unix_millis),
            status: found.text("status", NAME_LIMIT).as_deref().and_then(RecordStatus::read),
        })
    }

    /// Whether it is the record of a process in which a session runs. One that another process with the same pid left behind
    /// has another start; old versions wrote none, and their record is known by the session's id.
    #[must_use]
    pub fn is_of(&self, process: Option<&ProcessKey>, session_id: Option<&str>) -> bool {
        match (&self.process, process) {
            (Some(recorded), Some(process)) => recorded.is(process),
            _ => self.session_id.as_deref().zip(session_id).is_none_or(|(recorded, id)| recorded == id),
        }
    }

    /// Whether bytes may be a record that is being written, so that it is worth a second look.
    #[must_use]
    pub fn is_torn(bytes: &[u8]) -> bool {
        Fields::of(bytes, RECORD).err().is_some_and(|fault| fault != Fault::NotAnObject)
    }
}

/// What a record says that it is a record of.
enum Said {
    Session(Kind),
    NoSession,
    /// Nothing, or nothing that is known.
    Nothing,
}

fn kind(found: &Fields) -> Said {
    let said = |name: &str| found.text(name, NAME_LIMIT);
    match (said("kind").as_deref(), said("entrypoint").as_deref()) {
        _ if found.is_true("spare") => Said::NoSession,
        (Some("daemon" | "daemon-worker"), _) => Said::NoSession,
        (Some("bg"), _) => Said::Session(Kind::Background),
        (_, Some("sdk-cli" | "sdk-ts" | "sdk-py")) => Said::Session(Kind::Sdk),
        // Another way in, or one that is not said: `interactive` is what a person works with.
        (Some("interactive"), _) => Said::Session(Kind::Interactive),
        _ => Said::Nothing,
    }
}

fn pid(found: &Fields, name: &str) -> Option<u32> {
    found.number(name).and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0)
}

fn key(found: &Fields, number: &str, started: &str, domain: &str) -> Option<ProcessKey> {
    let started = found.text_or_number(started, NAME_LIMIT)?;
    Some(ProcessKey { pid: pid(found, number)?, started, domain: found.text(domain, NAME_LIMIT), boot: None })
}

/// The last part of a path, whichever system wrote it.
#[must_use]
pub fn folder_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
