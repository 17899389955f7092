//! Waiting for the ends of processes, or looking at them again if the system does not report ends.
//!
//! Guarantees: a process whose end the system reports costs nothing until then. One whose end cannot be waited for (`pidfd_open`
//! refused, no descriptor left, no thread) is looked at again every few seconds, and no longer than it is of interest. Does not
//! look itself.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use headcount_core::claude::ProcessKey;
use tokio::task::{AbortHandle, JoinSet};

use super::Processes;

/// How often a process is looked at whose end cannot be waited for.
pub(crate) const RELOOK: Duration = Duration::from_secs(5);

/// The processes whose end is of interest.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    waits: JoinSet<ProcessKey>,
    awaited: HashMap<ProcessKey, AbortHandle>,
    /// Those that are looked at again.
    unwatched: HashSet<ProcessKey>,
    /// When, in time since the computer started.
    due: Option<Duration>,
}

impl Ends {
    /// Waits for the ends of these processes and no others: those that run, and those of which that is no longer certain.
    pub(crate) fn follow<'k>(
        &mut self,
        running: impl Iterator<Item = &'k ProcessKey>,
        uncertain: impl Iterator<Item = &'k ProcessKey>,
        processes: &dyn Processes,
        since_boot: Duration,
    ) {
        let (running, uncertain): (HashSet<_>, HashSet<_>) = (running.collect(), uncertain.collect());
        self.awaited.retain(|key, wait| {
            let is_wanted = running.contains(key);
            if !is_wanted {
                wait.abort();
            }
            is_wanted
        });
        self.unwatched.retain(|key| running.contains(key) || uncertain.contains(key));
        self.unwatched.extend(uncertain.into_iter().cloned());
        let had_unwatched = !self.unwatched.is_empty();
        for key in running {
            if self.awaited.contains_key(key) || self.unwatched.contains(key) {
                continue;
            }
            if let Some(ended) = processes.ended(key) {
                let own = key.clone();
                let wait = self.waits.spawn(async move {
                    ended.await;
                    own
                });
                self.awaited.insert(key.clone(), wait);
            } else {
                self.unwatched.insert(key.clone());
            }
        }
        if self.unwatched.is_empty() {
            self.due = None;
            return;
        }
        if !had_unwatched && self.due.is_none() {
            tracing::warn!(
                processes = self.unwatched.len(),
                "the system does not report ends of processes; they are looked at every few seconds"
            );
        }
        // Also if the clock it is measured by was set back.
        let latest = since_boot + RELOOK;
        self.due = Some(self.due.map_or(latest, |due| due.min(latest)));
    }

    /// Waits for a process to end. Returns those that did; never without one.
    pub(crate) async fn next(&mut self) -> Vec<ProcessKey> {
        let mut ended = Vec::new();
        let mut next = self.waits.join_next().await;
        while let Some(joined) = next {
            // A wait that was given up is an error here; there is no other.
            ended.extend(joined);
            next = self.waits.try_join_next();
        }
        for key in &ended {
            self.awaited.remove(key);
        }
        if ended.is_empty() && self.waits.is_empty() {
            std::future::pending::<()>().await;
        }
        ended
    }

    /// Processes that were reported to have ended and still seem to run: they are looked at again later, and not at once.
    pub(crate) fn doubt(&mut self, keys: impl Iterator<Item = ProcessKey>) {
        self.unwatched.extend(keys);
    }

    /// When to look again, in time since the computer started.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.due
    }

    /// The processes to be looked at again now. They are waited for again if they still run.
    pub(crate) fn take_due(&mut self, since_boot: Duration) -> Vec<ProcessKey> {
        if self.due.is_none_or(|due| due > since_boot) {
            return Vec::new();
        }
        // A little earlier than they are known to be needed, so that the next look has a moment of its own.
        self.due = Some(since_boot + RELOOK);
        std::mem::take(&mut self.unwatched).into_iter().collect()
    }
}

#[cfg(test)]
#[path = "exit_watch_tests.rs"]
mod tests;
