//! The table of sessions for a terminal.
//!
//! Guarantees: columns line up in any script. No line is wider than the terminal: narrow terminals get shorter reasons
//! and no terminal names. A state is shown as a word and a shape, not only as a colour.

use std::fmt::Write as _;

use headcount_core::Time;
use headcount_core::liveness::State;
use headcount_core::view::session::row::Row;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::text::messages;
use headcount_core::view::text::shared_texts as texts;
use headcount_core::view::tray::badge;

use crate::output::columns::{cut, cut_start, cut_styled, pad, pad_left, width};
use crate::output::{Output, QUIET, STRONG, style};

/// The minimum widths of the role column: the first while other columns can still be shortened, the second otherwise.
const NARROWEST: [usize; 2] = [12, 8];

/// The maximum number of free numbers listed.
const MAX_FREE: usize = 12;

/// The table of a snapshot, with a trailing line break.
pub(crate) fn table(snapshot: &Snapshot, output: &Output) -> String {
    let mut out = String::new();
    let headline = badge::headline_of(snapshot);
    let path = messages::plain(&snapshot.registry, 200);
    let path = match output.columns() {
        Some(columns) => cut_start(&path, columns.saturating_sub(width(&headline) + 2).max(NARROWEST[0])),
        None => path,
    };
    let _ = writeln!(out, "{STRONG}{headline}{STRONG:#}  {QUIET}{path}{QUIET:#}");
    if snapshot.rows.is_empty() {
        let _ = writeln!(out, "No session is registered yet.");
    } else {
        let _ = writeln!(out);
        rows(&mut out, snapshot, output);
    }
    unregistered(&mut out, snapshot);
    let _ = writeln!(out, "\n{QUIET}{}{QUIET:#}", texts::fill(texts::FREE_NUMBERS, free(snapshot)));
    match output.columns() {
        Some(columns) => out.lines().map(|line| cut_styled(line, columns) + "\n").collect(),
        None => out,
    }
}

/// The running sessions that are not registered.
fn unregistered(out: &mut String, snapshot: &Snapshot) {
    if snapshot.unregistered.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nRunning, but not registered:");
    for found in &snapshot.unregistered {
        let name = messages::plain(&found.name, 60);
        let folder = messages::plain(found.cwd.as_deref().unwrap_or_default(), 200);
        let _ = writeln!(out, "  {name}  {QUIET}process {}  {folder}{QUIET:#}", found.pid);
    }
    let _ = writeln!(out, "{QUIET}To register them: headcount register --all-running, or --pid PID for one{QUIET:#}");
}

fn rows(out: &mut String, snapshot: &Snapshot, output: &Output) {
    let mut cells: Vec<[String; 5]> = snapshot.rows.iter().map(|row| cells(row, snapshot.at)).collect();
    let columns = Columns::fit(&mut cells, snapshot, output.width());
    for (row, [number, state, role, why, terminal]) in snapshot.rows.iter().zip(&cells) {
        let style = style(row.state);
        let terminal = if columns.has_terminal { terminal.as_str() } else { "" };
        let why = cut(why, columns.why);
        // The last column is not padded, so that lines have no trailing spaces.
        let why = if terminal.is_empty() { why } else { pad(&why, columns.why) };
        let (number, state) = (pad_left(number, columns.number), pad(state, columns.state));
        let role = pad(&cut(role, columns.role), columns.role);
        let _ = write!(out, "  {number} {style}{state}{style:#}  {role}  {style}{why}{style:#}");
        let _ = if terminal.is_empty() { writeln!(out) } else { writeln!(out, "  {QUIET}{terminal}{QUIET:#}") };
    }
}

/// The column widths.
struct Columns {
    number: usize,
    state: usize,
    role: usize,
    why: usize,
    has_terminal: bool,
}

