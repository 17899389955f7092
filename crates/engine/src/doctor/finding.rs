//! The result of one check.

use serde::{Deserialize, Serialize};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No problem.
    Fine,
    /// It works, but the user should know about it.
    Odd,
    /// Something does not work.
    Wrong,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was checked: `registry`, `lock`, …
    pub subject: String,
    /// Its severity.
    pub health: Health,
    /// The result, as text for the user.
    pub message: String,
    /// What to do about it; `None` if there is no problem.
    pub remedy: Option<String>,
}

impl Finding {
    /// A finding without a problem.
    #[must_use]
    pub fn fine(subject: &str, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Fine, message: message.into(), remedy: None }
    }

    /// A finding that the user should know about.
    #[must_use]
    pub fn odd(subject: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Odd, message: message.into(), remedy: Some(remedy.into()) }
    }

    /// A finding that something does not work.
    #[must_use]
    pub fn wrong(subject: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), health: Health::Wrong, message: message.into(), remedy: Some(remedy.into()) }
    }

    /// The finding with one more sentence.
    pub(super) fn with(mut self, more: &str) -> Self {
        self.message = format!("{} {more}", self.message);
        self
    }
}
