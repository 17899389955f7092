//! Snapshots for somebody who draws.
//!
//! Promises: the first after a calm is there at once, those of a storm come at most ten times a second, and the last of a
//! storm is never left out. Nothing waits, and no timer runs, while nothing changes.

use std::sync::Arc;
use std::time::Duration;

use headcount_core::view::snapshot::Snapshot;
use tokio::time::{Instant, sleep_until};

use crate::tasks::workspace_task::Snapshots;

/// How long what was drawn stays at least: an eye follows no faster, and a panel's time is not ours.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Snapshots at a pace that can be drawn.
pub struct ThrottledSnapshots {
    snapshots: Snapshots,
    /// When the next may come.
    free: Instant,
}

impl ThrottledSnapshots {
    /// Those of a workspace, from the next on; the one that is there already counts as that.
    #[must_use]
    pub fn new(mut snapshots: Snapshots) -> Self {
        snapshots.mark_changed();
        Self { snapshots, free: Instant::now() }
    }

    /// Waits for the newest snapshot that was not given yet. Nothing when they have ended. May be dropped and asked again.
    pub async fn next(&mut self) -> Option<Arc<Snapshot>> {
        loop {
            self.snapshots.changed().await.ok()?;
            // Still counted as changed until it is taken, should this wait be given up.
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
    use headcount_core::{Registry, Timeout};
    use tokio::sync::watch::channel;
    use tokio::time::{advance, timeout};

    use crate::Workspace;
    use crate::tasks::model::Model;
    use crate::workspace::paths::Places;

    /// A snapshot that can be told from others by its moment.
    fn snapshot(second: i64) -> Arc<Snapshot> {
        let nowhere = || "/nonexistent".into();
        let places = Places { registry: nowhere(), heartbeats: nowhere(), ..Places::default() };
        let now = DateTime::from_timestamp(second, 0).unwrap();
        let model = Model::of(&Workspace::new(places, Timeout::default()), Registry::empty(), now);
        Arc::new(model.snapshot(now))
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_at_once_the_last_for_sure_and_few_between() {
        let (sender, receiver) = channel(None);
        let mut paced = ThrottledSnapshots::new(receiver);
        assert!(timeout(MIN_INTERVAL, paced.next()).await.is_err(), "nothing is there yet");
        // Two hundred and fifty changes in five seconds.
        let storm = tokio::spawn(async move {
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
        storm.await.unwrap();
        assert!((40..=51).contains(&seen.len()), "{}", seen.len());
        assert!(seen.windows(2).all(|pair| pair[0].0 + MIN_INTERVAL <= pair[1].0 && pair[0].1 < pair[1].1));
        assert_eq!(seen.last().unwrap().1, 250);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_up_is_not_lost() {
        let (sender, receiver) = channel(Some(snapshot(1)));
        let mut paced = ThrottledSnapshots::new(receiver);
        assert_eq!(paced.next().await.unwrap().at.timestamp(), 1);
        sender.send_replace(Some(snapshot(2)));
        assert!(timeout(MIN_INTERVAL / 4, paced.next()).await.is_err(), "not yet");
        advance(MIN_INTERVAL).await;
        assert_eq!(paced.next().await.unwrap().at.timestamp(), 2);
        assert!(timeout(MIN_INTERVAL * 50, paced.next()).await.is_err(), "given twice");
    }
}
