//! `headcount wait`: blocks until a session is idle, waits for a person, ended or is stale.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use headcount_core::Number;
use headcount_core::view::session::row::Row;
use headcount_core::view::snapshot::wire::{Reader, SessionRow};
use headcount_core::view::text::messages;
use headcount_core::view::wait_condition::{AwaitedEvent, Observation, WaitCondition};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::tasks::workspace_task::WorkspaceTask;
use headcount_engine::workspace::config::resolved::ResolvedConfig;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::commands::status::reader_gone;
use crate::output::Output;

/// How the waiting ended.
enum WaitOutcome {
    /// It happened to this session. The row is `None` if the session is no longer registered.
    Met(Number, Option<Arc<Row>>),
    TimedOut,
    /// The command was interrupted, or the reader of its output is gone.
    Interrupted,
}

/// `headcount wait`
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 it happened, 1 it cannot happen (no such session, or it ended before), \
                        2 wrong usage, 3 it did not happen in time, \
                        130 interrupted.")]
pub(crate) struct Wait {
    /// The session [default: any]
    #[arg(value_name = "N")]
    number: Option<Number>,
    /// What to wait for
    #[arg(long = "for", value_enum, value_name = "EVENT")]
    event: EventArg,
    /// Stop waiting after this many seconds
    #[arg(long, value_name = "S")]
    timeout: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EventArg {
    /// Its turn has ended
    Idle,
    /// It waits for a permission or an answer
    Waiting,
    /// It ended
    Ended,
    /// It became stale
    Stale,
}

impl From<EventArg> for AwaitedEvent {
    fn from(arg: EventArg) -> Self {
        match arg {
            EventArg::Idle => Self::Idle,
            EventArg::Waiting => Self::Waiting,
            EventArg::Ended => Self::Ended,
            EventArg::Stale => Self::Stale,
        }
    }
}

pub(crate) fn run(wait: &Wait, session: &CommandContext, output: &Output) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(follow(wait, session))? {
        WaitOutcome::Met(number, row) => show(number, row.as_deref(), output).map(|()| ExitCode::SUCCESS),
        WaitOutcome::TimedOut => Ok(ExitCode::from(3)),
        // As shells report a process that SIGINT ended.
        WaitOutcome::Interrupted => Ok(ExitCode::from(130)),
    }
}

async fn follow(wait: &Wait, session: &CommandContext) -> Result<WaitOutcome, Failure> {
    // Reads the registry once, so that an unreadable one is an error and not waited for.
    session.workspace.store().read_with_retry()?;
    let mut condition = WaitCondition::new(wait.event.into(), wait.number);
    let (task, mut snapshots) =
        WorkspaceTask::new(ResolvedConfig::fixed(session.workspace.clone()), Arc::new(SystemClock));
    let timeout = async {
        match wait.timeout {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let (task, interrupted, reader_gone) = (task.run(), tokio::signal::ctrl_c(), reader_gone());
    tokio::pin!(task, timeout, interrupted, reader_gone);
    loop {
        let has_snapshot = snapshots.borrow().is_some();
        tokio::select! {
            biased;
            _ = &mut interrupted => return Ok(WaitOutcome::Interrupted),
            () = &mut reader_gone => return Ok(WaitOutcome::Interrupted),
            () = &mut task => return Ok(WaitOutcome::Interrupted),
            // A snapshot that is there counts before the timeout: `--timeout 0` asks whether it is so now.
            changed = snapshots.changed() => if changed.is_err() { return Ok(WaitOutcome::Interrupted) },
            () = &mut timeout, if has_snapshot => return Ok(WaitOutcome::TimedOut),
        }
        let Some(snapshot) = snapshots.borrow_and_update().clone() else { continue };
        match condition.observe(&snapshot) {
            Observation::Pending => {}
            Observation::Met(number, row) => return Ok(WaitOutcome::Met(number, row)),
            Observation::NoSession(number) => return Err(Failure::NoSession(number)),
            Observation::Impossible(number) => return Err(Failure::SessionEnded(number)),
        }
    }
}

fn show(number: Number, row: Option<&Row>, output: &Output) -> Result<(), Failure> {
    let now = SystemClock.now();
    if output.is_json {
        return output.json(&row.map(|row| SessionRow::of(row, now, Reader::Program)), false);
    }
    let line = row.map(|row| format!("{}: {}", messages::name(row, 60), messages::condition(row, now)));
    Output::line(&line.unwrap_or_else(|| format!("#{number}: no longer registered")))
}
