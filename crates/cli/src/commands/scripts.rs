//! `headcount scripts`: replaces the legacy scripts of a registry, and does what they did.
//!
//! Guarantees: the scripts' arguments, outputs and exit codes. A script uses the registry of its own folder in
//! any working directory, unless another one is named. The scripts' other effects (messages, status boards) are not
//! reproduced.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use clap::Subcommand;
use headcount_core::legacy_scripts::{CleanUp, Register, Script, Work};
use headcount_core::registry::registration::{NewSession, RegistrationError};
use headcount_core::view::text::messages;
use headcount_engine::executables;
use headcount_engine::ops::{self, ScriptStep};
use headcount_engine::workspace::config::Config;
use headcount_engine::workspace::config::resolved::CliOverrides;
use headcount_engine::workspace::environment::Environment;
use headcount_engine::workspace::registry_lookup::RegistryLookup;
use headcount_engine::workspace::registry_lookup::search::Found;

use crate::Failure;
use crate::args::{Args, Global};
use crate::command_context::{CommandContext, in_named_workspace};
use crate::commands::Command;
use crate::commands::cleanup;
use crate::commands::sessions::identify;
use crate::output::Output;

/// `headcount scripts`
#[derive(Debug, Subcommand)]
pub(crate) enum Scripts {
    /// Install replacements of the scripts in a folder; originals are kept as `*.orig`
    Install(ScriptsInstall),
    /// Restore the original scripts
    Uninstall(ScriptsUninstall),
    /// Do what a script did
    #[command(hide = true)]
    Run(RunScript),
}

