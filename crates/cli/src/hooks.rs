//! `headcount hooks`: has Claude Code tell Headcount about its sessions, takes that back, or says how it is.
//!
//! Promises: a dry run shows the lines that would change and changes nothing. `status` exits 1 where something is wrong, as
//! `doctor` does; that nothing is installed is not.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use headcount_core::claude_settings::{Wish, events, is_headcount};
use headcount_core::liveness::State;
use headcount_core::words;
use headcount_engine::doctor::Health;
use headcount_engine::hooks::change::FileChange;
use headcount_engine::hooks::{self, Place, Sites, Standing};
use headcount_engine::ops;
use headcount_engine::paths::Surroundings;
use headcount_engine::programs;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::Failure;
use crate::args::{Hooks, HooksInstall, HooksUninstall};
use crate::output::Output;

pub(crate) fn run(args: &Hooks, output: &Output) -> Result<(), Failure> {
    let sites = Sites::around(&Surroundings::of_process())?;
    match args {
        Hooks::Install(args) => install(args, &sites, output),
        Hooks::Uninstall(args) => uninstall(args, &sites, output),
        Hooks::Status => status(&sites, output),
    }
}

fn install(args: &HooksInstall, sites: &Sites, output: &Output) -> Result<(), Failure> {
    let place = match (args.project, args.plugin) {
        (true, _) => Place::Project,
        (_, true) => Place::Plugin,
        _ => Place::User,
    };
    let program = programs::program().and_then(|program| program.into_os_string().into_string().ok());
    // By that name they are found again.
    let program = program.filter(|program| is_headcount(program)).ok_or(Failure::Declined(
        "Nothing was changed: hooks start this program by its path, whose name has to be headcount. Give it that name again",
    ))?;
    let wish = Wish { program: &program, every_tool: args.every_tool };
    let changes = ops::install_hooks(sites, place, &wish, args.dry_run)?;
    report(&changes, args.dry_run, sites, output, &|| {
        let path = sites.file(place);
        let next = match place {
            Place::Plugin => " Sessions that start from now on register, beat and sign off by themselves.",
            _ => {
                " Sessions register, beat and sign off by themselves, those that are running from their next prompt on."
            }
        };
        if changes.is_empty() {
            format!("Nothing to change: the hooks are in {} already.", path.display())
        } else {
            format!("✅ The hooks are in {}.{next}", path.display())
        }
    })
}

fn uninstall(args: &HooksUninstall, sites: &Sites, output: &Output) -> Result<(), Failure> {
    let changes = ops::uninstall_hooks(sites, args.project, args.dry_run)?;
    report(&changes, args.dry_run, sites, output, &|| {
        if changes.is_empty() {
            "Nothing to change: there are no hooks of Headcount.".into()
        } else {
            "✅ The hooks are gone; the files are as they were before.".into()
        }
    })
}

/// One changed file, in JSON.
#[derive(Serialize)]
struct Changed<'c> {
    path: &'c Path,
    /// `created`, `changed` or `removed`.
    what: &'static str,
    /// Where its copy is, where there was something to be copied.
    copies: std::path::PathBuf,
}

fn report(
    changes: &[FileChange],
    is_dry: bool,
    sites: &Sites,
    output: &Output,
    words: &dyn Fn() -> String,
) -> Result<(), Failure> {
    if output.is_json {
        let files: Vec<Changed<'_>> = changes.iter().map(|change| changed(change, sites)).collect();
        return Output::json(&serde_json::json!({ "changes": files, "dry_run": is_dry }), false);
    }
    let mut out = Output::stdout();
    if is_dry && !changes.is_empty() {
        for change in changes {
            out.write_all(difference(change, output).as_bytes())?;
        }
        writeln!(out, "🔍 DRY RUN - No changes made")?;
    } else {
        writeln!(out, "{}", words())?;
        for change in changes.iter().filter(|change| change.before.is_some() && change.after.is_some()) {
            writeln!(out, "   What {} was is kept in {}", change.path.display(), sites.memory(&change.path).display())?;
        }
    }
    out.flush()?;
    Ok(())
}

