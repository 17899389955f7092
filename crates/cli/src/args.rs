//! Arguments shared by all commands. The arguments of one command are defined in its file in `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum as _, ValueHint};
use headcount_core::{Time, Timeout, time};

use crate::commands::Command;

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
    /// Parses the arguments of this process. Exits the process on `--help`, `--version` or a usage error.
    pub(crate) fn of_process() -> Self {
        // clap prints help and usage errors while it parses, so the colour choice has to be known before.
        let command = Self::command().color(color_of(std::env::args_os().skip(1)));
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// The last valid value of `--color` among the arguments before `--`; the default if there is none.
fn color_of(args: impl Iterator<Item = OsString>) -> ColorChoice {
    let mut color = ColorChoice::default();
    let mut args = args.take_while(|arg| arg != "--");
    while let Some(arg) = args.next() {
        let arg = arg.to_string_lossy().into_owned();
        let value = match arg.strip_prefix("--color") {
            Some("") => args.next().map(|value| value.to_string_lossy().into_owned()),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        color = value.and_then(|value| ColorChoice::from_str(&value, false).ok()).unwrap_or(color);
    }
    color
}

/// Options accepted by every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Registry file [default: `$HEADCOUNT_REGISTRY`, the nearest `claude_sessions.json` in this folder or above, the configured one, or your own]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) registry: Option<PathBuf>,
    /// The folder in which `registry` was found; `None` if a person named the registry.
    #[arg(skip)]
    pub(crate) tree: Option<PathBuf>,
    /// Workspace of the configuration, in place of --registry; see `headcount workspaces`
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "registry")]
    pub(crate) workspace: Option<String>,
    /// All workspaces of the configuration, and that of this folder; for commands that read
    #[arg(long, global = true, conflicts_with_all = ["registry", "workspace", "heartbeats"])]
    pub(crate) all: bool,
    /// Heartbeats folder [default: heartbeats/ next to the registry]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) heartbeats: Option<PathBuf>,
    /// Minutes without a sign of life after which a session is stale, 0 to 525600 [default: as configured, or 120]
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true)]
    pub(crate) timeout_minutes: Option<Timeout>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colors; `auto` is on terminals, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

/// The `--quiet` flag, shared by the commands that cron and scripts run.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct QuietFlag {
    /// Print errors only
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
}

/// Value parser for an RFC 3339 time.
pub(crate) fn moment(text: &str) -> Result<Time, &'static str> {
    time::parse(text).ok_or("expected a time such as 2025-11-17T20:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_read_before_other_arguments() {
        let of = |args: &[&str]| color_of(args.iter().map(OsString::from));
        assert_eq!(of(&["--help"]), ColorChoice::Auto);
        assert_eq!(of(&["--color", "never", "--help"]), ColorChoice::Never);
        assert_eq!(of(&["status", "--color=always"]), ColorChoice::Always);
        assert_eq!(of(&["--color=never", "--color", "always"]), ColorChoice::Always);
        for odd in [&["--color"][..], &["--color", "blue"], &["--", "--color", "never"], &["--colors=never"]] {
            assert_eq!(of(odd), ColorChoice::Auto, "{odd:?}");
        }
    }

    #[test]
    fn clap_definition_is_valid() {
        Args::command().debug_assert();
    }
}
