//! Shows the terminal of a session.
//!
//! Guarantees: only the process that the registry or Claude Code's record identifies (pid, start time and pid domain)
//! is looked for. Changes nothing in the registry.

use headcount_core::Number;
use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use headcount_core::registry::Entry;
use headcount_core::terminal::outcome::{ShowOutcome, ShowResult};
use headcount_core::terminal::{Variables, location, resume};

use crate::claude::claude_records::ClaudeRecords;
use crate::claude::config_folders;
use crate::show::{self, System};
use crate::{Error, Workspace};

/// Brings the terminal of a session to the front. `desktop` are the variables of this process by which programs find
/// the desktop.
///
/// # Errors
///
/// If the registry cannot be read, or has no entry with this number. A terminal that could not be shown is a result,
/// not an error.
pub fn show(workspace: &Workspace, number: Number, desktop: Variables) -> Result<ShowResult, Error> {
    let registry = workspace.store().read_with_retry()?;
    let no_session = || Error::NoSession { number, path: workspace.registry.clone() };
    let entry = registry.entry(number).ok_or_else(no_session)?;
    let mut shown = match running(workspace, entry) {
        Ok(pid) => show_process(workspace, number, pid, desktop),
        Err((outcome, why)) => ShowResult::new(number, outcome, &why),
    };
    if matches!(shown.outcome, ShowOutcome::NotShown | ShowOutcome::NotRunning) && shown.command.is_none() {
        let claude = entry.claude.as_ref();
        let folder = claude.and_then(|claude| claude.cwd.as_deref());
        shown.command = resume::command(folder, claude.and_then(|claude| claude.session_id.as_deref()));
    }
    Ok(shown)
}

/// Whether the terminal of a session is known to have the focus, so that a person sees what it asks. False if that
/// cannot be known. Blocks for at most the time limit of a program.
#[must_use]
pub fn has_focus(workspace: &Workspace, number: Number, desktop: Variables) -> bool {
    let registry = workspace.store().read().ok();
    let pid = registry.as_ref().and_then(|registry| running(workspace, registry.entry(number)?).ok());
    let system = System { processes: workspace.processes.as_ref(), own: desktop };
    pid.and_then(|pid| show::tools::Tools::trace(&system, pid)).is_some_and(|trace| show::has_focus(&trace))
}

fn show_process(workspace: &Workspace, number: Number, pid: u32, desktop: Variables) -> ShowResult {
    let processes = workspace.processes.as_ref();
    let system = System { processes, own: desktop };
    let mut shown = ShowResult::new(number, ShowOutcome::NotShown, "its process cannot be read");
    if let Some(mut trace) = show::tools::Tools::trace(&system, pid) {
        trace.folder = processes.folder(pid);
        show::show(trace, &system, &mut shown);
    }
    shown
}

/// The process of an entry's session that a terminal shows; or why none is known to run here.
fn running(workspace: &Workspace, entry: &Entry) -> Result<u32, (ShowOutcome, String)> {
    let claude = entry.claude.as_ref();
    // A session in the background is shown by the process that started it.
    let of_entry = claude.map(|claude| [&claude.parked, &claude.process]).into_iter().flatten().flatten();
    let mut keys: Vec<ProcessKey> = of_entry.cloned().collect();
    let session_id = claude.and_then(|claude| claude.session_id.as_deref());
    if keys.is_empty()
        && let Some(id) = session_id
    {
        let records = ClaudeRecords::scan(&config_folders::with_running(workspace));
        let of_id = records.all().iter().filter(|record| record.session_id.as_deref() == Some(id));
        keys.extend(of_id.filter_map(|record| record.process.clone()));
    }
    let states: Vec<Process> = keys.iter().map(|key| workspace.processes.look(key)).collect();
    let alive = keys.iter().zip(&states).find(|(_, state)| **state == Process::Alive);
    if let Some((key, _)) = alive {
        return Ok(key.pid);
    }
    let here = workspace.processes.pid_space();
    if let Some(place) = keys.iter().find_map(|key| location::elsewhere(key, &here)) {
        return Err((ShowOutcome::Elsewhere, place));
    }
    let why = match states.last() {
        None => "its process is not known: it was registered without Claude Code's hooks",
        Some(Process::Gone) => "its process has ended",
        Some(_) => "it is not known whether its process still runs",
    };
    Err((ShowOutcome::NotRunning, why.into()))
}
