//! Writes results and diagnostics, and decides how they look.
//!
//! Guarantees: colour only if requested or if the terminal supports it. Control characters in foreign text never reach
//! a terminal, in JSON neither. Each warning is one line on standard error.

pub(crate) mod columns;
pub(crate) mod progress;
pub(crate) mod table;

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write as _};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use headcount_core::liveness::State;
use headcount_core::view::text::messages;
use headcount_core::view::warning::Warning;
use serde::Serialize;

use crate::Failure;
use crate::output::columns::{cut_styled, fits};

/// The line width if there is no terminal.
const WIDTH: usize = 100;

/// Where and how results are printed.
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent")]
pub(crate) struct Output {
    pub(crate) is_json: bool,
    pub(crate) is_terminal: bool,
    /// The terminal supports colours and clearing the screen.
    pub(crate) is_smart: bool,
    /// Print errors only.
    pub(crate) is_quiet: bool,
    /// The workspace of the results, if there are several.
    workspace: Option<String>,
}

/// The style of secondary text.
pub(crate) const QUIET: Style = Style::new().dimmed();

/// The style of emphasised text.
pub(crate) const STRONG: Style = Style::new().bold();

/// The style of a session's state.
pub(crate) fn style(state: State) -> Style {
    let color = match state {
        State::Active => AnsiColor::Green,
        State::Stale => AnsiColor::Yellow,
        State::Unknown => AnsiColor::Magenta,
        State::Inactive => return QUIET,
    };
    Style::new().fg_color(Some(color.into()))
}

/// Whether a stream is a terminal that supports escape sequences. One that is declared to support plain text only
/// (`TERM=dumb`) does not, nor does a console of Windows that refuses to interpret them.
pub(crate) fn is_smart(stream: &impl IsTerminal) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !is_dumb && enables_escapes()
}

#[cfg(windows)]
fn enables_escapes() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(false)
}

#[cfg(not(windows))]
fn enables_escapes() -> bool {
    true
}

impl Output {
    /// Sets the choice of colors for the whole process.
    pub(crate) fn new(color: ColorChoice, is_json: bool, is_quiet: bool) -> Self {
        match color {
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
            ColorChoice::Auto => anstream::ColorChoice::Auto,
        }
        .write_global();
        let is_terminal = io::stdout().is_terminal();
        Self { is_json, is_terminal, is_smart: is_smart(&io::stdout()), is_quiet, workspace: None }
    }

    /// The same for the results of one of several workspaces.
    pub(crate) fn in_workspace(&self, name: &str) -> Self {
        Self { workspace: Some(name.to_owned()), ..*self }
    }

    /// Buffered standard output, which drops styles if colors are not wanted or not supported. The caller flushes it,
    /// because dropping it hides write errors.
    pub(crate) fn stdout() -> BufWriter<AutoStream<StdoutLock<'static>>> {
        BufWriter::new(AutoStream::auto(io::stdout().lock()))
    }

    /// Prints one line.
    pub(crate) fn line(text: &str) -> Result<(), Failure> {
        let mut out = Self::stdout();
        writeln!(out, "{text}")?;
        // Dropping the buffer without a flush would discard a write error.
        out.flush()?;
        Ok(())
    }

    /// Prints a complete text as it is.
    pub(crate) fn bytes(text: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text)?;
        out.flush()?;
        Ok(())
    }

    /// Prints a value as JSON: indented, or on one line if it is part of a stream. With several workspaces each has a
    /// line with its name.
    pub(crate) fn json(&self, value: &impl Serialize, is_stream: bool) -> Result<(), Failure> {
        let text = match &self.workspace {
            Some(name) => serde_json::to_string(&serde_json::json!({ "workspace": name, "result": value }))?,
            None if is_stream => serde_json::to_string(value)?,
            None => serde_json::to_string_pretty(value)?,
        };
        Self::line(&messages::json_escaped(&text))
    }

    /// Prints one line on standard error. A write error is ignored: there is no other place to report it.
    pub(crate) fn print_diagnostic(kind: &str, message: &str) {
        let _ = io::stderr().lock().write_all(Self::diagnostic_line(kind, message).as_bytes());
    }

    fn diagnostic_line(kind: &str, message: &str) -> String {
        format!("headcount: {kind}: {}\n", messages::plain(message, 4096))
    }

    /// Prints the warnings of a snapshot. In JSON they are part of the snapshot.
    pub(crate) fn warn(&self, warnings: &[Warning]) {
        if self.is_json || self.is_quiet {
            return;
        }
        // One write: a registry of ten thousand sessions can have ten thousand warnings.
        let mut lines = String::new();
        for warning in warnings {
            let place = warning.path.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
            lines += &Self::diagnostic_line("warning", &format!("{}{place}", warning.message));
        }
        let _ = io::stderr().lock().write_all(lines.as_bytes());
    }

    /// The terminal's width in columns; `None` without a terminal.
    pub(crate) fn columns(&self) -> Option<usize> {
        let size = self.is_terminal.then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
    }

    /// `wide` if it fits into the terminal, else `narrow`, cut to the terminal's width.
    pub(crate) fn fitted(&self, wide: String, narrow: &str) -> String {
        match self.columns() {
            Some(columns) if !fits(&wide, columns) => cut_styled(narrow, columns),
            _ => wide,
        }
    }

    /// The line width to lay text out for.
    pub(crate) fn width(&self) -> usize {
        self.columns().unwrap_or(WIDTH)
    }
}
