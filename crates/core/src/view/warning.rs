//! What is odd in the files, as codes for programs and sentences for people.
//!
//! Promises: a code, once given, keeps its meaning. Does not stop anything: a warning never changes what a state is.

use serde::Serialize;

/// The kinds of oddity (design §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "WarningCode"))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The newest beat of an id has contents or a timestamp that cannot be read; its name or file time was used.
    BrokenHeartbeat,
    /// A recorded time lies more than two minutes in the future.
    ClockSkew,
    /// The newest beat's file is newer than the beat says by more than the timeout (a checkout, a copy).
    MtimeDisagrees,
    /// Two entries share a `session_id`; both get its beats.
    DuplicateSessionId,
    /// An entry's `number` is not its key.
    NumberMismatch,
    /// A top-level key is not a number; it is left alone.
    BadKey,
    /// An entry is not an object; it is left alone.
    BadEntry,
    /// An entry has no status, or one nobody knows; it is shown and never changed.
    UnknownStatus,
    /// There is no heartbeats folder, or it cannot be read.
    NoHeartbeatsFolder,
    /// A beat's id differs from a session's only by case or zero padding.
    NearMiss,
}

/// One oddity, said once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Warning {
    /// Which kind.
    pub code: Code,
    /// A whole sentence.
    pub message: String,
    /// The file or folder it is about; null where it is about none.
    pub path: Option<String>,
}
