//! Throttled snapshots, for a consumer that draws them.
//!
//! Guarantees: the first snapshot after a pause is delivered at once; during a burst at most ten a second are
//! delivered; the last one of a burst is always delivered. No timer runs while nothing changes.

use std::sync::Arc;
use std::time::Duration;

use headcount_core::view::snapshot::Snapshot;
use tokio::time::{Instant, sleep_until};

use crate::tasks::workspace_task::Snapshots;

/// Minimum interval between redraws.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Snapshots at most once in each [`MIN_INTERVAL`].
pub struct ThrottledSnapshots {
    snapshots: Snapshots,
    /// The earliest time of the next snapshot.
    free: Instant,
}

impl ThrottledSnapshots {
    /// The snapshots of a workspace. The current one is delivered first.
    #[must_use]
    pub fn new(mut snapshots: Snapshots) -> Self {
        snapshots.mark_changed();
        Self { snapshots, free: Instant::now() }
    }

    /// Waits for the newest snapshot that was not delivered yet. `None` when the snapshots have ended. Cancel safe.
    pub async fn next(&mut self) -> Option<Arc<Snapshot>> {
        loop {
            self.snapshots.changed().await.ok()?;
            // Counts as changed until it is delivered, in case this future is dropped.
            self.snapshots.mark_changed();
            sleep_until(self.free).await;
            let newest = self.snapshots.borrow_and_update().clone();
            if newest.is_some() {
                self.free = Instant::now() + MIN_INTERVAL;
                return newest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use headcount_core::Registry;
    use tokio::sync::watch::channel;
    use tokio::time::{advance, timeout};

    use crate::Workspace;
    use crate::tasks::model::Model;

    /// A snapshot that is identified by its time.
    fn snapshot(second: i64) -> Arc<Snapshot> {
        let nowhere = || "/nonexistent".into();
        let workspace = Workspace { registry: nowhere(), heartbeats: nowhere(), ..Workspace::default() };
        let now = DateTime::from_timestamp(second, 0).unwrap();
        let model = Model::of(&workspace, Registry::empty(), now);
        Arc::new(model.snapshot(now))
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_throttled_and_its_first_and_last_are_delivered() {
        let (sender, receiver) = channel(None);
        let mut paced = ThrottledSnapshots::new(receiver);
        assert!(timeout(MIN_INTERVAL, paced.next()).await.is_err(), "there is no snapshot yet");
        // Two hundred and fifty changes in five seconds.
        let burst = tokio::spawn(async move {
            for second in 1..=250 {
                sender.send_replace(Some(snapshot(second)));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let start = Instant::now();
        let mut seen = Vec::new();
        while let Some(next) = paced.next().await {
            if seen.is_empty() {
                assert_eq!(start.elapsed(), Duration::ZERO, "the first waited");
            }
            seen.push((start.elapsed(), next.at.timestamp()));
        }
        burst.await.unwrap();
        assert!((40..=51).contains(&seen.len()), "{}", seen.len());
        assert!(seen.windows(2).all(|pair| pair[0].0 + MIN_INTERVAL <= pair[1].0 && pair[0].1 < pair[1].1));
        assert_eq!(seen.last().unwrap().1, 250);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_loses_no_snapshot() {
        let (sender, receiver) = channel(Some(snapshot(1)));
        let mut paced = ThrottledSnapshots::new(receiver);
        assert_eq!(paced.next().await.unwrap().at.timestamp(), 1);
        sender.send_replace(Some(snapshot(2)));
        assert!(timeout(MIN_INTERVAL / 4, paced.next()).await.is_err(), "before the interval");
        advance(MIN_INTERVAL).await;
        assert_eq!(paced.next().await.unwrap().at.timestamp(), 2);
        assert!(timeout(MIN_INTERVAL * 50, paced.next()).await.is_err(), "delivered twice");
    }
}
