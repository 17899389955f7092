//! The scripts that Headcount takes the place of: their names, the two lines that stand in their files, and what their
//! arguments meant.
//!
//! Promises: a path with any characters in it is one word to a shell; a file of ours is known by its form, whatever program it
//! starts. Does not run or write anything.

use crate::registry::Number;
use crate::time::Timeout;

/// A script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Cleans up.
    CleanUp,
    /// Says who one is.
    Identify,
    /// Registers.
    Register,
    /// Beats, and says what one works on.
    Heartbeat,
}

/// All of them.
pub const ALL: [Script; 4] = [Script::CleanUp, Script::Identify, Script::Register, Script::Heartbeat];

impl Script {
    /// The file's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CleanUp => "session-cleanup-stale.sh",
            Self::Identify => "session-identify.sh",
            Self::Register => "claude-session-register.sh",
            Self::Heartbeat => "session-heartbeat.sh",
        }
    }

    /// The script with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|script| script.name() == name)
    }

    /// The file's two lines. No `exec`: a shell that reads them into itself would be gone.
    #[must_use]
    pub fn text(self, program: &str, registry: Option<&str>) -> String {
        let registry = registry.map(|registry| format!(" --registry {}", word(registry))).unwrap_or_default();
        format!("#!/bin/sh\n{}{registry}{}\n", word(program), self.ending())
    }

    fn ending(self) -> String {
        format!(" scripts run {} \"$0\" -- \"$@\"", self.name())
    }

    /// Whether a text is that of such a file.
    #[must_use]
    pub fn is_ours(self, text: &str) -> bool {
        let lines: Vec<&str> = text.lines().collect();
        matches!(lines.as_slice(), ["#!/bin/sh", call] if call.ends_with(&self.ending()))
    }
}

/// One word for a shell.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// What was asked of the cleanup script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--timeout-minutes`.
    pub timeout: Option<Timeout>,
}

impl CleanUp {
    /// Reads the cleanup script's arguments; else what was wrong with them.
    pub fn read(args: &[String]) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--dry-run" => asked.dry_run = true,
                "--timeout-minutes" => {
                    let minutes = args.next().map(String::as_str).unwrap_or_default();
                    asked.timeout = Some(minutes.parse().map_err(|error| format!("--timeout-minutes: {error}"))?);
                }
                other => return Err(format!("Unknown option: {other}")),
            }
        }
        Ok(asked)
    }
}

/// What was asked of the registration script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// The number.
    pub number: Number,
    /// What it does.
    pub role: String,
    /// What it is after.
    pub goal: String,
    /// Its id.
    pub session_id: Option<String>,
    /// Its terminal.
    pub terminal: String,
}

impl Register {
    /// Reads the registration script's arguments; nothing where too few were given, or no number first.
    #[must_use]
    pub fn read(args: &[String]) -> Option<Self> {
        let [number, role, goal, more @ ..] = args else { return None };
        let more = |at: usize| more.get(at).filter(|text| !text.is_empty()).cloned();
        Some(Self {
            number: number.parse().ok()?,
            role: role.clone(),
            goal: goal.clone(),
            session_id: more(0),
            terminal: more(1).unwrap_or_else(|| "unknown".into()),
        })
    }
}

/// What a session works on, as the heartbeat script was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What it does.
    pub action: String,
    /// On what.
    pub target: String,
    /// In which phase.
    pub phase: String,
    /// How far.
    pub progress: String,
    /// What comes next.
    pub next_action: String,
}

impl Work {
    /// Reads the heartbeat script's arguments.
    #[must_use]
    pub fn read(args: &[String]) -> Self {
        let said = |at: usize, otherwise: &str| {
            let said = args.get(at).filter(|text| !text.is_empty());
            said.map_or_else(|| otherwise.to_owned(), Clone::clone)
        };
        Self {
            action: said(0, "working"),
            target: said(1, "unknown"),
            phase: said(2, ""),
            progress: said(3, ""),
            next_action: said(4, ""),
        }
    }

    /// Its fields, as they stand in a beat.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("action", &self.action),
            ("target", &self.target),
            ("phase", &self.phase),
            ("progress", &self.progress),
            ("next_action", &self.next_action),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(args: &[&str]) -> Vec<String> {
        args.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_is_two_lines_and_known_again() {
        let text = Script::CleanUp.text("/a b/it's/headcount", Some("/r.json"));
        assert_eq!(
            text,
            "#!/bin/sh\n'/a b/it'\\''s/headcount' --registry '/r.json' scripts run session-cleanup-stale.sh \"$0\" -- \"$@\"\n"
        );
        for script in ALL {
            assert_eq!(Script::named(script.name()), Some(script));
            let text = script.text("/headcount", None);
            for other in ALL {
                assert_eq!(other.is_ours(&text), other == script);
            }
            assert!(!script.is_ours(&format!("{text}echo more\n")) && !script.is_ours("#!/bin/bash\nset -e\n"));
        }
        assert_eq!(Script::named("other.sh"), None);
    }

    #[test]
    fn what_the_cleanup_script_was_asked() {
        let read = |list: &[&str]| CleanUp::read(&args(list));
        let timeout = Timeout::from_minutes(30);
        assert_eq!(read(&[]), Ok(CleanUp::default()));
        assert_eq!(read(&["--timeout-minutes", "30", "--dry-run"]), Ok(CleanUp { dry_run: true, timeout }));
        assert_eq!(read(&["--force"]), Err("Unknown option: --force".into()));
        assert!(read(&["--timeout-minutes", "soon"]).is_err() && read(&["--timeout-minutes"]).is_err());
    }

    #[test]
    fn what_the_registration_script_was_asked() {
        let read = |list: &[&str]| Register::read(&args(list));
        let all = read(&["3", "r", "g", "own", "s003"]).unwrap();
        assert_eq!((all.number, all.session_id.as_deref(), all.terminal.as_str()), (3, Some("own"), "s003"));
        let some = read(&["3", "r", "g", "", ""]).unwrap();
        assert_eq!((some.session_id, some.terminal.as_str()), (None, "unknown"));
        for few in [&[][..], &["3"], &["3", "r"], &["x", "r", "g"], &["-1", "r", "g"]] {
            assert_eq!(read(few), None);
        }
    }

    #[test]
    fn what_the_heartbeat_script_was_told() {
        let none = Work::read(&[]);
        assert_eq!((none.action.as_str(), none.target.as_str(), none.phase.as_str()), ("working", "unknown", ""));
        let all = Work::read(&args(&["build", "x.rs", "2", "50%", "test", "more"]));
        assert_eq!(all.fields().map(|(_, value)| value), ["build", "x.rs", "2", "50%", "test"]);
    }
}
