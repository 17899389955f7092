//! GNU screen: the window of a session.
//!
//! The terminal that started screen stays an ancestor of its server. If the session was attached elsewhere since, only
//! the window is selected.

use crate::terminal::{Invocation, Trace, value};

/// The session and window of a traced process in screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The session, `<pid>.<name>`.
    pub session: String,
    /// The number of the window.
    pub number: String,
}

impl Window {
    /// The window of the traced process.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn of(trace: &Trace) -> Result<Self, String> {
        let outside = || "it does not run in GNU screen".to_owned();
        for process in &trace.processes {
            let Some(session) = process.variables.get("STY") else { continue };
            let server = session.split_once('.').and_then(|(pid, _)| pid.parse::<u32>().ok());
            // The name is chosen by a person; screen takes the pid alone, too.
            let Some(server) = server.filter(|server| trace.contains(*server)) else { continue };
            let number = process.variables.get("WINDOW").filter(|number| value::is_number(number));
            let number = number.ok_or("the number of its window in GNU screen is not known")?;
            return Ok(Self { session: server.to_string(), number: number.to_owned() });
        }
        Err(outside())
    }

    /// The command that selects the window.
    #[must_use]
    pub fn select(&self) -> Invocation {
        Invocation::new(&["screen"], ["-S", &self.session, "-X", "select", &self.number])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::{process, trace};

    #[test]
    fn a_window_is_selected_by_numbers_only() {
        let of = |variables: &[(&str, &str)]| {
            Window::of(&trace(&[process(30, "claude", variables), process(10, "screen", &[])]))
        };
        let window = of(&[("STY", "10.pts-0;$(id) 'x"), ("WINDOW", "2")]).unwrap();
        assert_eq!(window.select().args, ["-S", "10", "-X", "select", "2"]);
        for odd in [&[("STY", "11.x"), ("WINDOW", "2")][..], &[("STY", "x"), ("WINDOW", "2")], &[("WINDOW", "2")], &[]]
        {
            assert_eq!(of(odd), Err("it does not run in GNU screen".into()));
        }
        for odd in ["-1", "x", "1;y"] {
            assert!(of(&[("STY", "10.x"), ("WINDOW", odd)]).is_err(), "{odd}");
        }
    }
}
