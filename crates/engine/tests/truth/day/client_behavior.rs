//! The habits of the real Claude Code, as one state: what it writes, in which order and how fast.
//!
//! Measured on 2.1.332, 2.1.213, 2.1.138, 2.1.100, 2.0.76 and 1.0.128; figures marked *assumed* are wider than measured, so
//! that more orders occur. The scenarios that run the real client must agree with this state.

use crate::day::step::Ms;

pub(crate) const SECOND: Ms = 1000;
pub(crate) const MINUTE: Ms = 60 * SECOND;
pub(crate) const HOUR: Ms = 60 * MINUTE;
pub(crate) const DAY: Ms = 24 * HOUR;

/// A release of Claude Code, by what it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2.1.332: `CLAUDE_PID`, a record with `procStart` and `pidDomain`.
    Current,
    /// 2.1.213: no `pidDomain`.
    NoDomain,
    /// 2.1.100: no `procStart`, no `CLAUDE_PID`.
    NoStart,
    /// 2.0.76: no record, no `CLAUDE_PID`.
    NoRecord,
}

impl Version {
    /// Most sessions run the newest.
    pub(crate) const MIX: [Self; 8] = [
        Self::Current,
        Self::Current,
        Self::Current,
        Self::Current,
        Self::Current,
        Self::NoDomain,
        Self::NoStart,
        Self::NoRecord,
    ];

    pub(crate) fn says_pid(self) -> bool {
        matches!(self, Self::Current | Self::NoDomain)
    }

    pub(crate) fn has_record(self) -> bool {
        self != Self::NoRecord
    }
}

/// The record appears so long after the `SessionStart` hook was started (negative: before).
pub(crate) const RECORD_AFTER_START: (Ms, Ms) = (-60, 150);

/// A record is removed, then `SessionEnd` fires, then the process is gone: milliseconds between the steps.
pub(crate) const RECORD_REMOVED_BEFORE_END: (Ms, Ms) = (2, 40);
pub(crate) const GONE_AFTER_END: (Ms, Ms) = (40, 90);

/// How long a synchronous hook waits for its turn: the client waits for it.
pub(crate) const SYNC_HOOK: (Ms, Ms) = (0, 25);

/// `SessionEnd`: the client gives all hooks 1.5 s together, but the process can be gone before a hook has run.
pub(crate) const END_HOOK: (Ms, Ms) = (0, 120);

/// How long an asynchronous hook can be late. *Assumed*: seconds on a busy machine.
pub(crate) const ASYNC_HOOK: (Ms, Ms) = (0, 4 * SECOND);

/// `/clear`: `SessionEnd` of the old id, then `SessionStart` of the new one.
pub(crate) const CLEAR_GAP: (Ms, Ms) = (5, 40);

/// `/bg`: the fork follows the goodbye.
pub(crate) const BACKGROUND_GAP: (Ms, Ms) = (450, 700);

/// Of 100 starts of processes in advance, so many are never used (68 of 83 measured).
pub(crate) const SPARES_UNUSED: i64 = 82;

/// Of 100 hooks, so many are lost: killed, or timed out. *Assumed*.
pub(crate) const LOST: i64 = 3;

/// Of 100 starts, so many end before anything else happens. *Assumed*.
pub(crate) const CRASH_AT_START: i64 = 5;

/// A pid is used again at the earliest after so long: the system counts through all others first. Longer than any hook is
/// late: a late hook of the former process would run for the new one, and nothing could tell.
pub(crate) const PID_REUSE_DELAY: Ms = 5 * SECOND;
