//! Clocks, and waiting for a moment of the wall clock.
//!
//! Guarantees: a wait ends at its moment by the wall clock, also after the computer was suspended. It ends early if the
//! clock was set or the computer resumed. No thread runs during a wait. Tests replace the clock. Each system has its own
//! implementation: a timer of the wall clock on Linux, and one over portable libraries elsewhere (`portable.rs`).

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use headcount_core::liveness::suspend::ClockReading;
use headcount_core::{Time, time};

/// A wait. Dropping it cancels it.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of time.
pub trait Clock: Send + Sync {
    /// The clocks now.
    fn read(&self) -> ClockReading;

    /// Waits until `moment`, or forever if it is `None`. Returns early if the wall clock was set or the computer
    /// resumed.
    fn wait(&self, moment: Option<Time>) -> Wait<'_>;

    /// The wall clock now.
    fn now(&self) -> Time {
        self.read().now
    }
}

/// The system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

// Compiled in tests on Linux too, so that the portable implementation is tested there.
#[cfg(any(not(target_os = "linux"), feature = "portable", test))]
mod portable;

#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod linux {
    use std::time::Duration;

    use chrono::TimeDelta;
    use headcount_core::liveness::suspend::ClockReading;
    use headcount_core::{Time, time};
    use rustix::time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    use super::{Clock, SystemClock, Wait};

    impl Clock for SystemClock {
        fn read(&self) -> ClockReading {
            let elapsed = |clock| {
                let time = clock_gettime(clock);
                Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
            };
            // `awake` is read first, so that it never exceeds `since_boot`.
            let awake = elapsed(ClockId::Monotonic);
            ClockReading { now: super::now(), since_boot: elapsed(ClockId::Boottime), awake }
        }

        fn wait(&self, moment: Option<Time>) -> Wait<'_> {
            Box::pin(async move {
                match timer(moment) {
                    Ok(timer) => drop(timer.readable().await),
                    // No descriptor is left. The monotonic clock is correct as long as the computer is not suspended.
                    Err(error) => {
                        tracing::warn!(%error, "no timer from the system");
                        plain_wait(moment).await;
                    }
                }
            })
        }
    }

    /// A timer on the wall clock that also fires when that clock is set, which includes resuming.
    fn timer(moment: Option<Time>) -> std::io::Result<AsyncFd<std::os::fd::OwnedFd>> {
        // The caller repeats a wait that ends early, so the timer need not reach a later moment.
        let far = time::later(super::now(), TimeDelta::days(365));
        let moment = moment.map_or(far, |moment| moment.min(far));
        let fd = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        // A moment of zero would disarm the timer instead of firing it.
        let it_value = Timespec { tv_sec: moment.timestamp().max(1), tv_nsec: moment.timestamp_subsec_nanos().into() };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
        timerfd_settime(&fd, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &once)?;
        // The replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
        #[expect(deprecated, reason = "sound for an owned descriptor")]
        AsyncFd::with_interest(fd, tokio::io::Interest::READABLE)
    }

    /// Waits by the monotonic clock.
    async fn plain_wait(moment: Option<Time>) {
        match moment {
            Some(moment) => {
                tokio::time::sleep(moment.signed_duration_since(super::now()).to_std().unwrap_or_default()).await;
            }
            None => std::future::pending().await,
        }
    }
}

/// The wall clock, limited to the range of [`Time`].
fn now() -> Time {
    let now = SystemTime::now();
    let outside = if now < SystemTime::UNIX_EPOCH { time::EARLIEST } else { time::LATEST };
    time::from_system(now).unwrap_or(outside)
}

#[cfg(all(test, target_os = "linux", not(feature = "portable")))]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[tokio::test]
    async fn wait_ends_at_its_moment() {
        let start = SystemClock.now();
        SystemClock.wait(Some(start + TimeDelta::milliseconds(30))).await;
        assert!(SystemClock.now() >= start + TimeDelta::milliseconds(30));
        // A moment in the past ends the wait at once.
        SystemClock.wait(Some(start)).await;
        SystemClock.wait(Some(Time::UNIX_EPOCH)).await;
    }

    #[tokio::test]
    async fn wait_without_a_near_moment_does_not_end() {
        for moment in [None, Some(time::LATEST), Some(Time::MAX_UTC)] {
            let forever = tokio::time::timeout(std::time::Duration::from_millis(50), SystemClock.wait(moment));
            assert!(forever.await.is_err(), "{moment:?}");
        }
    }

    #[test]
    fn boot_clock_is_not_behind_the_monotonic_clock() {
        let reading = SystemClock.read();
        assert!(reading.since_boot >= reading.awake && reading.awake > std::time::Duration::ZERO);
    }
}
