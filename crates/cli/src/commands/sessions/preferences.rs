//! `headcount keep` and `timeout`: what a person sets for one session.

use std::str::FromStr;

use headcount_core::{Number, Timeout};
use headcount_engine::ops;

use crate::Failure;
use crate::args::QuietFlag;
use crate::command_context::CommandContext;
use crate::commands::sessions::registration::print_number;
use crate::output::Output;

/// `headcount keep`
#[derive(Debug, clap::Args)]
pub(crate) struct Keep {
    /// Session number
    number: Number,
    /// Stop keeping it
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// `headcount timeout`
#[derive(Debug, clap::Args)]
pub(crate) struct OwnTimeout {
    /// Session number
    number: Number,
    /// Minutes without a sign of life until it is stale, 0 to 525600, or `default`
    #[arg(value_name = "MINUTES|default")]
    timeout: Minutes,
    #[command(flatten)]
    pub(crate) quiet_flag: QuietFlag,
}

/// A timeout, or the general one.
#[derive(Clone, Copy, Debug)]
struct Minutes(Option<Timeout>);

impl FromStr for Minutes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self(None)),
            text => text.parse().map(Some).map(Self).map_err(|error| format!("{error}, or \"default\"")),
        }
    }
}

pub(crate) fn keep(args: &Keep, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let change = ops::keep(&session.workspace, args.number, !args.off, CommandContext::context())?;
    let words = if args.off { "✅ No longer kept: session" } else { "✅ Never cleaned up: session" };
    print_number(output, args.number, change.as_deref(), words)
}

pub(crate) fn timeout(args: &OwnTimeout, session: &CommandContext, output: &Output) -> Result<(), Failure> {
    let Minutes(timeout) = args.timeout;
    let change = ops::set_own_timeout(&session.workspace, args.number, timeout, CommandContext::context())?;
    let words = match timeout {
        Some(timeout) => format!("✅ Stale after {timeout} minutes: session"),
        None => "✅ Stale after the general timeout: session".to_owned(),
    };
    print_number(output, args.number, change.as_deref(), &words)
}
