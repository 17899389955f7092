//! `headcount log`: what Headcount changed, the newest first.

use std::io::Write as _;

use headcount_core::change::EntryChange;
use headcount_core::{time, words};
use headcount_engine::journal::{self, Record};
use serde::Serialize;

use crate::Failure;
use crate::args::Log;
use crate::output::Output;
use crate::session::Session;

/// One change in JSON.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    at: String,
    by: journal::Actor,
    what: &'a str,
    of: Option<&'a str>,
    numbers: Vec<u64>,
    is_taken_back: bool,
}

pub(crate) fn run(args: &Log, session: &Session, output: &Output) -> Result<(), Failure> {
    let records = session.workspace.journal().all()?;
    let lines: Vec<Line<'_>> = records.iter().rev().take(args.limit).map(|record| line(record, &records)).collect();
    if output.is_json {
        return Output::json(&lines, false);
    }
    let mut out = Output::stdout();
    if lines.is_empty() {
        writeln!(out, "Headcount has not changed this registry yet.")?;
    }
    let quiet = output.quiet();
    for line in lines {
        let numbers: Vec<String> = line.numbers.iter().map(|number| format!("#{number}")).collect();
        let note = if line.is_taken_back { " (taken back)" } else { "" };
        let what = words::plain(line.what, 20);
        writeln!(
            out,
            "{}  {what:<10}  {}{note}  {quiet}{}{quiet:#}",
            line.at,
            numbers.join(" "),
            words::plain(line.id, 60)
        )?;
    }
    out.flush()?;
    Ok(())
}

fn line<'a>(record: &'a Record, records: &[Record]) -> Line<'a> {
    Line {
        id: &record.id,
        at: time::wire(time::whole_seconds(record.at)),
        by: record.by,
        what: &record.what,
        of: record.of.as_deref(),
        numbers: record.entries.iter().map(EntryChange::number).collect(),
        is_taken_back: !journal::stands(records, &record.id),
    }
}
