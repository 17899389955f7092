//! What can be requested in the tray: the actions of the menu and of notifications, and the views of the window.
//!
//! Guarantees: plain data. A view has a name on the command line. Does not perform actions.

use crate::liveness::cleanup::Target;
use crate::notification::snooze::Snooze;
use crate::registry::Number;

/// A view of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// The list of sessions.
    Sessions,
    /// The cleanup's preview.
    Review,
    /// The list of sessions, scrolled to one session.
    Session(Number),
    /// The history of Headcount's changes.
    History,
    /// The settings.
    Settings,
}

impl std::fmt::Display for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sessions => f.write_str("sessions"),
            Self::Review => f.write_str("review"),
            Self::Session(number) => write!(f, "session-{number}"),
            Self::History => f.write_str("history"),
            Self::Settings => f.write_str("settings"),
        }
    }
}

impl std::str::FromStr for View {
    type Err = UnknownView;

    fn from_str(text: &str) -> Result<Self, UnknownView> {
        match text {
            "sessions" | "" => Ok(Self::Sessions),
            "review" => Ok(Self::Review),
            "history" => Ok(Self::History),
            "settings" => Ok(Self::Settings),
            _ => text
                .strip_prefix("session-")
                .and_then(|number| number.parse().ok())
                .map(Self::Session)
                .ok_or(UnknownView),
        }
    }
}

/// The error for a name that is not a view of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected sessions, review, session-NUMBER, history or settings")]
pub struct UnknownView;

/// An action that the menu or a notification offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opens the window at a view.
    Open(View),
    /// Brings the terminal of a session to the front.
    Show(Number),
    /// Does this in the other workspace with this name.
    InWorkspace(String, Box<Action>),
    /// Marks these sessions inactive if they are still stale.
    CleanUp(Vec<Target>),
    /// Undoes a change, by its id.
    Undo(String),
    /// Applies a change again, by its id.
    Redo(String),
    /// Registers the running session of this process.
    Register(u32),
    /// Registers every running session.
    RegisterAll,
    /// Snoozes notifications, or ends the snooze.
    Snooze(Snooze),
    /// Enables or disables starting the app at login.
    StartAtLogin(bool),
    /// Quits the app.
    Quit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_round_trip_as_text() {
        for place in [View::Sessions, View::Review, View::Session(12), View::History, View::Settings] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert_eq!("elsewhere".parse::<View>(), Err(UnknownView));
        assert_eq!("session-x".parse::<View>(), Err(UnknownView));
    }
}
