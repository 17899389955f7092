//! `headcount show`: brings the terminal of a session to the front.

use headcount_core::Number;
use headcount_core::terminal::outcome::{ShowOutcome, ShowResult};
use headcount_engine::ops;
use headcount_engine::workspace::desktop_env;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount show`
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// Session number
    pub(crate) number: Number,
}

pub(crate) fn run(args: &Show, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let shown = ops::show(&session.workspace, args.number, desktop_env::of_process())?;
    if output.is_json {
        output.json(&shown, false)?;
    }
    match shown.outcome {
        ShowOutcome::Shown if output.is_json => Ok(()),
        ShowOutcome::Shown => Output::line(&format!("👁 {}", shown.text)),
        _ => Err(failure(&shown, output)),
    }
}

/// The error, after the reasons of everything that was tried.
fn failure(shown: &ShowResult, output: &Output) -> Failure {
    if !output.is_json {
        for reason in shown.reasons() {
            Output::print_diagnostic("note", &reason);
        }
        if let Some(command) = &shown.command {
            Output::print_diagnostic("hint", &format!("to go on in another terminal: {command}"));
        }
    }
    Failure::NotShown { number: shown.number, why: shown.text.clone() }
}
