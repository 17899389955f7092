//! Detection of system suspends and of clock changes.
//!
//! Guarantees: from two readings of the clocks, distinguishes an interruption from time passing normally, and gives the
//! length of the grace period after one; works across processes that never run at the same time. Does not read clocks.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::time::{self, TOLERANCE, Time};

/// How long after an interruption newly stale sessions are not announced (design §3), so that running sessions can
/// beat.
pub const GRACE_PERIOD: TimeDelta = TimeDelta::minutes(10);

/// Suspends up to this length do not interrupt heartbeats.
const MAX_IGNORED_SUSPEND: Duration = Duration::from_secs(30);

/// A reading of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The wall clock.
    pub now: Time,
    /// Time since boot, including suspends.
    pub since_boot: Duration,
    /// Time since boot, without suspends.
    pub awake: Duration,
}

impl ClockReading {
    /// Whether the computer was suspended or the wall clock was set since an `earlier` reading.
    #[must_use]
    pub fn is_interrupted_since(&self, earlier: &Self) -> bool {
        let slept = |reading: &Self| reading.since_boot.saturating_sub(reading.awake);
        let passed = TimeDelta::from_std(self.since_boot.saturating_sub(earlier.since_boot)).unwrap_or(TimeDelta::MAX);
        let jump = self.now.signed_duration_since(earlier.now).checked_sub(&passed).unwrap_or(TimeDelta::MAX);
        slept(self).saturating_sub(slept(earlier)) > MAX_IGNORED_SUSPEND || jump.abs() > TOLERANCE
    }
}

/// The state of the clocks stored between runs of Headcount's processes, so that a process that starts right after a
/// suspend detects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The id of the running kernel; empty if no process has known it.
    pub boot: String,
    /// How long the computer was suspended since boot, in milliseconds.
    pub slept_ms: u64,
    /// When it was booted, by the wall clock.
    pub started: Time,
    /// The end of the grace period after the last interruption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Time>,
}

impl Marker {
    /// Smaller differences are not stored. They are compared with the stored state, so a drifting clock is stored
    /// eventually.
    const MIN_DIFFERENCE: TimeDelta = TimeDelta::seconds(10);

    /// The marker to store after a reading; `None` if the stored one is still accurate. An unknown `boot` counts as the
    /// stored one: a process that cannot read the id must not end the grace period for others.
    #[must_use]
    pub fn after(before: Option<&Self>, boot: Option<&str>, reading: &ClockReading) -> Option<Self> {
        let slept = reading.since_boot.saturating_sub(reading.awake);
        let slept_ms = u64::try_from(slept.as_millis()).unwrap_or(u64::MAX);
        let since_boot = TimeDelta::from_std(reading.since_boot).unwrap_or(TimeDelta::MAX);
        let started = time::earlier(reading.now, since_boot);
        let stored = before.map(|before| before.boot.as_str()).filter(|stored| !stored.is_empty());
        let new = Self { boot: boot.or(stored).unwrap_or_default().to_owned(), slept_ms, started, quiet_until: None };
        // Another kernel: a reboot, or another machine that shares the folder. Its clocks cannot be compared with this
        // one's.
        let is_same = boot.zip(stored).is_none_or(|(boot, stored)| boot == stored);
        let Some(before) = before.filter(|_| is_same) else { return Some(new) };
        let more = TimeDelta::try_milliseconds(slept_ms.saturating_sub(before.slept_ms).cast_signed());
        let more = more.unwrap_or(TimeDelta::MAX);
        let jump = (started - before.started).abs();
        let max_ignored = TimeDelta::from_std(MAX_IGNORED_SUSPEND).unwrap_or(TimeDelta::MAX);
        if more > max_ignored || jump > TOLERANCE {
            return Some(Self { quiet_until: Some(time::later(reading.now, GRACE_PERIOD)), ..new });
        }
        let is_different = more > Self::MIN_DIFFERENCE || jump > Self::MIN_DIFFERENCE || new.boot != before.boot;
        is_different.then_some(Self { quiet_until: before.quiet_until, ..new })
    }

