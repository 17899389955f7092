//! Clocks for tests: the real one, counted, and one that only tests move.
//!
//! Promises: a counted clock is the system's in everything but that it counts; a virtual one stands still until it is
//! told, ends each wait exactly when its moment has come, and ends all of them at an interruption, as the real one does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::liveness::suspend::Reading;
use headcount_engine::clock::{Clock, SystemClock, Wait};
use tokio::sync::watch;

/// The system's clocks, and how often they were asked.
#[derive(Default)]
pub(crate) struct Counted {
    reads: AtomicUsize,
    waits: AtomicUsize,
}

impl Counted {
    /// How often the time was read, and how often somebody began to wait.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.reads.load(Ordering::SeqCst), self.waits.load(Ordering::SeqCst))
    }
}

impl Clock for Counted {
    fn read(&self) -> Reading {
        self.reads.fetch_add(1, Ordering::SeqCst);
        SystemClock.read()
    }

    fn wait(&self, moment: Option<Time>) -> Wait<'_> {
        self.waits.fetch_add(1, Ordering::SeqCst);
        SystemClock.wait(moment)
    }
}

/// The time of a test.
#[derive(Clone, Copy)]
struct Hands {
    reading: Reading,
    interruptions: usize,
}

/// A clock that tests move.
#[derive(Clone)]
pub(crate) struct Virtual {
    hands: watch::Sender<Hands>,
}

impl Virtual {
    /// A clock that shows a moment.
    pub(crate) fn at(now: Time) -> Self {
        let reading = Reading { now, since_boot: Duration::from_hours(25), awake: Duration::from_hours(20) };
        Self { hands: watch::channel(Hands { reading, interruptions: 0 }).0 }
    }

    pub(crate) fn now(&self) -> Time {
        self.hands.borrow().reading.now
    }

    /// Time passes.
    pub(crate) fn pass(&self, span: TimeDelta) {
        let span = span.to_std().unwrap();
        self.hands.send_modify(|hands| {
            hands.reading.now += span;
            hands.reading.since_boot += span;
            hands.reading.awake += span;
        });
    }

    /// Time passes until a moment.
    pub(crate) fn pass_until(&self, moment: Time) {
        self.pass(moment - self.now());
    }

    /// The computer sleeps.
    pub(crate) fn sleep(&self, span: TimeDelta) {
        let span = span.to_std().unwrap();
        self.hands.send_modify(|hands| {
            hands.reading.now += span;
            hands.reading.since_boot += span;
            hands.interruptions += 1;
        });
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set(&self, ahead: TimeDelta) {
        self.hands.send_modify(|hands| {
            hands.reading.now += ahead;
            hands.interruptions += 1;
        });
    }

    /// The clock as one of those who use it sees it.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::new(View { clock: self.clone(), reads: AtomicUsize::new(0), alarms: Mutex::default() })
    }
}

/// The clock as one of those who use it sees it, and what it asked of it.
pub(crate) struct View {
    clock: Virtual,
    reads: AtomicUsize,
    alarms: Mutex<Vec<Option<Time>>>,
}

impl View {
    /// How often the time was read.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// The moments that were waited for, in order.
    pub(crate) fn alarms(&self) -> Vec<Option<Time>> {
        self.alarms.lock().unwrap().clone()
    }

    /// The moment that is waited for now, if any.
    pub(crate) fn alarm(&self) -> Option<Time> {
        self.alarms().last().copied().flatten()
    }
}

impl Clock for View {
    fn read(&self) -> Reading {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.clock.hands.borrow().reading
    }

    fn wait(&self, moment: Option<Time>) -> Wait<'_> {
        self.alarms.lock().unwrap().push(moment);
        let mut hands = self.clock.hands.subscribe();
        let interruptions = hands.borrow().interruptions;
        Box::pin(async move {
            let is_over = |hands: &Hands| {
                hands.interruptions != interruptions || moment.is_some_and(|moment| moment <= hands.reading.now)
            };
            drop(hands.wait_for(is_over).await);
        })
    }
}
