//! `headcount identify`: asks the questions that core selects, in the wording of the script that it replaces, and
//! prints the result.
//!
//! Guarantees: questions go to standard error, and only if a person is at a terminal. An invalid answer is explained
//! and asked for again. If the input ends, nothing more is done. Does not decide anything.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::liveness::State;
use headcount_core::liveness::cleanup::{Selection, Target};
use headcount_core::registry::identify_flow::{Answers, CleanupAnswer, Next, Question, Stop};
use headcount_core::view::text::messages;
use headcount_engine::Error;
use headcount_engine::claude::hook_env::HookEnv;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::ops::{self, Identified, IdentifyContext};
use serde::Serialize;

use crate::Failure;
use crate::args::QuietFlag;
use crate::command_context::CommandContext;
use crate::commands::sessions::registration;
use crate::output::Output;
use crate::output::table;

/// `headcount identify`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Identify {
    /// Session number [default: ask, offering the lowest free number]
    #[arg(long, value_name = "N")]
    pub(crate) number: Option<Number>,
    /// Role of a new session
    #[arg(long, value_name = "TEXT")]
    pub(crate) role: Option<String>,
    /// Goal of a new session
    #[arg(long, value_name = "TEXT")]
    pub(crate) goal: Option<String>,
    /// Do not ask: use the given number, or the lowest free one. No cleanup
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Clean up stale sessions first without asking
    #[arg(long, conflicts_with = "no_cleanup")]
    pub(crate) auto_cleanup: bool,
    /// Do not clean up and do not ask about it
    #[arg(long)]
    pub(crate) no_cleanup: bool,
    /// Only send a heartbeat, for this shell's session or the given number
    #[arg(long, conflicts_with_all = ["role", "goal", "yes", "auto_cleanup"])]
    pub(crate) heartbeat_only: bool,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// The result, for `--json`.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    identified: Identified,
    cleaned_up: Vec<Number>,
}

pub(crate) fn run(args: Identify, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    if args.heartbeat_only {
        let number = registration::number_or_own(args.number, session)?;
        ops::heartbeat(&session.workspace, number, BeatKind::Identity, CommandContext::context())?;
        return registration::print_number(output, number, None, "💓 Heartbeat for session");
    }
    let mut answers = Answers {
        can_be_asked: std::io::stdin().is_terminal() && !output.is_json && !output.is_quiet,
        takes_offers: args.yes,
        cleanup: match (args.auto_cleanup, args.no_cleanup) {
            (true, _) => CleanupAnswer::Requested,
            (_, true) => CleanupAnswer::Decided,
            _ => CleanupAnswer::NotAsked,
        },
        number: args.number,
        is_back: None,
        role: args.role,
        goal: args.goal,
    };
    let env = HookEnv::of_process();
    let mut found = ops::identify_context(&session.workspace, &env, SystemClock.now())?;
    output.warn(&found.snapshot.warnings);
    let mut cleaned_up = Vec::new();
    let mut is_shown = false;
    loop {
        match found.next(&answers) {
            Next::CleanUp => {
                cleaned_up = clean_up(&found, session, output)?;
                answers.cleanup = CleanupAnswer::Decided;
                found = ops::identify_context(&session.workspace, &env, SystemClock.now())?;
            }
            Next::Ask(question) => {
                if question == Question::Number && !is_shown {
                    is_shown = true;
                    show(&found, output)?;
                }
                ask(question, &found, &mut answers)?;
            }
            Next::Stop(stop) => reject_number(stop, args.number, &mut answers)?,
            Next::Enter(entrance) => {
                note_stale(&found, &answers, output);
                let terminal = registration::terminal();
                let identified = ops::identify(
                    &session.workspace,
                    entrance,
                    found.caller.as_ref(),
                    &terminal,
                    CommandContext::context(),
                )?;
                return print_report(&Report { identified, cleaned_up }, output);
            }
        }
    }
}

