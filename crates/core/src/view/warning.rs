//! Warnings about the files, as codes for programs and sentences for people.
//!
//! Guarantees: the meaning of a code never changes; a warning never changes a session's state.

use serde::Serialize;

/// The kinds of warnings (design §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "WarningCode"))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The newest heartbeat of an id has contents or a timestamp that cannot be read; its name or file time was used.
    BrokenHeartbeat,
    /// A recorded time is more than two minutes in the future.
    ClockSkew,
    /// The newest heartbeat's file is newer than its recorded time by more than the timeout (a checkout, a copy).
    MtimeDisagrees,
    /// Two entries share a `session_id`; its heartbeats count for both.
    DuplicateSessionId,
    /// An entry's `number` is not its key.
    NumberMismatch,
    /// A top-level key is not a number; it is never changed.
    BadKey,
    /// An entry is not an object; it is never changed.
    BadEntry,
    /// An entry has no status, or an unknown one; it is shown and never changed.
    UnknownStatus,
    /// There is no heartbeats folder, or it cannot be read.
    NoHeartbeatsFolder,
    /// A heartbeat's id differs from a session's only by case or zero padding.
    NearMiss,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 10] = [
        Self::BrokenHeartbeat,
        Self::ClockSkew,
        Self::MtimeDisagrees,
        Self::DuplicateSessionId,
        Self::NumberMismatch,
        Self::BadKey,
        Self::BadEntry,
        Self::UnknownStatus,
        Self::NoHeartbeatsFolder,
        Self::NearMiss,
    ];

    /// The message about one session, with `{}` for its number; `None` for warnings that concern no single row.
    #[must_use]
    pub fn session_message(self) -> Option<&'static str> {
        match self {
            Self::BrokenHeartbeat => {
                Some("The newest heartbeat of session {} is not valid JSON; only its readable parts are used.")
            }
            Self::ClockSkew => Some("A time of session {} is in the future: a clock is wrong."),
            Self::MtimeDisagrees => {
                Some("The newest heartbeat of session {} is older than its file: the file was copied or checked out.")
            }
            Self::DuplicateSessionId => {
                Some("Session {} has the same id as another session; heartbeats with this id count for both.")
            }
            Self::NumberMismatch => Some("The entry of session {} contains a different number, which is ignored."),
            Self::UnknownStatus => {
                Some("The status of session {} is unknown; Headcount shows it and does not change it.")
            }
            Self::BadKey | Self::BadEntry | Self::NoHeartbeatsFolder | Self::NearMiss => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::BrokenHeartbeat => {
                "Correct the program that wrote it: often an unescaped ! or $(date …) breaks the JSON."
            }
            Self::ClockSkew => "Correct the clock or the time zone of the computer that wrote it.",
            Self::MtimeDisagrees => "Nothing needs to be done: Headcount uses the time in the heartbeat.",
            Self::DuplicateSessionId => "Give one of the sessions another session_id in the registry.",
            Self::NumberMismatch => "Set the entry’s number to its key in the registry.",
            Self::BadKey => "Move the entry to a free number, or remove it.",
            Self::BadEntry => "Replace it with a valid entry, or remove it.",
            Self::UnknownStatus => "Set its status to active or inactive in the registry.",
            Self::NoHeartbeatsFolder => "Check that the folder exists and can be read.",
            Self::NearMiss => "Let the session send heartbeats with exactly the id in the registry.",
        }
    }
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Warning {
    /// The kind of the warning.
    pub code: Code,
    /// The message, a whole sentence.
    pub message: String,
    /// The file or folder concerned; null if there is none.
    pub path: Option<String>,
}
