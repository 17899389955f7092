//! Where tests break an update: each of its system calls asks here first.
//!
//! Promises: in what is shipped there is nothing here, not even a branch. In the engine's own tests a plan, which is the
//! thread's own, makes the n-th step fail with a system's error, or ends the process before it. Does not undo anything: what
//! an update leaves behind is what the tests look at.

/// A step of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Taking the lock.
    Lock,
    /// Looking for leftovers.
    Sweep,
    /// Reading the registry, the first time or again.
    Read,
    /// Making one of our own folders.
    Folder,
    /// Creating a temp file.
    Create,
    /// Giving it the old file's mode and owner.
    Adopt,
    /// Writing it.
    Write,
    /// Cutting a file that was written in place to its length.
    Cut,
    /// Having it safely on disk.
    Sync,
    /// Opening the journal.
    Open,
    /// Appending a record.
    Append,
    /// Having the record safely on disk.
    SyncRecord,
    /// Giving the temp file its name.
    Rename,
    /// Having the name safely on disk.
    SyncFolder,
}

#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(crate) const fn before(_step: Step) -> std::io::Result<()> {
    Ok(())
}

/// Where tests make the task panic that follows a workspace. In what is shipped there is nothing here.
#[cfg(not(test))]
#[inline]
pub(crate) const fn may_panic(_registry: &std::path::Path) {}

#[cfg(test)]
pub(crate) use panics::{is_armed, may_panic, panic_at};
#[cfg(test)]
pub(crate) use plan::{Fault, before, plan, reached};

/// Panics of one workspace's task, on whichever thread it runs.
#[cfg(test)]
mod panics {
    use std::collections::HashMap;
    use std::path::{Path, PathBuf};
    use std::sync::{LazyLock, Mutex, MutexGuard};

    static LEFT: LazyLock<Mutex<HashMap<PathBuf, usize>>> = LazyLock::new(Mutex::default);

    fn left() -> MutexGuard<'static, HashMap<PathBuf, usize>> {
        LEFT.lock().unwrap()
    }

    /// Plans so many panics.
    pub(crate) fn panic_at(registry: &Path, times: usize) {
        left().insert(registry.to_owned(), times);
    }

    /// Whether some of them have not happened.
    pub(crate) fn is_armed(registry: &Path) -> bool {
        left().contains_key(registry)
    }

    /// Asked before the registry is looked at.
    pub(crate) fn may_panic(registry: &Path) {
        let mut left = left();
        let Some(times) = left.get_mut(registry) else { return };
        *times -= 1;
        if *times == 0 {
            left.remove(registry);
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

    /// What happens at a step.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Fault {
        /// The system answers with this error, once.
        Once(i32),
        /// The system answers with this error from there on.
        FromThereOn(i32),
        /// The process ends.
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

    /// Ends the plan. Returns the step it came true at, if any.
    pub(crate) fn reached() -> Option<Step> {
        let Plan { fault, steps } = PLAN.take();
        steps.get(fault?.0).copied()
    }

    /// Asked before a step is taken.
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
