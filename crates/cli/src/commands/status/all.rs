//! `headcount status --all`: the sessions of all workspaces, once or continuously.
//!
//! Guarantees: one process, and one task for each workspace. A line for bars has the sums, in which a running session
//! counts once.

use std::io::Write as _;
use std::sync::Arc;

use headcount_core::Time;
use headcount_core::view::overview::{Overview, WorkspaceSnapshot};
use headcount_core::view::snapshot::Snapshot;
use headcount_engine::clock::{Clock as _, SystemClock};
use headcount_engine::tasks::model::Model;
use headcount_engine::tasks::workspace_task::{WorkspaceTask, forward};
use headcount_engine::workspace::config::named::in_workspace;
use headcount_engine::workspace::config::resolved::ResolvedConfig;
use tokio::sync::mpsc::channel;

use crate::Failure;
use crate::command_context::CommandContext;
use crate::commands::everywhere::heading;
use crate::commands::status::{CLEAR, Status, reader_gone, refresh, show};
use crate::output::Output;

/// All workspaces that were read, and the number of the others.
pub(crate) type Looked = (Vec<WorkspaceSnapshot>, usize);

pub(crate) fn run(status: &Status, sessions: &[(String, CommandContext)], output: &Output) -> Result<(), Failure> {
    if status.watch {
        return watch(status, sessions, output);
    }
    let (all, failed) = look(sessions, status.at);
    match line(status, &all, failed > 0) {
        Some(line) => Output::line(&line)?,
        None => show_all(status, sessions, &all, output, false)?,
    }
    if failed > 0 { Err(Failure::Workspaces(failed)) } else { Ok(()) }
}

/// Looks at all workspaces once. Those that cannot be read are reported.
pub(crate) fn look(sessions: &[(String, CommandContext)], at: Option<Time>) -> Looked {
    let at = at.unwrap_or_else(|| SystemClock.now());
    let (mut all, mut failed) = (Vec::new(), 0);
    for (name, session) in sessions {
        let looked = Model::look_with_progress(&session.workspace, at, &mut |_| {});
        match looked.map(|model| model.snapshot(at)) {
            Ok(snapshot) => all.push(in_workspace(name, &session.workspace, Arc::new(snapshot))),
            Err(error) => {
                failed += 1;
                Output::print_diagnostic("error", &format!("{name}: {error}"));
            }
        }
    }
    (all, failed)
}

/// The line for bars, with the sums.
fn line(status: &Status, all: &[WorkspaceSnapshot], is_incomplete: bool) -> Option<String> {
    let overview = Overview::of(all);
    status.line(overview.counts, is_incomplete || overview.is_uncertain)
}

fn show_all(
    status: &Status,
    sessions: &[(String, CommandContext)],
    all: &[WorkspaceSnapshot],
    output: &Output,
    is_stream: bool,
) -> Result<(), Failure> {
    for one in all {
        let output = output.in_workspace(&one.name);
        output.warn(&one.snapshot.warnings);
        if let Some((name, session)) = sessions.iter().find(|(name, _)| *name == one.name) {
            heading(name, session, &output)?;
        }
        show(status, &one.snapshot, &output, is_stream)?;
    }
    Ok(())
}

fn watch(status: &Status, sessions: &[(String, CommandContext)], output: &Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (sender, mut changes) = channel(sessions.len().max(1));
        for (index, (_, session)) in sessions.iter().enumerate() {
            let resolved = ResolvedConfig::fixed(session.workspace.clone());
            let (task, snapshots) = WorkspaceTask::new(resolved, Arc::new(SystemClock));
            tokio::spawn(task.run());
            tokio::spawn(forward(index, snapshots, sender.clone()));
        }
        let mut shown = Screen { latest: vec![None; sessions.len()], line: None };
        let (interrupted, reader_gone) = (tokio::signal::ctrl_c(), reader_gone());
        tokio::pin!(interrupted, reader_gone);
        loop {
            tokio::select! {
                biased;
                _ = &mut interrupted => return Ok(()),
                () = &mut reader_gone => return Ok(()),
                Some((index, snapshot)) = changes.recv() => shown.update(status, sessions, output, index, snapshot)?,
                () = refresh(status, output) => shown.draw(status, sessions, output)?,
            }
        }
    })
}

/// What was shown of each workspace.
struct Screen {
    latest: Vec<Option<WorkspaceSnapshot>>,
    line: Option<String>,
}

impl Screen {
    fn update(
        &mut self,
        status: &Status,
        sessions: &[(String, CommandContext)],
        output: &Output,
        index: usize,
        snapshot: Arc<Snapshot>,
    ) -> Result<(), Failure> {
        let Some((name, session)) = sessions.get(index) else { return Ok(()) };
        let one = in_workspace(name, &session.workspace, snapshot);
        if output.is_json {
            show(status, &one.snapshot, &output.in_workspace(name), true)?;
        }
        if let Some(latest) = self.latest.get_mut(index) {
            *latest = Some(one);
        }
        self.draw(status, sessions, output)
    }

    /// Draws all workspaces, once each of them was read.
    fn draw(&mut self, status: &Status, sessions: &[(String, CommandContext)], output: &Output) -> Result<(), Failure> {
        let now = SystemClock.now();
        let at_now = |one: &WorkspaceSnapshot| WorkspaceSnapshot {
            snapshot: Arc::new(Snapshot { at: now, ..(*one.snapshot).clone() }),
            ..one.clone()
        };
        let Some(all) = self.latest.iter().map(|one| one.as_ref().map(at_now)).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        if output.is_json {
            return Ok(());
        }
        if let Some(line) = line(status, &all, false) {
            if self.line.as_ref() != Some(&line) {
                Output::line(&line)?;
                self.line = Some(line);
            }
            return Ok(());
        }
        if output.is_smart {
            std::io::stdout().write_all(CLEAR.as_bytes())?;
        }
        show_all(status, sessions, &all, output, false)
    }
}
