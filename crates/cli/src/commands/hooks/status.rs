//! `headcount hooks status`: where hooks are installed, and what is wrong with them.
//!
//! Guarantees: exits 1 if something is wrong, like `doctor`; missing hooks are not an error.

use std::io::Write as _;
use std::path::Path;

use headcount_core::claude::hook_settings::{HookKind, events};
use headcount_core::liveness::State;
use headcount_core::view::text::messages;
use headcount_engine::claude::hooks::{self, HookLocations, HookState, HooksPlace};
use headcount_engine::doctor::Health;
use serde::Serialize;

use crate::Failure;
use crate::output::{Output, style};

/// The hook of one event, in JSON.
#[derive(Serialize)]
struct EventHook<'s> {
    event: &'s str,
    installed: bool,
    place: Option<HooksPlace>,
    path: Option<&'s Path>,
    program: Option<&'s str>,
    program_exists: Option<bool>,
}

/// A command that names Headcount and was not installed by it, in JSON.
#[derive(Serialize)]
pub(super) struct Other<'s> {
    event: &'s str,
    place: HooksPlace,
    path: &'s Path,
    command: &'s str,
    /// The command runs Headcount's hook among other things.
    runs: bool,
}

/// Shows the state of the hooks.
pub(super) fn run(locations: &HookLocations, output: &Output) -> Result<(), Failure> {
    let states = hooks::survey(locations)?;
    let event_hooks = event_hooks(locations, &states);
    let others = others(&states);
    let finding = hooks::judge(locations, &states);
    if output.is_json {
        let report = serde_json::json!({ "health": finding.health, "message": finding.message, "remedy": finding.remedy,
            "events": event_hooks, "others": others });
        output.json(&report, false)?;
    } else {
        let mut out = Output::stdout();
        for hook in &event_hooks {
            writeln!(out, "{}", line(hook))?;
        }
        for other in &others {
            writeln!(out, "{}", other_line(other))?;
        }
        writeln!(out, "\n{}", messages::plain(&finding.message, 2000))?;
        if let Some(remedy) = &finding.remedy {
            writeln!(out, "    → {}", messages::plain(remedy, 2000))?;
        }
        out.flush()?;
    }
    if finding.health == Health::Wrong { Err(Failure::Problems(1)) } else { Ok(()) }
}

/// The commands that Headcount never changes.
pub(super) fn others(states: &[HookState]) -> Vec<Other<'_>> {
    let hooks = states.iter().flat_map(|found| found.hooks.iter().map(move |hook| (found, hook)));
    let others = hooks.filter(|(_, hook)| hook.kind != HookKind::Own);
    others
        .map(|(found, hook)| Other {
            event: &hook.event,
            place: found.place,
            path: &found.path,
            command: &hook.command,
            runs: hook.is_run(),
        })
        .collect()
}

fn other_line(other: &Other<'_>) -> String {
    let what =
        if other.runs { "runs Headcount in a custom command" } else { "mentions Headcount without running its hook" };
    let path = messages::plain(&other.path.display().to_string(), 400);
    format!("  {:<17} {path} {what}: {}", messages::plain(other.event, 40), messages::plain(other.command, 200))
}

/// One entry for every hook that runs Headcount, and one for every event without a hook.
fn event_hooks<'s>(locations: &HookLocations, states: &'s [HookState]) -> Vec<EventHook<'s>> {
    let hooks = states.iter().flat_map(|found| found.runs().map(move |hook| (found, hook)));
    let mut event_hooks: Vec<EventHook<'_>> = hooks
        .map(|(found, hook)| EventHook {
            event: &hook.event,
            installed: true,
            place: Some(found.place),
            path: Some(&found.path),
            program: Some(&hook.program),
            program_exists: Some(locations.is_there(&hook.program)),
        })
        .collect();
    for event in events() {
        if !event_hooks.iter().any(|hook| hook.event == event) {
            let none =
                EventHook { event, installed: false, place: None, path: None, program: None, program_exists: None };
            event_hooks.push(none);
        }
    }
    let order = |event: &str| events().position(|wanted| wanted == event).unwrap_or(usize::MAX);
    event_hooks.sort_by_key(|hook| order(hook.event));
    event_hooks
}

fn line(hook: &EventHook<'_>) -> String {
    let (shape, state) = match (hook.installed, hook.program_exists) {
        (false, _) => ("·", State::Inactive),
        (_, Some(false)) => ("✗", State::Unknown),
        _ => ("✓", State::Active),
    };
    let style = style(state);
    let how = match (hook.path, hook.program) {
        (Some(path), Some(program)) => {
            let gone =
                if hook.program_exists == Some(false) { ", which does not exist or cannot be executed" } else { "" };
            format!("{} → {}{gone}", messages::plain(&path.display().to_string(), 400), messages::plain(program, 400))
        }
        _ => "no hook".into(),
    };
    format!("{style}{shape}{style:#} {:<17} {how}", messages::plain(hook.event, 40))
}
