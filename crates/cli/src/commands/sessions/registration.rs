//! `headcount register`, `heartbeat`, `release` and `reactivate`.

use headcount_core::Number;
use headcount_core::heartbeat::heartbeat_file::BeatKind;
use headcount_core::registry::registration::NewSession;
use headcount_core::view::text::messages;
use headcount_engine::claude::hook_env::HookEnv;
use headcount_engine::ops;

use crate::Failure;
use crate::args::QuietFlag;
use crate::command_context::CommandContext;
use crate::output::Output;

/// `headcount register`
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// Session number
    #[arg(required_unless_present_any = ["pid", "all_running"])]
    pub(crate) number: Option<Number>,
    /// Role of the session
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["pid", "all_running"])]
    pub(crate) role: Option<String>,
    /// Goal of the session
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["pid", "all_running"])]
    pub(crate) goal: Option<String>,
    /// Register the Claude Code session with this process id, with the lowest free number
    #[arg(long, conflicts_with_all = ["number", "role", "goal", "session_id", "terminal"])]
    pub(crate) pid: Option<u32>,
    /// Register all running Claude Code sessions that are not registered
    #[arg(long, conflicts_with_all = ["number", "role", "goal", "session_id", "terminal", "pid"])]
    pub(crate) all_running: bool,
    /// Session id [default: session-N]
    #[arg(long, value_name = "ID")]
    pub(crate) session_id: Option<String>,
    /// Terminal name [default: the current terminal]
    #[arg(long, value_name = "NAME")]
    pub(crate) terminal: Option<String>,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// A session number, by default that of the session that this shell identified as.
#[derive(Debug, clap::Args)]
pub(crate) struct Numbered {
    /// Session number [default: the session of this shell]
    pub(crate) number: Option<Number>,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// `headcount reactivate`
#[derive(Debug, clap::Args)]
pub(crate) struct Reactivate {
    /// Session number
    pub(crate) number: Number,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

pub(crate) fn register(args: Register, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    if let Some(pid) = args.pid {
        let (number, change) = ops::register_running(&session.workspace, pid, CommandContext::context())?;
        return print_number(output, number, change.as_deref(), "✅ Registered as session");
    }
    if args.all_running {
        let (numbers, change) = ops::register_all_running(&session.workspace, CommandContext::context())?;
        return print_numbers(output, &numbers, change.as_deref());
    }
    let number = args.number.unwrap_or_default();
    let terminal = args.terminal.unwrap_or_else(terminal);
    let (role, goal) = (args.role.unwrap_or_default(), args.goal.unwrap_or_default());
    let new_session = NewSession { number, session_id: args.session_id, role, goal, terminal, claude: None };
    let change = ops::register(&session.workspace, &new_session, CommandContext::context())?;
    print_number(output, number, change.as_deref(), "✅ Registered as session")
}

fn print_numbers(output: &Output, numbers: &[Number], change: Option<&str>) -> Result<(), Failure> {
    if output.is_json {
        return output.json(&serde_json::json!({ "numbers": numbers, "change": change }), false);
    }
    if output.is_quiet {
        return Ok(());
    }
    if numbers.is_empty() {
        return Output::line("All running sessions are already registered.");
    }
    let listed: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
    Output::line(&format!("✅ Registered {}: {}", messages::sessions(numbers.len()), listed.join(", ")))
}

pub(crate) fn heartbeat(args: &Numbered, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let number = number_or_own(args.number, session)?;
    ops::heartbeat(&session.workspace, number, BeatKind::Manual, CommandContext::context())?;
    print_number(output, number, None, "💓 Heartbeat for session")
}

pub(crate) fn release(args: &Numbered, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let number = number_or_own(args.number, session)?;
    let change = ops::release(&session.workspace, number, CommandContext::context())?;
    print_number(output, number, change.as_deref(), "👋 Signed off session")
}

pub(crate) fn reactivate(args: &Reactivate, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let change = ops::reactivate(&session.workspace, args.number, CommandContext::context())?;
    print_number(output, args.number, change.as_deref(), "✅ Reactivated session")
}

pub(crate) fn print_number(output: &Output, number: Number, change: Option<&str>, words: &str) -> Result<(), Failure> {
    if output.is_quiet {
        return Ok(());
    }
    if output.is_json {
        return output.json(&serde_json::json!({ "number": number, "change": change }), false);
    }
    Output::line(&format!("{words} {number}"))
}

/// The given number, or the number of the session that the command runs in.
pub(crate) fn number_or_own(number: Option<Number>, session: &CommandContext) -> Result<Number, Failure> {
    match number {
        Some(number) => Ok(number),
        None => Ok(ops::own_number(&session.workspace, &HookEnv::of_process())?),
    }
}

/// The name of the terminal as `tty` prints it, without `/dev/`.
#[cfg(unix)]
pub(crate) fn terminal() -> String {
    let name = rustix::termios::ttyname(std::io::stdin(), Vec::new());
    let name = name.ok().and_then(|name| name.into_string().ok());
    name.map_or_else(|| "not a tty".into(), |name| name.trim_start_matches("/dev/").to_owned())
}

#[cfg(not(unix))]
pub(crate) fn terminal() -> String {
    "unknown".into()
}
