//! `headcount reassign` and `headcount compact`: change the numbers of sessions.

use std::io::Write as _;

use headcount_core::Number;
use headcount_core::registry::numbering::{Move, Renumbered};
use headcount_engine::ops;
use serde::Serialize;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount reassign`
#[derive(Debug, clap::Args)]
pub(crate) struct Reassign {
    /// Current number
    pub(crate) from: Number,
    /// New number
    pub(crate) to: Number,
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount compact`
#[derive(Debug, clap::Args)]
pub(crate) struct Compact {
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `--json`: the moves, and whether this was a dry run.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    renumbering: Renumbered,
    dry_run: bool,
}

pub(crate) fn reassign(args: &Reassign, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let renumbering = if args.dry_run {
        without_change(ops::preview_reassign(&session.workspace, args.from, args.to)?)
    } else {
        ops::reassign(&session.workspace, args.from, args.to, None, CommandContext::context())?
    };
    show(renumbering, args.dry_run, output)
}

pub(crate) fn compact(args: &Compact, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let context = CommandContext::context();
    let renumbering = if args.dry_run {
        without_change(ops::preview_compact(&session.workspace, context.at)?)
    } else {
        ops::compact(&session.workspace, None, context)?
    };
    show(renumbering, args.dry_run, output)
}

fn without_change(moves: Vec<Move>) -> Renumbered {
    Renumbered { moves, change: None }
}

fn show(renumbering: Renumbered, dry_run: bool, output: &Output) -> Result<(), Failure> {
    if output.is_json {
        return output.json(&Report { renumbering, dry_run }, false);
    }
    let mut out = Output::stdout();
    if renumbering.moves.is_empty() {
        writeln!(out, "Nothing to change: the sessions already have these numbers.")?;
    }
    for step in &renumbering.moves {
        let is_swap = renumbering.moves.iter().any(|other| (other.from, other.to) == (step.to, step.from));
        writeln!(out, "#{} → #{}{}", step.from, step.to, if is_swap { " (swap)" } else { "" })?;
    }
    if dry_run && !renumbering.moves.is_empty() {
        writeln!(out, "🔍 DRY RUN - No changes made")?;
    }
    out.flush()?;
    Ok(())
}
