//! The diagnosis of Headcount's hooks, for the doctor, `hooks status` and the window.

use headcount_core::claude::hook_settings::hook_status::{HookProblem, Hooks, HooksIn, HooksPlace};
use headcount_core::claude::hook_settings::levels::{Block, Switches, block};
use headcount_core::claude::hook_settings::{self, HookKind};

use super::{HookLocations, HookState, survey};
use crate::doctor::{Finding, Health};

/// The remedy if there are none.
const INSTALL: &str = "Install the hooks with `headcount hooks install`, so that sessions register, send heartbeats and sign off automatically.";

/// Diagnoses the hooks.
#[must_use]
pub fn examine(locations: &HookLocations) -> Finding {
    // If one file cannot be read, nothing is known about the others: an event could run twice, or not at all.
    match survey(locations) {
        Ok(states) => judge(locations, &states),
        Err(error) => Finding::wrong("hooks", error.to_string(), "Correct that file."),
    }
}

/// The state of the hooks, as the window shows it.
#[must_use]
pub fn hooks(locations: &HookLocations) -> Hooks {
    let states = survey(locations).unwrap_or_default();
    let finding = examine(locations);
    let installed: Vec<&HookState> = states.iter().filter(|found| found.runs().next().is_some()).collect();
    // Without installed hooks the window shows that there are none, and no problem.
    let is_odd = finding.health == Health::Wrong || (finding.health == Health::Odd && !installed.is_empty());
    let problem = is_odd.then_some(HookProblem { message: finding.message, remedy: finding.remedy });
    let places = installed.into_iter().map(|found| HooksIn {
        place: found.place,
        path: found.path.display().to_string(),
        is_broken: found.missing(locations).any(|hook| hook.kind == HookKind::Own)
            || is_outdated(found)
            || found.without_hook().next().is_some(),
        is_removable: found.own().next().is_some(),
    });
    Hooks::new(places.collect(), problem)
}

/// Diagnoses the hooks from the states of all settings files.
#[must_use]
pub fn judge(locations: &HookLocations, states: &[HookState]) -> Finding {
    let installed: Vec<&HookState> = states.iter().filter(|found| found.runs().next().is_some()).collect();
    if installed.is_empty() {
        return Finding::odd(
            "hooks",
            "The hooks are not installed, so Claude Code does not report its sessions.",
            INSTALL,
        );
    }
    if let Some((found, hook)) = installed.iter().find_map(|found| Some((found, found.missing(locations).next()?))) {
        let path = found.path.display();
        let message = format!("{path} runs {}, which does not exist or cannot be executed.", hook.program);
        // A command of the user may check whether the program exists before it runs it.
        let by_hand = "It is a custom command, which Headcount does not change: change it in an editor.";
        return match hook.kind {
            HookKind::Own => Finding::wrong("hooks", message, again_at(found.place)),
            _ => Finding::odd("hooks", message, by_hand),
        };
    }
    let switches: Vec<Switches> = states.iter().map(HookState::switches).collect();
    let blocked = installed.iter().find_map(|found| block(found.place, &switches));
    let active: Vec<&HookState> =
        installed.into_iter().filter(|found| block(found.place, &switches).is_none()).collect();
    if let (true, Some(block)) = (active.is_empty(), blocked) {
        return switched_off(&block);
    }
    if is_twice(&active) {
        let remedy = if active.len() == 1 {
            again_at(active.first().map_or(HooksPlace::User, |found| found.place))
        } else {
            "Keep one: run `headcount hooks uninstall` (with --project for those of a project), then `headcount hooks install` with or without --plugin."
        };
        let message = format!("The hooks are installed twice, in {}: events run them twice.", paths(&active));
        return Finding::wrong("hooks", message, remedy);
    }
    if let Some(found) = active.iter().find(|found| is_outdated(found)) {
        let message = format!(
            "The hooks in {} are outdated or damaged: their arguments or their output do not reach every version of \
             Claude Code.",
            found.path.display()
        );
        return Finding::odd("hooks", message, again_at(found.place));
    }
    let has_hook = |event: &&str| active.iter().flat_map(|found| found.runs()).any(|hook| hook.event == *event);
    let missing: Vec<&str> = hook_settings::events().filter(|event| !has_hook(event)).collect();
    if let (false, Some(first)) = (missing.is_empty(), active.first()) {
        let message = format!("{} has no hook for {}.", paths(&active), missing.join(", "));
        return Finding::odd("hooks", message, again_at(first.place));
    }
    Finding::fine("hooks", format!("Claude Code reports its sessions, through the hooks in {}.", paths(&active)))
}

fn paths(states: &[&HookState]) -> String {
    states.iter().map(|found| found.path.display().to_string()).collect::<Vec<_>>().join(" and ")
}

fn switched_off(block: &Block) -> Finding {
    let ask = "Ask your administrator, or register sessions without hooks, with `headcount register`.";
    match block {
        Block::Off { place: HooksPlace::Managed, path } => {
            Finding::odd("hooks", format!("Claude Code's hooks are switched off by your organisation, in {path}."), ask)
        }
        Block::Off { path, .. } => {
            let message = format!("Claude Code's hooks are switched off, in {path}.");
            Finding::odd("hooks", message, "Remove `disableAllHooks` from that file.")
        }
        Block::ManagedOnly { path } => {
            let message =
                format!("Headcount's hooks do not run: your organisation allows only its own hooks, in {path}.");
            Finding::odd("hooks", message, ask)
        }
    }
}

/// Whether an event runs Headcount twice. Claude Code runs a command only once if several settings files contain it.
fn is_twice(active: &[&HookState]) -> bool {
    let runs =
        || active.iter().flat_map(|found| found.runs().map(move |hook| (found.place == HooksPlace::Plugin, hook)));
    runs().any(|(is_plugin, hook)| {
        runs().any(|(is_others, other)| {
            other.event == hook.event && (other.command != hook.command || is_others != is_plugin)
        })
    })
}

/// Whether installing them again would repair them.
fn is_outdated(found: &HookState) -> bool {
    found.own().any(|hook| hook.is_damaged)
}

/// The remedy for hooks of a place.
fn again_at(place: HooksPlace) -> &'static str {
    match place {
        HooksPlace::User => "Repair them with `headcount hooks install`.",
        HooksPlace::Project => "Repair them with `headcount hooks install --project`.",
        HooksPlace::Plugin => "Repair them with `headcount hooks install --plugin`.",
        HooksPlace::Local | HooksPlace::Managed => "Headcount does not change that file: change it in an editor.",
    }
}

#[cfg(test)]
#[path = "diagnosis_tests.rs"]
mod tests;
