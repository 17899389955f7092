//! The state of a session from its evidence: active, stale, inactive or unknown, why, and when that changes by itself.
//!
//! Guarantees: decides from arguments only. Does not count sessions or produce text.

pub mod boot;
pub mod cleanup;
pub mod keepalive;
pub mod ownership;
pub mod process_matching;
pub mod suspend;
mod verdict;

use serde::Serialize;

pub use verdict::{Evidence, Verdict, is_unused_and_gone};

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It shows signs of life.
    Active,
    /// It is registered as active and shows no sign of life.
    Stale,
    /// It is registered as inactive.
    Inactive,
    /// Its status is unknown; it is shown and never changed.
    Unknown,
}

/// The reason for a session's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Active: a heartbeat within the timeout.
    Heartbeat,
    /// Active: registered or reactivated within the timeout.
    Registered,
    /// Active: no recent heartbeat, but its process is proven alive.
    Process,
    /// Stale: its last sign of life is older than the timeout.
    Timeout,
    /// Stale: it has no heartbeat at all.
    Never,
    /// Stale: its process is proven gone. Inactive: the same, and the session was never used.
    Ended,
    /// Stale: it signed off.
    Disconnected,
    /// Inactive: marked inactive.
    Marked,
    /// Unknown: its status is unknown.
    Status,
}

/// The evidence about a session's process. Only a proof counts: a failed lookup proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// The process exists and is the registered one.
    Alive,
    /// The process does not exist any more.
    Gone,
    /// There is no proof.
    #[default]
    Unknown,
}
