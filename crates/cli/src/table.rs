//! The table of sessions, for a terminal.
//!
//! Promises: columns line up whatever script a role is written in; a line never wraps; state is a word and a shape, not a
//! colour alone.

use std::fmt::Write as _;

use headcount_core::badge::{self, headline};
use headcount_core::liveness::State;
use headcount_core::row::Row;
use headcount_core::snapshot::Snapshot;
use headcount_core::words;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::output::Output;

/// The narrowest a role is cut to.
const NARROWEST: usize = 12;

/// How many free numbers are listed.
const FREE: usize = 12;

/// The table over a snapshot, ending in a line break.
pub(crate) fn table(snapshot: &Snapshot, output: &Output) -> String {
    let mut out = String::new();
    let (strong, quiet) = (output.strong(), output.quiet());
    let _ = writeln!(
        out,
        "{strong}{}{strong:#}  {quiet}{}{quiet:#}",
        headline(snapshot.counts),
        words::plain(&snapshot.registry, 200)
    );
    if snapshot.rows.is_empty() {
        let _ = writeln!(out, "Nobody is registered yet.");
    } else {
        let _ = writeln!(out);
        rows(&mut out, snapshot, output);
    }
    if let Some(line) = badge::unregistered(snapshot) {
        let _ = writeln!(out, "\n{line}");
        for found in &snapshot.unregistered {
            let name = words::plain(&found.name, 60);
            let folder = words::plain(found.cwd.as_deref().unwrap_or_default(), 200);
            let _ = writeln!(out, "  {name}  {quiet}process {}  {folder}{quiet:#}", found.pid);
        }
        let _ = writeln!(out, "{quiet}Give one a number: headcount register --pid PROCESS{quiet:#}");
    }
    let _ = writeln!(out, "\n{quiet}Free numbers: {}{quiet:#}", free(snapshot));
    out
}

fn rows(out: &mut String, snapshot: &Snapshot, output: &Output) {
    let cells: Vec<[String; 5]> = snapshot.rows.iter().map(|row| cells(row, snapshot)).collect();
    let widest = |column: usize| {
        cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default()
    };
    // Measured once: a table of ten thousand rows is not walked for each of them.
    let [number, state, role, why, terminal] = [0, 1, 2, 3, 4].map(widest);
    let fixed = number + state + why + terminal + 2 * 5;
    let role = role.min(output.width().saturating_sub(fixed).max(NARROWEST));
    for (row, cells) in snapshot.rows.iter().zip(&cells) {
        let style = output.style(row.state);
        let quiet = output.quiet();
        let line = format!(
            "  {} {style}{}{style:#}  {}  {style}{}{style:#}  {quiet}{}{quiet:#}",
            pad_left(&cells[0], number),
            pad(&cells[1], state),
            pad(&cut(&cells[2], role), role),
            pad(&cells[3], why),
            cells[4],
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn cells(row: &Row, snapshot: &Snapshot) -> [String; 5] {
    let state = match row.state {
        State::Active => "● active",
        State::Stale => "◌ stale",
        State::Inactive => "· inactive",
        State::Unknown => "? unknown",
    };
    let role = words::plain(&row.role, 120);
    let role = if role.is_empty() { words::plain(&row.session_id, 120) } else { role };
    let terminal = row.terminal.as_deref().map(|terminal| words::plain(terminal, 24)).unwrap_or_default();
    [row.number.to_string(), state.into(), role, words::why(row, snapshot.at), terminal]
}

fn free(snapshot: &Snapshot) -> String {
    let listed: Vec<String> = snapshot.available_numbers.iter().take(FREE).map(ToString::to_string).collect();
    match snapshot.available_numbers.len() {
        0 => "none up to the highest in use".into(),
        count if count > FREE => format!("{}, …", listed.join(", ")),
        _ => listed.join(", "),
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// The text in at most `width` columns.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used > width {
            break;
        }
        out.push(c);
    }
    out.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_a_terminal_does() {
        assert_eq!(cut("日本語です", 7), "日本語…");
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad_left("7", 3), "  7");
    }
}
