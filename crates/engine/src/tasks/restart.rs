//! The delay before a task that panicked is restarted.
//!
//! Guarantees: the delay is bounded, so that a lasting cause costs little, and a short one delays little. Does not
//! decide what is shown meanwhile.

use std::any::Any;
use std::time::Duration;

/// The first delay.
const MIN_DELAY: Duration = Duration::from_secs(1);

/// The longest delay.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// A task that ran this long did not fail for the reason of the panics before it.
const STABLE_AFTER: Duration = Duration::from_mins(5);

/// Exponential backoff: each delay is twice the last one.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: MIN_DELAY }
    }
}

impl Backoff {
    /// The delay before the restart of a task that ran for `ran`.
    pub(super) fn pause(&mut self, ran: Duration) -> Duration {
        if ran >= STABLE_AFTER {
            self.next = MIN_DELAY;
        }
        let pause = self.next;
        self.next = (pause * 2).min(MAX_DELAY);
        pause
    }
}

/// The message of a panic.
pub(super) fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it gave no reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_restart_after_a_stable_run() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..7).map(|_| backoff.pause(Duration::ZERO).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.pause(STABLE_AFTER.checked_sub(Duration::from_nanos(1)).unwrap()), MAX_DELAY);
        assert_eq!((backoff.pause(STABLE_AFTER), backoff.pause(Duration::ZERO)), (MIN_DELAY, MIN_DELAY * 2));
    }

    #[test]
    fn reason_returns_the_message_of_the_panic() {
        let of = |action: fn()| reason(std::panic::catch_unwind(action).unwrap_err().as_ref()).to_owned();
        assert_eq!(of(|| panic!("plain")), "plain");
        assert_eq!(of(|| panic!("{} of {}", 1, 2)), "1 of 2");
        assert_eq!(of(|| std::panic::panic_any(5)), "it gave no reason");
    }
}
