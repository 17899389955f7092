//! Noticing that the computer slept or its clock was set.
//!
//! Promises: from two readings of the clocks, tells an interruption from time simply passing, and how long to be patient
//! after one. Does not read clocks.

use std::time::Duration;

use chrono::TimeDelta;

use crate::time::{TOLERANCE, Time};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_and_jumps_interrupt_and_time_does_not() {
        let start = Reading {
            now: crate::time::parse("2025-11-17T20:00:00Z").unwrap(),
            since_boot: Duration::from_secs(1001),
            awake: Duration::from_secs(901),
        };
        let later = |wall: i64, boot: u64, awake: u64| Reading {
            now: start.now + TimeDelta::seconds(wall),
            since_boot: start.since_boot + Duration::from_secs(boot),
            awake: start.awake + Duration::from_secs(awake),
        };
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
