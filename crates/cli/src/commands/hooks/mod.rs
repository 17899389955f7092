//! `headcount hooks`: installs and uninstalls the hooks that Claude Code runs, and shows their state.
//!
//! Guarantees: a dry run shows the lines that would change and writes nothing. Custom commands that run Headcount are
//! listed and never changed.

pub(crate) mod bare_hook;
pub(crate) mod hook;
mod status;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use clap::Subcommand;
use headcount_core::claude::hook_settings::{HookKind, HookOptions, is_headcount};
use headcount_core::liveness::State;
use headcount_core::view::text::messages;
use headcount_engine::claude::hooks::change::FileChange;
use headcount_engine::claude::hooks::{self, HookLocations, HookState, HooksPlace};
use headcount_engine::doctor::Health;
use headcount_engine::executables;
use headcount_engine::ops;
use headcount_engine::workspace::environment::Environment;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::Failure;
use crate::output::{Output, QUIET, style};

/// `headcount hooks`
#[derive(Debug, Subcommand)]
pub(crate) enum Hooks {
    /// Install the hooks in Claude Code's settings, and repair damaged ones
    Install(HooksInstall),
    /// Remove the hooks; custom commands that also run Headcount are kept
    Uninstall(HooksUninstall),
    /// Show the hook of each event, and whether Claude Code runs it
    Status,
}

/// `headcount hooks install`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct HooksInstall {
    /// Use this project's settings instead of your own
    #[arg(long, conflicts_with = "plugin")]
    pub(crate) project: bool,
    /// Install as a plugin and leave the settings unchanged
    #[arg(long)]
    pub(crate) plugin: bool,
    /// Also send a heartbeat after each tool use
    #[arg(long)]
    pub(crate) every_tool: bool,
    /// Show what would change, without changing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount hooks uninstall`
#[derive(Debug, clap::Args)]
pub(crate) struct HooksUninstall {
    /// Use this project's settings instead of your own
    #[arg(long)]
    pub(crate) project: bool,
    /// Show what would change, without changing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(crate) fn run(args: &Hooks, output: &Output) -> Result<(), Failure> {
    let locations = HookLocations::in_environment(&Environment::of_process())?;
    match args {
        Hooks::Install(args) => install(args, &locations, output),
        Hooks::Uninstall(args) => uninstall(args, &locations, output),
        Hooks::Status => status::run(&locations, output),
    }
}

fn install(args: &HooksInstall, locations: &HookLocations, output: &Output) -> Result<(), Failure> {
    let place = match (args.project, args.plugin) {
        (true, _) => HooksPlace::Project,
        (_, true) => HooksPlace::Plugin,
        _ => HooksPlace::User,
    };
    let program = executables::program().and_then(|program| program.into_os_string().into_string().ok());
    // Hooks are recognised later by this name.
    let program = program.filter(|program| is_headcount(program)).ok_or(Failure::Declined(
        "Nothing was changed: hooks need this program to be named headcount. Rename it, then try again",
    ))?;
    let options = HookOptions::new(&program, args.every_tool);
    let changes = ops::install_hooks(locations, place, &options, args.dry_run)?;
    report(&changes, args.dry_run, locations, output, &|| {
        let path = locations.file(place);
        let states = hooks::survey(locations).unwrap_or_default();
        let notes = custom_hook_notes(&states) + &health_note(locations, &states);
        let next = match place {
            HooksPlace::Plugin => " New sessions register, send heartbeats and sign off automatically.",
            _ => " Sessions register, send heartbeats and sign off automatically; running ones from their next prompt.",
        };
        if changes.is_empty() {
            format!("Nothing to change: the hooks are already installed in {}.{notes}", path.display())
        } else {
            format!("✅ Installed the hooks in {}.{next}{notes}", path.display())
        }
    })
}

/// One line for each other file that still contains hooks installed by Headcount.
fn remaining_hook_notes(states: &[HookState]) -> String {
    let mut lines = String::new();
    for found in states.iter().filter(|found| found.own().next().is_some()) {
        let path = messages::plain(&found.path.display().to_string(), 400);
        let how = match found.place {
            HooksPlace::Project => "remove them with `headcount hooks uninstall --project`",
            HooksPlace::User | HooksPlace::Plugin => "remove them with `headcount hooks uninstall`",
            HooksPlace::Local | HooksPlace::Managed => "Headcount does not change that file",
        };
        let _ = write!(lines, "\n   Hooks are still in {path}: {how}");
    }
    lines
}

