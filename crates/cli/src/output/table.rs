//! The table of sessions, for a terminal.
//!
//! Promises: columns line up in any script; no line is wider than the terminal: a narrow one gets shorter reasons and no
//! names of terminals; state is a word and a shape, not a colour alone.

use std::fmt::Write as _;

use headcount_core::liveness::State;
use headcount_core::view::badge;
use headcount_core::view::messages;
use headcount_core::view::row::Row;
use headcount_core::view::snapshot::Snapshot;

use crate::output::Output;
use crate::output::columns::{cut, cut_start, cut_styled, pad, pad_left, width};

/// The narrowest a role is cut to, as long as there is another way to save columns, and when there is none.
const NARROWEST: [usize; 2] = [12, 8];

/// How many free numbers are listed.
const FREE: usize = 12;

/// The table over a snapshot, ending in a line break.
pub(crate) fn table(snapshot: &Snapshot, output: &Output) -> String {
    let mut out = String::new();
    let (strong, quiet) = (output.strong(), output.quiet());
    let headline = badge::headline_of(snapshot);
    let path = messages::plain(&snapshot.registry, 200);
    let path = match output.columns() {
        Some(columns) => cut_start(&path, columns.saturating_sub(width(&headline) + 2).max(NARROWEST[0])),
        None => path,
    };
    let _ = writeln!(out, "{strong}{headline}{strong:#}  {quiet}{path}{quiet:#}");
    if snapshot.rows.is_empty() {
        let _ = writeln!(out, "No session is registered yet.");
    } else {
        let _ = writeln!(out);
        rows(&mut out, snapshot, output);
    }
    unregistered(&mut out, snapshot, output);
    let _ = writeln!(out, "\n{quiet}Free numbers: {}{quiet:#}", free(snapshot));
    match output.columns() {
        Some(columns) => out.lines().map(|line| cut_styled(line, columns) + "\n").collect(),
        None => out,
    }
}

/// The sessions that run and are not registered.
fn unregistered(out: &mut String, snapshot: &Snapshot, output: &Output) {
    let quiet = output.quiet();
    if snapshot.unregistered.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nRunning, not registered:");
    for found in &snapshot.unregistered {
        let name = messages::plain(&found.name, 60);
        let folder = messages::plain(found.cwd.as_deref().unwrap_or_default(), 200);
        let _ = writeln!(out, "  {name}  {quiet}process {}  {folder}{quiet:#}", found.pid);
    }
    let _ =
        writeln!(out, "{quiet}Give them numbers: headcount register --all-running, or --pid PROCESS for one{quiet:#}");
}

fn rows(out: &mut String, snapshot: &Snapshot, output: &Output) {
    let mut cells: Vec<[String; 5]> = snapshot.rows.iter().map(|row| cells(row, snapshot)).collect();
    let columns = Columns::fit(&mut cells, snapshot, output.width());
    for (row, [number, state, role, why, terminal]) in snapshot.rows.iter().zip(&cells) {
        let style = output.style(row.state);
        let quiet = output.quiet();
        let mut line = format!(
            "  {} {style}{}{style:#}  {}  {style}{}{style:#}",
            pad_left(number, columns.number),
            pad(state, columns.state),
            pad(&cut(role, columns.role), columns.role),
            pad(&cut(why, columns.why), columns.why),
        );
        if columns.has_terminal {
            let _ = write!(line, "  {quiet}{terminal}{quiet:#}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The width of each column.
struct Columns {
    number: usize,
    state: usize,
    role: usize,
    why: usize,
    has_terminal: bool,
}

impl Columns {
    /// Those that fit into a line, or come nearest to it. Reasons are shortened where there is no other way.
    fn fit(cells: &mut [[String; 5]], snapshot: &Snapshot, line: usize) -> Self {
        // Measured once: a table of ten thousand rows is not walked for each of them.
        let [number, state, role, mut why, terminal] = [0, 1, 2, 3, 4].map(|column| widest(cells, column));
        let (roomy, narrow) = (role.min(NARROWEST[0]), role.min(NARROWEST[1]));
        // What stands before the role and between the columns.
        let fixed = 2 + number + 1 + state + 2 + 2;
        let has_terminal = terminal > 0 && fixed + roomy + why + 2 + terminal <= line;
        if !has_terminal && fixed + roomy + why > line {
            for (row, [_, _, _, why, _]) in snapshot.rows.iter().zip(cells.iter_mut()) {
                *why = messages::why_briefly(row, snapshot.at);
            }
            why = widest(cells, 3).min(line.saturating_sub(fixed + narrow));
        }
        let others = fixed + why + if has_terminal { 2 + terminal } else { 0 };
        Self { number, state, role: role.min(line.saturating_sub(others).max(narrow)), why, has_terminal }
    }
}

fn widest(cells: &[[String; 5]], column: usize) -> usize {
    cells.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or_default()
}

fn cells(row: &Row, snapshot: &Snapshot) -> [String; 5] {
    let state = match row.state {
        State::Active => "● active",
        State::Stale => "◌ stale",
        State::Inactive => "· inactive",
        State::Unknown => "? unknown",
    };
    let role = messages::plain(&row.role, 120);
    let role = if role.is_empty() { messages::plain(&row.session_id, 120) } else { role };
    let terminal = row.terminal.as_deref().map(|terminal| messages::plain(terminal, 24)).unwrap_or_default();
    [row.number.to_string(), state.into(), role, messages::why(row, snapshot.at), terminal]
}

fn free(snapshot: &Snapshot) -> String {
    let listed: Vec<String> = snapshot.available_numbers.iter().take(FREE).map(ToString::to_string).collect();
    match snapshot.available_numbers.len() {
        0 => "none up to the highest in use".into(),
        count if count > FREE => format!("{}, …", listed.join(", ")),
        _ => listed.join(", "),
    }
}
