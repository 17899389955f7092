//! What can be said on the command line. Types only; the work is elsewhere.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{
    ArgAction, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, ValueHint,
};
use clap_complete::Shell;
use headcount_core::{Number, Time, Timeout, time};

/// How many of my Claude Code sessions are really running?
#[derive(Debug, Parser)]
#[command(name = "headcount", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Args {
    /// Those of this process. Ends it if help is asked for, or they make no sense.
    pub(crate) fn of_process() -> Self {
        // Help and errors are printed before the arguments are parsed.
        let command = Self::command().color(match color_of(std::env::args_os().skip(1)) {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        });
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// The value of `--color` among arguments, the last one, as far as it makes sense.
fn color_of(args: impl Iterator<Item = OsString>) -> Color {
    let mut color = Color::default();
    let mut args = args.take_while(|arg| arg != "--");
    while let Some(arg) = args.next() {
        let arg = arg.to_string_lossy().into_owned();
        let value = match arg.strip_prefix("--color") {
            Some("") => args.next().map(|value| value.to_string_lossy().into_owned()),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        color = value.and_then(|value| Color::from_str(&value, false).ok()).unwrap_or(color);
    }
    color
}

/// What every command understands.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Global {
    /// The registry [default: `$HEADCOUNT_REGISTRY`, else the nearest `claude_sessions.json`, else the configured one, else your own]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) registry: Option<PathBuf>,
    /// The folder in which `registry` was found, if no person named it.
    #[arg(skip)]
    pub(crate) tree: Option<PathBuf>,
    /// The folder of heartbeats [default: heartbeats/ beside the registry]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) heartbeats: Option<PathBuf>,
    /// Minutes without a sign of life until a session is stale, 0 to 525600 [default: 120, or as configured]
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true)]
    pub(crate) timeout_minutes: Option<Timeout>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show who is here (also without a command)
    Status(Status),
    /// Mark sessions that went stale as inactive, and free their numbers
    Cleanup(Cleanup),
    /// Take the last change back, or the one with this id
    Undo(Undo),
    /// List the changes Headcount made
    Log(Log),
    /// List the kept good copies of the registry, or put one back
    Restore(Restore),
    /// Give a session another number; whoever has it gets the old one
    Reassign(Reassign),
    /// See whether everything is as it should be, and how to mend what is not
    Doctor,
    /// What Claude Code runs at its events (see `hooks`); not for people
    Hook,
    /// Number the active sessions 1, 2, 3 … in their order
    Compact(Compact),
    /// Say which session this is, and remember it for this shell
    Identify(Identify),
    /// Register a session under a free number
    Register(Register),
    /// Show a sign of life for a session
    Heartbeat(Numbered),
    /// Sign a session off, and free its number
    Release(Numbered),
    /// Bring a session back that was marked inactive
    Reactivate(Reactivate),
    /// Take the place of the scripts that looked after a registry before
    #[command(subcommand)]
    Scripts(Scripts),
    /// Install the hooks by which sessions of Claude Code register, beat and sign off
    #[command(subcommand)]
    Hooks(Hooks),
    /// Print what a shell needs to complete this command's arguments
    Completions(Completions),
    /// Print the manual page
    Man(Manual),
}

impl Command {
    /// Whether it is to print nothing but errors.
    pub(crate) fn is_quiet(&self) -> bool {
        let quietly = match self {
            Self::Identify(args) => args.quietly,
            Self::Cleanup(args) => args.quietly,
            Self::Register(args) => args.quietly,
            Self::Heartbeat(args) | Self::Release(args) => args.quietly,
            Self::Reactivate(args) => args.quietly,
            _ => Quietly::default(),
        };
        quietly.quiet
    }
}

impl Default for Command {
    fn default() -> Self {
        Self::Status(Status::default())
    }
}

/// `headcount status`
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Status {
    /// Keep showing it as it changes
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) watch: bool,
    /// Ask about this moment instead of now (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "watch")]
    pub(crate) at: Option<Time>,
}

/// `headcount cleanup`
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Cleanup {
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only these sessions, as far as they are stale
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    pub(crate) only: Vec<Number>,
    /// Ask about this moment instead of now (RFC 3339), in a dry run only
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "dry_run")]
    pub(crate) at: Option<Time>,
    /// Clean up although the heartbeats folder is missing or unreadable
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) quietly: Quietly,
}

/// `headcount undo`
#[derive(Debug, clap::Args)]
pub(crate) struct Undo {
    /// The change to take back, as `headcount log` names it [default: the last one]
    #[arg(value_name = "ID")]
    pub(crate) change: Option<String>,
}

/// `headcount log`
#[derive(Debug, clap::Args)]
pub(crate) struct Log {
    /// How many, the newest
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

/// `headcount restore`
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The copy to put back [default: list them]
    #[arg(value_name = "ID")]
    pub(crate) copy: Option<String>,
    /// Put it back without asking
    #[arg(long, requires = "copy")]
    pub(crate) yes: bool,
}

