//! A workspace in a temporary folder, and the invariants of its registry.
//!
//! Guarantees: nothing outside of the temporary folder is used. No worker changes the sessions from 900 on; they are
//! written as unusually as JSON allows, so that a file assembled wrongly is detected.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use headcount_core::Registry;
use headcount_engine::Workspace;

/// The session of the writer without locking.
pub(crate) const SCRIPT: u64 = 900;

const UNTOUCHED: [(u64, &str); 3] = [
    (901, "{ \"status\" :\"?\", \"x\": 1e3, \"y\":\t1234567890123456789012345 }"),
    (902, "{\r\n\"status\":\"\\u0061 odd one\",\"z\": [1.10, {\"deep\": [[[]]]}, \"\\ud83d\\ude80\"]}"),
    (903, "{\"status\": null, \"role\": \"Rôle\"}"),
];

pub(crate) struct Fixture {
    root: tempfile::TempDir,
    /// The initial text of the registry.
    pub(crate) start: String,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::padded(0)
    }

    /// A fixture with `padding` spaces at the end of its registry.
    pub(crate) fn padded(padding: usize) -> Self {
        let root = tempfile::tempdir().unwrap();
        let numbered = |number| {
            format!(
                "  \"{number}\": {{\n    \"session_id\": \"session-{number}\",\n    \"status\": \"active\",\n    \"former_numbers\": []\n  }}"
            )
        };
        let mut entries: Vec<String> = (1..=6).map(numbered).collect();
        entries.push(format!("  \"{SCRIPT}\": {{\"status\": \"?\", \"script\": 0}}"));
        entries.extend(UNTOUCHED.map(|(number, entry)| format!("\t\"{number}\":{entry}")));
        let start = format!("{{\n{}\n}}\n{}", entries.join(",\n"), " ".repeat(padding));
        let fixture = Self { root, start };
        std::fs::create_dir_all(fixture.workspace().heartbeats).unwrap();
        std::fs::write(fixture.workspace().registry, &fixture.start).unwrap();
        fixture
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn workspace(&self) -> Workspace {
        workspace(self.root())
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.workspace().registry).unwrap()
    }

    /// Reads the registry once, as any program would, and checks that it is valid and contains all untouched entries.
    pub(crate) fn check_whole(&self) -> Registry {
        let bytes = std::fs::read(self.workspace().registry).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let registry = Registry::read(bytes).unwrap_or_else(|why| panic!("{why}: {text:?}"));
        for (number, entry) in UNTOUCHED {
            assert_eq!(registry.raw_entry(number), Some(entry), "session {number} was touched: {text}");
        }
        assert!(registry.entry(SCRIPT).is_some() && registry.bad_keys().is_empty(), "{text}");
        registry
    }

    /// Temporary files next to the registry and among the copies, which must not be left.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let workspace = self.workspace();
        let folders = [
            workspace.registry.parent().unwrap().to_owned(),
            workspace.memory.clone(),
            workspace.memory.join("copies"),
        ];
        let entries = folders.iter().flat_map(std::fs::read_dir).flatten().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "tmp")).collect()
    }

    /// Starts this program again as a worker.
    pub(crate) fn worker(&self, work: &str, seed: u64, turns: usize) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "worker::works", "--nocapture", "--test-threads=1"])
            .env(crate::worker::FOLDER, self.root())
            .env(crate::worker::WORK, format!("{work} {seed} {turns}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

pub(crate) fn workspace(root: &Path) -> Workspace {
    let state = root.join("state");
    let registry = root.join("ws/claude_sessions.json");
    Workspace {
        heartbeats: root.join("ws/heartbeats"),
        memory: state.join("registries/ws"),
        registry,
        state,
        ..Workspace::default()
    }
}