impl Columns {
    /// Widths that fit into `line` columns, or come closest to it. Shortens the reasons if nothing else makes them fit.
    fn fit(cells: &mut [[String; 5]], snapshot: &Snapshot, line: usize) -> Self {
        // Each column is measured once, not once per row: a table can have ten thousand rows.
        let [number, state, role, mut why, terminal] = [0, 1, 2, 3, 4].map(|column| widest(cells, column));
        let (roomy, narrow) = (role.min(NARROWEST[0]), role.min(NARROWEST[1]));
        // The columns before the role and the gaps between the columns.
        let fixed = 2 + number + 1 + state + 2 + 2;
        let has_terminal = terminal > 0 && fixed + roomy + why + 2 + terminal <= line;
        if !has_terminal && fixed + roomy + why > line {
            for (row, [_, _, _, why, _]) in snapshot.rows.iter().zip(cells.iter_mut()) {
                *why = messages::condition_briefly(row, snapshot.at);
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

fn cells(row: &Row, now: Time) -> [String; 5] {
    let shape = match row.state {
        State::Active => '●',
        State::Stale => '◌',
        State::Inactive => '·',
        State::Unknown => '?',
    };
    let state = format!("{shape} {}", texts::state_name(row.state));
    let role = messages::plain(&row.role, 120);
    let role = if role.is_empty() { messages::plain(&row.session_id, 120) } else { role };
    let terminal = row.terminal.as_deref().map(|terminal| messages::plain(terminal, 24)).unwrap_or_default();
    [row.number.to_string(), state, role, messages::condition(row, now), terminal]
}

fn free(snapshot: &Snapshot) -> String {
    let listed: Vec<String> = snapshot.available_numbers.iter().take(MAX_FREE).map(ToString::to_string).collect();
    match snapshot.available_numbers.len() {
        0 => "none below the highest number in use".into(),
        count if count > MAX_FREE => format!("{}, …", listed.join(", ")),
        _ => listed.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use headcount_core::claude::activity::{Activity, ActivityKind};
    use headcount_core::liveness::{Process, Reason};
    use headcount_core::view::session::fields::{ROW_FIELDS, Visibility};
    use headcount_core::{Timeout, time};

    use super::*;

    fn row() -> Row {
        Row {
            number: 2,
            session_id: "session-2".into(),
            role: String::new(),
            goal: String::new(),
            terminal: None,
            status: Some("paused".into()),
            state: State::Stale,
            reason: Reason::Timeout,
            last_heartbeat: None,
            last_sign_of_life: None,
            is_beating: false,
            process: Process::Unknown,
            activity: None,
            pid: None,
            is_background: false,
            is_kept: false,
            own_timeout: None,
            histogram: None,
            warnings: Vec::new(),
        }
    }

    /// Two rows that differ in one field; `None` for a field without a value that the table could show.
    fn rows_that_differ_in(name: &str) -> Option<[Row; 2]> {
        let at = time::parse("2025-11-17T18:00:00Z");
        let of = |reason| Row { reason, ..row() };
        let pair = match name {
            "number" => [row(), Row { number: 3, ..row() }],
            "session_id" => [row(), Row { session_id: "other".into(), ..row() }],
            "role" => [row(), Row { role: "Architect".into(), ..row() }],
            "goal" => [row(), Row { goal: "other".into(), ..row() }],
            "terminal" => [row(), Row { terminal: Some("s002".into()), ..row() }],
            "status" => [of(Reason::Status), Row { status: None, ..of(Reason::Status) }],
            "state" => [row(), Row { state: State::Active, ..row() }],
            "reason" => [row(), of(Reason::Ended)],
            "last_heartbeat" => [of(Reason::Heartbeat), Row { last_heartbeat: at, ..of(Reason::Heartbeat) }],
            "last_sign_of_life" => [row(), Row { last_sign_of_life: at, ..row() }],
            "is_beating" => [of(Reason::Marked), Row { is_beating: true, ..of(Reason::Marked) }],
            "process" => [row(), Row { process: Process::Gone, ..row() }],
            "activity" => [row(), Row { activity: Some(Activity { kind: ActivityKind::Idle, since: None }), ..row() }],
            "pid" => [row(), Row { pid: Some(7), ..row() }],
            "is_background" => [row(), Row { is_background: true, ..row() }],
            "is_kept" => [row(), Row { is_kept: true, ..row() }],
            "own_timeout_minutes" => [row(), Row { own_timeout: Timeout::from_minutes(480), ..row() }],
            "histogram" | "warnings" | "age_seconds" => return None,
            _ => panic!("the field {name} is new: give two rows that differ in it"),
        };
        Some(pair)
    }

    #[test]
    fn the_table_shows_the_fields_that_are_described_so() {
        let now = time::parse("2025-11-17T20:00:00Z").unwrap();
        for field in &ROW_FIELDS {
            let is_shown =
                rows_that_differ_in(field.name).is_some_and(|[one, other]| cells(&one, now) != cells(&other, now));
            assert_eq!(is_shown, field.table == Visibility::Shown, "{}", field.name);
        }
    }
}
