//! Claude Code's session records, and the `claude` object that an entry of the registry stores.
//!
//! Guarantees: a session is identified by its process (pid, start time and pid domain); Claude's session id is
//! secondary, because it changes during a running session. The fields of a record are observed, not documented: each is
//! optional and can have any type, and a field that is not understood proves nothing. Does not look up processes or
//! files, and does not use the registry: entries are matched in `process_matching`.

pub mod activity;
pub mod hook;
pub mod hook_settings;
mod process_key;
pub mod session_role;

pub use process_key::{MAX_ROUNDING, PidSpace, ProcessKey};
use serde::Serialize;

use crate::Number;
use crate::claude::activity::Activity;
use crate::json::{Fault, Fields, NAME_LIMIT, PATH_LIMIT, quote};
use crate::time::{self, Time};

/// What an entry remembers of the Claude Code session behind it: its `claude` object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claude {
    /// Its process.
    pub process: Option<ProcessKey>,
    /// Claude's id of the session.
    pub session_id: Option<String>,
    /// The session id before that, so that a late sign-off with it is recognized.
    pub previous_id: Option<String>,
    /// The background job that the session runs as.
    pub job: Option<String>,
    /// The process in a terminal that started the session and shows its job since it went to the background.
    pub parked: Option<ProcessKey>,
    /// Its transcript.
    pub transcript: Option<String>,
    /// Its working folder.
    pub cwd: Option<String>,
    /// The number that its model was last given.
    pub told: Option<Number>,
    /// The role that Headcount generated; a role that differs was chosen by a person.
    pub auto_role: Option<String>,
    /// It was started and never used: nothing is lost if its process is gone.
    pub is_unused: bool,
}

