//! The result of showing a session's terminal, as command, window and notifications report it.
//!
//! Guarantees: texts are one plain line each. Codes never change their meaning.

use serde::Serialize;

use crate::registry::Number;
use crate::view::text::messages;

/// Maximum length of a reason in characters.
const MAX_REASON: usize = 300;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ShowOutcome {
    /// The terminal is in front.
    Shown,
    /// Nothing could bring it to the front.
    NotShown,
    /// The session or its terminal is on another machine or in a container.
    Elsewhere,
    /// No process of the session is known to run.
    NotRunning,
}

/// Why one way of showing a terminal did not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Tried {
    /// The program that would have shown it.
    pub with: String,
    /// Why it did not.
    pub why: String,
}

/// The result of showing a session's terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct ShowResult {
    /// The session's number.
    pub number: Number,
    /// What happened.
    pub outcome: ShowOutcome,
    /// What was shown and how, or why nothing was.
    pub text: String,
    /// What was tried without success.
    pub tried: Vec<Tried>,
    /// A command for a person to run in a terminal instead, if nothing was shown.
    pub command: Option<String>,
}

impl ShowResult {
    /// A result without attempts.
    #[must_use]
    pub fn new(number: Number, outcome: ShowOutcome, text: &str) -> Self {
        Self { number, outcome, text: messages::plain(text, MAX_REASON), tried: Vec::new(), command: None }
    }

    /// Adds an attempt that did not succeed.
    pub fn add(&mut self, with: &str, why: &str) {
        self.tried.push(Tried { with: with.into(), why: messages::plain(why, MAX_REASON) });
    }

    /// Why nothing else was used: "kitty, Konsole: it runs in xterm". Each reason is listed once.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for Tried { with, why } in &self.tried {
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, names)) => names.push(with),
                None => reasons.push((why, vec![with])),
            }
        }
        reasons.iter().map(|(why, names)| format!("{}: {why}", names.join(", "))).collect()
    }

    /// The message for a notification or a toast: title and body.
    #[must_use]
    pub fn message(&self) -> (String, String) {
        let title = match self.outcome {
            ShowOutcome::Shown => format!("Showing session {}", self.number),
            _ => format!("Could not show session {}", self.number),
        };
        let command = self.command.as_deref().map(|command| format!("In a terminal: {command}"));
        let lines: Vec<String> = [Some(self.text.clone()), command].into_iter().flatten().collect();
        (title, lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_reason_and_the_command() {
        let mut shown = ShowResult::new(5, ShowOutcome::NotShown, "its terminal\u{1b}[31m\nwas not found");
        shown.add("tmux", "not in\ntmux");
        assert_eq!(shown.tried, [Tried { with: "tmux".into(), why: "not in tmux".into() }]);
        shown.add("kitty", "not in tmux");
        shown.add("Konsole", "no");
        assert_eq!(shown.reasons(), ["tmux, kitty: not in tmux", "Konsole: no"]);
        shown.command = Some("cd /tmp && claude --resume x".into());
        let (title, body) = shown.message();
        assert_eq!(title, "Could not show session 5");
        assert_eq!(body, "its terminal [31m was not found\nIn a terminal: cd /tmp && claude --resume x");
        assert_eq!(
            ShowResult::new(5, ShowOutcome::Shown, "xterm").message(),
            ("Showing session 5".into(), "xterm".into())
        );
    }
}
