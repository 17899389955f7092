//! Where text goes and how it looks there.
//!
//! Promises: colour only where it was asked for or a terminal shows it; nothing foreign reaches a terminal with control
//! characters in it, in JSON neither; a warning is one line on standard error.

pub(crate) mod columns;
pub(crate) mod progress;
pub(crate) mod table;

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

use anstyle::{AnsiColor, Style};
use headcount_core::liveness::State;
use headcount_core::view::messages;
use headcount_core::view::warning::Warning;
use serde::Serialize;

use crate::Failure;
use crate::args::Color;
use crate::output::columns::{cut_styled, fits};

/// The width of a line where no terminal says.
const WIDTH: usize = 100;

/// How results are shown.
#[expect(clippy::struct_excessive_bools, reason = "each is so or not, whatever the others are")]
pub(crate) struct Output {
    pub(crate) is_json: bool,
    pub(crate) is_terminal: bool,
    /// The terminal understands more than text: colours, and to be cleared.
    pub(crate) is_smart: bool,
    /// Nothing but errors is wanted.
    pub(crate) is_quiet: bool,
    colors: bool,
}

/// Whether the terminal shows text and nothing else.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

impl Output {
    pub(crate) fn new(color: Color, is_json: bool, is_quiet: bool) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_smart = is_terminal && !is_dumb();
        let colors = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_smart && !is_unwanted,
        };
        Self { is_json, is_terminal, is_smart, is_quiet, colors }
    }

    /// Standard output, to be flushed by the caller.
    pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// Prints one line.
    pub(crate) fn line(text: &str) -> Result<(), Failure> {
        let mut out = Self::stdout();
        writeln!(out, "{text}")?;
        // Dropped unflushed it would fail without anybody knowing.
        out.flush()?;
        Ok(())
    }

    /// Prints a text that was made whole.
    pub(crate) fn bytes(text: &[u8]) -> Result<(), Failure> {
        let mut out = Self::stdout();
        out.write_all(text)?;
        out.flush()?;
        Ok(())
    }

    /// Prints a value as JSON: on many lines, or on one for a stream.
    pub(crate) fn json(value: &impl Serialize, is_stream: bool) -> Result<(), Failure> {
        let text = if is_stream { serde_json::to_string(value)? } else { serde_json::to_string_pretty(value)? };
        Self::line(&messages::json_escaped(&text))
    }

    /// One line on standard error. That nobody can read it is no reason to fail.
    pub(crate) fn complain(kind: &str, message: &str) {
        let _ = io::stderr().lock().write_all(Self::complaint(kind, message).as_bytes());
    }

    fn complaint(kind: &str, message: &str) -> String {
        format!("headcount: {kind}: {}\n", messages::plain(message, 4096))
    }

    /// The warnings of a snapshot; in JSON they are part of it.
    pub(crate) fn warn(&self, warnings: &[Warning]) {
        if self.is_json || self.is_quiet {
            return;
        }
        // Written at once: ten thousand sessions can have ten thousand oddities.
        let mut lines = String::new();
        for warning in warnings {
            let place = warning.path.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
            lines += &Self::complaint("warning", &format!("{}{place}", warning.message));
        }
        let _ = io::stderr().lock().write_all(lines.as_bytes());
    }

    /// How a state is coloured.
    pub(crate) fn style(&self, state: State) -> Style {
        let color = match state {
            State::Active => AnsiColor::Green,
            State::Stale => AnsiColor::Yellow,
            State::Unknown => AnsiColor::Magenta,
            State::Inactive => return self.quiet(),
        };
        self.dress(Style::new().fg_color(Some(color.into())))
    }

    /// How what matters less is coloured.
    pub(crate) fn quiet(&self) -> Style {
        self.dress(Style::new().dimmed())
    }

    /// How what matters most is coloured.
    pub(crate) fn strong(&self) -> Style {
        self.dress(Style::new().bold())
    }

    fn dress(&self, style: Style) -> Style {
        if self.colors { style } else { Style::new() }
    }

    /// The columns of the terminal, if there is one.
    pub(crate) fn columns(&self) -> Option<usize> {
        let size = self.is_terminal.then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
    }

    /// A line, or a narrower one if that does not fit into the terminal; as much of it as fits.
    pub(crate) fn fitted(&self, wide: String, narrow: &str) -> String {
        match self.columns() {
            Some(columns) if !fits(&wide, columns) => cut_styled(narrow, columns),
            _ => wide,
        }
    }

    /// The columns a line may have.
    pub(crate) fn width(&self) -> usize {
        self.columns().unwrap_or(WIDTH)
    }
}
