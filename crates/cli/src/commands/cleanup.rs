//! `headcount cleanup`: marks stale sessions inactive. Prints the report that other scripts parse (protocol §6).

use std::fmt::Write as _;
use std::io::Write as _;

use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::liveness::{Reason, State};
use headcount_core::view::session::row::Row;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::text::messages;
use headcount_core::{Number, Time, time};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops;
use serde::Serialize;

use crate::Failure;
use crate::args::{QuietFlag, moment};
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount cleanup`
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Cleanup {
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Clean up only these sessions, if they are stale
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    pub(crate) only: Vec<Number>,
    /// Evaluate at this time instead of now (RFC 3339); dry runs only
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "dry_run")]
    pub(crate) at: Option<Time>,
    /// Clean up even if the heartbeats folder is missing or unreadable
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// `cleanup --json`: the snapshot that the cleanup was based on, and its result.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    before: &'a Snapshot,
    marked: &'a [Number],
    skipped: &'a [headcount_core::registry::change::Skipped],
    change: Option<&'a str>,
    dry_run: bool,
}

pub(crate) fn run(args: &Cleanup, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let selection = match args.only.as_slice() {
        [] => Selection::All,
        numbers => Selection::Only(numbers.iter().copied().map(Target::number).collect()),
    };
    let cleanup = if args.dry_run {
        let at = args.at.unwrap_or_else(|| SystemClock.now());
        ops::preview_cleanup(&session.workspace, &selection, args.force, at)?
    } else {
        ops::cleanup(&session.workspace, &selection, args.force, CommandContext::context())?
    };
    output.warn(&cleanup.before.warnings);
    let ops::Cleanup { done, before } = &cleanup;
    if output.is_quiet {
        return Ok(());
    }
    if output.is_json {
        let change = done.change.as_deref();
        return output.json(
            &Report { before, marked: &done.marked, skipped: &done.skipped, change, dry_run: args.dry_run },
            false,
        );
    }
    for skipped in &done.skipped {
        Output::print_diagnostic("note", &format!("session {} {}", skipped.number, skipped.why));
    }
    let mut out = Output::stdout();
    out.write_all(report(before, &done.marked, args.dry_run).as_bytes())?;
    out.flush()?;
    Ok(())
}

/// The report in the format of the script that this command replaces: another script parses it.
fn report(before: &Snapshot, marked: &[Number], is_dry_run: bool) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "🧹 Session Cleanup Tool\n=======================\n\nConfiguration:\n  Timeout: {} minutes\n  Dry Run: {is_dry_run}\n\nChecking sessions:\n\n",
        before.timeout
    );
    for row in &before.rows {
        write_row(&mut out, row, marked.binary_search(&row.number).is_ok(), before.at);
    }
    let _ = write!(
        out,
        "\nSummary:\n  ✅ Active sessions: {}\n  💤 Stale sessions: {}\n\n",
        before.counts.active, before.counts.stale
    );
    if marked.is_empty() {
        let is_healthy = before.counts.stale == 0;
        out.push_str(if is_healthy {
            "✨ All active sessions are healthy!\n"
        } else {
            "None of the given sessions is stale\n"
        });
        out.push_str("\nDone!\n");
        return out;
    }
    out.push_str("Stale sessions to update:\n");
    for row in before.rows.iter().filter(|row| marked.binary_search(&row.number).is_ok()) {
        let _ = writeln!(out, "  #{} ({}) - Last seen: {}", row.number, id(row), last_seen(row, before.at));
    }
    out.push('\n');
    if is_dry_run {
        out.push_str("🔍 DRY RUN - No changes made\n");
    } else {
        let _ = write!(out, "Updating session registry...\n✅ Marked {} session(s) as inactive\n", marked.len());
    }
    out.push_str("\nDone!\n");
    out
}

fn write_row(out: &mut String, row: &Row, is_marked: bool, at: Time) {
    let is_awake = row.state == State::Active || row.state != State::Stale && row.is_beating;
    let status = row.status.as_deref().map_or_else(|| "unknown".into(), |status| messages::plain(status, 40));
    let _ = write!(
        out,
        "  {} Session #{:2} ({})\n     Last heartbeat: {}\n     Current status: {status}\n",
        if is_awake { "✅" } else { "💤" },
        row.number,
        id(row),
        last_seen(row, at),
    );
    match row.state {
        State::Active => out.push_str("     → Staying ACTIVE\n"),
        State::Stale if is_marked => {
            let _ = writeln!(out, "     → Will mark as INACTIVE ({})", why(row.reason));
        }
        State::Stale => out.push_str("     → Skipped (not selected)\n"),
        State::Inactive | State::Unknown => {}
    }
    out.push('\n');
}

fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Ended => "its process ended",
        Reason::Disconnected => "it disconnected",
        _ => "timeout exceeded",
    }
}

fn id(row: &Row) -> String {
    messages::plain(&row.session_id, 200)
}

/// The age of the last heartbeat in the script's format: the hours are not limited to 24.
fn last_seen(row: &Row, at: Time) -> String {
    let Some(beat) = row.last_heartbeat else { return "Never".into() };
    let minutes = time::age(beat, at) / 60;
    format!("{}h {}m ago", minutes / 60, minutes % 60)
}
