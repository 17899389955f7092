//! `--all`: a command that reads, for every workspace.
//!
//! Guarantees: a workspace that cannot be read is reported, and the others are shown; the exit code is 1 then. JSON is
//! one line for each workspace.

use headcount_core::view::text::messages;

use crate::Failure;
use crate::args::Global;
use crate::command_context::CommandContext;
use crate::commands::history::{log, restore};
use crate::commands::{Command, doctor, status};
use crate::output::{Output, STRONG};

/// The message for a command without `--all`.
const NOT_FOR_ALL: &str =
    "headcount: error: --all works with status, log, doctor, and restore without an ID; use --workspace NAME\n";

pub(crate) fn run(command: &Command, global: &Global, output: &Output) -> Result<(), Failure> {
    let one: &dyn Fn(&CommandContext, &Output) -> Result<(), Failure> = match command {
        Command::Status(args) => return status::all::run(args, &CommandContext::open_all(global, output)?, output),
        Command::Log(args) => &move |session, output| log::run(args, session, output),
        Command::Doctor => &doctor::run,
        Command::Restore(args) if args.copy.is_none() => &move |session, output| restore::run(args, session, output),
        _ => return Err(Failure::Usage(NOT_FOR_ALL.to_owned())),
    };
    let mut failed = 0;
    for (name, session) in &CommandContext::open_all(global, output)? {
        let output = output.in_workspace(name);
        heading(name, session, &output)?;
        match one(session, &output) {
            Err(failure) if failure.is_closed_pipe() => return Err(failure),
            Err(failure) => {
                failed += 1;
                Output::print_diagnostic("error", &format!("{name}: {failure}"));
            }
            Ok(()) => {}
        }
    }
    if failed > 0 { Err(Failure::Workspaces(failed)) } else { Ok(()) }
}

/// The line above the output for one workspace.
pub(crate) fn heading(name: &str, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    if output.is_json {
        return Ok(());
    }
    let registry = session.workspace.registry.display().to_string();
    Output::line(&format!("{STRONG}{}{STRONG:#} · {}", messages::plain(name, 60), messages::plain(&registry, 200)))
}
