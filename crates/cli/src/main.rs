//! The `headcount` command: parses arguments, calls the engine, prints the result.
//!
//! Guarantees (design §4): results go to standard output, warnings and errors to standard error. Exit codes: 0 done, 1
//! failed, 2 wrong usage. A closed pipe is not an error. Does not decide anything about sessions.

mod args;
mod command_context;
mod commands;
mod output;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use args::Args;
use command_context::CommandContext;
use commands::history::{log, restore, undo};
use commands::hooks::{bare_hook, hook};
use commands::sessions::{identify, preferences, registration, renumber, show};
use commands::{Command, cleanup, doctor, everywhere, hooks, scripts, shell, status, wait, workspaces};
use output::Output;

/// The reasons for which a command fails.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// An operation of the engine failed.
    #[error(transparent)]
    Engine(#[from] headcount_engine::Error),
    /// Writing to standard output or standard error failed.
    #[error("Could not print: {0}")]
    Print(#[from] io::Error),
    /// A file could not be written.
    #[error("Could not write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// `doctor` or `hooks status` found this many problems.
    #[error("{} found; see above for what to do", if *.0 == 1 { "1 problem was".into() } else { format!("{} problems were", .0) })]
    Problems(usize),
    /// There is no session with this number.
    #[error("There is no session {0}.")]
    NoSession(headcount_core::Number),
    /// A session that was waited for ended.
    #[error("Session {0} ended before.")]
    SessionEnded(headcount_core::Number),
    /// A person declined, or there is no terminal to ask at, or a precondition is missing.
    #[error("{0}")]
    Declined(&'static str),
    /// The message of a legacy script, printed on standard output as that script did. Exit code 1.
    #[error("{0}")]
    ScriptMessage(String),
    /// Invalid arguments of a legacy script. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// `identify` cannot determine which session this is.
    #[error("{0}")]
    Unidentified(headcount_core::registry::identify_flow::Stop),
    /// `show` did not bring a terminal to the front.
    #[error("Session {number} was not shown: {why}")]
    NotShown {
        /// The session's number.
        number: headcount_core::Number,
        /// Why.
        why: String,
    },
    /// With `--all`, the command failed for this many workspaces, as printed above.
    #[error("{} failed; see above", if *.0 == 1 { "1 workspace".into() } else { format!("{} workspaces", .0) })]
    Workspaces(usize),
    /// A result could not be serialised to JSON.
    #[error("Could not write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Failure {
    /// Whether the reader of the output, for example `head`, closed the pipe.
    fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Print(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Json(error) => error.io_error_kind() == Some(io::ErrorKind::BrokenPipe),
            _ => false,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::of_process();
    match args.command {
        Some(Command::Hook) => {
            hook::run(io::stdin());
            return ExitCode::SUCCESS;
        }
        None => {
            if let Some(payload) = bare_hook::payload() {
                hook::run(payload);
                return ExitCode::SUCCESS;
            }
        }
        Some(_) => {}
    }
    if let Some(directives) = std::env::var_os("HEADCOUNT_LOG") {
        match directives.to_string_lossy().parse::<Targets>() {
            Ok(targets) => {
                tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(targets).init();
            }
            Err(error) => Output::print_diagnostic("warning", &format!("HEADCOUNT_LOG is invalid: {error}")),
        }
    }
    let is_quiet = args.command.as_ref().is_some_and(Command::is_quiet);
    let output = Output::new(args.global.color, args.global.json, is_quiet);
    let result = match args.command {
        Some(Command::Wait(wait)) if !args.global.all => {
            CommandContext::open(&args.global, &output).and_then(|session| wait::run(&wait, &session, &output))
        }
        _ => run(args, &output).map(|()| ExitCode::SUCCESS),
    };
    match result {
        Ok(code) => code,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(Failure::ScriptMessage(words)) => {
            let _ = Output::line(&words);
            ExitCode::FAILURE
        }
        Err(Failure::Usage(words)) => {
            let _ = std::io::Write::write_all(&mut io::stderr(), words.as_bytes());
            ExitCode::from(2)
        }
        Err(failure) => {
            Output::print_diagnostic("error", &failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args, output: &Output) -> Result<(), Failure> {
    // Lazy: commands about hooks and the ones used to build a package need no workspace.
    let session = || CommandContext::open(&args.global, output);
    // For commands that a session runs about itself: uses the session's registry in any working directory.
    let own = || CommandContext::open_own(&args.global, output);
    let command = args.command.unwrap_or_default();
    if args.global.all {
        return everywhere::run(&command, &args.global, output);
    }
    match command {
        Command::Status(status) => status::run(&status, &session()?, output),
        Command::Cleanup(cleanup) => cleanup::run(&cleanup, &session()?, output),
        Command::Show(show) => show::run(&show, &session()?, output),
        Command::Undo(undo) => undo::run(&undo, &session()?, output),
        Command::Workspaces(workspaces) => workspaces::run(&workspaces, &args.global, output),
        Command::Doctor => doctor::run(&session()?, output),
        Command::Log(log) => log::run(&log, &session()?, output),
        Command::Restore(restore) => restore::run(&restore, &session()?, output),
        Command::Reassign(reassign) => renumber::reassign(&reassign, &session()?, output),
        Command::Compact(compact) => renumber::compact(&compact, &session()?, output),
        Command::Identify(identify) => identify::run(identify, &own()?, output),
        Command::Register(register) => registration::register(register, &session()?, output),
        Command::Heartbeat(numbered) => registration::heartbeat(&numbered, &own()?, output),
        Command::Release(numbered) => registration::release(&numbered, &own()?, output),
        Command::Reactivate(reactivate) => registration::reactivate(&reactivate, &session()?, output),
        Command::Keep(keep) => preferences::keep(&keep, &session()?, output),
        Command::Timeout(timeout) => preferences::timeout(&timeout, &session()?, output),
        Command::Scripts(scripts) => scripts::run(&scripts, &args.global, output),
        Command::Hooks(hooks) => hooks::run(&hooks, output),
        // Handled in `main`: the hook finds its registry by the session's folder, `wait` has exit codes of its own.
        Command::Hook | Command::Wait(_) => Ok(()),
        Command::Completions(completions) => shell::completions(&completions),
        Command::Man(manual) => shell::manual(&manual),
    }
}
