//! The shell scripts that Headcount replaces: their names, the content of their two-line replacements, and their
//! arguments.
//!
//! Guarantees: a path with any characters is one word to the shell; a replacement is recognized by its form,
//! independent of the program it starts. Does not run or write files.

use crate::registry::Number;
use crate::time::Timeout;

/// A replaced script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Cleans up stale sessions.
    CleanUp,
    /// Identifies a session.
    Identify,
    /// Registers a session.
    Register,
    /// Writes a heartbeat with the current work.
    Heartbeat,
}

/// All replaced scripts.
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

    /// The script with this file name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|script| script.name() == name)
    }

    /// The content of the two-line replacement. It does not use `exec`, because that would end a shell that sources the
    /// file. `options` are the program's options that name files, each with its value.
    #[must_use]
    pub fn text(self, program: &str, options: &[(&str, &str)]) -> String {
        let options = options.iter().flat_map(|(name, value)| [(*name).to_owned(), word(value)]);
        let call: Vec<String> = std::iter::once(word(program)).chain(options).collect();
        format!("#!/bin/sh\n{}{}\n", call.join(" "), self.ending())
    }

    fn ending(self) -> String {
        format!(" scripts run {} \"$0\" -- \"$@\"", self.name())
    }

    /// Whether a text is such a replacement of this script.
    #[must_use]
    pub fn is_ours(self, text: &str) -> bool {
        let lines: Vec<&str> = text.lines().collect();
        matches!(lines.as_slice(), ["#!/bin/sh", call] if call.ends_with(&self.ending()))
    }
}

/// Quotes one word for a shell.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The arguments of the cleanup script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--timeout-minutes`.
    pub timeout: Option<Timeout>,
}

impl CleanUp {
    /// Parses the cleanup script's arguments.
    ///
    /// # Errors
    /// A message for the user if an option is unknown or the timeout is not valid.
    pub fn read(args: &[String]) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--dry-run" => parsed.dry_run = true,
                "--timeout-minutes" => {
                    let minutes = args.next().map(String::as_str).unwrap_or_default();
                    parsed.timeout = Some(minutes.parse().map_err(|error| format!("--timeout-minutes: {error}"))?);
                }
                other => return Err(format!("Unknown option: {other}")),
            }
        }
        Ok(parsed)
    }
}

/// The arguments of the registration script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// The session's number.
    pub number: Number,
    /// Its role.
    pub role: String,
    /// Its goal.
    pub goal: String,
    /// Its id, if one was given.
    pub session_id: Option<String>,
    /// Its terminal; "unknown" if none was given.
    pub terminal: String,
}

impl Register {
    /// Parses the registration script's arguments; `None` if there are too few or the first is not a number.
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

/// The current work of a session, from the arguments of the heartbeat script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The action; "working" by default.
    pub action: String,
    /// The object of the action; "unknown" by default.
    pub target: String,
    /// The phase.
    pub phase: String,
    /// The progress.
    pub progress: String,
    /// The next action.
    pub next_action: String,
}

impl Work {
    /// Parses the heartbeat script's arguments.
    #[must_use]
    pub fn read(args: &[String]) -> Self {
        let value = |at: usize, otherwise: &str| {
            let value = args.get(at).filter(|text| !text.is_empty());
            value.map_or_else(|| otherwise.to_owned(), Clone::clone)
        };
        Self {
            action: value(0, "working"),
            target: value(1, "unknown"),
            phase: value(2, ""),
            progress: value(3, ""),
            next_action: value(4, ""),
        }
    }

    /// The names and values of its fields in a heartbeat.
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
    fn replacements_have_two_lines_and_are_recognized() {
        let text = Script::CleanUp.text("/a b/it's/headcount", &[("--registry", "/r.json"), ("--heartbeats", "/it's")]);
        assert_eq!(
            text,
            "#!/bin/sh\n'/a b/it'\\''s/headcount' --registry '/r.json' --heartbeats '/it'\\''s' \
             scripts run session-cleanup-stale.sh \"$0\" -- \"$@\"\n"
        );
        for script in ALL {
            assert_eq!(Script::named(script.name()), Some(script));
            let text = script.text("/headcount", &[]);
            for other in ALL {
                assert_eq!(other.is_ours(&text), other == script);
            }
            assert!(!script.is_ours(&format!("{text}echo more\n")) && !script.is_ours("#!/bin/bash\nset -e\n"));
        }
        assert_eq!(Script::named("other.sh"), None);
    }

    #[test]
    fn cleanup_arguments_are_parsed() {
        let read = |list: &[&str]| CleanUp::read(&args(list));
        let timeout = Timeout::from_minutes(30);
        assert_eq!(read(&[]), Ok(CleanUp::default()));
        assert_eq!(read(&["--timeout-minutes", "30", "--dry-run"]), Ok(CleanUp { dry_run: true, timeout }));
        assert_eq!(read(&["--force"]), Err("Unknown option: --force".into()));
        assert!(read(&["--timeout-minutes", "soon"]).is_err() && read(&["--timeout-minutes"]).is_err());
    }

    #[test]
    fn registration_arguments_are_parsed() {
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
    fn heartbeat_arguments_are_parsed() {
        let none = Work::read(&[]);
        assert_eq!((none.action.as_str(), none.target.as_str(), none.phase.as_str()), ("working", "unknown", ""));
        let all = Work::read(&args(&["build", "x.rs", "2", "50%", "test", "more"]));
        assert_eq!(all.fields().map(|(_, value)| value), ["build", "x.rs", "2", "50%", "test"]);
    }
}
