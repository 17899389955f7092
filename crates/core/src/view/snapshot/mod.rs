//! A consistent snapshot of a workspace for display, as plain data.
//!
//! Guarantees: rows sorted by number; counts, free numbers and the cleanup offer agree with the rows; the wire format
//! is that of `status --json` (design §4). Unchanged rows are shared between snapshots. Does not look anything up.

pub mod delta;
pub mod wire;

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::liveness::State;
use crate::liveness::cleanup::CleanupOffer;
use crate::liveness::process_matching::{Elsewhere, Unregistered};
use crate::registry::Number;
use crate::time::{Time, Timeout};
use crate::view::session::row::{Counts, Row};
use crate::view::warning::Warning;

/// Why the registry cannot be read. The snapshot then shows the last good state, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Trouble {
    /// A code for programs.
    pub code: String,
    /// The message, in whole sentences: the problem and its solution.
    pub message: String,
    /// The registry's path.
    pub path: String,
}

/// The code of an internal error.
const INTERNAL: &str = "internal";

impl Trouble {
    /// An internal error of Headcount, after which it restarts. `path` is the registry's.
    #[must_use]
    pub fn internal(reason: &str, path: String) -> Self {
        let message = format!("Headcount had an internal error and is restarting: {reason}.");
        Self { code: INTERNAL.into(), message, path }
    }

    /// Whether it is an internal error of Headcount.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.code == INTERNAL
    }
}

/// The cleanup that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct UndoOffer {
    /// The change's id in the journal.
    pub change: String,
    /// The sessions it marked.
    pub marked: Vec<Number>,
}

/// A change that another program reverted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct RevertedChange {
    /// The change's id in the journal.
    pub change: String,
    /// The sessions that are as they were before it.
    pub numbers: Vec<Number>,
}

/// A snapshot of one workspace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The registry's path.
    pub registry: String,
    /// The heartbeats folder's path.
    pub heartbeats: String,
    /// The moment of the snapshot.
    pub at: Time,
    /// The timeout in effect.
    pub timeout: Timeout,
    /// The number of sessions per state.
    pub counts: Counts,
    /// The sessions, sorted by number.
    pub rows: Vec<Arc<Row>>,
    /// The free numbers, lowest first.
    pub available_numbers: Vec<Number>,
    /// Running Claude Code sessions that are not registered, sorted by pid.
    pub unregistered: Vec<Unregistered>,
    /// Running Claude Code sessions that belong to other registries.
    pub elsewhere: Vec<Elsewhere>,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// Why the registry cannot be read; `None` if it was read.
    pub trouble: Option<Trouble>,
    /// The cleanup available now.
    pub cleanup: CleanupOffer,
    /// The last cleanup, while it can be undone.
    pub undo: Option<UndoOffer>,
    /// A recent change that another program reverted.
    pub reverted_change: Option<RevertedChange>,
    /// Sessions with a process that is proven gone are cleaned up without asking.
    pub auto_cleanup: bool,
    /// Until when notifications are snoozed.
    pub snoozed_until: Option<Time>,
    /// Until when newly stale sessions are not announced, after a suspend of the computer or a jump of its clock.
    pub quiet_until: Option<Time>,
    /// The files cannot be watched here and are read every few seconds instead.
    pub is_polling: bool,
    /// The next moment at which the snapshot changes by itself.
    pub next_change: Option<Time>,
}

impl Snapshot {
    /// The row of a number.
    #[must_use]
    pub fn row(&self, number: Number) -> Option<&Arc<Row>> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().and_then(|at| self.rows.get(at))
    }

    /// Whether both snapshots have the same content, apart from their time.
    #[must_use]
    pub fn has_same_contents(&self, other: &Self) -> bool {
        (&self.registry, &self.heartbeats, self.timeout) == (&other.registry, &other.heartbeats, other.timeout)
            && (&self.rows, &self.available_numbers, &self.warnings)
                == (&other.rows, &other.available_numbers, &other.warnings)
            && (&self.unregistered, &self.elsewhere) == (&other.unregistered, &other.elsewhere)
            && (self.counts, &self.trouble, &self.cleanup) == (other.counts, &other.trouble, &other.cleanup)
            && (&self.undo, &self.reverted_change, self.is_polling)
                == (&other.undo, &other.reverted_change, other.is_polling)
            && (self.snoozed_until, self.quiet_until, self.auto_cleanup)
                == (other.snoozed_until, other.quiet_until, other.auto_cleanup)
    }

    /// The rows with a state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.iter().filter(move |row| row.state == state)
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::Snapshot::of(self, &self.rows, wire::Reader::Program).serialize(serializer)
    }
}
