//! One session's entry in the registry.

use crate::claude::{Claude, ProcessKey};
use crate::json::{Object, scalar, string, unsigned};
use crate::registry::Number;
use crate::registry::preferences::Preferences;
use crate::time::{self, Time};

/// The class of an entry's `status` (protocol §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `active`, `working`, `idle`.
    Active,
    /// `inactive`, `offline`.
    Inactive,
    /// Any other status, or none.
    Unknown,
}

/// A session's entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub number: Number,
    /// The `session_id`, or `session-<key>` if that is not usable.
    pub session_id: String,
    /// The role; empty if missing.
    pub role: String,
    /// The goal; empty if missing.
    pub goal: String,
    /// The terminal, unchanged.
    pub terminal: Option<String>,
    /// The status, unchanged.
    pub status: Option<String>,
    /// When it was registered.
    pub registered_at: Option<Time>,
    /// When it was reactivated, if a writer recorded that.
    pub reactivated_at: Option<Time>,
    /// When it was last marked inactive.
    pub marked_inactive_at: Option<Time>,
    /// One of these times is after the last usable moment.
    pub has_far_time: bool,
    /// The numbers it had before, oldest first.
    pub former_numbers: Vec<Number>,
    /// The Claude Code session of the entry, if known.
    pub claude: Option<Claude>,
    /// What a person set for it.
    pub preferences: Preferences,
    /// Whether `number` is missing or equal to the key.
    pub number_agrees: bool,
    pub(crate) object: Object,
}

impl Entry {
    /// Reads an entry from its object in `text`.
    pub(super) fn of(text: &str, number: Number, object: Object) -> Self {
        let raw = |name: &str| object.raw(text, name);
        let text_of = |name: &str| raw(name).and_then(scalar);
        let mut has_far_time = false;
        let [registered_at, reactivated_at, marked_inactive_at] =
            ["registered_at", "reactivated_at", "marked_inactive_at"].map(|name| {
                let written = raw(name).and_then(string)?;
                let time = time::parse(&written);
                has_far_time |= time.is_none() && time::is_too_late(&written);
                time
            });
        Self {
            number,
            session_id: text_of("session_id")
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| format!("session-{number}")),
            role: text_of("role").unwrap_or_default(),
            goal: text_of("goal").unwrap_or_default(),
            terminal: text_of("terminal"),
            status: raw("status").and_then(string),
            registered_at,
            reactivated_at,
            marked_inactive_at,
            has_far_time,
            former_numbers: raw("former_numbers").and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default(),
            claude: raw("claude").and_then(Claude::read),
            preferences: raw("headcount").map(Preferences::read).unwrap_or_default(),
            number_agrees: raw("number").is_none_or(|raw| raw == "null" || agrees(raw, number)),
            object,
        }
    }

    /// The class of its status.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.status.as_deref() {
            Some("active" | "working" | "idle") => Class::Active,
            Some("inactive" | "offline") => Class::Inactive,
            _ => Class::Unknown,
        }
    }

    /// The process of its Claude Code session, if known.
    #[must_use]
    pub fn process(&self) -> Option<&ProcessKey> {
        self.claude.as_ref()?.process.as_ref()
    }
}

fn agrees(raw: &str, number: Number) -> bool {
    scalar(raw).is_some_and(|text| unsigned(text.trim()) == Some(number))
}
