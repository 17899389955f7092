//! X11: which of the windows of a process shows the session.

use super::Window;
use crate::terminal::{Trace, value};

/// A top-level window of an X server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XWindow {
    /// Its id.
    pub id: u32,
    /// It contains the window that the terminal named in `WINDOWID`.
    pub is_named: bool,
}

/// The display of the session's terminal.
///
/// # Errors
///
/// Why there is none on this machine.
pub fn display(trace: &Trace) -> Result<&str, String> {
    let display = trace.desktop_variable("DISPLAY").ok_or("there is no X display")?;
    if value::is_local_display(display) { Ok(display) } else { Err("its X display is on another machine".into()) }
}

/// The window that the terminal named in its environment.
#[must_use]
pub fn named_window(trace: &Trace) -> Option<u32> {
    trace.variable("WINDOWID")?.parse().ok()
}

/// The window to be shown, the number of windows of its process, and whether it is the right one for certain. The
/// windows are in stacking order, the one in front last.
#[must_use]
pub fn choose<'t>(trace: &'t Trace, windows: &[Window<XWindow>]) -> Option<(&'t str, XWindow, usize, bool)> {
    let (name, own) = super::windows_of(trace, windows)?;
    let named = own.iter().find(|window| window.is_named);
    let window = named.or(own.last())?;
    Some((name, **window, own.len(), named.is_some() || own.len() == 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::{process, trace};

    fn window(pid: u32, id: u32, is_named: bool) -> Window<XWindow> {
        Window { pid, id: XWindow { id, is_named } }
    }

    #[test]
    fn the_named_window_is_chosen_if_it_is_of_the_nearest_process() {
        let found = trace(&[process(30, "claude", &[]), process(20, "xfce4-terminal", &[]), process(10, "xterm", &[])]);
        let id = |windows: &[Window<XWindow>]| {
            choose(&found, windows).map(|(name, window, count, is_exact)| (name, window.id, count, is_exact))
        };
        let all = [
            window(20, 1, false),
            window(20, 2, true),
            window(20, 3, false),
            window(10, 4, false),
            window(99, 5, false),
        ];
        assert_eq!(id(&all), Some(("xfce4-terminal", 2, 3, true)));
        // The variable was inherited from the terminal below which this one was started.
        let inherited = [window(20, 1, false), window(20, 3, false), window(10, 4, true)];
        assert_eq!(id(&inherited), Some(("xfce4-terminal", 3, 2, false)), "the one in front");
        assert_eq!(id(&all[3..]), Some(("xterm", 4, 1, true)));
        assert_eq!(id(&all[4..]), None);
    }

    #[test]
    fn displays_of_other_machines_are_not_used() {
        let of = |value: &str| display(&trace(&[process(30, "claude", &[("DISPLAY", value)])])).map(str::to_owned);
        assert_eq!(of(":1.0").as_deref(), Ok(":1.0"));
        for odd in ["localhost:10.0", "evil.example:0", ":", "unix:0", "x"] {
            assert!(of(odd).is_err(), "{odd}");
        }
        assert_eq!(named_window(&trace(&[process(1, "a", &[("WINDOWID", "4194313")])])), Some(4_194_313));
        assert_eq!(named_window(&trace(&[process(1, "a", &[("WINDOWID", "-1; x")])])), None);
    }
}