fn changed<'c>(change: &'c FileChange, sites: &Sites) -> Changed<'c> {
    let what = match (&change.before, &change.after) {
        (None, _) => "created",
        (_, None) => "removed",
        _ => "changed",
    };
    Changed { path: &change.path, what, copies: sites.memory(&change.path) }
}

/// The lines that change, with three around them.
fn difference(change: &FileChange, output: &Output) -> String {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    let mut out = format!("{}\n", change.path.display());
    let lines = TextDiff::from_lines(before, after);
    for (at, group) in lines.grouped_ops(3).iter().enumerate() {
        if at > 0 {
            out.push_str("   …\n");
        }
        for line in group.iter().flat_map(|step| lines.iter_changes(step)) {
            let (sign, style) = match line.tag() {
                ChangeTag::Insert => ('+', output.style(State::Active)),
                ChangeTag::Delete => ('-', output.style(State::Stale)),
                ChangeTag::Equal => (' ', output.quiet()),
            };
            // Somebody else's text, for a terminal.
            let text: String = line.value().chars().filter(|c| *c == '\t' || !c.is_control()).collect();
            let _ = writeln!(out, " {style}{sign} {text}{style:#}");
        }
    }
    out
}

/// Who listens to an event, in JSON.
#[derive(Serialize)]
struct Listener<'s> {
    event: &'s str,
    installed: bool,
    place: Option<Place>,
    path: Option<&'s Path>,
    program: Option<&'s str>,
    program_exists: Option<bool>,
}

fn status(sites: &Sites, output: &Output) -> Result<(), Failure> {
    let standings = sites.places().map(|place| hooks::look(sites, place)).collect::<Result<Vec<_>, _>>()?;
    let listeners = listeners(&standings);
    let finding = hooks::judge(&standings);
    if output.is_json {
        let report = serde_json::json!({ "health": finding.health, "message": finding.message, "remedy": finding.remedy,
            "events": listeners });
        Output::json(&report, false)?;
    } else {
        let mut out = Output::stdout();
        for listener in &listeners {
            writeln!(out, "{}", line(listener, output))?;
        }
        writeln!(out, "\n{}", words::plain(&finding.message, 2000))?;
        if let Some(remedy) = &finding.remedy {
            writeln!(out, "    → {}", words::plain(remedy, 2000))?;
        }
        out.flush()?;
    }
    if finding.health == Health::Wrong { Err(Failure::Ill(1)) } else { Ok(()) }
}

/// Every event that should be listened to, and whatever else is.
fn listeners(standings: &[Standing]) -> Vec<Listener<'_>> {
    let hooks = standings.iter().flat_map(|found| found.hooks.iter().map(move |hook| (found, hook)));
    let mut listeners: Vec<Listener<'_>> = hooks
        .map(|(found, hook)| Listener {
            event: &hook.event,
            installed: true,
            place: Some(found.place),
            path: Some(&found.path),
            program: Some(&hook.program),
            program_exists: Some(hooks::is_there(&hook.program)),
        })
        .collect();
    for event in events() {
        if !listeners.iter().any(|listener| listener.event == event) {
            let nobody =
                Listener { event, installed: false, place: None, path: None, program: None, program_exists: None };
            listeners.push(nobody);
        }
    }
    let order = |event: &str| events().position(|wanted| wanted == event).unwrap_or(usize::MAX);
    listeners.sort_by_key(|listener| order(listener.event));
    listeners
}

fn line(listener: &Listener<'_>, output: &Output) -> String {
    let (shape, state) = match (listener.installed, listener.program_exists) {
        (false, _) => ("·", State::Inactive),
        (_, Some(false)) => ("✗", State::Unknown),
        _ => ("✓", State::Active),
    };
    let style = output.style(state);
    let how = match (listener.path, listener.program) {
        (Some(path), Some(program)) => {
            let gone = if listener.program_exists == Some(false) { ", which is not there" } else { "" };
            format!("{} → {}{gone}", words::plain(&path.display().to_string(), 400), words::plain(program, 400))
        }
        _ => "nobody listens".into(),
    };
    format!("{style}{shape}{style:#} {:<17} {how}", words::plain(listener.event, 40))
}
