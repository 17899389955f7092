//! Waiting for processes to exit, or checking them periodically if the system does not report exits.
//!
//! Guarantees: a process with a reported exit costs nothing until then. A process that cannot be waited for
//! (`pidfd_open` refused, no descriptor left, no thread) is checked every few seconds, as long as it is of interest.
//! Does not check processes itself: the caller does.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use headcount_core::claude::ProcessKey;
use tokio::task::{AbortHandle, Id, JoinSet};

use super::Processes;

/// The interval between checks of a process that cannot be waited for.
pub(crate) const RECHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The processes that are watched for their exit.
#[derive(Debug, Default)]
pub(crate) struct ExitWatch {
    waits: JoinSet<ProcessKey>,
    awaited: HashMap<ProcessKey, AbortHandle>,
    /// The processes to be checked periodically.
    unwatched: HashSet<ProcessKey>,
    /// The time of the next check, since the computer started.
    due: Option<Duration>,
}

impl ExitWatch {
    /// Waits for the exits of these processes and no others: the running ones, and those in an uncertain state.
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
        // The next check is never later than one interval from now, even if the clock was set back.
        let latest = since_boot + RECHECK_INTERVAL;
        self.due = Some(self.due.map_or(latest, |due| due.min(latest)));
    }

    /// Waits for processes to exit, and returns those that did, and those whose wait panicked: their exit may have been
    /// missed. Never returns if there are none.
    pub(crate) async fn next(&mut self) -> Vec<ProcessKey> {
        let mut ended = Vec::new();
        let mut next = self.waits.join_next().await;
        while let Some(joined) = next {
            // A cancelled wait is not in `awaited` any more.
            ended.extend(joined.or_else(|error| self.awaited_by(error.id()).ok_or(error)));
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

    fn awaited_by(&self, task: Id) -> Option<ProcessKey> {
        self.awaited.iter().find(|(_, wait)| wait.id() == task).map(|(key, _)| key.clone())
    }

    /// Schedules a later check of processes that were reported to have exited and still seem to run.
    pub(crate) fn recheck_later(&mut self, keys: impl Iterator<Item = ProcessKey>) {
        self.unwatched.extend(keys);
    }

    /// The time of the next check, since the computer started.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.due
    }

    /// Takes the processes that are to be checked now. Those that still run are waited for again by [`Self::follow`].
    pub(crate) fn take_due(&mut self, since_boot: Duration) -> Vec<ProcessKey> {
        if self.due.is_none_or(|due| due > since_boot) {
            return Vec::new();
        }
        // The interval starts now and not when `follow` is called, so that the checks are regular.
        self.due = Some(since_boot + RECHECK_INTERVAL);
        std::mem::take(&mut self.unwatched).into_iter().collect()
    }
}

#[cfg(test)]
#[path = "exit_watch_tests.rs"]
mod tests;
