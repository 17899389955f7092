//! `headcount restore`: lists the kept copies of the registry, and restores one after showing the differences.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use headcount_core::view::text::messages;
use headcount_core::{Registry, time};
use headcount_engine::ops;
use headcount_engine::store::OverwritePolicy;
use headcount_engine::store::copies::Copy;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount restore`
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// Copy to restore [default: list the copies]
    #[arg(value_name = "ID")]
    pub(crate) copy: Option<String>,
    /// Restore without asking for confirmation
    #[arg(long, requires = "copy")]
    pub(crate) yes: bool,
}

pub(crate) fn run(args: &Restore, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let copies = ops::copies(&session.workspace)?;
    let Some(id) = &args.copy else { return list(&copies, output) };
    let copy = session.workspace.journal().copies().find(id)?;
    if !output.is_json {
        show_difference(&copy, session)?;
    }
    if !args.yes && !is_confirmed()? {
        return Err(Failure::Declined("Nothing was changed. Use --yes to restore the copy without confirmation"));
    }
    let kept = ops::restore(&session.workspace, id, OverwritePolicy::Anything, CommandContext::context())?;
    let kept = kept.map(|path| path.display().to_string());
    if output.is_json {
        return output.json(&serde_json::json!({ "restored": id, "kept": kept }), false);
    }
    let kept = kept.map(|path| format!(" The previous contents are kept as {path}.")).unwrap_or_default();
    let of = time::wire(time::whole_seconds(copy.at));
    Output::line(&format!("✅ Restored the registry from the copy of {of}.{kept}"))
}

fn list(copies: &[Copy], output: &Output) -> Result<(), Failure> {
    if output.is_json {
        let lines: Vec<_> = copies
            .iter()
            .map(|copy| serde_json::json!({ "id": copy.id, "at": time::wire(copy.at), "path": copy.path, "sessions": copy.sessions() }))
            .collect();
        return output.json(&lines, false);
    }
    let mut out = Output::stdout();
    if copies.is_empty() {
        writeln!(out, "No copies yet. Headcount makes one before each change.")?;
    }
    for copy in copies {
        let what = copy.sessions().map_or_else(|| "cannot be read".into(), messages::sessions);
        let wide = format!("{}  {}  {what}", copy.id, time::wire(time::whole_seconds(copy.at)));
        // Without the time, because the id begins with it.
        let narrow = format!("{}  {what}", copy.id);
        writeln!(out, "{}", output.fitted(wide, &narrow))?;
    }
    out.flush()?;
    Ok(())
}

/// Prints, session by session, what the restore would change.
fn show_difference(copy: &Copy, session: &CommandContext) -> Result<(), Failure> {
    let now = session.workspace.store().read().ok();
    let then = Registry::read(copy.read()?).unwrap_or_default();
    let Some(now) = now else {
        let held = messages::sessions(then.entries().len());
        return Output::line(&format!("The registry cannot be read; the copy has {held}."));
    };
    let mut out = Output::stdout();
    let all: std::collections::BTreeSet<u64> =
        now.entries().iter().chain(then.entries()).map(|entry| entry.number).collect();
    for number in all {
        match (now.raw_entry(number), then.raw_entry(number)) {
            (Some(_), None) => writeln!(out, "- session {number} is removed")?,
            (None, Some(_)) => writeln!(out, "+ session {number} is added")?,
            (Some(now), Some(then)) if now != then => writeln!(out, "~ session {number} is changed")?,
            _ => {}
        }
    }
    out.flush()?;
    Ok(())
}

/// Asks for confirmation. Without a terminal the answer is no.
fn is_confirmed() -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Ok(false);
    }
    write!(std::io::stderr(), "Restore this copy? [y/N] ")?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
