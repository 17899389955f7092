//! Shows the terminal of a process: selects its pane or tab, and brings its window to the front.
//!
//! Guarantees: each way is a [`Strategy`]; the first one that succeeds is used, and each other one says why it did not
//! apply. Core decides what is run ([`headcount_core::terminal`]). Changes nothing in a session: only panes, tabs and
//! windows are selected.

mod desktops;
mod emulators;
mod multiplexers;
pub(crate) mod tools;
#[cfg(target_os = "linux")]
mod x11;

use headcount_core::terminal::outcome::{ShowOutcome, ShowResult};
use headcount_core::terminal::{Trace, TracedProcess, VARIABLES, Variables, emulators as known};

use crate::process::Processes;
use tools::Tools;

/// A way of showing a terminal, or a step of one.
pub(crate) trait Strategy {
    /// The program that shows it.
    fn name(&self) -> &'static str;

    /// Shows the traced process.
    ///
    /// # Errors
    ///
    /// Why it could not, as text for the user.
    fn show(&self, trace: &Trace, tools: &dyn Tools) -> Result<Step, String>;
}

/// What a strategy did.
#[derive(Debug)]
pub(crate) enum Step {
    /// The terminal is in front.
    Done(String),
    /// A pane or tab was selected. The window of this process is to be shown.
    Selected(String, Box<Trace>),
    /// A pane was selected that no terminal shows; a person can run the command to see it.
    Detached(String, Option<String>),
}

/// Maximum number of multiplexers within each other.
const MAX_NESTED: usize = 4;

/// The system's programs and processes.
pub(crate) struct System<'p> {
    pub(crate) processes: &'p dyn Processes,
    pub(crate) own: Variables,
}

impl Tools for System<'_> {
    fn run(&self, invocation: &headcount_core::terminal::Invocation) -> Result<String, String> {
        tracing::debug!(programs = ?invocation.programs, args = ?invocation.args, "run");
        tools::run(invocation)
    }

    fn trace(&self, pid: u32) -> Option<Trace> {
        let process = |pid| {
            let name = self.processes.name(pid)?;
            Some(TracedProcess { pid, name, variables: Variables::of(self.processes.variables(pid, &VARIABLES)) })
        };
        let above = self.processes.ancestors(pid);
        let processes: Vec<TracedProcess> =
            std::iter::once(pid).chain(above.iter().map(|above| above.pid)).filter_map(process).collect();
        let is_found = processes.first().is_some_and(|first| first.pid == pid);
        let terminal = self.processes.terminal(pid);
        is_found.then(|| Trace { processes, own: self.own.clone(), terminal, folder: None })
    }
}

/// Shows the terminal of a process. Writes what was done into `shown`.
pub(crate) fn show(trace: Trace, tools: &dyn Tools, shown: &mut ShowResult) {
    let mut steps: Vec<String> = Vec::new();
    let mut trace = trace;
    for _ in 0..MAX_NESTED {
        match first(&multiplexers::all(), &trace, tools, shown) {
            Some(Step::Selected(text, next)) => {
                steps.push(text);
                trace = *next;
            }
            Some(Step::Done(text)) => return finish(shown, ShowOutcome::Shown, &steps, &text),
            Some(Step::Detached(text, command)) => {
                shown.command = command;
                return finish(shown, ShowOutcome::NotShown, &steps, &text);
            }
            None => break,
        }
    }
    if let Some(peer) = trace.ssh_peer() {
        let host = if peer.is_empty() { "another machine" } else { peer };
        let text = format!("its terminal is on {host}, connected through SSH");
        return finish(shown, ShowOutcome::Elsewhere, &steps, &text);
    }
    let mut tab = None;
    match first(&emulators::all(), &trace, tools, shown) {
        Some(Step::Done(text)) => return finish(shown, ShowOutcome::Shown, &steps, &text),
        Some(Step::Selected(text, _)) => tab = Some(text),
        _ => {}
    }
    match (first(&desktops::all(), &trace, tools, shown), tab) {
        (Some(Step::Done(_)), Some(tab)) => finish(shown, ShowOutcome::Shown, &steps, &tab),
        (Some(Step::Done(window)), None) => finish(shown, ShowOutcome::Shown, &steps, &window),
        (_, Some(tab)) => {
            let text = format!("{tab} is selected, but its window could not be raised");
            finish(shown, ShowOutcome::NotShown, &steps, &text);
        }
        (_, None) => finish(shown, ShowOutcome::NotShown, &steps, &reason(&trace)),
    }
}

/// Whether the terminal of a traced process is known to have the focus: on X11, if its window shows nothing else. A pane
/// of a multiplexer is not below a window, so nothing is known of it.
#[cfg(target_os = "linux")]
pub(crate) fn has_focus(trace: &Trace) -> bool {
    known::has_no_tabs(trace) && x11::has_focus(trace).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn has_focus(_: &Trace) -> bool {
    false
}

/// Why no window was found.
fn reason(trace: &Trace) -> String {
    match known::process(trace) {
        Some(process) => format!("the window of {} could not be brought to the front", process.name),
        None => "it has no terminal that Headcount knows; it may run in the background".into(),
    }
}

/// The step of the first strategy that succeeds. The reasons of the others are added.
fn first(strategies: &[Box<dyn Strategy>], trace: &Trace, tools: &dyn Tools, shown: &mut ShowResult) -> Option<Step> {
    strategies.iter().find_map(|strategy| match strategy.show(trace, tools) {
        Ok(step) => Some(step),
        Err(why) => {
            shown.add(strategy.name(), &why);
            None
        }
    })
}

/// Writes the outcome. `steps` are the panes that were selected before.
fn finish(shown: &mut ShowResult, outcome: ShowOutcome, steps: &[String], last: &str) {
    let joint = if outcome == ShowOutcome::Shown { " in " } else { ": " };
    let text = if steps.is_empty() { last.to_owned() } else { format!("{}{joint}{last}", steps.join(" in ")) };
    let result = ShowResult::new(shown.number, outcome, &text);
    (shown.outcome, shown.text) = (result.outcome, result.text);
}

#[cfg(test)]
mod tests;
