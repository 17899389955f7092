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
