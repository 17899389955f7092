//! The clocks of macOS and Windows; tested on Linux too.
//!
//! Guarantees: those of [`super::SystemClock`], except that a wait notices a suspend or a set clock only up to
//! [`MAX_SLEEP`] later, because timers there stop during a suspend and no timer ends when the clock is set.

use std::time::Duration;

use headcount_core::Time;
use headcount_core::liveness::suspend::ClockReading;

/// How long a wait sleeps until it reads the clocks again.
const MAX_SLEEP: Duration = Duration::from_secs(30);

#[cfg(any(not(target_os = "linux"), feature = "portable"))]
impl super::Clock for super::SystemClock {
    fn read(&self) -> ClockReading {
        read()
    }

    fn wait(&self, moment: Option<Time>) -> super::Wait<'_> {
        Box::pin(wait(moment, read))
    }
}

/// Reads the clocks: `CLOCK_MONOTONIC_RAW` and `CLOCK_UPTIME_RAW` on macOS, the performance counter and unbiased
/// interrupt time on Windows. Each pair starts at the boot, on Windows approximately.
fn read() -> ClockReading {
    let awake = Duration::from_nanos(zeitstempel::now_awake());
    let since_boot = Duration::from_nanos(zeitstempel::now()).max(awake);
    ClockReading { now: super::now(), since_boot, awake }
}

async fn wait(moment: Option<Time>, read: impl Fn() -> ClockReading) {
    let mut before = read();
    loop {
        let left = moment
            .map_or(MAX_SLEEP, |moment| moment.signed_duration_since(before.now).to_std().unwrap_or(Duration::ZERO));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(MAX_SLEEP)).await;
        let after = read();
        if after.is_interrupted_since(&before) {
            return;
        }
        before = after;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use headcount_core::time;

    use super::*;

    /// A suspend that begins this long after the start, and its length in seconds by the wall clock and by the time since
    /// boot. If only the first is not zero, the clock is set.
    struct Interruption {
        at: u64,
        wall: u64,
        boot: u64,
    }

    fn start() -> Time {
        time::parse("2025-11-17T20:00:00Z").unwrap()
    }

    /// Waits, and returns the seconds that passed without those of the suspend; `None` if the wait did not end in a day.
    async fn waited(moment: Option<u64>, interruption: &Interruption) -> Option<u64> {
        let began = tokio::time::Instant::now();
        let read = || {
            let awake = began.elapsed();
            let is_after = awake.as_secs() >= interruption.at;
            let more = |seconds| if is_after { Duration::from_secs(seconds) } else { Duration::ZERO };
            ClockReading {
                now: start() + TimeDelta::from_std(awake + more(interruption.wall)).unwrap(),
                since_boot: awake + more(interruption.boot),
                awake,
            }
        };
        let moment = moment.map(|moment| start() + TimeDelta::seconds(moment.cast_signed()));
        let ended = tokio::time::timeout(Duration::from_hours(24), wait(moment, read)).await;
        ended.ok().map(|()| began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn wait_ends_at_its_moment_or_after_an_interruption() {
        let never = Interruption { at: u64::MAX, wall: 0, boot: 0 };
        let night = Interruption { at: 40, wall: 28_800, boot: 28_800 };
        let set = Interruption { at: 40, wall: 3600, boot: 0 };
        let short = Interruption { at: 40, wall: 20, boot: 20 };
        for (about, moment, interruption, wanted) in [
            ("no interruption", Some(95), &never, Some(95)),
            ("a moment in the past", Some(0), &never, Some(0)),
            ("no moment", None, &never, None),
            ("a night, and its moment is in it", Some(1800), &night, Some(60)),
            ("a night, and its moment is later", Some(86_000), &night, Some(60)),
            ("a night without a moment", None, &night, Some(60)),
            ("the clock is set", Some(86_000), &set, Some(60)),
            ("a short suspend", Some(95), &short, Some(75)),
        ] {
            assert_eq!(waited(moment, interruption).await, wanted, "{about}");
        }
    }

    #[test]
    fn time_since_boot_is_not_behind_the_time_awake() {
        let reading = read();
        assert!(reading.since_boot >= reading.awake && reading.awake > Duration::ZERO);
    }
}
