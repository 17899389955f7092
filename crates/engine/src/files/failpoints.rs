//! Failpoints: tests make a system call of an update fail here.
//!
//! Guarantees: in release builds there is nothing here, not even a branch. In the engine's own tests a plan, which is
//! local to the thread, makes the n-th step fail with a system error, or ends the process before it. Cleans up nothing,
//! because the tests check what a failed update leaves behind.

/// A step of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Taking the lock.
    Lock,
    /// Searching for abandoned temp files.
    Sweep,
    /// Reading the registry, the first time or again.
    Read,
    /// Creating a folder of Headcount's own.
    Folder,
    /// Creating a temp file.
    Create,
    /// Copying the old file's mode and owner to it.
    Adopt,
    /// Writing it.
    Write,
    /// Truncating a file that was written in place to its length.
    Cut,
    /// Syncing it.
    Sync,
    /// Opening the journal.
    Open,
    /// Appending a record.
    Append,
    /// Syncing the record.
    SyncRecord,
    /// Renaming the temp file.
    Rename,
    /// Syncing the folder.
    SyncFolder,
}

#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(crate) const fn before(_step: Step) -> std::io::Result<()> {
    Ok(())
}

/// Makes the task that uses a file or folder panic in tests. Does nothing in release builds.
#[cfg(not(test))]
#[inline]
pub(crate) const fn may_panic(_path: &std::path::Path) {}

#[cfg(test)]
pub(crate) use panics::{is_armed, may_panic, panic_at};
#[cfg(test)]
pub(crate) use plan::{Fault, before, plan, reached};

/// Panics of the task that uses a path, on any thread.
#[cfg(test)]
mod panics {
    use std::collections::HashMap;
    use std::path::{Path, PathBuf};
    use std::sync::{LazyLock, Mutex, MutexGuard};

    static LEFT: LazyLock<Mutex<HashMap<PathBuf, usize>>> = LazyLock::new(Mutex::default);

    fn left() -> MutexGuard<'static, HashMap<PathBuf, usize>> {
        LEFT.lock().unwrap()
    }

    /// Plans this many panics.
    pub(crate) fn panic_at(path: &Path, times: usize) {
        left().insert(path.to_owned(), times);
    }

    /// Whether planned panics have not happened yet.
    pub(crate) fn is_armed(path: &Path) -> bool {
        left().contains_key(path)
    }

    /// Panics if planned. Called before the path is used.
    pub(crate) fn may_panic(path: &Path) {
        let mut left = left();
        let Some(times) = left.get_mut(path) else { return };
        *times -= 1;
        if *times == 0 {
            left.remove(path);
        }
        drop(left);
        panic!("a failpoint");
    }
}

#[cfg(test)]
mod plan {
    use std::cell::RefCell;
    use std::io;

    use super::Step;

    /// A planned fault.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Fault {
        /// The step fails with this error, once.
        Once(i32),
        /// The step and all later ones fail with this error.
        FromThereOn(i32),
        /// The process aborts.
        Death,
    }

    #[derive(Default)]
    struct Plan {
        fault: Option<(usize, Fault)>,
        steps: Vec<Step>,
    }

    thread_local! {
        static PLAN: RefCell<Plan> = RefCell::default();
    }

    /// Plans a fault at the n-th step of this thread from now on, counted from 0.
    pub(crate) fn plan(nth: usize, fault: Fault) {
        PLAN.set(Plan { fault: Some((nth, fault)), steps: Vec::new() });
    }

    /// Ends the plan. Returns the step at which the fault happened, if any.
    pub(crate) fn reached() -> Option<Step> {
        let Plan { fault, steps } = PLAN.take();
        steps.get(fault?.0).copied()
    }

    /// Returns the planned error. Called before each step.
    pub(crate) fn before(step: Step) -> io::Result<()> {
        let fault = PLAN.with_borrow_mut(|plan| {
            let now = plan.steps.len();
            plan.steps.push(step);
            plan.fault.filter(|(nth, fault)| now == *nth || now > *nth && matches!(fault, Fault::FromThereOn(_)))
        });
        match fault {
            None => Ok(()),
            Some((_, Fault::Once(errno) | Fault::FromThereOn(errno))) => Err(io::Error::from_raw_os_error(errno)),
            Some((_, Fault::Death)) => std::process::abort(),
        }
    }
}
