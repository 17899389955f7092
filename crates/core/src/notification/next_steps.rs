//! What the announcers of stale and of waiting sessions return, and the limits that both keep.

use chrono::TimeDelta;

use crate::time::Time;

/// Sessions that are due within this span are announced together.
pub(super) const BATCH_WINDOW: TimeDelta = TimeDelta::seconds(5);

/// Delay before a step is retried that the desktop did not accept or that failed.
pub(super) const RETRY_DELAY: TimeDelta = TimeDelta::minutes(1);

/// Maximum number of sessions named in a notification.
pub(super) const MAX_NAMED: usize = 4;

/// The result of an observation: what to do now, and when to observe again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextSteps<S> {
    /// The steps to do, in this order.
    pub steps: Vec<S>,
    /// When to observe again, even without a new snapshot.
    pub again_at: Option<Time>,
}

impl<S> Default for NextSteps<S> {
    /// Nothing to do, and no time to observe again.
    fn default() -> Self {
        Self { steps: Vec::new(), again_at: None }
    }
}

/// The step as a list; an empty one unless it is due.
pub(super) fn step_if<S>(is_due: bool, step: S) -> Vec<S> {
    is_due.then_some(step).into_iter().collect()
}