/// The members of the `claude` object that are read.
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
    /// Reads the object; `None` if it is not an object.
    pub(crate) fn read(raw: &str) -> Option<Self> {
        let found = Fields::of(raw.as_bytes(), CLAUDE).ok()?;
        let with_boot = |key: ProcessKey| ProcessKey { boot: found.text("boot", NAME_LIMIT), ..key };
        Some(Self {
            process: key(&found, "pid", "proc_start", "pid_domain").map(with_boot),
            // Of the same computer and the same boot.
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

    /// The members of the object in the order in which they are written, as JSON text.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let process = self.process.as_ref();
        let quoted = |text: Option<&String>| text.map(|text| quote(text));
        let members = [
            ("pid", process.map(|key| key.pid.to_string())),
            ("proc_start", quoted(process.map(|key| &key.started))),
            ("pid_domain", quoted(process.and_then(|key| key.domain.as_ref()))),
            ("boot", quoted(process.and_then(|key| key.boot.as_ref()))),
            ("session_id", quoted(self.session_id.as_ref())),
            ("previous_id", quoted(self.previous_id.as_ref())),
            ("job", quoted(self.job.as_ref())),
            ("parked_pid", self.parked.as_ref().map(|key| key.pid.to_string())),
            ("parked_start", quoted(self.parked.as_ref().map(|key| &key.started))),
            ("transcript", quoted(self.transcript.as_ref())),
            ("cwd", quoted(self.cwd.as_ref())),
            ("told", self.told.map(|number| number.to_string())),
            ("auto_role", quoted(self.auto_role.as_ref())),
            ("unused", self.is_unused.then(|| "true".to_owned())),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Whether a process belongs to this session: its own process, or the terminal that shows it.
    pub(crate) fn is_of_process(&self, process: &ProcessKey) -> bool {
        [&self.process, &self.parked].into_iter().flatten().any(|own| own.is(process))
    }

    /// Whether this is the conversation with this session id.
    pub(crate) fn is_of_id(&self, session_id: &str) -> bool {
        self.session_id.as_deref() == Some(session_id)
    }
}

/// The kind of a session.
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
    /// Its pid.
    pub pid: u32,
    /// Its process; `None` if the record has no start time.
    pub process: Option<ProcessKey>,
    /// Claude's id of the session.
    pub session_id: Option<String>,
    /// Its working folder.
    pub cwd: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The name was given by a person.
    pub is_named_by_person: bool,
    /// The name was generated by Claude Code, or is the id of the job.
    pub is_name_generated: bool,
    /// Its kind; `None` if it is not a session: a daemon, a worker, a spare process.
    pub kind: Option<Kind>,
    /// The background job that it runs as.
    pub job: Option<String>,
    /// The background job that continues its session.
    pub parked: Option<String>,
    /// It was started in advance and waits for a first prompt.
    pub is_spare: bool,
    /// When the session started.
    pub started_at: Option<Time>,
    /// Its current status.
    pub status: Option<RecordStatus>,
    /// What it is doing, if it still runs.
    pub activity: Option<Activity>,
}

/// The status of a session in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// It is working.
    Busy,
    /// Its turn has ended.
    Idle,
    /// It waits for a person.
    Waiting,
    /// It has a shell running in the background.
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

/// The members of a record that are read. The others can contain anything.
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
    "waitingFor",
    "statusUpdatedAt",
];

impl Record {
    /// Reads a record. `None` if it is torn, not a record, or of an unknown kind of process; the last counts as no
    /// record at all.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let found = Fields::of(bytes, RECORD).ok()?;
        let (name, source) = (found.text("name", PATH_LIMIT), found.text("nameSource", NAME_LIMIT));
        let job = found.text("jobId", NAME_LIMIT);
        let (status, waiting_for) = (found.text("status", NAME_LIMIT), found.text("waitingFor", NAME_LIMIT));
        let millis = |name: &str| found.number(name).and_then(time::from_unix_millis);
        let (started_at, updated_at) = (millis("startedAt"), millis("statusUpdatedAt"));
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
                RecordKind::Session(kind) => Some(kind),
                RecordKind::NoSession => None,
                RecordKind::Unknown => return None,
            },
            job,
            parked: found.text("parkedJobId", NAME_LIMIT),
            is_spare: found.is_true("spare"),
            started_at,
            status: status.as_deref().and_then(RecordStatus::read),
            activity: Activity::read(status.as_deref(), waiting_for.as_deref(), updated_at, started_at),
        })
    }

    /// Whether this is the record of a session's process. A record left behind by another process with the same pid has
    /// another start time. Old versions wrote none: their records are matched by the session id.
    #[must_use]
    pub fn is_of(&self, process: Option<&ProcessKey>, session_id: Option<&str>) -> bool {
        match (&self.process, process) {
            (Some(recorded), Some(process)) => recorded.is(process),
            _ => self.session_id.as_deref().zip(session_id).is_none_or(|(recorded, id)| recorded == id),
        }
    }

    /// Whether both records are the same except for the activity.
    #[must_use]
    pub fn differs_in_activity_at_most(&self, other: &Self) -> bool {
        let with_activity = Self { status: other.status, activity: other.activity, ..self.clone() };
        with_activity == *other
    }

    /// Whether bytes may be a record that is being written, so that reading it again soon is worthwhile.
    #[must_use]
    pub fn is_torn(bytes: &[u8]) -> bool {
        Fields::of(bytes, RECORD).err().is_some_and(|fault| fault != Fault::NotAnObject)
    }
}

/// The kind of process that a record describes.
enum RecordKind {
    Session(Kind),
    NoSession,
    /// Missing, or not a known kind.
    Unknown,
}

fn kind(found: &Fields) -> RecordKind {
    let text = |name: &str| found.text(name, NAME_LIMIT);
    match (text("kind").as_deref(), text("entrypoint").as_deref()) {
        _ if found.is_true("spare") => RecordKind::NoSession,
        (Some("daemon" | "daemon-worker"), _) => RecordKind::NoSession,
        (Some("bg"), _) => RecordKind::Session(Kind::Background),
        (_, Some("sdk-cli" | "sdk-ts" | "sdk-py")) => RecordKind::Session(Kind::Sdk),
        // Any other entrypoint, or none: `interactive` means that a person works with it.
        (Some("interactive"), _) => RecordKind::Session(Kind::Interactive),
        _ => RecordKind::Unknown,
    }
}

fn pid(found: &Fields, name: &str) -> Option<u32> {
    found.number(name).and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0)
}

fn key(found: &Fields, number: &str, started: &str, domain: &str) -> Option<ProcessKey> {
    let started = found.text_or_number(started, NAME_LIMIT)?;
    Some(ProcessKey { pid: pid(found, number)?, started, domain: found.text(domain, NAME_LIMIT), boot: None })
}

/// The last component of a path, with separators of any system.
#[must_use]
pub fn folder_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
