//! Cleanup: which sessions are marked inactive, why others are not, and when the user should review it first.
//!
//! Guarantees: only stale sessions are marked, and exactly those requested; marking sets `status` and
//! `marked_inactive_at` and nothing else (protocol §4). Reports a caution if the evidence is not sufficient for a
//! cleanup without confirmation (protocol §5). Does not write files.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::json::quote;
use crate::liveness::{Reason, State};
use crate::registry::change::{self, EntryChange, EntryEdit, Skipped};
use crate::registry::{Number, Registry};
use crate::time::{self, Time};
use crate::view::row::{Counts, Row};

/// A session selected by its number and id. It is valid only while the number belongs to that id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The number.
    pub number: Number,
    /// The id at the time of selection; `None` if the number was typed.
    pub session_id: Option<String>,
}

impl Target {
    /// The session of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self { number: row.number, session_id: Some(row.session_id.clone()) }
    }

    /// Whether a row is of exactly this session.
    #[must_use]
    pub fn is(&self, row: &Row) -> bool {
        self.number == row.number && self.session_id.as_ref() == Some(&row.session_id)
    }

    /// A target for a typed number.
    #[must_use]
    pub fn number(number: Number) -> Self {
        Self { number, session_id: None }
    }
}

impl From<Number> for Target {
    fn from(number: Number) -> Self {
        Self::number(number)
    }
}

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
        let stale = rows.iter().filter(|row| row.state == State::Stale);
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

/// Why a cleanup needs confirmation or is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CautionCode {
    /// The registry cannot be read, so no cleanup is possible.
    RegistryUnreadable,
    /// There is no heartbeats folder, so no session could have a heartbeat.
    NoHeartbeatsFolder,
    /// The heartbeats folder cannot be read.
    HeartbeatsUnreadable,
    /// The computer just woke up, or its clock jumped.
    JustWoke,
    /// No session at all shows a sign of life.
    EverythingStale,
}

/// A caution with its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Caution {
    /// The code of the caution.
    pub code: CautionCode,
    /// The message, a whole sentence.
    pub message: String,
}

impl Caution {
    /// Whether evidence is missing completely, so that a cleanup is refused unless it is forced.
    #[must_use]
    pub fn lacks_evidence(&self) -> bool {
        matches!(
            self.code,
            CautionCode::NoHeartbeatsFolder | CautionCode::HeartbeatsUnreadable | CautionCode::RegistryUnreadable
        )
    }
}

/// The cleanup available now, and whether it needs confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS), ts(rename = "CleanupOffer"))]
pub struct Offer {
    /// The stale sessions.
    pub numbers: Vec<Number>,
    /// Why it needs confirmation.
    pub caution: Option<Caution>,
}

/// The condition of the heartbeats folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// The heartbeats folder was read.
    Readable,
    /// It does not exist.
    Missing,
    /// It exists and cannot be read.
    Unreadable,
}

/// The cleanup available for these rows.
#[must_use]
pub fn offer(rows: &[Arc<Row>], counts: Counts, folder: Folder, is_registry_readable: bool, just_woke: bool) -> Offer {
    let numbers = plan(rows, &Selection::All).mark;
    let code = match folder {
        _ if numbers.is_empty() => None,
        _ if !is_registry_readable => Some(CautionCode::RegistryUnreadable),
        Folder::Missing => Some(CautionCode::NoHeartbeatsFolder),
        Folder::Unreadable => Some(CautionCode::HeartbeatsUnreadable),
        Folder::Readable if just_woke => Some(CautionCode::JustWoke),
        // No session shows a sign of life, and not all of them are proven to have ended.
        Folder::Readable
            if counts.active == 0
                && rows.iter().any(|row| row.state == State::Stale && row.reason != Reason::Ended) =>
        {
            Some(CautionCode::EverythingStale)
        }
        Folder::Readable => None,
    };
    Offer { numbers, caution: code.map(|code| Caution { code, message: caution_message(code, counts.stale) }) }
}