    /// The end of the grace period, if it is in the future. Ends that a clock set back has moved too far ahead do not
    /// count.
    #[must_use]
    pub fn quiet_until(&self, now: Time) -> Option<Time> {
        self.quiet_until.filter(|until| *until > now && *until <= time::later(now, GRACE_PERIOD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> ClockReading {
        ClockReading {
            now: crate::time::parse("2025-11-17T20:00:00Z").unwrap(),
            since_boot: Duration::from_secs(1001),
            awake: Duration::from_secs(901),
        }
    }

    /// The clocks `wall`, `boot` and `awake` seconds after the start: wall clock, time since boot, time awake.
    fn later(wall: i64, boot: u64, awake: u64) -> ClockReading {
        let start = start();
        ClockReading {
            now: start.now + TimeDelta::seconds(wall),
            since_boot: start.since_boot + Duration::from_secs(boot),
            awake: start.awake + Duration::from_secs(awake),
        }
    }

    #[test]
    fn a_process_started_right_after_a_suspend_detects_it() {
        let start = start();
        let first = Marker::after(None, Some("a"), &start).unwrap();
        assert_eq!(first.quiet_until(start.now), None, "nothing is known of before");
        for (about, reading, is_quiet) in [
            ("awake for a week", later(604_800, 604_800, 604_800), false),
            ("a night's sleep", later(28_800, 28_800, 60), true),
            ("a short sleep", later(3_620, 3_620, 3_600), false),
            ("a clock set forward", later(7_200, 60, 60), true),
            ("a clock set back", later(-7_200, 60, 60), true),
            ("a clock that drifts", later(3_630, 3_600, 3_600), false),
        ] {
            let after = Marker::after(Some(&first), Some("a"), &reading).unwrap_or_else(|| first.clone());
            assert_eq!(after.quiet_until(reading.now).is_some(), is_quiet, "{about}");
            // The next process gets the same result, for ten minutes.
            assert_eq!(Marker::after(Some(&after), Some("a"), &reading), None, "{about}");
            assert_eq!(after.quiet_until(reading.now + GRACE_PERIOD), None, "{about}");
            // Another machine that shares the folder.
            let other = Marker::after(Some(&first), Some("b"), &reading).unwrap();
            assert_eq!(other.quiet_until(reading.now), None, "{about}");
        }
        let ahead = Marker { quiet_until: Some(start.now + TimeDelta::days(1)), ..first };
        assert_eq!(ahead.quiet_until(start.now), None, "a clock that was ahead");
    }

    #[test]
    fn a_process_that_does_not_know_the_boot_keeps_the_grace_period() {
        let first = Marker::after(None, Some("a"), &start()).unwrap();
        let woken = later(28_800, 28_800, 60);
        // It is the first one after the night, and it passes the boot on.
        let noted = Marker::after(Some(&first), None, &woken).unwrap();
        assert!(noted.quiet_until(woken.now).is_some() && noted.boot == "a", "{noted:?}");
        for boot in [Some("a"), None] {
            assert_eq!(Marker::after(Some(&noted), boot, &woken), None, "{boot:?}");
            // A change that is worth storing, twenty seconds later.
            let kept = Marker::after(Some(&noted), boot, &later(28_840, 28_820, 80)).unwrap();
            assert_eq!((kept.quiet_until, kept.boot.as_str()), (noted.quiet_until, "a"), "{boot:?}");
        }
        // The other way round: the first process that knows it adds it.
        let unknown = Marker::after(None, None, &start()).unwrap();
        let noted = Marker::after(Some(&unknown), None, &woken).unwrap();
        let known = Marker::after(Some(&noted), Some("a"), &woken).unwrap();
        assert_eq!((known.quiet_until, known.boot.as_str()), (noted.quiet_until, "a"));
        assert!(known.quiet_until.is_some());
    }

    #[test]
    fn suspends_and_clock_jumps_interrupt_and_passing_time_does_not() {
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
