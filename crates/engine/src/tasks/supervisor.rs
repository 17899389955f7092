//! Supervision of the long-lived tasks: a panic is logged, and the task is started again after a delay.
//!
//! Guarantees: a supervised task ends only when it returns. Dropping the future aborts the task. The delay doubles up
//! to [`restart`]'s limit. What a task consumed before its panic is not handed to it again: a message that makes a task
//! panic costs itself only. The shipped profile unwinds for this.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::Error;
use crate::tasks::restart::{Backoff, reason};

/// A value that a restarted task takes over, such as a receiver. A panic does not poison it.
pub type Shared<T> = Arc<Mutex<T>>;

/// A value to be shared by the runs of a task.
pub fn shared<T>(value: T) -> Shared<T> {
    Arc::new(Mutex::new(value))
}

/// Runs the task that `start` makes until it returns. After a panic another one is started.
pub async fn supervise<T>(name: &'static str, start: impl FnMut() -> T)
where
    T: Future<Output = ()> + Send + 'static,
{
    supervise_and_report(name, start, |_| std::future::ready(())).await;
}

/// Like [`supervise`]. Calls `report` with the reason of each panic before the delay.
pub async fn supervise_and_report<T, R>(
    name: &'static str,
    mut start: impl FnMut() -> T,
    mut report: impl FnMut(String) -> R,
) where
    T: Future<Output = ()> + Send + 'static,
    R: Future<Output = ()>,
{
    let mut backoff = Backoff::default();
    loop {
        let since = Instant::now();
        let Some(reason) = run(start()).await else { return };
        tracing::error!(reason, task = name, "a task panicked and is started again");
        report(reason).await;
        tokio::time::sleep(backoff.pause(since.elapsed())).await;
    }
}

/// Runs one task. Returns the reason of its panic, if it panicked.
async fn run(task: impl Future<Output = ()> + Send + 'static) -> Option<String> {
    // A `JoinSet` aborts its tasks when this future is dropped.
    let mut tasks = JoinSet::new();
    tasks.spawn(task);
    match tasks.join_next().await {
        Some(Err(error)) if error.is_panic() => Some(reason(error.into_panic().as_ref()).to_owned()),
        _ => None,
    }
}

/// Runs an action. A panic becomes an error, so that a person gets an answer.
///
/// # Errors
///
/// The action's own, and [`Error::Internal`] after a panic.
pub fn catch_panic<T>(action: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let internal = |panic: Box<dyn Any + Send>| Error::Internal { reason: reason(panic.as_ref()).to_owned() };
    // The action's values are dropped with it, so nothing half changed is seen afterwards.
    catch_unwind(AssertUnwindSafe(action)).map_err(internal)?
}

/// Runs blocking work and waits for it. Panics if the work panicked, so that the supervisor of the caller sees it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        done => done.ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::sync::mpsc::unbounded_channel;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_is_started_again_after_each_panic_until_it_returns() {
        let (mut runs, reasons) = (0, Mutex::new(Vec::new()));
        let start = || {
            runs += 1;
            let run = runs;
            async move { assert!(run > 3, "run {run} failed") }
        };
        let began = Instant::now();
        supervise_and_report("test", start, |reason| {
            reasons.lock().unwrap().push(reason);
            std::future::ready(())
        })
        .await;
        assert_eq!(reasons.into_inner().unwrap(), ["run 1 failed", "run 2 failed", "run 3 failed"]);
        assert_eq!((runs, began.elapsed().as_secs()), (4, 1 + 2 + 4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_makes_a_task_panic_is_skipped_and_the_next_is_handled() {
        let (sender, receiver) = unbounded_channel();
        let (messages, handled) = (shared(receiver), Arc::new(Mutex::new(Vec::new())));
        for message in ["first", "bad", "last"] {
            sender.send(message).unwrap();
        }
        drop(sender);
        let start = || {
            let (messages, handled) = (Arc::clone(&messages), Arc::clone(&handled));
            async move {
                while let Some(message) = messages.lock().await.recv().await {
                    assert_ne!(message, "bad");
                    handled.lock().unwrap().push(message);
                }
            }
        };
        supervise("test", start).await;
        assert_eq!(*handled.lock().unwrap(), ["first", "last"]);
    }

    #[tokio::test]
    async fn dropping_the_supervisor_aborts_its_task() {
        let (alive, mut is_dropped) = unbounded_channel::<()>();
        let start = move || {
            let alive = alive.clone();
            async move {
                std::future::pending::<()>().await;
                drop(alive);
            }
        };
        let supervisor = tokio::spawn(supervise("test", start));
        tokio::task::yield_now().await;
        supervisor.abort();
        assert_eq!(is_dropped.recv().await, None);
    }

    #[test]
    fn an_action_that_panics_is_an_internal_error() {
        let failed = catch_panic(|| -> Result<(), Error> { panic!("half a plan") }).unwrap_err();
        assert_eq!(failed.code(), "internal");
        assert!(failed.to_string().contains("half a plan"), "{failed}");
        assert_eq!(catch_panic(|| Ok(1)).unwrap(), 1);
    }

    #[tokio::test]
    async fn blocking_work_that_panics_makes_its_caller_panic() {
        let caller = tokio::spawn(blocking(|| panic!("below")));
        assert!(caller.await.unwrap_err().is_panic());
    }
}
