//! What a person is shown: one consistent picture of a workspace, as plain data.
//!
//! Promises: rows in numeric order; counts, free numbers and the cleanup offer that agree with the rows; on the wire the
//! form of `status --json` (design §4). Unchanged rows are shared between pictures. Does not look anything up.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::liveness::cleanup::Offer;
use crate::liveness::process_matching::{Elsewhere, Unregistered};
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::{self, Time, Timeout};
use crate::view::row::{Counts, Row};
use crate::view::warning::{Code, Warning};

/// The registry cannot be read; what is shown is the last good state, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Trouble {
    /// A code for programs.
    pub code: String,
    /// A whole sentence: what, and what to do.
    pub message: String,
    /// The registry.
    pub path: String,
}

/// The code of a trouble that is not the registry's.
const INTERNAL: &str = "internal";

impl Trouble {
    /// An error of Headcount's own, after which it starts over. `path` is the registry's.
    #[must_use]
    pub fn internal(reason: &str, path: String) -> Self {
        let message = format!("Headcount had an error of its own and starts over: {reason}.");
        Self { code: INTERNAL.into(), message, path }
    }

    /// Whether it is an error of Headcount's own.
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

/// A change that another program's older copy took back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct PutBack {
    /// The change's id in the journal.
    pub change: String,
    /// The sessions that are as before it.
    pub numbers: Vec<Number>,
}

/// One picture of a workspace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The registry's path.
    pub registry: String,
    /// The heartbeats folder's path.
    pub heartbeats: String,
    /// The moment the picture is of.
    pub at: Time,
    /// The timeout it was judged by.
    pub timeout: Timeout,
    /// How many in each state.
    pub counts: Counts,
    /// The sessions, by number.
    pub rows: Vec<Arc<Row>>,
    /// The free numbers, lowest first.
    pub available_numbers: Vec<Number>,
    /// Claude Code sessions that run and are not registered, by pid.
    pub unregistered: Vec<Unregistered>,
    /// Claude Code sessions that run and belong to other registries.
    pub elsewhere: Vec<Elsewhere>,
    /// What is odd.
    pub warnings: Vec<Warning>,
    /// Why the registry cannot be read, where it cannot.
    pub trouble: Option<Trouble>,
    /// What a cleanup would do.
    pub cleanup: Offer,
    /// The last cleanup, while it can be undone.
    pub undo: Option<UndoOffer>,
    /// A recent change that another program's older copy took back.
    pub put_back: Option<PutBack>,
    /// Sessions whose process is proven gone are cleaned up without a question.
    pub auto_cleanup: bool,
    /// Until when notifications are off.
    pub snoozed_until: Option<Time>,
    /// Until when nothing newly stale is announced, after a sleep of the computer or a jump of its clock.
    pub quiet_until: Option<Time>,
    /// The files cannot be watched here and are looked at every few seconds.
    pub is_polling: bool,
    /// The next moment at which something in it changes by itself.
    pub next_change: Option<Time>,
}

impl Snapshot {
    /// The row of a number.
    #[must_use]
    pub fn row(&self, number: Number) -> Option<&Arc<Row>> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().and_then(|at| self.rows.get(at))
    }

    /// Whether both say the same, whenever they were taken.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.registry, &self.heartbeats, self.timeout) == (&other.registry, &other.heartbeats, other.timeout)
            && (&self.rows, &self.available_numbers, &self.warnings)
                == (&other.rows, &other.available_numbers, &other.warnings)
            && (&self.unregistered, &self.elsewhere) == (&other.unregistered, &other.elsewhere)
            && (self.counts, &self.trouble, &self.cleanup) == (other.counts, &other.trouble, &other.cleanup)
            && (&self.undo, &self.put_back, self.is_polling) == (&other.undo, &other.put_back, other.is_polling)
            && (self.snoozed_until, self.quiet_until, self.auto_cleanup)
                == (other.snoozed_until, other.quiet_until, other.auto_cleanup)
    }

    /// The rows in a state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.iter().filter(move |row| row.state == state)
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::Snapshot::of(self, &self.rows, wire::Reader::Program).serialize(serializer)
    }
}

/// The form of a snapshot on the wire.
pub mod wire {
    use std::sync::Arc;

    use super::{
        Code, Counts, Elsewhere, Number, Offer, Process, PutBack, Reason, Row, State, Trouble, UndoOffer, Unregistered,
        Warning, time,
    };
    use crate::heartbeat::activity_histogram::ActivityHistogram;
    use crate::time::Time;
    use serde::Serialize;

