//! Cleanup: which sessions are marked inactive, and why others are not.
//!
//! Guarantees: only stale sessions are marked, none that is kept, and exactly those requested; marking sets `status` and
//! `marked_inactive_at` and nothing else (protocol §4). Does not write files.

mod caution;
mod target;

use std::sync::Arc;

use serde::Serialize;

pub use caution::{Caution, CautionCode, CleanupOffer, Folder, offer};
pub use target::Target;

use crate::json::quote;
use crate::liveness::{Reason, State};
use crate::registry::change::{self, EntryChange, EntryEdit, Skipped};
use crate::registry::{Number, Registry};
use crate::time::{self, Time};
use crate::view::session::row::Row;

/// The sessions that a cleanup considers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every stale session.
    All,
    /// These sessions, if they are stale.
    Only(Vec<Target>),
}

/// The plan of a cleanup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The sessions to mark inactive, by ascending number.
    pub mark: Vec<Number>,
    /// The requested sessions that are skipped.
    pub skipped: Vec<Skipped>,
}

/// Plans a cleanup. The rows must be up to date.
#[must_use]
pub fn plan(rows: &[Arc<Row>], selection: &Selection) -> Plan {
    let Selection::Only(targets) = selection else {
        let stale = rows.iter().filter(|row| row.state == State::Stale && !row.is_kept);
        return Plan { mark: stale.map(|row| row.number).collect(), skipped: Vec::new() };
    };
    let mut plan = Plan::default();
    for target in targets {
        let why = match rows.iter().find(|row| row.number == target.number) {
            None => Some("is not in the registry"),
            Some(row) if target.session_id.as_ref().is_some_and(|id| *id != row.session_id) => {
                Some("belongs to another session now")
            }
            Some(row) => match row.state {
                State::Stale if row.is_kept => Some("is kept"),
                State::Stale => None,
                State::Active => Some("is active"),
                State::Inactive => Some("is already inactive"),
                State::Unknown => Some("has an unknown status"),
            },
        };
        match why {
            Some(why) => plan.skipped.push(Skipped { number: target.number, why: why.into() }),
            None => plan.mark.push(target.number),
        }
    }
    plan.mark.sort_unstable();
    plan.mark.dedup();
    plan
}

/// Removes sessions from a plan that are stale only for lack of heartbeats: right after the computer slept they get
/// time to beat. Sessions that ended or signed off stay in the plan.
#[must_use]
pub fn without_quiet(plan: Plan, rows: &[Arc<Row>]) -> Plan {
    let has_ended = |number: &Number| {
        let row = rows.iter().find(|row| row.number == *number);
        row.is_some_and(|row| matches!(row.reason, Reason::Ended | Reason::Disconnected))
    };
    let (mark, quiet): (Vec<Number>, Vec<Number>) = plan.mark.into_iter().partition(has_ended);
    let why = "was skipped, because the computer just woke up or its clock changed";
    let quiet = quiet.into_iter().map(|number| Skipped { number, why: why.into() });
    Plan { mark, skipped: plan.skipped.into_iter().chain(quiet).collect() }
}

/// Marks sessions inactive. Returns the registry's new text and the changes.
#[must_use]
pub fn mark(registry: &Registry, numbers: &[Number], now: Time) -> (String, Vec<EntryChange>) {
    let fields = || vec![("status", Some(quote("inactive"))), ("marked_inactive_at", Some(quote(&time::python(now))))];
    change::apply(registry, numbers.iter().map(|number| EntryEdit::Set(*number, fields())).collect())
}

/// The result of a cleanup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct CleanupDone {
    /// The sessions marked inactive.
    pub marked: Vec<Number>,
    /// The requested sessions that were skipped.
    pub skipped: Vec<Skipped>,
    /// The change's id in the journal; null if nothing changed.
    pub change: Option<String>,
}

/// The result of undoing a cleanup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct UndoDone {
    /// The sessions that were restored.
    pub restored: Vec<Number>,
    /// The sessions that were changed since and not restored.
    pub refused: Vec<Skipped>,
    /// The change that was undone.
    pub change: String,
}

#[cfg(test)]
#[path = "cleanup_tests.rs"]
mod tests;
