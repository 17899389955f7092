//! Showing the terminal of a session: what could show it, and with which commands.
//!
//! Guarantees: decisions are functions of the session's process, its ancestors and their environments ([`Trace`]), and
//! of the output of programs. Commands are argument vectors ([`Invocation`]) for a program of a fixed list, never text
//! for a shell. All values in them were checked ([`value`]): environments and outputs are not trusted. Does not run
//! programs and does not look up processes.

pub mod desktops;
pub mod emulators;
pub mod location;
pub mod multiplexers;
pub mod outcome;
pub mod resume;
pub mod value;

use std::collections::BTreeMap;

/// The environment variables that are read from processes.
pub const VARIABLES: [&str; 21] = [
    "TMUX",
    "STY",
    "WINDOW",
    "KITTY_PID",
    "KITTY_WINDOW_ID",
    "KITTY_LISTEN_ON",
    "WEZTERM_PANE",
    "WEZTERM_UNIX_SOCKET",
    "KONSOLE_DBUS_SERVICE",
    "KONSOLE_DBUS_SESSION",
    "KONSOLE_DBUS_WINDOW",
    "GNOME_TERMINAL_SCREEN",
    "WINDOWID",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "SWAYSOCK",
    "HYPRLAND_INSTANCE_SIGNATURE",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_CURRENT_DESKTOP",
    "SSH_CONNECTION",
];

/// Maximum length of a variable's value; longer ones are ignored.
const MAX_VALUE: usize = 4096;

/// Some variables of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Keeps the variables of [`VARIABLES`] that have a usable value: not empty, not too long, without control
    /// characters.
    pub fn of(found: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_usable = |(name, value): &(String, String)| {
            VARIABLES.contains(&name.as_str())
                && !value.is_empty()
                && value.len() <= MAX_VALUE
                && !value.chars().any(char::is_control)
        };
        Self(found.into_iter().filter(is_usable).collect())
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A process on the way from a session to its terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TracedProcess {
    /// Its pid.
    pub pid: u32,
    /// The name of its program, as the system reports it: on Linux at most 15 bytes.
    pub name: String,
    /// Its environment when it started.
    pub variables: Variables,
}

/// A process and its ancestors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The process, then its ancestors, nearest first.
    pub processes: Vec<TracedProcess>,
    /// The environment of this process of Headcount.
    pub own: Variables,
    /// The terminal device of the first process, such as `ttys003`.
    pub terminal: Option<String>,
    /// The working folder of the session.
    pub folder: Option<String>,
}

impl Trace {
    /// The nearest process with one of these names.
    #[must_use]
    pub fn named(&self, names: &[&str]) -> Option<&TracedProcess> {
        self.processes.iter().find(|process| names.contains(&process.name.as_str()))
    }

    /// Whether a process is the traced one or an ancestor of it.
    #[must_use]
    pub fn contains(&self, pid: u32) -> bool {
        self.processes.iter().any(|process| process.pid == pid)
    }

    /// The value of a variable in the nearest process that has it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.processes.iter().find_map(|process| process.variables.get(name))
    }

    /// A variable of the desktop: of the nearest process that has it, else of this process.
    #[must_use]
    pub fn desktop_variable(&self, name: &'static str) -> Option<&str> {
        self.variable(name).or_else(|| self.own.get(name))
    }

    /// The variables by which a program finds the desktop, for [`Invocation::env`].
    #[must_use]
    pub fn desktop_env(&self) -> Vec<(&'static str, String)> {
        let valid = |name| {
            let value = self.desktop_variable(name)?;
            let is_valid = match name {
                "DISPLAY" => value::is_local_display(value),
                "WAYLAND_DISPLAY" => value::is_file_name(value) || value::is_absolute(value),
                "DBUS_SESSION_BUS_ADDRESS" => value.starts_with("unix:"),
                _ => value::is_absolute(value),
            };
            is_valid.then(|| (name, value.to_owned()))
        };
        ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"]
            .into_iter()
            .filter_map(valid)
            .collect()
    }

    /// The other end of the SSH connection through which the terminal is attached: its address, or an empty text if
    /// that is not known. `None`: it is not attached through SSH.
    #[must_use]
    pub fn ssh_peer(&self) -> Option<&str> {
        // The daemon that holds the connection. OpenSSH 9.8 renamed it.
        let daemon = self.processes.iter().position(|process| {
            matches!(process.name.as_str(), "sshd" | "sshd-session" | "dropbear" | "mosh-server")
        })?;
        let below = self.processes.iter().take(daemon);
        let connection = below.filter_map(|process| process.variables.get("SSH_CONNECTION")).next_back();
        let peer = connection.and_then(|connection| connection.split(' ').next());
        Some(peer.filter(|peer| value::is_host(peer)).unwrap_or_default())
    }
}

/// A program and its arguments. No part of it is interpreted by a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The names of the program; the first one that is installed is run.
    pub programs: &'static [&'static str],
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that are added to its environment.
    pub env: Vec<(&'static str, String)>,
}

impl Invocation {
    /// A program with arguments and without more variables.
    pub(crate) fn new<A: Into<String>>(programs: &'static [&'static str], args: impl IntoIterator<Item = A>) -> Self {
        Self { programs, args: args.into_iter().map(Into::into).collect(), env: Vec::new() }
    }

    /// A method call on the session bus. The arguments have the form of `dbus-send(1)`.
    pub(crate) fn dbus(trace: &Trace, to: &str, path: &str, method: &str, args: &[String]) -> Self {
        let fixed = ["--session", "--print-reply=literal", "--reply-timeout=1500", "--type=method_call"];
        let fixed = fixed.into_iter().map(str::to_owned);
        let call = [format!("--dest={to}"), path.to_owned(), method.to_owned()];
        let args = fixed.chain(call).chain(args.iter().cloned());
        Self { env: trace.desktop_env(), ..Self::new(&["dbus-send"], args) }
    }
}

#[cfg(test)]
mod tests;
