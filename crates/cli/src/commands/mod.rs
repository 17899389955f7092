//! One file per command: its arguments and its output.

pub(crate) mod cleanup;
pub(crate) mod doctor;
pub(crate) mod everywhere;
pub(crate) mod history;
pub(crate) mod hooks;
pub(crate) mod scripts;
pub(crate) mod sessions;
pub(crate) mod shell;
pub(crate) mod status;
pub(crate) mod wait;
pub(crate) mod workspaces;

use clap::Subcommand;

use crate::args::QuietFlag;
use cleanup::Cleanup;
use history::log::Log;
use history::restore::Restore;
use history::undo::Undo;
use hooks::Hooks;
use scripts::Scripts;
use sessions::identify::Identify;
use sessions::preferences::{Keep, OwnTimeout};
use sessions::registration::{Numbered, Reactivate, Register};
use sessions::renumber::{Compact, Reassign};
use sessions::show::Show;
use shell::{Completions, Manual};
use status::Status;
use wait::Wait;
use workspaces::Workspaces;

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show sessions and their states (the default command)
    Status(Status),
    /// Bring the terminal of a session to the front
    ///
    /// Selects its pane in tmux or GNU screen, its tab in kitty, WezTerm, Konsole, GNOME Terminal, iTerm2 or Terminal, or its
    /// folder in VS Code or a JetBrains editor, and gives the window the focus: on X11, sway, Hyprland, Plasma, macOS and
    /// Windows. If the session or its terminal is on another machine, says on which one.
    ///
    /// Exit codes: 0 the terminal is in front; 1 it is not, and standard error says why; 2 wrong usage.
    Show(Show),
    /// Wait until a session is idle, waits for a person, has ended or is stale
    Wait(Wait),
    /// Mark stale sessions inactive and free their numbers
    Cleanup(Cleanup),
    /// Undo the last change, or a given one
    Undo(Undo),
    /// List the changes made by Headcount
    Log(Log),
    /// List backup copies of the registry, or restore one
    Restore(Restore),
    /// Set which session this shell is, registering it if needed
    Identify(Identify),
    /// Register a session with a free number
    Register(Register),
    /// Send a heartbeat for a session
    Heartbeat(Numbered),
    /// Sign off a session and free its number
    Release(Numbered),
    /// Make an inactive session active again
    Reactivate(Reactivate),
    /// Keep a session: cleanup neither marks nor offers it
    Keep(Keep),
    /// Give a session its own timeout
    Timeout(OwnTimeout),
    /// Change a session's number; if it is taken, the two sessions swap numbers
    Reassign(Reassign),
    /// Renumber the active sessions 1, 2, 3, … in their current order
    Compact(Compact),
    /// Manage the Claude Code hooks that register, track and sign off sessions
    #[command(subcommand)]
    Hooks(Hooks),
    /// Replace the older scripts that maintain a registry
    #[command(subcommand)]
    Scripts(Scripts),
    /// List the workspaces of the configuration, add or remove one
    Workspaces(Workspaces),
    /// Check the installation and explain how to fix problems
    Doctor,
    /// Print a shell completion script
    Completions(Completions),
    /// Print the manual page
    Man(Manual),
    /// Handle an event of Claude Code; run by the installed hooks
    Hook,
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
            Self::Keep(args) => args.quiet_flag,
            Self::Timeout(args) => args.quiet_flag,
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
