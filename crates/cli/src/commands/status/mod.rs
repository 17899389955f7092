//! `headcount status`: shows the sessions, once or continuously with `--watch`.

pub(crate) mod all;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgAction;
use headcount_core::Time;
use headcount_core::view::session::row::Counts;
use headcount_core::view::snapshot::Snapshot;
use headcount_core::view::text::status_line::{self, Template};
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::tasks::model::Model;
use headcount_engine::tasks::workspace_task::WorkspaceTask;
use headcount_engine::workspace::config::resolved::ResolvedConfig;

use crate::Failure;
use crate::args::moment;
use crate::command_context::CommandContext;
use crate::output::Output;
use crate::output::progress::ProgressLine;
use crate::output::table;

/// `headcount status`
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Status {
    /// Keep running and show every change
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) watch: bool,
    /// Print one short line: "3 active, 9 stale"
    #[arg(long, action = ArgAction::SetTrue, conflicts_with_all = ["format", "json"])]
    pub(crate) short: bool,
    /// Print one line with these fields: {running}, {active}, {waiting}, {stale}, {inactive}, {unknown}, {unregistered}
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "json")]
    pub(crate) format: Option<Template>,
    /// Evaluate at this time instead of now (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "watch")]
    pub(crate) at: Option<Time>,
}

/// How often the ages on a terminal are updated if nothing changed.
const REFRESH: Duration = Duration::from_secs(30);

/// Clears the screen and moves to its top.
pub(crate) const CLEAR: &str = "\x1b[H\x1b[2J";

pub(crate) fn run(status: &Status, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    if status.watch {
        return watch(status, session, output);
    }
    let at = status.at.unwrap_or_else(|| SystemClock.now());
    let mut progress = ProgressLine::new();
    let snapshot = Model::look_with_progress(&session.workspace, at, &mut |read| progress.beats(read))?.snapshot(at);
    drop(progress);
    output.warn(&snapshot.warnings);
    show(status, &snapshot, output, false)
}

pub(crate) fn show(status: &Status, snapshot: &Snapshot, output: &Output, is_stream: bool) -> Result<(), Failure> {
    if let Some(line) = status.line_of(snapshot) {
        return Output::line(&line);
    }
    if output.is_json {
        return output.json(snapshot, is_stream);
    }
    if is_stream && output.is_smart {
        // Not through `Output::stdout`, which drops escape sequences if colors are not wanted.
        std::io::stdout().write_all(CLEAR.as_bytes())?;
    }
    let mut out = Output::stdout();
    if let Some(trouble) = &snapshot.trouble {
        Output::print_diagnostic("error", &trouble.message);
    }
    out.write_all(table::table(snapshot, output).as_bytes())?;
    out.flush()?;
    Ok(())
}

impl Status {
    /// The line for scripts and bars; `None` if the table was asked for. "?" if the registry cannot be read.
    fn line_of(&self, snapshot: &Snapshot) -> Option<String> {
        self.line(snapshot.counts, snapshot.trouble.is_some())
    }

    /// The same for these counts.
    pub(crate) fn line(&self, counts: Counts, is_unreadable: bool) -> Option<String> {
        let line = |make: &dyn Fn() -> String| if is_unreadable { "?".to_owned() } else { make() };
        match &self.format {
            Some(template) => Some(line(&|| template.line(counts))),
            None => self.short.then(|| line(&|| status_line::short(counts))),
        }
    }
}

fn watch(status: &Status, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let mut last_line = None;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let resolved = ResolvedConfig::fixed(session.workspace.clone());
        let (task, mut snapshots) = WorkspaceTask::new(resolved, Arc::new(SystemClock));
        let (task, interrupted, reader_gone) = (task.run(), tokio::signal::ctrl_c(), reader_gone());
        tokio::pin!(task, interrupted, reader_gone);
        loop {
            tokio::select! {
                // The order matters: the signal handler has to be installed before anything is printed.
                biased;
                _ = &mut interrupted => return Ok(()),
                () = &mut reader_gone => return Ok(()),
                () = &mut task => return Ok(()),
                changed = snapshots.changed() => if changed.is_err() { return Ok(()) },
                () = refresh(status, output) => {}
            }
            let snapshot = snapshots.borrow_and_update().clone();
            if let Some(snapshot) = snapshot {
                let line = status.line_of(&snapshot);
                if line.is_some() && line == last_line {
                    continue;
                }
                last_line = line;
                let now = SystemClock.now();
                show(status, &Snapshot { at: now, ..(*snapshot).clone() }, output, true)?;
            }
        }
    })
}

/// Completes when the ages on a terminal have to be updated. Lines are printed as they change, not again when only ages
/// did.
pub(crate) async fn refresh(status: &Status, output: &Output) {
    let is_line = status.short || status.format.is_some();
    if output.is_smart && !is_line {
        tokio::time::sleep(REFRESH).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Completes when the reader of standard output is gone: `| head -1` would otherwise wait for the next change, possibly
/// for hours. Never completes if that cannot be detected, for example for a file.
pub(crate) async fn reader_gone() {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use tokio::io::{Interest, unix::AsyncFd};
        if let Ok(stdout) = std::io::stdout().as_fd().try_clone_to_owned() {
            // The replacement of this constructor is unsafe, for types that may change their descriptor; an
            // owned descriptor never changes.
            #[expect(deprecated, reason = "sound for an owned descriptor")]
            let stdout = AsyncFd::with_interest(stdout, Interest::ERROR);
            if let Ok(stdout) = stdout
                && stdout.ready(Interest::ERROR).await.is_ok()
            {
                return;
            }
        }
    }
    std::future::pending::<()>().await;
}
