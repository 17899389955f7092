//! The journal as a person reads it: one line a change.
//!
//! Promises: plain data, the same for the command and the window. Does not read the journal.

use serde::Serialize;

use crate::registry::Number;
use crate::registry::numbering::Move;

/// Who made a change.
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

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct HistoryLine {
    /// Its id.
    pub id: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// By whom.
    pub by: Actor,
    /// What: `cleanup`, `undo`, `redo`, `register`, `release`, `reactivate`, `reassign`, `compact`, `restore`.
    pub what: String,
    /// The change that it takes back or makes again.
    pub of: Option<String>,
    /// The sessions it was about, by the number they had afterwards.
    pub numbers: Vec<Number>,
    /// Who moved where, of those.
    pub moves: Vec<Move>,
    /// Somebody took it back.
    pub is_taken_back: bool,
    /// It can be tried to take it back; sessions that somebody changed since stay as they are.
    pub can_be_undone: bool,
}

/// A good copy of the registry that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct KeptCopy {
    /// Its id.
    pub id: String,
    /// Until when the registry was so, RFC 3339 in UTC.
    pub at: String,
    /// How many sessions it holds.
    pub sessions: usize,
    /// The folder it is in, where what it takes the place of is kept too.
    pub folder: String,
}
