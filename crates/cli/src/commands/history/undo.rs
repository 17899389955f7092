//! `headcount undo`: undoes a change, session by session.

use headcount_core::view::text::messages;
use headcount_engine::ops;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount undo`
#[derive(Debug, clap::Args)]
pub(crate) struct Undo {
    /// Change to undo, from `headcount log` [default: the last one]
    #[arg(value_name = "ID")]
    pub(crate) change: Option<String>,
}

/// The error if every session was changed since.
const LEFT_ALONE: &str = "Nothing was undone: all sessions of that change were changed since";

pub(crate) fn run(args: &Undo, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let offered = match &args.change {
        Some(change) => Some(change.clone()),
        None => session.workspace.journal().last_change()?.map(|change| change.id),
    };
    let Some(change) = offered else {
        if output.is_json {
            return output.json(&serde_json::json!({ "restored": [], "refused": [], "change": null }), false);
        }
        return Output::line("There is no change to undo.");
    };
    let undone = ops::undo(&session.workspace, &change, CommandContext::context())?;
    let could_not = undone.restored.is_empty() && !undone.refused.is_empty();
    if output.is_json {
        output.json(&undone, false)?;
        return if could_not { Err(Failure::Declined(LEFT_ALONE)) } else { Ok(()) };
    }
    for refused in &undone.refused {
        Output::print_diagnostic("note", &format!("session {} {}; it was skipped", refused.number, refused.why));
    }
    if could_not {
        return Err(Failure::Declined(LEFT_ALONE));
    }
    let numbers: Vec<String> = undone.restored.iter().map(ToString::to_string).collect();
    let list = if numbers.is_empty() { String::new() } else { format!(": {}", numbers.join(", ")) };
    Output::line(&format!("↩ Restored {}{list}", messages::sessions(numbers.len())))
}