/// One line for each custom command that runs Headcount and is left unchanged.
fn custom_hook_notes(states: &[HookState]) -> String {
    let mut lines = String::new();
    for found in states {
        for hook in found.hooks.iter().filter(|hook| hook.kind == HookKind::Custom) {
            let command = messages::plain(&hook.command, 200);
            let path = messages::plain(&found.path.display().to_string(), 400);
            let event = messages::plain(&hook.event, 40);
            let _ = write!(
                lines,
                "\n   {path} runs Headcount at {event} in a custom command, which was not changed: {command}"
            );
        }
    }
    lines
}

/// A warning if something keeps the installed hooks from working; otherwise empty.
fn health_note(locations: &HookLocations, states: &[HookState]) -> String {
    let finding = hooks::judge(locations, states);
    if finding.health == Health::Fine {
        return String::new();
    }
    let text = format!("{} {}", finding.message, finding.remedy.unwrap_or_default());
    format!("\n⚠ {}", messages::plain(&text, 2000))
}

fn uninstall(args: &HooksUninstall, locations: &HookLocations, output: &Output) -> Result<(), Failure> {
    let changes = ops::uninstall_hooks(locations, args.project, args.dry_run)?;
    report(&changes, args.dry_run, locations, output, &|| {
        let states = hooks::survey(locations).unwrap_or_default();
        let notes = remaining_hook_notes(&states) + &custom_hook_notes(&states);
        if changes.is_empty() {
            format!("Nothing to change: Headcount's hooks are not installed.{notes}")
        } else if changes.iter().all(|change| change.is_as_before) {
            format!("✅ Removed the hooks; the files are the same as before the installation.{notes}")
        } else {
            format!("✅ Removed the hooks; nothing else in the files was changed.{notes}")
        }
    })
}

/// One changed file, in JSON.
#[derive(Serialize)]
struct Changed<'c> {
    path: &'c Path,
    /// `created`, `changed` or `removed`.
    what: &'static str,
    /// The folder with the copies of the previous versions.
    copies: std::path::PathBuf,
    /// The file is byte for byte as it was before the hooks were installed.
    as_before: bool,
}

fn report(
    changes: &[FileChange],
    is_dry: bool,
    locations: &HookLocations,
    output: &Output,
    words: &dyn Fn() -> String,
) -> Result<(), Failure> {
    if output.is_json {
        let files: Vec<Changed<'_>> = changes.iter().map(|change| changed(change, locations)).collect();
        let states = hooks::survey(locations).unwrap_or_default();
        let report = serde_json::json!({ "changes": files, "dry_run": is_dry, "others": status::others(&states) });
        return output.json(&report, false);
    }
    let mut out = Output::stdout();
    if is_dry && !changes.is_empty() {
        for change in changes {
            out.write_all(diff(change).as_bytes())?;
        }
        writeln!(out, "🔍 DRY RUN - No changes made")?;
    } else {
        writeln!(out, "{}", words())?;
        for change in changes.iter().filter(|change| change.before.is_some() && change.after.is_some()) {
            writeln!(
                out,
                "   A backup of {} is in {}",
                change.path.display(),
                locations.memory(&change.path).display()
            )?;
        }
    }
    out.flush()?;
    Ok(())
}

fn changed<'c>(change: &'c FileChange, locations: &HookLocations) -> Changed<'c> {
    let what = match (&change.before, &change.after) {
        (None, _) => "created",
        (_, None) => "removed",
        _ => "changed",
    };
    Changed { path: &change.path, what, copies: locations.memory(&change.path), as_before: change.is_as_before }
}

/// A diff of the changed lines with three lines of context.
fn diff(change: &FileChange) -> String {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    let mut out = format!("{}\n", change.path.display());
    let lines = TextDiff::from_lines(before, after);
    for (at, group) in lines.grouped_ops(3).iter().enumerate() {
        if at > 0 {
            out.push_str("   …\n");
        }
        for line in group.iter().flat_map(|step| lines.iter_changes(step)) {
            let (sign, style) = match line.tag() {
                ChangeTag::Insert => ('+', style(State::Active)),
                ChangeTag::Delete => ('-', style(State::Stale)),
                ChangeTag::Equal => (' ', QUIET),
            };
            // Text from a foreign file: control characters must not reach the terminal.
            let text: String = line.value().chars().filter(|c| *c == '\t' || !c.is_control()).collect();
            let _ = writeln!(out, " {style}{sign} {text}{style:#}");
        }
    }
    out
}
