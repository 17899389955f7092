//! The texts that Rust and the window's page both show.
//!
//! Guarantees: each is written once, here; `make wire` copies them to `ui/page/text/messages.js`, where a name is in
//! camel case. `{}` stands for one value. A text that only one of them shows is not here.

use std::fmt::Display;

use crate::claude::activity::{ActivityKind, WaitingFor};
use crate::liveness::State;

/// Replaces the placeholder of a text.
#[must_use]
pub fn fill(text: &str, value: impl Display) -> String {
    text.replacen("{}", &value.to_string(), 1)
}

macro_rules! texts {
    ($($name:ident = $text:literal;)*) => {
        $(#[doc = concat!("\"", $text, "\"")] pub const $name: &str = $text;)*

        /// All texts and their names.
        pub const TEXTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

texts! {
    APP_NAME = "Headcount";

    // Why a session is in its state.
    HEARTBEAT = "heartbeat";
    REGISTERED = "registered";
    DISCONNECTED = "disconnected";
    AGO = "{} ago";
    NO_HEARTBEAT = "no heartbeat";
    NO_HEARTBEAT_YET = "no heartbeat yet";
    NO_HEARTBEAT_FOR = "no heartbeat for {}";
    PROCESS_RUNNING = "process running";
    PROCESS_ENDED = "process ended";
    ENDED_UNUSED = "ended before its first prompt";
    MARKED_INACTIVE = "marked inactive";
    MARKED_BUT_BEATING = "marked inactive, but sends heartbeats";
    NO_STATUS = "no status";
    UNKNOWN_STATUS = "unknown status “{}”";
    IN_BACKGROUND = "in the background";
    KEPT = "kept";

    // What a session is doing.
    WORKING = "working";
    WAITS_FOR_PERMISSION = "waits for a permission";
    WAITS_FOR_ANSWER = "waits for an answer";
    IDLE = "idle";
    BACKGROUND_SHELL = "background shell";

    // Counts.
    ONE_SESSION = "1 session";
    SESSIONS = "{} sessions";
    RUNNING = "running";
    NOT_REGISTERED = "not registered";
    IN_REGISTRY = "in {}";
    IN_OTHER_REGISTRIES = "in other registries";
    FREE_NUMBERS = "Free numbers: {}";

    // Labels of actions.
    CLEAN_UP_STALE = "Clean up {} stale…";
    UNDO = "Undo";
    REGISTER_ALL = "Register all";
    SNOOZE_HOUR = "For 1 hour";
    SNOOZE_TOMORROW = "Until tomorrow";
    START_AT_LOGIN = "Start at login";

    // Results of actions.
    NOTHING_CHANGED = "Nothing was changed";
    COUNT_MARKED_INACTIVE = "{} marked inactive";
    COUNT_RESTORED = "{} restored";
    NOTHING_RESTORED = "Nothing was restored";
}

/// The states in the order in which they are listed, each with its name.
pub const STATES: [(State, &str); 4] =
    [(State::Active, "active"), (State::Stale, "stale"), (State::Unknown, "unknown"), (State::Inactive, "inactive")];

/// The name of a state.
#[must_use]
pub fn state_name(state: State) -> &'static str {
    STATES.iter().find(|(each, _)| *each == state).map_or("", |(_, name)| name)
}

/// An activity in words: "waits for a permission".
#[must_use]
pub fn activity_words(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Working => WORKING,
        ActivityKind::Waiting(WaitingFor::Permission) => WAITS_FOR_PERMISSION,
        ActivityKind::Waiting(WaitingFor::Answer) => WAITS_FOR_ANSWER,
        ActivityKind::Idle => IDLE,
        ActivityKind::BackgroundShell => BACKGROUND_SHELL,
    }
}
