//! Noticing that the computer slept or its clock was set.
//!
//! Promises: from two readings of the clocks, tells an interruption from time simply passing, and how long to be patient
//! after one; the same between two processes that never run at once. Does not read clocks.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::time::{self, TOLERANCE, Time};

/// For how long after an interruption nothing newly stale is announced (design §3): running sessions get to beat first.
pub const GRACE: TimeDelta = TimeDelta::minutes(10);

/// A sleep shorter than this interrupts nobody's beating.
const NAP: Duration = Duration::from_secs(30);

/// The clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock.
    pub now: Time,
    /// Since the computer started, sleep included.
    pub since_boot: Duration,
    /// Since the computer started, sleep left out.
    pub awake: Duration,
}

impl Reading {
    /// Whether, since an `earlier` reading, the computer slept or the wall clock was set.
    #[must_use]
    pub fn is_interrupted_since(&self, earlier: &Self) -> bool {
        let slept = |reading: &Self| reading.since_boot.saturating_sub(reading.awake);
        let passed = TimeDelta::from_std(self.since_boot.saturating_sub(earlier.since_boot)).unwrap_or(TimeDelta::MAX);
        let jump = self.now.signed_duration_since(earlier.now).checked_sub(&passed).unwrap_or(TimeDelta::MAX);
        slept(self).saturating_sub(slept(earlier)) > NAP || jump.abs() > TOLERANCE
    }
}

/// What is remembered of the clocks between runs of Headcount's processes, so that one that starts right after the computer
/// woke up knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The id of the running kernel.
    pub boot: String,
    /// How long the computer has slept since it started, in milliseconds.
    pub slept_ms: u64,
    /// When it started, by the wall clock.
    pub started: Time,
    /// Until when running sessions get time to beat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Time>,
}

impl Marker {
    /// Differences below this are not worth a write. Small ones add up: clocks drift.
    const WORTH_A_WRITE: TimeDelta = TimeDelta::seconds(10);

    /// The marker after a reading; `None` if the one before still says it.
    #[must_use]
    pub fn after(before: Option<&Self>, boot: &str, reading: &Reading) -> Option<Self> {
        let slept = reading.since_boot.saturating_sub(reading.awake);
        let slept_ms = u64::try_from(slept.as_millis()).unwrap_or(u64::MAX);
        let since_boot = TimeDelta::from_std(reading.since_boot).unwrap_or(TimeDelta::MAX);
        let started = time::earlier(reading.now, since_boot);
        let new = Self { boot: boot.to_owned(), slept_ms, started, quiet_until: None };
        // Of another kernel: started again, or another machine that shares the folder. Its clocks say nothing about this one's.
        let Some(before) = before.filter(|before| before.boot == boot) else { return Some(new) };
        let more = TimeDelta::try_milliseconds(slept_ms.saturating_sub(before.slept_ms).cast_signed());
        let more = more.unwrap_or(TimeDelta::MAX);
        let jump = (started - before.started).abs();
        let nap = TimeDelta::from_std(NAP).unwrap_or(TimeDelta::MAX);
        if more > nap || jump > TOLERANCE {
            return Some(Self { quiet_until: Some(time::later(reading.now, GRACE)), ..new });
        }
        let is_worth_it = more > Self::WORTH_A_WRITE || jump > Self::WORTH_A_WRITE;
        is_worth_it.then_some(Self { quiet_until: before.quiet_until, ..new })
    }

    /// Until when running sessions get time to beat, if that is still ahead. A clock that was set back does not prolong it.
    #[must_use]
    pub fn quiet_until(&self, now: Time) -> Option<Time> {
        self.quiet_until.filter(|until| *until > now && *until <= time::later(now, GRACE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Reading {
        Reading {
            now: crate::time::parse("2025-11-17T20:00:00Z").unwrap(),
            since_boot: Duration::from_secs(1001),
            awake: Duration::from_secs(901),
        }
    }

    /// The clocks so many seconds after the start: by the wall, since the boot, awake.
    fn later(wall: i64, boot: u64, awake: u64) -> Reading {
        let start = start();
        Reading {
            now: start.now + TimeDelta::seconds(wall),
            since_boot: start.since_boot + Duration::from_secs(boot),
            awake: start.awake + Duration::from_secs(awake),
        }
    }

    #[test]
    fn a_process_that_starts_right_after_a_sleep_knows() {
        let start = start();
        let first = Marker::after(None, "a", &start).unwrap();
        assert_eq!(first.quiet_until(start.now), None, "nothing is known of before");
        for (about, reading, is_quiet) in [
            ("awake for a week", later(604_800, 604_800, 604_800), false),
            ("a night's sleep", later(28_800, 28_800, 60), true),
            ("a short sleep", later(3_620, 3_620, 3_600), false),
            ("a clock set forward", later(7_200, 60, 60), true),
            ("a clock set back", later(-7_200, 60, 60), true),
            ("a clock that drifts", later(3_630, 3_600, 3_600), false),
        ] {
            let after = Marker::after(Some(&first), "a", &reading).unwrap_or_else(|| first.clone());
            assert_eq!(after.quiet_until(reading.now).is_some(), is_quiet, "{about}");
            // The next process is told the same, for ten minutes.
            assert_eq!(Marker::after(Some(&after), "a", &reading), None, "{about}");
            assert_eq!(after.quiet_until(reading.now + GRACE), None, "{about}");
            // Another machine that shares the folder.
            let other = Marker::after(Some(&first), "b", &reading).unwrap();
            assert_eq!(other.quiet_until(reading.now), None, "{about}");
        }
        let ahead = Marker { quiet_until: Some(start.now + TimeDelta::days(1)), ..first };
        assert_eq!(ahead.quiet_until(start.now), None, "a clock that was ahead");
    }

    #[test]
    fn sleep_and_jumps_interrupt_and_time_does_not() {
        let start = start();
        for (reading, wanted) in [
            (later(7200, 7200, 7200), false),
            (later(7200, 7200, 60), true),
            (later(7200, 7200, 7180), false),
            (later(7200, 60, 60), true),
            (later(-7200, 60, 60), true),
            (later(61, 60, 60), false),
        ] {
            assert_eq!(reading.is_interrupted_since(&start), wanted, "{reading:?}");
        }
    }
}
