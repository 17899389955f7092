//! Starting the tasks of the tray and the window.
//!
//! Guarantees: a long-lived task that panics is logged and started again (`headcount_engine::tasks::supervisor`). An
//! action that panics is reported like one that failed. Nothing else in this crate starts a task, which clippy checks.
#![expect(clippy::disallowed_methods, reason = "the only place that starts tasks")]

use headcount_engine::Error;
use headcount_engine::tasks::supervisor::{catch_panic, supervise};

/// Starts a long-lived task that `start` makes, and starts it again after a panic.
pub(crate) fn supervised<T>(name: &'static str, start: impl FnMut() -> T + Send + 'static)
where
    T: Future<Output = ()> + Send + 'static,
{
    drop(tauri::async_runtime::spawn(supervise(name, start)));
}

/// Starts a task that supervises itself, or that ends soon.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tauri::async_runtime::spawn(task));
}

/// Runs a blocking action in the background. A failure or panic is passed to `report`.
pub(crate) fn act(
    action: impl FnOnce() -> Result<(), Error> + Send + 'static,
    report: impl FnOnce(Error) + Send + 'static,
) {
    drop(tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = catch_panic(action) {
            tracing::warn!("{error}");
            report(error);
        }
    }));
}

/// Runs a blocking action and waits for it. `None` if the app exits.
pub(crate) async fn wait_for<T: Send + 'static>(
    action: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Option<Result<T, Error>> {
    tauri::async_runtime::spawn_blocking(move || catch_panic(action)).await.ok()
}
