use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::clock::Wait;
use crate::process::Ancestor;
use headcount_core::liveness::Process;

/// Processes whose ends are reported for some pids only.
#[derive(Debug, Default)]
struct Reports {
    pids: Vec<u32>,
    asked: AtomicUsize,
}

impl Processes for Reports {
    fn look(&self, _: &ProcessKey) -> Process {
        Process::Alive
    }

    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.pids.contains(&key.pid).then(|| Box::pin(std::future::pending()) as Wait<'static>)
    }

    fn reports_ends(&self) -> Result<(), String> {
        Ok(())
    }

    fn key(&self, _: u32) -> Option<ProcessKey> {
        None
    }

    fn ancestors(&self, _: u32) -> Vec<Ancestor> {
        Vec::new()
    }

    fn variable(&self, _: u32, _: &str) -> Option<String> {
        None
    }

    fn terminal(&self, _: u32) -> Option<String> {
        None
    }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, started: "1".into(), domain: None, boot: None }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn only_what_cannot_be_waited_for_is_looked_at_again() {
    let system = Reports { pids: vec![1], ..Reports::default() };
    let (mut ends, keys, none) = (Ends::default(), [key(1), key(2)], Vec::new());
    ends.follow(keys.iter().take(1), none.iter(), &system, seconds(100));
    assert_eq!((ends.due(), ends.take_due(seconds(999))), (None, vec![]));
    ends.follow(keys.iter(), none.iter(), &system, seconds(100));
    let due = seconds(100) + RELOOK;
    assert_eq!(ends.due(), Some(due));
    // Events in between put nothing off, and cost no further attempt.
    let asked = system.asked.load(Ordering::Relaxed);
    ends.follow(keys.iter(), none.iter(), &system, seconds(103));
    assert_eq!((ends.due(), system.asked.load(Ordering::Relaxed)), (Some(due), asked));
    assert!(ends.take_due(seconds(104)).is_empty());
    assert_eq!(ends.take_due(due), [key(2)]);
    ends.follow(keys.iter(), none.iter(), &system, due);
    assert_eq!(ends.due(), Some(due + RELOOK));
    // A clock that was set back.
    ends.follow(keys.iter(), none.iter(), &system, seconds(50));
    assert_eq!(ends.due(), Some(seconds(50) + RELOOK));
    // One that ended is of no interest.
    ends.follow(keys.iter().take(1), none.iter(), &system, seconds(51));
    assert_eq!(ends.due(), None);
}

#[tokio::test]
async fn what_became_uncertain_is_looked_at_until_it_is_known() {
    let system = Reports { pids: vec![1], ..Reports::default() };
    let (mut ends, keys, none) = (Ends::default(), [key(1)], Vec::new());
    ends.follow(none.iter(), keys.iter(), &system, seconds(100));
    assert_eq!(ends.take_due(seconds(100) + RELOOK), [key(1)]);
    ends.follow(none.iter(), keys.iter(), &system, seconds(106));
    assert_eq!(ends.take_due(seconds(106) + RELOOK), [key(1)]);
    // Known to run again: waited for as before.
    ends.follow(keys.iter(), none.iter(), &system, seconds(112));
    assert_eq!(ends.due(), None);
    // Reported to have ended, although it runs: later, and not at once.
    ends.awaited.clear();
    ends.doubt(keys.iter().cloned());
    ends.follow(keys.iter(), none.iter(), &system, seconds(113));
    assert_eq!(ends.due(), Some(seconds(113) + RELOOK));
}
