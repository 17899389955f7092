//! The main scenario: twelve sessions registered as active, of which three beat.
//!
//! Guarantees: the workspace has the scripts' format (Python's layout, local time in names, unordered numbers), with
//! heartbeats of the last day relative to its creation. Names and times are fictitious.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Result, file};

/// The sessions that beat.
pub const BEATING: [u64; 3] = [1, 5, 8];

/// Number, role, goal, terminal, and the age of the last heartbeat in minutes; `None` without any.
const SESSIONS: [(u64, &str, &str, &str, Option<u64>); 12] = [
    (2, "Architect, coordination and infrastructure", "Keep the session registry honest", "s002", Some(332)),
    (1, "Builder, marketing engine", "Build and maintain the engine", "s001", Some(15)),
    (4, "Coordinator", "Split the release into parts", "s004", Some(611)),
    (3, "Value architect", "Design sustainable value models", "unknown", Some(1140)),
    (5, "Collective mind", "Coordinate all sessions", "s005", Some(1)),
    (6, "Catalyst", "Turn idle work into shipped work", "s006", Some(186)),
    (8, "Unified chat", "One interface for twelve sessions", "s008", Some(40)),
    (7, "Dashboard", "Show what runs where", "s007", Some(455)),
    (9, "Revenue services", "Invoices that send themselves", "not a tty", Some(1322)),
    (10, "Empire builder", "Open the second market", "s010", Some(274)),
    (11, "Execution", "Finish what was started", "s011", Some(903)),
    (12, "Chief architect, infinite scale", "Specifications for machines that scale", "unknown", None),
];

/// A workspace on disk.
#[derive(Debug, Clone)]
pub struct MainScenario {
    /// The coordination folder.
    pub folder: PathBuf,
}

impl MainScenario {
    /// Creates the scenario in `<folder>/docs/coordination`.
    pub fn create(folder: &Path) -> Result<Self> {
        let story = Self { folder: folder.join("docs/coordination") };
        std::fs::create_dir_all(story.heartbeats()).map_err(file("created", &story.heartbeats()))?;
        let entries: Vec<String> = SESSIONS.iter().map(entry).collect();
        let registry = story.registry();
        std::fs::write(&registry, format!("{{\n{}\n}}", entries.join(",\n"))).map_err(file("written", &registry))?;
        for (number, _, _, _, last) in SESSIONS {
            // A heartbeat about every twenty minutes before the last one, for at most a day.
            for beat in 0..last.map_or(0, |last| (1440_u64.saturating_sub(last) / 20).min(30)) {
                story.beat(
                    number,
                    Duration::from_secs(60 * (last.unwrap_or_default() + 20 * beat + beat * number % 7)),
                )?;
            }
        }
        Ok(story)
    }

    /// The registry.
    #[must_use]
    pub fn registry(&self) -> PathBuf {
        self.folder.join("claude_sessions.json")
    }

    /// The heartbeats folder.
    #[must_use]
    pub fn heartbeats(&self) -> PathBuf {
        self.folder.join("heartbeats")
    }

    /// Writes a heartbeat of a session with this age. Names are in UTC, the desktop's time zone.
    pub fn beat(&self, number: u64, ago: Duration) -> Result<()> {
        let at = SystemTime::now() - ago;
        let stamp = utc(at);
        let path =
            self.heartbeats().join(format!("{}-session-{number}.json", stamp.replace('T', "_").replace(':', "-")));
        let text = format!(
            "{{\n  \"session_number\": {number},\n  \"timestamp\": \"{stamp}Z\",\n  \"type\": \"identity_heartbeat\",\n  \"source\": \"session-identify.sh\"\n}}\n"
        );
        std::fs::write(&path, text).map_err(file("written", &path))?;
        let written = std::fs::File::options().write(true).open(&path).and_then(|beat| beat.set_modified(at));
        written.map_err(file("dated", &path))
    }

    /// The registry's text.
    pub fn text(&self) -> Result<String> {
        std::fs::read_to_string(self.registry()).map_err(file("read", &self.registry()))
    }

    /// The numbers of the entries with this status, ascending.
    pub fn with_status(&self, status: &str) -> Result<Vec<u64>> {
        let entries: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.text()?).map_err(|error| file("read", &self.registry())(error.into()))?;
        let mut numbers: Vec<u64> = entries
            .iter()
            .filter(|(_, entry)| entry.get("status").and_then(serde_json::Value::as_str) == Some(status))
            .filter_map(|(number, _)| number.parse().ok())
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn entry((number, role, goal, terminal, _): &(u64, &str, &str, &str, Option<u64>)) -> String {
    let registered = utc(SystemTime::now() - Duration::from_secs(2 * 86_400 + 60 * number));
    format!(
        "  \"{number}\": {{\n    \"session_id\": \"session-{number}\",\n    \"number\": {number},\n    \"role\": \"{role}\",\n    \"goal\": \"{goal}\",\n    \"status\": \"active\",\n    \"registered_at\": \"{registered}Z\",\n    \"terminal\": \"{terminal}\"\n  }}"
    )
}

/// `YYYY-MM-DDTHH:MM:SS` in UTC.
fn utc(at: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}
