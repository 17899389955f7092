//! Where tests count what looking costs: each look at a path notes here what it did.
//!
//! Promises: in what is shipped there is nothing here, not even a branch. In the engine's own tests the counts are the
//! thread's own. Counts what goes through a path, which is what costs; a second look through an open file does not count.

/// What was done to a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It was asked what and how old it is.
    Stat,
    /// It was opened and read.
    Open,
    /// Its names were read.
    Scan,
}

#[cfg(not(test))]
#[inline]
pub(crate) const fn note(_look: Look) {}

#[cfg(test)]
pub(crate) use counts::{Counts, count, note};

#[cfg(test)]
mod counts {
    use std::cell::Cell;

    use super::Look;

    /// How often each was done.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Counts {
        pub(crate) stats: usize,
        pub(crate) opens: usize,
        pub(crate) scans: usize,
    }

    thread_local! {
        static COUNTS: Cell<Counts> = Cell::default();
    }

    pub(crate) fn note(look: Look) {
        let mut counts = COUNTS.get();
        *match look {
            Look::Stat => &mut counts.stats,
            Look::Open => &mut counts.opens,
            Look::Scan => &mut counts.scans,
        } += 1;
        COUNTS.set(counts);
    }

    /// What some work costs.
    pub(crate) fn count<T>(work: impl FnOnce() -> T) -> (T, Counts) {
        COUNTS.take();
        let done = work();
        (done, COUNTS.take())
    }
}
