//! `headcount log`: lists the changes made by Headcount, newest first.

use std::io::Write as _;

use headcount_core::view::text::messages;
use headcount_engine::ops;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::{Output, QUIET};

/// `headcount log`
#[derive(Debug, clap::Args)]
pub(crate) struct Log {
    /// Number of changes to list, newest first
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

pub(crate) fn run(args: &Log, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let lines = ops::history(&session.workspace, args.limit)?;
    if output.is_json {
        return output.json(&lines, false);
    }
    let mut out = Output::stdout();
    if lines.is_empty() {
        writeln!(out, "Headcount has not changed this registry yet.")?;
    }
    for line in lines {
        let mut numbers: Vec<String> = line.numbers.iter().map(|number| format!("#{number}")).collect();
        if numbers.is_empty() {
            numbers.push("all sessions".into());
        }
        let note = if line.is_taken_back { " (undone)" } else { "" };
        // The journal is a file that other programs can write, so its text is sanitised.
        let (what, id) = (messages::plain(&line.what, 20), messages::plain(&line.id, 60));
        let numbers = numbers.join(" ");
        let wide = format!("{}  {what:<10}  {numbers}{note}  {QUIET}{id}{QUIET:#}", line.at);
        // Without the time, because the id begins with it.
        let narrow = format!("{QUIET}{id}{QUIET:#}  {what} {numbers}{note}");
        writeln!(out, "{}", output.fitted(wide, &narrow))?;
    }
    out.flush()?;
    Ok(())
}
