//! A progress line on a terminal for long reads.
//!
//! Guarantees: prints nothing if standard error is not a terminal or the operation is short; prints one line and
//! removes it at the end. Shows a count, not a share: the total is unknown until a folder has been read.

use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How long an operation runs before the line appears.
const DELAY: Duration = Duration::from_millis(400);

/// Minimum time between two updates of the line.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Moves to the beginning of the line and clears it.
const CLEAR: &[u8] = b"\r\x1b[K";

/// The progress line.
pub(crate) struct ProgressLine<W: Write> {
    out: Option<W>,
    next: Instant,
    is_shown: bool,
}

impl ProgressLine<io::Stderr> {
    /// The progress line on standard error.
    pub(crate) fn new() -> Self {
        let out = io::stderr();
        // The line overwrites itself, which needs escape sequences.
        let is_smart = crate::output::is_smart(&out);
        Self::on(is_smart.then_some(out), DELAY)
    }
}

impl<W: Write> ProgressLine<W> {
    fn on(out: Option<W>, delay: Duration) -> Self {
        Self { out, next: Instant::now() + delay, is_shown: false }
    }

    /// Updates the line: `read` heartbeats have been read so far.
    pub(crate) fn beats(&mut self, read: usize) {
        let now = Instant::now();
        if let Some(out) = self.out.as_mut().filter(|_| now >= self.next) {
            self.next = now + MIN_INTERVAL;
            self.is_shown = true;
            // A write error is ignored: the progress line is optional.
            let _ = out
                .write_all(CLEAR)
                .and_then(|()| write!(out, "Reading… {read} heartbeats"))
                .and_then(|()| out.flush());
        }
    }
}

impl<W: Write> Drop for ProgressLine<W> {
    fn drop(&mut self) {
        if let Some(out) = self.out.as_mut().filter(|_| self.is_shown) {
            let _ = out.write_all(CLEAR).and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output_of(delay: Duration, is_terminal: bool) -> String {
        let mut out = Vec::new();
        let mut progress = ProgressLine::on(is_terminal.then_some(&mut out), delay);
        for read in [4096, 8192, 12288] {
            progress.beats(read);
        }
        drop(progress);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn progress_is_throttled_and_removed_at_the_end() {
        assert_eq!(output_of(Duration::ZERO, true), "\r\x1b[KReading… 4096 heartbeats\r\x1b[K");
        assert_eq!(output_of(DELAY, true), "");
        assert_eq!(output_of(Duration::ZERO, false), "");
    }
}