    /// What an action did that is about one session.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct Changed {
        /// The change's id in the journal; null where nothing changed that could be taken back.
        pub change: Option<String>,
    }

    /// A session that was registered, wherever there was room.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct Registered {
        /// The number it got.
        pub number: Number,
        /// The change's id in the journal.
        pub change: Option<String>,
    }

    /// Sessions that ran and were registered, wherever there was room.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct RegisteredAll {
        /// The numbers they got.
        pub numbers: Vec<Number>,
        /// The change's id in the journal; null if there was none to register.
        pub change: Option<String>,
    }

    /// For whom it is written.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Reader {
        /// A program, which gets the form of `status --json` and nothing else.
        Program,
        /// The window, which draws more than that.
        Window,
    }

    /// Why a request of the window was refused.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct Failure {
        /// A code for programs.
        pub code: String,
        /// A whole sentence.
        pub message: String,
    }

    /// One session.
    #[derive(Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct SessionRow<'a> {
        number: Number,
        session_id: &'a str,
        role: &'a str,
        goal: &'a str,
        terminal: Option<&'a str>,
        status: Option<&'a str>,
        state: State,
        reason: Reason,
        last_heartbeat: Option<String>,
        last_sign_of_life: Option<String>,
        age_seconds: Option<u64>,
        is_beating: bool,
        warnings: &'a [Code],
        process: Process,
        pid: Option<u32>,
        /// It runs in the background, without a terminal.
        is_background: bool,
        /// For the window only: when it beat on the day before its last beat.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(
            feature = "wire-types",
            ts(optional, as = "Option<crate::heartbeat::activity_histogram::WireActivityHistogram>")
        )]
        pulse: Option<ActivityHistogram>,
    }

    impl<'a> SessionRow<'a> {
        /// A row, its age told at `at`.
        #[must_use]
        pub fn of(row: &'a Row, at: Time, reader: Reader) -> Self {
            Self {
                number: row.number,
                session_id: &row.session_id,
                role: &row.role,
                goal: &row.goal,
                terminal: row.terminal.as_deref(),
                status: row.status.as_deref(),
                state: row.state,
                reason: row.reason,
                last_heartbeat: row.last_heartbeat.map(time::wire),
                last_sign_of_life: row.last_sign_of_life.map(time::wire),
                age_seconds: row.last_sign_of_life.map(|time| time::age(time, at)),
                is_beating: row.is_beating,
                warnings: &row.warnings,
                process: row.process,
                pid: row.pid,
                is_background: row.is_background,
                pulse: row.pulse.filter(|_| reader == Reader::Window),
            }
        }
    }

    /// One picture. Times are RFC 3339 in UTC, ages whole seconds.
    #[derive(Serialize)]
    #[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
    pub struct Snapshot<'a> {
        registry: &'a str,
        heartbeats: &'a str,
        at: String,
        timeout_minutes: u32,
        counts: Counts,
        sessions: Vec<SessionRow<'a>>,
        available_numbers: &'a [Number],
        warnings: &'a [Warning],
        unregistered: &'a [Unregistered],
        elsewhere: &'a [Elsewhere],
        trouble: Option<&'a Trouble>,
        cleanup: &'a Offer,
        undo: Option<&'a UndoOffer>,
        put_back: Option<&'a PutBack>,
        snoozed_until: Option<String>,
        is_polling: bool,
    }

    impl<'a> Snapshot<'a> {
        /// A picture with these of its rows.
        #[must_use]
        pub fn of(snapshot: &'a super::Snapshot, rows: &'a [Arc<Row>], reader: Reader) -> Self {
            let sessions = rows.iter().map(|row| SessionRow::of(row, snapshot.at, reader));
            Self {
                registry: &snapshot.registry,
                heartbeats: &snapshot.heartbeats,
                at: time::wire(snapshot.at),
                timeout_minutes: snapshot.timeout.minutes(),
                counts: snapshot.counts,
                sessions: sessions.collect(),
                available_numbers: &snapshot.available_numbers,
                warnings: &snapshot.warnings,
                unregistered: &snapshot.unregistered,
                elsewhere: &snapshot.elsewhere,
                trouble: snapshot.trouble.as_ref(),
                cleanup: &snapshot.cleanup,
                undo: snapshot.undo.as_ref(),
                put_back: snapshot.put_back.as_ref(),
                snoozed_until: snapshot.snoozed_until.map(time::wire),
                is_polling: snapshot.is_polling,
            }
        }
    }
}
