//! Counters of file operations, for tests of what reading costs.
//!
//! Guarantees: in release builds there is nothing here, not even a branch. In the engine's own tests the counts are
//! local to the thread. Counts operations on paths, which are the expensive ones; operations on an open file do not
//! count.

/// An operation on a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Its metadata was read.
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

    /// The number of operations of each kind.
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

    /// Runs `work` and returns the operations that it did.
    pub(crate) fn count<T>(work: impl FnOnce() -> T) -> (T, Counts) {
        COUNTS.take();
        let done = work();
        (done, COUNTS.take())
    }
}