/// `headcount reassign`
#[derive(Debug, clap::Args)]
pub(crate) struct Reassign {
    /// The number it has
    pub(crate) from: Number,
    /// The number it shall have
    pub(crate) to: Number,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount compact`
#[derive(Debug, clap::Args)]
pub(crate) struct Compact {
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount register`
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// The number
    #[arg(required_unless_present_any = ["pid", "all_running"])]
    pub(crate) number: Option<Number>,
    /// What it does
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["pid", "all_running"])]
    pub(crate) role: Option<String>,
    /// What it is after
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["pid", "all_running"])]
    pub(crate) goal: Option<String>,
    /// A Claude Code session that runs as this process: it gets the lowest free number
    #[arg(long, conflicts_with_all = ["number", "role", "goal", "session_id", "terminal"])]
    pub(crate) pid: Option<u32>,
    /// Every Claude Code session that runs and is not registered: each gets the lowest free number
    #[arg(long, conflicts_with_all = ["number", "role", "goal", "session_id", "terminal", "pid"])]
    pub(crate) all_running: bool,
    /// Its id [default: session-N]
    #[arg(long, value_name = "ID")]
    pub(crate) session_id: Option<String>,
    /// Its terminal [default: the one this runs in]
    #[arg(long, value_name = "NAME")]
    pub(crate) terminal: Option<String>,
    #[command(flatten)]
    pub(crate) quietly: Quietly,
}

/// A session, or the one that this shell identified as.
#[derive(Debug, clap::Args)]
pub(crate) struct Numbered {
    /// Its number [default: the one this shell identified as]
    pub(crate) number: Option<Number>,
    #[command(flatten)]
    pub(crate) quietly: Quietly,
}

/// `headcount reactivate`
#[derive(Debug, clap::Args)]
pub(crate) struct Reactivate {
    /// Its number
    pub(crate) number: Number,
    #[command(flatten)]
    pub(crate) quietly: Quietly,
}

/// `headcount identify`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Identify {
    /// The number [default: asked for, the lowest free one is offered]
    #[arg(long, value_name = "N")]
    pub(crate) number: Option<Number>,
    /// What it does, for a session that is new
    #[arg(long, value_name = "TEXT")]
    pub(crate) role: Option<String>,
    /// What it is after, for a session that is new
    #[arg(long, value_name = "TEXT")]
    pub(crate) goal: Option<String>,
    /// Ask nothing: take the lowest free number, or be the session of the given one. Cleans nothing up
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Clean up stale sessions first, without asking
    #[arg(long, conflicts_with = "no_cleanup")]
    pub(crate) auto_cleanup: bool,
    /// Clean nothing up, without asking
    #[arg(long)]
    pub(crate) no_cleanup: bool,
    /// Only beat, as the session this shell identified as, or as the given one
    #[arg(long, conflicts_with_all = ["role", "goal", "yes", "auto_cleanup"])]
    pub(crate) heartbeat_only: bool,
    #[command(flatten)]
    pub(crate) quietly: Quietly,
}

/// What the commands understand that others run: cron, scripts.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Quietly {
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
}

/// `headcount scripts`
#[derive(Debug, Subcommand)]
pub(crate) enum Scripts {
    /// Write the scripts into a folder; what was there is kept as `*.orig`
    Install(ScriptsInstall),
    /// Put the originals back
    Uninstall(ScriptsUninstall),
    /// Do what a script did
    #[command(hide = true)]
    Run(RunScript),
}

/// `headcount scripts install`
#[derive(Debug, clap::Args)]
pub(crate) struct ScriptsInstall {
    /// The folder of the scripts
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount scripts uninstall`
#[derive(Debug, clap::Args)]
pub(crate) struct ScriptsUninstall {
    /// The folder of the scripts
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount scripts run`
#[derive(Debug, clap::Args)]
pub(crate) struct RunScript {
    /// The script's name
    pub(crate) name: String,
    /// Where it lies, as it was started
    pub(crate) path: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<String>,
}

/// `headcount hooks`
#[derive(Debug, Subcommand)]
pub(crate) enum Hooks {
    /// Install the hooks in Claude Code's settings, and repair damaged ones
    Install(HooksInstall),
    /// Remove them; commands of your own that run Headcount among other things stay
    Uninstall(HooksUninstall),
    /// Show the hook of each event, and whether Claude Code runs it
    Status,
}

/// `headcount hooks install`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct HooksInstall {
    /// Into the settings of this project instead of your own
    #[arg(long, conflicts_with = "plugin")]
    pub(crate) project: bool,
    /// As a plugin of your own instead, which leaves the settings alone
    #[arg(long)]
    pub(crate) plugin: bool,
    /// Count every use of a tool as a sign of life, too
    #[arg(long)]
    pub(crate) every_tool: bool,
    /// Only show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount hooks uninstall`
#[derive(Debug, clap::Args)]
pub(crate) struct HooksUninstall {
    /// Out of the settings of this project instead of your own
    #[arg(long)]
    pub(crate) project: bool,
    /// Only show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `headcount completions`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

/// `headcount man`
#[derive(Debug, clap::Args)]
pub(crate) struct Manual {
    /// Write it there instead, with a page for each command
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) into: Option<PathBuf>,
}

fn moment(text: &str) -> Result<Time, &'static str> {
    time::parse(text).ok_or("a time looks like 2025-11-17T20:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_color_of_help_is_known_before_the_rest() {
        let of = |args: &[&str]| color_of(args.iter().map(OsString::from));
        assert_eq!(of(&["--help"]), Color::Auto);
        assert_eq!(of(&["--color", "never", "--help"]), Color::Never);
        assert_eq!(of(&["status", "--color=always"]), Color::Always);
        assert_eq!(of(&["--color=never", "--color", "always"]), Color::Always);
        for odd in [&["--color"][..], &["--color", "blue"], &["--", "--color", "never"], &["--colors=never"]] {
            assert_eq!(of(odd), Color::Auto, "{odd:?}");
        }
    }

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