/// `headcount scripts install`
#[derive(Debug, clap::Args)]
pub(crate) struct ScriptsInstall {
    /// Folder of the scripts
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount scripts uninstall`
#[derive(Debug, clap::Args)]
pub(crate) struct ScriptsUninstall {
    /// Folder of the scripts
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount scripts run`
#[derive(Debug, clap::Args)]
pub(crate) struct RunScript {
    /// The script's name
    pub(crate) name: String,
    /// Path of the script, as it was started
    pub(crate) path: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<String>,
}

pub(crate) fn run(args: &Scripts, global: &Global, output: &Output) -> Result<(), Failure> {
    match args {
        Scripts::Install(args) => install(args, global, output),
        Scripts::Uninstall(args) => uninstall(args, output),
        Scripts::Run(args) => run_script(args, global, output),
    }
}

fn install(args: &ScriptsInstall, global: &Global, output: &Output) -> Result<(), Failure> {
    let program = executables::program().ok_or(Failure::Declined("The path of this program cannot be determined"))?;
    let (registry, heartbeats) = (global.registry.clone(), global.heartbeats.clone());
    let named = CliOverrides { registry, heartbeats, ..CliOverrides::default() };
    let named = in_named_workspace(named, global, &Environment::of_process())?;
    let absolute = |path: Option<PathBuf>| path.map(std::path::absolute).transpose();
    let files = [("--registry", absolute(named.registry)?), ("--heartbeats", absolute(named.heartbeats)?)];
    let files = files.map(|(name, path)| path.map(|path| (name, path.display().to_string())));
    let options: Vec<(&str, &str)> = files.iter().flatten().map(|(name, path)| (*name, path.as_str())).collect();
    let steps = ops::install_scripts(&args.folder, &program.display().to_string(), &options, args.dry_run)?;
    report(&steps, args.dry_run, "Nothing to change: the scripts are already installed.", output)
}

fn uninstall(args: &ScriptsUninstall, output: &Output) -> Result<(), Failure> {
    let steps = ops::uninstall_scripts(&args.folder, args.dry_run)?;
    report(&steps, args.dry_run, "Nothing to change: Headcount's scripts are not installed.", output)
}

fn report(steps: &[ScriptStep], is_dry: bool, nothing: &str, output: &Output) -> Result<(), Failure> {
    let lines: Vec<(&str, String)> = steps
        .iter()
        .map(|step| match step {
            ScriptStep::Kept(path, kept) => ("kept", format!("{} → {}", path.display(), kept.display())),
            ScriptStep::Written(path, _) => ("written", path.display().to_string()),
            ScriptStep::RevertedChange(kept, path) => ("restored", format!("{} → {}", kept.display(), path.display())),
            ScriptStep::Removed(path) => ("removed", path.display().to_string()),
        })
        .collect();
    if output.is_json {
        let steps: Vec<_> =
            lines.iter().map(|(what, path)| serde_json::json!({ "what": what, "path": path })).collect();
        return output.json(&serde_json::json!({ "steps": steps, "dry_run": is_dry }), false);
    }
    let mut text = String::new();
    for (what, path) in &lines {
        let _ = writeln!(text, "{what:<9} {path}");
    }
    if lines.is_empty() {
        let _ = writeln!(text, "{nothing}");
    } else if is_dry {
        text.push_str("🔍 DRY RUN - No changes made\n");
    }
    Output::bytes(text.as_bytes())
}

/// Runs the replacement of one script.
fn run_script(args: &RunScript, global: &Global, output: &Output) -> Result<(), Failure> {
    let script = Script::named(&args.name).ok_or(Failure::Declined("Unknown script"))?;
    let mut global = global.clone();
    if global.registry.is_none() && Environment::of_process().registry.is_none() {
        let found = nearest_registry(&args.path);
        global.tree = found.as_ref().and_then(|found| found.tree.clone());
        global.registry = found.map(|found| found.registry);
    }
    match script {
        Script::CleanUp => clean_up(&args.args, &args.path, global, output),
        Script::Identify => {
            let words = ["headcount", "identify"].into_iter().map(str::to_owned).chain(args.args.iter().cloned());
            let parsed = Args::try_parse_from(words).map_err(|error| Failure::Usage(error.render().to_string()))?;
            match parsed.command {
                Some(Command::Identify(identify)) => {
                    let Global { registry, heartbeats, timeout_minutes, json, color, .. } = parsed.global;
                    let output = Output::new(color, json || output.is_json, identify.quiet_flag.quiet);
                    let global = Global {
                        tree: global.tree.filter(|_| registry.is_none()),
                        registry: registry.or(global.registry),
                        heartbeats: heartbeats.or(global.heartbeats),
                        timeout_minutes: timeout_minutes.or(global.timeout_minutes),
                        ..global
                    };
                    identify::run(identify, &CommandContext::open(&global, &output)?, &output)
                }
                // Not reachable: the arguments above begin with `identify`.
                _ => Ok(()),
            }
        }
        Script::Register => register(&args.args, &args.path, &CommandContext::open(&global, output)?),
        Script::Heartbeat => {
            let session = CommandContext::open(&global, output)?;
            let reported = ops::report_work(&session.workspace, &Work::read(&args.args), CommandContext::context())?;
            reported
                .map(drop)
                .ok_or(Failure::ScriptMessage("⚠️  No active session. Run session-identify.sh first".into()))
        }
    }
}

/// The registry nearest to the script's folder; `None` if a shell sourced the script, because then it has no path.
fn nearest_registry(script: &Path) -> Option<Found> {
    let real = std::fs::canonicalize(script).ok()?;
    let env = Environment::of_process();
    RegistryLookup::new(&Config::read(env.config_file().as_deref()), &env).nearest(real.parent()?)
}

fn clean_up(args: &[String], script: &Path, mut global: Global, output: &Output) -> Result<(), Failure> {
    let asked = CleanUp::read(args).map_err(|reason| {
        let usage = format!("{reason}\nUsage: {} [--timeout-minutes MINUTES] [--dry-run]", script.display());
        Failure::ScriptMessage(usage)
    })?;
    global.timeout_minutes = asked.timeout.or(global.timeout_minutes);
    let args = cleanup::Cleanup { dry_run: asked.dry_run, ..cleanup::Cleanup::default() };
    cleanup::run(&args, &CommandContext::open(&global, output)?, output)
}

fn register(args: &[String], script: &Path, session: &CommandContext) -> Result<(), Failure> {
    let Some(asked) = Register::read(args) else {
        let script = script.display();
        let usage = format!(
            "Usage: {script} NUMBER \"ROLE\" \"GOAL\" [SESSION_ID] [TERMINAL]\n\nExample:\n  {script} 3 \"DevOps Engineer\" \"Deploy and monitor services\" session-3 s003\n\nCurrent registered sessions:\n{}",
            registered_list(session)?
        );
        return Err(Failure::ScriptMessage(usage.trim_end().to_owned()));
    };
    let Register { number, role, goal, session_id, terminal } = asked;
    let new_session = NewSession {
        number,
        session_id: session_id.clone(),
        role: role.clone(),
        goal,
        terminal: terminal.clone(),
        claude: None,
    };
    match ops::register(&session.workspace, &new_session, CommandContext::context()) {
        Err(headcount_engine::Error::Refused { refusal: RegistrationError::Taken(number), .. }) => {
            let taken = registered_list(session)?;
            let text = format!("❌ ERROR: Number {number} is already taken!\n\nTaken numbers:\n{}", taken.trim_end());
            return Err(Failure::ScriptMessage(text));
        }
        registered => drop(registered?),
    }
    let session_id = session_id.unwrap_or_else(|| format!("session-{number}"));
    let listed = registered_list(session)?;
    let mut out = Output::stdout();
    write!(
        out,
        "✅ Session #{number} registered successfully!\n   Session ID: {}\n   Role: {}\n   Terminal: {}\n\nTotal sessions registered: {}/13\n\nAll registered sessions:\n{listed}",
        messages::plain(&session_id, 200),
        messages::plain(&role, 200),
        messages::plain(&terminal, 200),
        listed.lines().count(),
    )?;
    out.flush()?;
    Ok(())
}

/// One line per session, ordered by number.
fn registered_list(session: &CommandContext) -> Result<String, Failure> {
    let registry = session.workspace.store().read_with_retry()?;
    let mut entries: Vec<_> = registry.entries().iter().collect();
    entries.sort_by_key(|entry| entry.number);
    let mut out = String::new();
    for entry in entries {
        let (role, id) = (messages::plain(&entry.role, 200), messages::plain(&entry.session_id, 200));
        let _ = writeln!(out, "  #{:2}. {role:40} ({id})", entry.number);
    }
    Ok(out)
}
