//! The wire format of a snapshot: what the window gets, and what `status --json` prints (design §4).
//!
//! Guarantees: fields are added under the same version; programs get no field that only the window shows.

use std::sync::Arc;

use serde::Serialize;

use crate::claude::activity::Activity;
use crate::heartbeat::activity_histogram::ActivityHistogram;
use crate::liveness::cleanup::CleanupOffer;
use crate::liveness::process_matching::{Elsewhere, Unregistered};
use crate::liveness::{Process, Reason, State};
use crate::registry::Number;
use crate::time::{self, Time, Timeout};
use crate::view::session::row::{Counts, Row};
use crate::view::snapshot::{RevertedChange, Trouble, UndoOffer};
use crate::view::warning::{Code, Warning};

/// The result of an action on one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Changed {
    /// The change's id in the journal; null if nothing changed that could be undone.
    pub change: Option<String>,
}

/// The result of registering a session with the lowest free number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Registered {
    /// Its number.
    pub number: Number,
    /// The change's id in the journal.
    pub change: Option<String>,
}

/// The result of registering all running sessions with the lowest free numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct RegisteredAll {
    /// Their numbers.
    pub numbers: Vec<Number>,
    /// The change's id in the journal; null if there was none to register.
    pub change: Option<String>,
}

/// The version of the format for programs. Fields are added under the same version.
const VERSION: u32 = 1;

/// The receiver of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A program, which gets exactly the form of `status --json`.
    Program,
    /// The window, which gets additional fields.
    Window,
}

/// Why a request of the window was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Failure {
    /// A code for programs.
    pub code: String,
    /// The message, a whole sentence.
    pub message: String,
}

/// A row on the wire.
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
    /// What it is doing; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wire-types", ts(optional, as = "Option<crate::claude::activity::WireActivity>"))]
    activity: Option<Activity>,
    pid: Option<u32>,
    /// It runs in the background, without a terminal.
    is_background: bool,
    /// Cleanup neither marks nor offers it.
    is_kept: bool,
    /// Its own timeout in minutes; null if the general one counts.
    own_timeout_minutes: Option<u32>,
    /// For the window only: its heartbeats in the 24 hours before its last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "wire-types",
        ts(optional, as = "Option<crate::heartbeat::activity_histogram::WireActivityHistogram>")
    )]
    histogram: Option<ActivityHistogram>,
}

impl<'a> SessionRow<'a> {
    /// The wire format of a row, with its age at the moment `at`.
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
            activity: row.activity,
            pid: row.pid,
            is_background: row.is_background,
            is_kept: row.is_kept,
            own_timeout_minutes: row.own_timeout.map(Timeout::minutes),
            histogram: row.histogram.filter(|_| reader == Reader::Window),
        }
    }
}

/// A snapshot on the wire. Times are RFC 3339 in UTC, ages whole seconds.
#[derive(Serialize)]
#[cfg_attr(feature = "wire-types", derive(ts_rs::TS))]
pub struct Snapshot<'a> {
    /// For programs: the version of this format (`docs/status.schema.json`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wire-types", ts(optional))]
    version: Option<u32>,
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
    cleanup: &'a CleanupOffer,
    undo: Option<&'a UndoOffer>,
    reverted_change: Option<&'a RevertedChange>,
    snoozed_until: Option<String>,
    is_polling: bool,
}

impl<'a> Snapshot<'a> {
    /// The wire format of a snapshot with the given rows.
    #[must_use]
    pub fn of(snapshot: &'a super::Snapshot, rows: &'a [Arc<Row>], reader: Reader) -> Self {
        let sessions = rows.iter().map(|row| SessionRow::of(row, snapshot.at, reader));
        Self {
            version: (reader == Reader::Program).then_some(VERSION),
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
            reverted_change: snapshot.reverted_change.as_ref(),
            snoozed_until: snapshot.snoozed_until.map(time::wire),
            is_polling: snapshot.is_polling,
        }
    }
}
