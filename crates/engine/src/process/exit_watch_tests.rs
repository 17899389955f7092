use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::clock::Wait;
use headcount_core::liveness::Process;

/// A system that reports exits for some pids only.
#[derive(Debug, Default)]
struct Reports {
    pids: Vec<u32>,
    /// The pids whose wait panics.
    broken: Vec<u32>,
    asked: AtomicUsize,
}

impl Processes for Reports {
    fn look(&self, _: &ProcessKey) -> Process {
        Process::Alive
    }

    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.broken.contains(&key.pid) {
            return Some(Box::pin(async { panic!("the wait failed") }));
        }
        self.pids.contains(&key.pid).then(|| Box::pin(std::future::pending()) as Wait<'static>)
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, started: "1".into(), domain: None, boot: None }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn only_processes_that_cannot_be_waited_for_are_rechecked() {
    let system = Reports { pids: vec![1], ..Reports::default() };
    let (mut ends, keys, none) = (ExitWatch::default(), [key(1), key(2)], Vec::new());
    ends.follow(keys.iter().take(1), none.iter(), &system, seconds(100));
    assert_eq!((ends.due(), ends.take_due(seconds(999))), (None, vec![]));
    ends.follow(keys.iter(), none.iter(), &system, seconds(100));
    let due = seconds(100) + RECHECK_INTERVAL;
    assert_eq!(ends.due(), Some(due));
    // Events before the check neither postpone it nor try to wait again.
    let asked = system.asked.load(Ordering::Relaxed);
    ends.follow(keys.iter(), none.iter(), &system, seconds(103));
    assert_eq!((ends.due(), system.asked.load(Ordering::Relaxed)), (Some(due), asked));
    assert!(ends.take_due(seconds(104)).is_empty());
    assert_eq!(ends.take_due(due), [key(2)]);
    ends.follow(keys.iter(), none.iter(), &system, due);
    assert_eq!(ends.due(), Some(due + RECHECK_INTERVAL));
    // The clock was set back.
    ends.follow(keys.iter(), none.iter(), &system, seconds(50));
    assert_eq!(ends.due(), Some(seconds(50) + RECHECK_INTERVAL));
    // A process that is not of interest any more is not checked.
    ends.follow(keys.iter().take(1), none.iter(), &system, seconds(51));
    assert_eq!(ends.due(), None);
}

#[tokio::test]
async fn an_uncertain_process_is_rechecked_until_it_is_known() {
    let system = Reports { pids: vec![1], ..Reports::default() };
    let (mut ends, keys, none) = (ExitWatch::default(), [key(1)], Vec::new());
    ends.follow(none.iter(), keys.iter(), &system, seconds(100));
    assert_eq!(ends.take_due(seconds(100) + RECHECK_INTERVAL), [key(1)]);
    ends.follow(none.iter(), keys.iter(), &system, seconds(106));
    assert_eq!(ends.take_due(seconds(106) + RECHECK_INTERVAL), [key(1)]);
    // It is known to run again, so it is waited for.
    ends.follow(keys.iter(), none.iter(), &system, seconds(112));
    assert_eq!(ends.due(), None);
    // It was reported to have exited, and still runs: it is checked after an interval and not at once.
    ends.awaited.clear();
    ends.recheck_later(keys.iter().cloned());
    ends.follow(keys.iter(), none.iter(), &system, seconds(113));
    assert_eq!(ends.due(), Some(seconds(113) + RECHECK_INTERVAL));
}

#[tokio::test]
async fn a_process_whose_wait_panics_is_checked_again() {
    let system = Reports { pids: vec![1], broken: vec![2], ..Reports::default() };
    let (mut ends, keys, none) = (ExitWatch::default(), [key(1), key(2)], Vec::new());
    ends.follow(keys.iter(), none.iter(), &system, seconds(100));
    assert_eq!(ends.next().await, [key(2)]);
    // It still runs.
    ends.recheck_later([key(2)].into_iter());
    ends.follow(keys.iter(), none.iter(), &system, seconds(100));
    assert_eq!(ends.due(), Some(seconds(100) + RECHECK_INTERVAL));
}
