//! Clocks for tests: the system's clock with counters, and a virtual clock.
//!
//! Guarantees: the counting clock otherwise behaves like the system's. The virtual clock stands still until a test
//! moves it, completes each wait exactly at its moment, and completes all waits at an interruption, like the system's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use headcount_core::Time;
use headcount_core::liveness::suspend::ClockReading;
use headcount_engine::clock::{Clock, SystemClock, Wait};
use tokio::sync::watch;

/// The system's clocks, with counters of their use.
#[derive(Default)]
pub(crate) struct Counted {
    reads: AtomicUsize,
    waits: AtomicUsize,
}

impl Counted {
    /// The number of reads and the number of waits.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.reads.load(Ordering::SeqCst), self.waits.load(Ordering::SeqCst))
    }
}

impl Clock for Counted {
    fn read(&self) -> ClockReading {
        self.reads.fetch_add(1, Ordering::SeqCst);
        SystemClock.read()
    }

    fn wait(&self, moment: Option<Time>) -> Wait<'_> {
        self.waits.fetch_add(1, Ordering::SeqCst);
        SystemClock.wait(moment)
    }
}

/// The state of a virtual clock.
#[derive(Clone, Copy)]
struct ClockState {
    reading: ClockReading,
    interruptions: usize,
}

/// A clock that only tests move.
#[derive(Clone)]
pub(crate) struct Virtual {
    state: watch::Sender<ClockState>,
}

impl Virtual {
    /// A clock at a moment.
    pub(crate) fn at(now: Time) -> Self {
        let reading = ClockReading { now, since_boot: Duration::from_hours(25), awake: Duration::from_hours(20) };
        Self { state: watch::channel(ClockState { reading, interruptions: 0 }).0 }
    }

    pub(crate) fn now(&self) -> Time {
        self.state.borrow().reading.now
    }

    /// Advances the time.
    pub(crate) fn pass(&self, span: TimeDelta) {
        let span = span.to_std().unwrap();
        self.state.send_modify(|state| {
            state.reading.now += span;
            state.reading.since_boot += span;
            state.reading.awake += span;
        });
    }

    /// Advances the time to a moment.
    pub(crate) fn pass_until(&self, moment: Time) {
        self.pass(moment - self.now());
    }

    /// Simulates a suspend of the computer.
    pub(crate) fn sleep(&self, span: TimeDelta) {
        let span = span.to_std().unwrap();
        self.state.send_modify(|state| {
            state.reading.now += span;
            state.reading.since_boot += span;
            state.interruptions += 1;
        });
    }

    /// Sets the wall clock.
    pub(crate) fn set(&self, ahead: TimeDelta) {
        self.state.send_modify(|state| {
            state.reading.now += ahead;
            state.interruptions += 1;
        });
    }

    /// A view of the clock for one component.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::new(View { clock: self.clone(), reads: AtomicUsize::new(0), alarms: Mutex::default() })
    }
}

/// One component's view of the clock; records its use.
pub(crate) struct View {
    clock: Virtual,
    reads: AtomicUsize,
    alarms: Mutex<Vec<Option<Time>>>,
}

impl View {
    /// The number of reads.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// The moments waited for, in order.
    pub(crate) fn alarms(&self) -> Vec<Option<Time>> {
        self.alarms.lock().unwrap().clone()
    }

    /// The moment currently waited for, if any.
    pub(crate) fn alarm(&self) -> Option<Time> {
        self.alarms().last().copied().flatten()
    }
}

impl Clock for View {
    fn read(&self) -> ClockReading {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.clock.state.borrow().reading
    }

    fn wait(&self, moment: Option<Time>) -> Wait<'_> {
        self.alarms.lock().unwrap().push(moment);
        let mut state = self.clock.state.subscribe();
        let interruptions = state.borrow().interruptions;
        Box::pin(async move {
            let is_over = |state: &ClockState| {
                state.interruptions != interruptions || moment.is_some_and(|moment| moment <= state.reading.now)
            };
            drop(state.wait_for(is_over).await);
        })
    }
}
