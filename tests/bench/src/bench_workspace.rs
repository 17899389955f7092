//! A workspace of any size, in the scripts' format.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::Outcome;

/// The timeout after which a session is stale.
const TIMEOUT: Duration = Duration::from_hours(2);

/// The period before the timeout in which old heartbeats exist: another script deletes them after two days.
const ROOM: Duration = Duration::from_hours(46);

/// A workspace in its own folder.
pub(crate) struct BenchWorkspace {
    folder: PathBuf,
    pub(crate) sessions: u64,
}

impl BenchWorkspace {
    /// Creates a workspace with `sessions` sessions and `beats` heartbeats of the last two days. The first `active`
    /// sessions have just beaten; the others are stale.
    pub(crate) fn create(folder: &Path, sessions: u64, beats: u64, active: u64) -> Outcome<Self> {
        let workspace = Self { folder: folder.join("docs/coordination"), sessions };
        std::fs::create_dir_all(workspace.heartbeats())?;
        std::fs::write(workspace.registry(), workspace.text(None))?;
        let active = active.min(sessions).min(beats);
        for number in 1..=active {
            workspace.beat(number, Duration::from_secs(60 + number))?;
        }
        // Spread evenly over the period.
        let each = (beats - active).div_ceil(sessions);
        let room = ROOM.as_secs() / (each + 1);
        for at in 0..beats - active {
            let (number, nth) = (1 + at % sessions, at / sessions);
            workspace.beat(number, TIMEOUT + Duration::from_secs(60 + nth * room.max(1) + number % room.max(1)))?;
        }
        Ok(workspace)
    }

    pub(crate) fn registry(&self) -> PathBuf {
        self.folder.join("claude_sessions.json")
    }

    pub(crate) fn heartbeats(&self) -> PathBuf {
        self.folder.join("heartbeats")
    }

    /// The registry's text in Python's layout; `inactive` selects one inactive session.
    pub(crate) fn text(&self, inactive: Option<u64>) -> String {
        let registered = stamp(SystemTime::now() - Duration::from_hours(72));
        let mut text = String::from("{");
        for number in 1..=self.sessions {
            let status = if inactive == Some(number) { "inactive" } else { "active" };
            let comma = if number == 1 { "" } else { "," };
            let _ = write!(
                text,
                "{comma}\n  \"{number}\": {{\n    \"session_id\": \"session-{number}\",\n    \"number\": {number},\n    \"role\": \"Builder of part {number}\",\n    \"goal\": \"Keep part {number} in order\",\n    \"status\": \"{status}\",\n    \"registered_at\": \"{registered}Z\",\n    \"terminal\": \"s{number:03}\"\n  }}"
            );
        }
        text + "\n}"
    }

    /// The path of a session's heartbeat with this age. Names are in UTC, the time zone of all measured programs.
    pub(crate) fn beat_path(&self, number: u64, ago: Duration) -> PathBuf {
        let stamp = stamp(SystemTime::now() - ago).replace('T', "_").replace(':', "-");
        self.heartbeats().join(format!("{stamp}-session-{number}.json"))
    }

    /// Writes a heartbeat of a session with this age. Returns its path.
    pub(crate) fn beat(&self, number: u64, ago: Duration) -> std::io::Result<PathBuf> {
        let (at, path) = (SystemTime::now() - ago, self.beat_path(number, ago));
        let text = format!(
            "{{\n  \"session_number\": {number},\n  \"timestamp\": \"{}Z\",\n  \"type\": \"identity_heartbeat\",\n  \"source\": \"session-identify.sh\"\n}}\n",
            stamp(at)
        );
        std::fs::write(&path, text)?;
        if ago > Duration::from_secs(5) {
            File::options().write(true).open(&path)?.set_modified(at)?;
        }
        Ok(path)
    }
}

/// `YYYY-MM-DDTHH:MM:SS` in UTC.
fn stamp(at: SystemTime) -> String {
    DateTime::<Utc>::from(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}
