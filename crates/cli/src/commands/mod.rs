//! One file per command: its arguments and its output.

pub(crate) mod bare_hook;
pub(crate) mod cleanup;
pub(crate) mod doctor;
pub(crate) mod hook;
pub(crate) mod hooks;
pub(crate) mod identify;
pub(crate) mod log;
pub(crate) mod registration;
pub(crate) mod renumber;
pub(crate) mod restore;
pub(crate) mod scripts;
pub(crate) mod shell;
pub(crate) mod status;
pub(crate) mod undo;

use clap::Subcommand;

use crate::args::QuietFlag;
use cleanup::Cleanup;
use hooks::Hooks;
use identify::Identify;
use log::Log;
use registration::{Numbered, Reactivate, Register};
use renumber::{Compact, Reassign};
use restore::Restore;
use scripts::Scripts;
use shell::{Completions, Manual};
use status::Status;
use undo::Undo;

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the sessions and their states (also without a command)
    Status(Status),
    /// Mark sessions that went stale as inactive, and free their numbers
    Cleanup(Cleanup),
    /// Take the last change back, or the one with this id
    Undo(Undo),
    /// List the changes Headcount made
    Log(Log),
    /// List the kept good copies of the registry, or put one back
    Restore(Restore),
    /// Give a session another number; a session that has it gets the old one
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
    /// Whether the command prints errors only.
    pub(crate) fn is_quiet(&self) -> bool {
        let quiet_flag = match self {
            Self::Identify(args) => args.quiet_flag,
            Self::Cleanup(args) => args.quiet_flag,
            Self::Register(args) => args.quiet_flag,
            Self::Heartbeat(args) | Self::Release(args) => args.quiet_flag,
            Self::Reactivate(args) => args.quiet_flag,
            _ => QuietFlag::default(),
        };
        quiet_flag.quiet
    }
}

impl Default for Command {
    fn default() -> Self {
        Self::Status(Status::default())
    }
}