/// Cleans up exactly the sessions that were found stale, if they are still stale.
fn clean_up(found: &IdentifyContext, session: &CommandContext, output: &Output) -> Result<Vec<Number>, Failure> {
    let named = |number: &Number| Target {
        number: *number,
        session_id: found.snapshot.row(*number).map(|row| row.session_id.clone()),
    };
    let selection = Selection::Only(found.snapshot.cleanup.numbers.iter().map(named).collect());
    let done = match ops::cleanup(&session.workspace, &selection, false, CommandContext::context()) {
        Ok(cleanup) => cleanup.done,
        // Missing evidence prevents the cleanup, but not the identification.
        Err(error @ Error::NoEvidence(_)) => {
            Output::print_diagnostic("note", &error.to_string());
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    if !output.is_json && !output.is_quiet {
        Output::line(&format!("✅ Marked {} session(s) as inactive\n", done.marked.len()))?;
    }
    Ok(done.marked)
}

/// Prints why a number was rejected and clears it, so that it is asked for again. Fails if the number came from the
/// command line.
fn reject_number(stop: Stop, number_argument: Option<Number>, answers: &mut Answers) -> Result<(), Failure> {
    if number_argument.is_some() || answers.number.is_none() || !answers.can_be_asked {
        return Err(Failure::Unidentified(stop));
    }
    Output::print_diagnostic("note", &stop.to_string());
    (answers.number, answers.is_back) = (None, None);
    Ok(())
}

/// Shows the sessions before a number is chosen.
fn show(found: &IdentifyContext, output: &Output) -> Result<(), Failure> {
    let mut out = Output::stdout();
    writeln!(out, "{}", table::table(&found.snapshot, output))?;
    if let Some(last) = found.last.and_then(|last| found.snapshot.row(last)) {
        writeln!(out, "This shell was last identified as {}.", messages::name(last, 60))?;
    }
    out.flush()?;
    Ok(())
}

fn ask(question: Question, found: &IdentifyContext, answers: &mut Answers) -> Result<(), Failure> {
    let picture = &found.snapshot;
    match question {
        Question::CleanUp => {
            let mut out = Output::stdout();
            let stale = &picture.cleanup;
            writeln!(out, "⚠️  Detected {} stale session(s) (no recent heartbeat)", stale.numbers.len())?;
            for row in stale.numbers.iter().filter_map(|number| picture.row(*number)) {
                writeln!(out, "  {}: {}", messages::name(row, 60), messages::why(row, picture.at))?;
            }
            if let Some(caution) = &stale.caution {
                writeln!(out, "\n{}", messages::plain(&caution.message, 400))?;
            }
            out.flush()?;
            let agrees = is_yes(&line("\nClean up stale sessions? (y/n): ")?, false);
            answers.cleanup = if agrees { CleanupAnswer::Requested } else { CleanupAnswer::Decided };
        }
        Question::Number => {
            let lowest = found.lowest;
            answers.number = match line(&format!("Accept #{lowest}? [Enter, another number, or skip]: "))?.as_str() {
                "" => Some(lowest),
                "skip" => return Err(Failure::Declined("Skipped: this shell is not identified as a session")),
                other => other.trim_start_matches('#').parse().ok(),
            };
        }
        Question::IsThisSession(number) => {
            let Some(row) = picture.row(number) else { return Ok(()) };
            let (name, why) = (messages::name(row, 60), messages::why(row, picture.at));
            // A session that signed off has likely come back; one that is only silent is likely a different session.
            let is_likely = row.state == State::Inactive;
            let choice = if is_likely { "Y/n" } else { "y/N" };
            let answer = line(&format!("{name}: {why}. Is this that session? ({choice}): "))?;
            answers.is_back = Some(is_yes(&answer, is_likely));
        }
        Question::Role => answers.role = non_empty(line("Role (e.g., 'Infrastructure Engineer'): ")?),
        Question::Goal => answers.goal = non_empty(line("Goal (e.g., 'Deploy and maintain core services'): ")?),
    }
    Ok(())
}

/// The answer, or `None` if it is empty: then it is asked for again.
fn non_empty(answer: String) -> Option<String> {
    Some(answer).filter(|answer| !answer.is_empty())
}

fn is_yes(answer: &str, otherwise: bool) -> bool {
    match answer.to_lowercase().as_str() {
        "" => otherwise,
        answer => matches!(answer, "y" | "yes"),
    }
}

/// Prints a prompt and reads one line.
fn line(prompt: &str) -> Result<String, Failure> {
    let mut out = std::io::stderr().lock();
    write!(out, "{prompt}")?;
    out.flush()?;
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(Failure::Declined("Stopped: the input ended before the session was identified"));
    }
    Ok(line.trim().to_owned())
}

/// Notes that stale sessions were left alone, if the person was not asked about them.
fn note_stale(found: &IdentifyContext, answers: &Answers, output: &Output) {
    let stale = found.snapshot.cleanup.numbers.len();
    if stale > 0 && answers.cleanup == CleanupAnswer::NotAsked && !output.is_quiet {
        let stale = messages::sessions(stale);
        Output::print_diagnostic("note", &format!("{stale} stale; use --auto-cleanup to clean up first"));
    }
}

fn print_report(report: &Report, output: &Output) -> Result<(), Failure> {
    if output.is_json {
        return output.json(report, false);
    }
    if output.is_quiet {
        return Ok(());
    }
    let number = report.identified.number;
    let how = match report.identified.how {
        "registered" => "Registered as session",
        "reactivated" => "Reactivated session",
        _ => "Continuing as session",
    };
    Output::line(&format!("✅ {how} {number}\n💓 Heartbeat sent"))
}