fn caution_message(code: CautionCode, stale: usize) -> String {
    match code {
        CautionCode::RegistryUnreadable => "The registry cannot be read, so nothing can be cleaned up.".into(),
        CautionCode::NoHeartbeatsFolder => "There is no heartbeats folder, so running sessions may look stale.".into(),
        CautionCode::HeartbeatsUnreadable => {
            "The heartbeats folder cannot be read, so running sessions may look stale.".into()
        }
        CautionCode::JustWoke => {
            "The computer just woke up or its clock changed: wait ten minutes for heartbeats of running sessions."
                .into()
        }
        CautionCode::EverythingStale => format!(
            "No session shows a sign of life ({} stale): the computer may have slept, or the program that writes heartbeats has ended.",
            crate::view::messages::sessions(stale),
        ),
    }
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
mod tests {
    use super::*;
    use crate::liveness::ownership::Ownership;
    use crate::time::Timeout;
    use crate::view::session_table::{EvidenceSource, Known, SessionTable};

    const TEXT: &str = "{\n  \"2\": {\n    \"status\": \"active\",\n    \"marked_inactive_at\": \"2025-11-15T00:00:00.000001Z\",\n    \"x\": 1e3\n  },\n  \"1\": {\n    \"status\": \"inactive\"\n  },\n  \"3\": {\n    \"status\": \"working\"\n  },\n  \"4\": {}\n}";

    fn now() -> Time {
        time::parse("2025-11-17T20:00:00.5Z").unwrap()
    }

    fn rows(text: &str) -> (Registry, Vec<Arc<Row>>) {
        let registry = Registry::read(text.as_bytes().to_vec()).unwrap();
        let no_heartbeats = EvidenceSource::of_beats(&|_| Known::default());
        let rows =
            SessionTable::new(registry.clone(), Ownership::of(&registry), Timeout::default(), now(), &no_heartbeats)
                .rows();
        (registry, rows)
    }

    #[test]
    fn marking_changes_two_fields_only() {
        let (registry, rows) = rows(TEXT);
        let plan = plan(&rows, &Selection::All);
        assert_eq!(plan.mark, [2, 3]);
        let (text, changes) = mark(&registry, &plan.mark, now());
        assert_eq!(
            text,
            TEXT.replace("\"active\"", "\"inactive\"")
                .replace("2025-11-15T00:00:00.000001Z", "2025-11-17T20:00:00.500000Z")
                .replace("\"working\"", "\"inactive\",\n    \"marked_inactive_at\": \"2025-11-17T20:00:00.500000Z\"")
        );
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn only_stale_sessions_of_a_selection_are_marked() {
        let (_, rows) = rows(TEXT);
        let other = Target { number: 3, session_id: Some("another-session".into()) };
        let asked =
            vec![Target::number(2), Target::number(1), Target::number(4), Target::number(9), other, Target::number(2)];
        let plan = plan(&rows, &Selection::Only(asked));
        assert_eq!(plan.mark, [2]);
        let skipped: Vec<_> = plan.skipped.iter().map(|skipped| (skipped.number, skipped.why.as_str())).collect();
        assert_eq!(
            skipped,
            [
                (1, "is already inactive"),
                (4, "has an unknown status"),
                (9, "is not in the registry"),
                (3, "belongs to another session now"),
            ]
        );
    }

    #[test]
    fn insufficient_evidence_requires_confirmation() {
        use {CautionCode as C, Folder as F};
        let (_, rows) = rows(TEXT);
        let code = |active, folder, readable, woke| {
            let counts = Counts { active, stale: 2, ..Counts::default() };
            offer(&rows, counts, folder, readable, woke).caution.map(|caution| caution.code)
        };
        assert_eq!(code(1, F::Readable, true, false), None);
        assert_eq!(code(0, F::Readable, true, false), Some(C::EverythingStale));
        assert_eq!(code(1, F::Readable, true, true), Some(C::JustWoke));
        assert_eq!(code(1, F::Missing, true, true), Some(C::NoHeartbeatsFolder));
        assert_eq!(code(1, F::Unreadable, true, false), Some(C::HeartbeatsUnreadable));
        assert_eq!(code(1, F::Missing, false, false), Some(C::RegistryUnreadable));
        assert_eq!(offer(&[], Counts::default(), F::Missing, false, true), Offer::default());
    }
}
