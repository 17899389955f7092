//! What a person waits for, said on a terminal.
//!
//! Promises: nothing where standard error is no terminal or the wait is short; one line that is gone in the end. Does not
//! know how much there is: nobody does before a folder was read.

use std::io::{self, IsTerminal as _, Write};
use std::time::{Duration, Instant};

/// How long somebody waits before it is said what for.
const DELAY: Duration = Duration::from_millis(400);

/// How often the line changes at most.
const PAUSE: Duration = Duration::from_millis(100);

/// Clears the line and goes to its beginning.
const CLEAR: &[u8] = b"\r\x1b[K";

/// The line about what is being read.
pub(crate) struct Progress<W: Write> {
    out: Option<W>,
    next: Instant,
    is_shown: bool,
}

impl Progress<io::Stderr> {
    /// The line on standard error.
    pub(crate) fn new() -> Self {
        let out = io::stderr();
        // The line is written over, which a terminal of text only cannot do.
        let is_terminal = out.is_terminal() && !crate::output::is_dumb();
        Self::on(is_terminal.then_some(out), DELAY)
    }
}

impl<W: Write> Progress<W> {
    fn on(out: Option<W>, patience: Duration) -> Self {
        Self { out, next: Instant::now() + patience, is_shown: false }
    }

    /// So many beats were read so far.
    pub(crate) fn beats(&mut self, read: usize) {
        let now = Instant::now();
        if let Some(out) = self.out.as_mut().filter(|_| now >= self.next) {
            self.next = now + PAUSE;
            self.is_shown = true;
            // That nobody can read it is no reason to fail.
            let _ = out.write_all(CLEAR).and_then(|()| write!(out, "Reading… {read} beats")).and_then(|()| out.flush());
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if let Some(out) = self.out.as_mut().filter(|_| self.is_shown) {
            let _ = out.write_all(CLEAR).and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(patience: Duration, is_terminal: bool) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::on(is_terminal.then_some(&mut out), patience);
        for read in [4096, 8192, 12288] {
            progress.beats(read);
        }
        drop(progress);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_long_wait_is_told_once_in_a_while_and_leaves_nothing() {
        assert_eq!(said(Duration::ZERO, true), "\r\x1b[KReading… 4096 beats\r\x1b[K");
        assert_eq!(said(DELAY, true), "");
        assert_eq!(said(Duration::ZERO, false), "");
    }
}
