//! The journal for display: one line per change.
//!
//! Guarantees: plain data, the same for the command and the window. Does not read the journal.

use serde::Serialize;

use crate::registry::Number;
use crate::registry::numbering::Move;

/// The interface that made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The tray or a notification's button.
    Tray,
    /// The window.
    Window,
    /// The command.
    Command,
    /// Claude Code, through a hook.
    Hook,
}

/// One change of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct HistoryLine {
    /// Its id.
    pub id: String,
    /// When it was made, RFC 3339 in UTC.
    pub at: String,
    /// The interface that made it.
    pub by: Actor,
    /// Its kind: `cleanup`, `undo`, `redo`, `register`, `release`, `reactivate`, `reassign`, `compact`, `restore`,
    /// `keep`, `unkeep`, `timeout`.
    pub what: String,
    /// The change that it undoes or applies again.
    pub of: Option<String>,
    /// The sessions concerned, by their numbers after it.
    pub numbers: Vec<Number>,
    /// The moves of these sessions.
    pub moves: Vec<Move>,
    /// It was undone.
    pub is_taken_back: bool,
    /// It can be undone; sessions that were changed since stay as they are.
    pub can_be_undone: bool,
}

/// A backup copy of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct KeptCopy {
    /// Its id.
    pub id: String,
    /// Until when the registry had these contents, RFC 3339 in UTC.
    pub at: String,
    /// The number of its sessions.
    pub sessions: usize,
    /// Its folder, in which the registry that a restore replaces is kept too.
    pub folder: String,
}
