//! Terminal emulators and editors that can select one of their tabs.
//!
//! Guarantees: the emulator is the nearest known one among the ancestors, so that variables inherited from another one
//! are never used.

mod apple;
mod editors;
mod gnome_terminal;
mod kitty;
mod konsole;
mod wezterm;
mod windows_terminal;

use crate::terminal::{Invocation, Trace, TracedProcess};

/// How an emulator shows a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// The commands. Each has to succeed before the next one is run.
    pub commands: Vec<Invocation>,
    /// What is shown: "window 3 of kitty".
    pub text: String,
    /// The command also brings the emulator's window to the front; else that has to be done.
    pub is_raised: bool,
}

impl Tab {
    fn new(command: Invocation, text: String, is_raised: bool) -> Self {
        Self { commands: vec![command], text, is_raised }
    }
}

/// An emulator that can select a tab.
pub trait Emulator: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// How it shows the traced process.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    fn tab(&self, trace: &Trace) -> Result<Tab, String>;
}

/// The emulators, in the order in which they are tried.
pub const ALL: [&dyn Emulator; 8] = [
    &kitty::Kitty,
    &wezterm::WezTerm,
    &konsole::Konsole,
    &gnome_terminal::GnomeTerminal,
    &editors::VsCode,
    &editors::JetBrains,
    &apple::Apple,
    &windows_terminal::WindowsTerminal,
];

/// The names of processes that show windows with terminals.
const PROCESSES: [&str; 51] = [
    "kitty",
    "wezterm-gui",
    "konsole",
    "yakuake",
    "dolphin",
    "kate",
    // The kernel cuts the name of gnome-terminal-server.
    "gnome-terminal-",
    "code",
    "code-insiders",
    "codium",
    "cursor",
    "windsurf",
    "xterm",
    "uxterm",
    "urxvt",
    "urxvtd",
    "rxvt",
    "st",
    "alacritty",
    "foot",
    "ghostty",
    "xfce4-terminal",
    "mate-terminal",
    "lxterminal",
    "qterminal",
    "terminator",
    "tilix",
    "terminology",
    "deepin-terminal",
    "ptyxis-agent",
    "ptyxis",
    "kgx",
    "guake",
    "tilda",
    "rio",
    "warp",
    "contour",
    "idea",
    "idea64",
    "pycharm",
    "webstorm",
    "clion",
    "goland",
    "rider",
    "rubymine",
    "phpstorm",
    "rustrover",
    "iTerm2",
    "Terminal",
    "WindowsTerminal.exe",
    "Code.exe",
];

/// The nearest process that shows a terminal.
#[must_use]
pub fn process(trace: &Trace) -> Option<&TracedProcess> {
    trace.named(&PROCESSES)
}

/// The programs whose window shows one terminal: it is seen if the window has the focus.
const WITHOUT_TABS: [&str; 5] = ["xterm", "urxvt", "st", "alacritty", "foot"];

/// Whether a window of the traced terminal shows it for certain, because it has no tabs.
#[must_use]
pub fn has_no_tabs(trace: &Trace) -> bool {
    process(trace).is_some_and(|process| WITHOUT_TABS.contains(&process.name.as_str()))
}

/// The nearest emulator if it has one of these names; else why another one is not used.
fn nearest<'t>(trace: &'t Trace, names: &[&str]) -> Result<&'t TracedProcess, String> {
    let found = process(trace).ok_or("no terminal program was found above its process")?;
    if names.contains(&found.name.as_str()) {
        return Ok(found);
    }
    Err(format!("it runs in {}", found.name))
}

#[cfg(test)]
mod tests;
