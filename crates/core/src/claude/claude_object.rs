//! The `claude` object that an entry of the registry stores: what it remembers of the Claude Code session behind it.
//!
//! Guarantees: a session is identified by its process (pid, start time and pid domain); Claude's session id is
//! secondary, because it changes during a running session. Entries are matched in `process_matching`.

use crate::Number;
use crate::claude::process_key::{self, ProcessKey};
use crate::json::{Fields, NAME_LIMIT, PATH_LIMIT, quote};

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
            process: process_key::read(&found, "pid", "proc_start", "pid_domain").map(with_boot),
            // Of the same computer and the same boot.
            parked: process_key::read(&found, "parked_pid", "parked_start", "pid_domain").map(with_boot),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claude_object_is_read_back_as_written() {
        let key = |pid| ProcessKey {
            pid,
            started: "99".into(),
            domain: Some("linux:m:pid:[1]".into()),
            boot: Some("b".into()),
        };
        let whole = Claude {
            process: Some(key(7)),
            session_id: Some("é".into()),
            previous_id: Some("before".into()),
            job: Some("8a928389".into()),
            parked: Some(key(6)),
            transcript: Some("/t".into()),
            cwd: Some("C:\\x".into()),
            told: Some(13),
            auto_role: Some("shop (main)".into()),
            is_unused: true,
        };
        let written = |claude: &Claude| {
            let members: Vec<String> =
                claude.members().iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
            Claude::read(&format!("{{{}}}", members.join(", ")))
        };
        assert_eq!(written(&whole).as_ref(), Some(&whole));
        assert_eq!(written(&Claude::default()), Some(Claude::default()));
        assert_eq!(Claude::read("5"), None);
    }
}
