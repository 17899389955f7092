//! Restarting a task that panicked.
//!
//! Promises: the pause before a restart is bounded, so that a cause that stays costs little and one that goes is soon
//! forgotten. Does not decide what is shown meanwhile.

use std::any::Any;
use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

/// A task that ran for so long had no part in the panics before it.
const STEADY: Duration = Duration::from_mins(5);

/// How long to wait before a restart: twice as long each time.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// The pause after a task that `ran` for so long.
    pub(super) fn pause(&mut self, ran: Duration) -> Duration {
        if ran >= STEADY {
            self.next = FIRST;
        }
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }
}

/// What a panic said.
pub(super) fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it gave no reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_start_again_after_a_steady_run() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..7).map(|_| backoff.pause(Duration::ZERO).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.pause(STEADY.checked_sub(Duration::from_nanos(1)).unwrap()), LONGEST);
        assert_eq!((backoff.pause(STEADY), backoff.pause(Duration::ZERO)), (FIRST, FIRST * 2));
    }

    #[test]
    fn a_panic_is_quoted() {
        let of = |action: fn()| reason(std::panic::catch_unwind(action).unwrap_err().as_ref()).to_owned();
        assert_eq!(of(|| panic!("plain")), "plain");
        assert_eq!(of(|| panic!("{} of {}", 1, 2)), "1 of 2");
        assert_eq!(of(|| std::panic::panic_any(5)), "it gave no reason");
    }
}
