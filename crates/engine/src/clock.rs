//! Clocks, and waiting for a moment of the wall clock.
//!
//! Promises: a wait ends at its moment by the wall clock, also after a sleep of the computer, and early when the clock
//! was set or the computer woke up; while it lasts nothing runs. Tests bring their own clock.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use headcount_core::liveness::suspend::Reading;
use headcount_core::{Time, time};

/// A wait that can be given up by dropping it.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of time.
pub trait Clock: Send + Sync {
    /// The clocks now.
    fn read(&self) -> Reading;

    /// Waits until `moment`, or for ever without one; returns early when the wall clock was set or the computer woke up.
    fn wait(&self, moment: Option<Time>) -> Wait<'_>;

    /// The wall clock now.
    fn now(&self) -> Time {
        self.read().now
    }
}

/// The system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(target_os = "linux")]
mod system {
    use std::time::Duration;

    use chrono::TimeDelta;
    use headcount_core::liveness::suspend::Reading;
    use headcount_core::{Time, time};
    use rustix::time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    use super::{Clock, SystemClock, Wait};

    impl Clock for SystemClock {
        fn read(&self) -> Reading {
            let elapsed = |clock| {
                let time = clock_gettime(clock);
                Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
            };
            // In this order, so that no sleep is seen where the two were only read apart.
            let awake = elapsed(ClockId::Monotonic);
            Reading { now: super::now(), since_boot: elapsed(ClockId::Boottime), awake }
        }

        fn wait(&self, moment: Option<Time>) -> Wait<'_> {
            Box::pin(async move {
                match timer(moment) {
                    Ok(timer) => drop(timer.readable().await),
                    // Without a descriptor left, a wait by the other clock is still right while the computer is awake.
                    Err(error) => {
                        tracing::warn!(%error, "no timer from the system");
                        super::plain_wait(moment).await;
                    }
                }
            })
        }
    }

    /// A timer on the wall clock that also fires when that clock is set, which includes waking up.
    fn timer(moment: Option<Time>) -> std::io::Result<AsyncFd<std::os::fd::OwnedFd>> {
        // A wait that ends early is started again, so a moment farther ahead needs no timer of its own.
        let far = time::later(super::now(), TimeDelta::days(365));
        let moment = moment.map_or(far, |moment| moment.min(far));
        let fd = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        // A moment of zero would disarm the timer instead of firing it.
        let it_value = Timespec { tv_sec: moment.timestamp().max(1), tv_nsec: moment.timestamp_subsec_nanos().into() };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
        timerfd_settime(&fd, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &once)?;
        // Its replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
        #[expect(deprecated, reason = "sound for an owned descriptor")]
        AsyncFd::with_interest(fd, tokio::io::Interest::READABLE)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    use headcount_core::Time;
    use headcount_core::liveness::suspend::Reading;

    use super::{Clock, SystemClock, Wait};

    impl Clock for SystemClock {
        fn read(&self) -> Reading {
            // Neither clock can be had here without unsafe code. Within one process a sleep shows where the monotonic clock
            // stands still meanwhile; between processes it does not.
            static START: std::sync::OnceLock<(Instant, Duration)> = std::sync::OnceLock::new();
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
            let (start, wall) = START.get_or_init(|| (Instant::now(), now));
            Reading { now: super::now(), since_boot: now, awake: (*wall + start.elapsed()).min(now) }
        }

        fn wait(&self, moment: Option<Time>) -> Wait<'_> {
            Box::pin(super::plain_wait(moment))
        }
    }
}

/// The wall clock, which shows a usable time however it was set.
fn now() -> Time {
    let now = SystemTime::now();
    let outside = if now < SystemTime::UNIX_EPOCH { time::EARLIEST } else { time::LATEST };
    time::from_system(now).unwrap_or(outside)
}

/// Waits by the monotonic clock.
async fn plain_wait(moment: Option<Time>) {
    match moment {
        Some(moment) => tokio::time::sleep(moment.signed_duration_since(now()).to_std().unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[tokio::test]
    async fn a_wait_ends_at_its_moment() {
        let start = SystemClock.now();
        SystemClock.wait(Some(start + TimeDelta::milliseconds(30))).await;
        assert!(SystemClock.now() >= start + TimeDelta::milliseconds(30));
        // A moment that has passed does not wait at all.
        SystemClock.wait(Some(start)).await;
        SystemClock.wait(Some(Time::UNIX_EPOCH)).await;
    }

    #[tokio::test]
    async fn without_a_moment_it_waits() {
        for moment in [None, Some(time::LATEST), Some(Time::MAX_UTC)] {
            let forever = tokio::time::timeout(std::time::Duration::from_millis(50), SystemClock.wait(moment));
            assert!(forever.await.is_err(), "{moment:?}");
        }
    }

    #[test]
    fn the_clocks_agree() {
        let reading = SystemClock.read();
        assert!(reading.since_boot >= reading.awake && reading.awake > std::time::Duration::ZERO);
    }
}
