//! Window systems: finding the window of a process, and giving it the focus.
//!
//! A window belongs to a session if its process is the nearest ancestor that has windows.

pub mod hyprland;
pub mod kwin;
pub mod sway;
pub mod x11;

use crate::terminal::Trace;

/// A window with its process, as a window system lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window<I> {
    /// Its process.
    pub pid: u32,
    /// The window system's id for it.
    pub id: I,
}

/// The windows of the nearest process that has any, in the order of the list, and the name of that process.
#[must_use]
pub fn windows_of<'w, 't, I>(trace: &'t Trace, windows: &'w [Window<I>]) -> Option<(&'t str, Vec<&'w I>)> {
    trace.processes.iter().find_map(|process| {
        let own: Vec<&I> = windows.iter().filter(|window| window.pid == process.pid).map(|window| &window.id).collect();
        (!own.is_empty()).then_some((process.name.as_str(), own))
    })
}

/// What was shown: "xterm", or "one of 3 windows of xfce4-terminal" if it is not known which one it is.
#[must_use]
pub fn text(name: &str, count: usize, is_exact: bool) -> String {
    let name = crate::view::text::messages::plain(name, 20);
    if count > 1 && !is_exact { format!("one of {count} windows of {name}") } else { name }
}
