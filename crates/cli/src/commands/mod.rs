//! One file a command: its arguments, and what it prints.

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

use crate::args::Quietly;
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

/// The commands.
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
