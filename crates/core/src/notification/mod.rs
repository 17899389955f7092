//! Desktop notifications as data: the message for a notification server, and the action of each press.
//!
//! Guarantees: a click on the text never changes anything, because on some servers a click is how notifications are
//! dismissed; each offered action is also in the tray's menu, and on a server without buttons a sentence in the message
//! says so. Does not communicate with a server.

mod announced;
pub mod announcement;
pub mod attention;
pub mod next_steps;
pub mod snooze;

mod ledger;

pub use ledger::{ButtonPress, Ledger};

use crate::desktop;
use crate::notification::announcement::Announcement;
use crate::notification::attention::Attention;
use crate::notification::snooze::Snooze;
use crate::view::action::{Action, View};
use crate::view::text::messages::{self, button};
use crate::view::text::outcome_messages;

/// A slot for one notification at a time; a new notification replaces the one in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Sessions that look stale.
    Stale,
    /// Sessions that wait for a person.
    Waiting,
    /// Sessions that finished a long turn.
    Finished,
    /// The outcome of an action, and other messages.
    Outcome,
}

impl Slot {
    /// The `category` hint, for rules in the configuration of notification servers.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match self {
            Self::Stale => "x-headcount.stale",
            Self::Waiting => "x-headcount.waiting",
            Self::Finished => "x-headcount.finished",
            Self::Outcome => "x-headcount.outcome",
        }
    }
}

/// The action key of a click on the text, defined by the Desktop Notifications Specification.
pub const DEFAULT_KEY: &str = "default";

/// A button of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The key in the server's report of a press.
    pub key: &'static str,
    /// The label. Never empty: some servers show a click on the text as a button too.
    pub label: &'static str,
    /// The action of a press.
    pub action: Action,
}

impl Button {
    fn new(key: &'static str, label: &'static str, action: Action) -> Self {
        Self { key, label, action }
    }

    fn review() -> Self {
        Self::new("review", button::REVIEW, Action::Open(View::Review))
    }

    /// Brings the terminal of one session to the front. For several sessions, opens the window.
    fn show(place: View) -> Self {
        let action = match place {
            View::Session(number) => Action::Show(number),
            place => Action::Open(place),
        };
        Self::new("show", button::SHOW, action)
    }

    fn snooze() -> Self {
        Self::new("snooze", button::SNOOZE, Action::Snooze(Snooze::Hour))
    }
}

/// An action offered with the outcome of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutcomeOffer {
    /// Undoes this change.
    Undo(String),
    /// Applies this change again.
    Redo(String),
    /// Opens the window.
    Open,
}

/// A notification, independent of the server that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The slot in which it is shown.
    pub slot: Slot,
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// What a click on the text opens, if anything.
    pub click: Option<View>,
    /// The buttons, the most important first.
    pub buttons: Vec<Button>,
    /// The purpose of the buttons as a verb phrase, if the tray's menu or the window offers the same.
    purpose: Option<&'static str>,
}

impl Notification {
    /// The notification about stale sessions.
    #[must_use]
    pub fn stale(announcement: &Announcement) -> Self {
        let clean_up = announcement
            .offers_cleanup
            .then(|| Button::new("clean_up", button::CLEAN_UP, Action::CleanUp(announcement.targets.clone())));
        Self {
            slot: Slot::Stale,
            title: announcement.title.clone(),
            body: announcement.body.clone(),
            click: Some(View::Review),
            buttons: clean_up.into_iter().chain([Button::review(), Button::snooze()]).collect(),
            purpose: Some(if announcement.offers_cleanup { "clean up" } else { "review them" }),
        }
    }

    /// A notification about sessions that wait for a person or finished a turn.
    #[must_use]
    pub fn attention(attention: &Attention) -> Self {
        Self {
            slot: attention.slot,
            title: attention.title.clone(),
            body: attention.body.clone(),
            click: Some(attention.place.clone()),
            buttons: vec![Button::show(attention.place.clone()), Button::snooze()],
            purpose: None,
        }
    }

    /// The outcome of an action, or another message.
    #[must_use]
    pub fn outcome(title: &str, body: &str, offer: Option<OutcomeOffer>) -> Self {
        let blank = Self {
            slot: Slot::Outcome,
            title: title.to_owned(),
            body: body.to_owned(),
            click: None,
            buttons: Vec::new(),
            purpose: None,
        };
        match offer {
            None => blank,
            Some(OutcomeOffer::Undo(change)) => Self {
                buttons: vec![Button::new("undo", button::UNDO, Action::Undo(change))],
                purpose: Some("undo"),
                ..blank
            },
            Some(OutcomeOffer::Redo(change)) => Self {
                buttons: vec![Button::new("redo", button::APPLY_AGAIN, Action::Redo(change))],
                purpose: Some("apply it again"),
                ..blank
            },
            Some(OutcomeOffer::Open) => Self { click: Some(View::Sessions), ..blank },
        }
    }

    /// The notification, shown once, that the desktop has no tray.
    #[must_use]
    pub fn no_tray(desktop: desktop::DesktopKind) -> Self {
        let (title, body) = outcome_messages::no_tray(desktop);
        Self::outcome(&title, &body, Some(OutcomeOffer::Open))
    }

    /// The notification that the running app does not show the registry that a second start named. The app runs only
    /// once.
    #[must_use]
    pub fn other_registry(shown: &str, asked: &str) -> Self {
        let (title, body) = outcome_messages::other_registry(shown, asked);
        Self { click: Some(View::Settings), ..Self::outcome(&title, &body, None) }
    }

    /// The sets of buttons in use, each with its name. Some systems require them to be declared in advance.
    #[must_use]
    pub fn kinds() -> Vec<(&'static str, Vec<Button>)> {
        let announcement = |offers_cleanup| Announcement { offers_cleanup, ..Announcement::default() };
        let outcome = |offer| Self::outcome("", "", Some(offer));
        let (title, body) = (String::new(), String::new());
        let all = [
            Self::stale(&announcement(true)),
            Self::stale(&announcement(false)),
            Self::attention(&Attention { slot: Slot::Waiting, title, body, place: View::Sessions }),
            outcome(OutcomeOffer::Undo(String::new())),
            outcome(OutcomeOffer::Redo(String::new())),
        ];
        all.into_iter().filter_map(|one| Some((one.kind()?, one.buttons))).collect()
    }

    /// The name of its set of buttons; `None` without buttons.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        self.buttons.first().map(|button| button.key)
    }

    /// The action of a press on the button with this key.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<Action> {
        let pressed = self.buttons.iter().find(|button| button.key == key).map(|button| button.action.clone());
        pressed.or_else(|| self.click.clone().filter(|_| key == DEFAULT_KEY).map(Action::Open))
    }

    /// The message for a server with these features.
    #[must_use]
    pub fn message(&self, features: Features) -> Message {
        let mut body = if features.renders_markup { messages::escape_markup(&self.body) } else { self.body.clone() };
        if let Some(purpose) = self.purpose.filter(|_| !features.shows_buttons) {
            let way = if features.has_tray { "Open Headcount from the tray" } else { "Start Headcount again" };
            let gap = if body.is_empty() { "" } else { "\n" };
            body.extend([gap, way, " to ", purpose, "."]);
        }
        let mut actions = Vec::new();
        if features.reports_clicks {
            // A server that draws the click as a button shows the button with the same action only once.
            let is_drawn = |button: &Button| {
                features.draws_click
                    && self.click.as_ref().is_some_and(|place| button.action == Action::Open(place.clone()))
            };
            let drawn = self.buttons.iter().find(|button| is_drawn(button));
            let default_label = drawn.map_or(button::OPEN, |button| button.label);
            actions.extend(self.click.iter().map(|_| (DEFAULT_KEY, default_label)));
            actions.extend(
                self.buttons.iter().filter(|button| !is_drawn(button)).map(|button| (button.key, button.label)),
            );
        }
        Message {
            title: self.title.clone(),
            body,
            actions,
            category: self.slot.category(),
            is_resident: features.reports_clicks && !self.buttons.is_empty(),
        }
    }
}

/// The message sent to a notification server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line of plain text.
    pub title: String,
    /// Plain text, escaped if the server renders markup.
    pub body: String,
    /// Keys and labels. No label is empty.
    pub actions: Vec<(&'static str, &'static str)>,
    /// The `category` hint.
    pub category: &'static str,
    /// The `resident` hint: the buttons are kept in the server's history until one is pressed.
    pub is_resident: bool,
}

/// The features of a notification server and of the desktop around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
pub struct Features {
    /// It reports presses and clicks.
    pub reports_clicks: bool,
    /// It shows buttons.
    pub shows_buttons: bool,
    /// It draws a click on the text as a button.
    pub draws_click: bool,
    /// It renders markup in the body.
    pub renders_markup: bool,
    /// The desktop has a tray.
    pub has_tray: bool,
}

impl Features {
    /// The features of a server by its name and capabilities (`GetServerInformation`, `GetCapabilities`).
    #[must_use]
    pub fn of(server: &str, capabilities: &[String], has_tray: bool) -> Self {
        let has = |name: &str| capabilities.iter().any(|capability| capability == name);
        // Measured: dunst and mako open a menu of actions and draw no buttons.
        let is_without_buttons = ["dunst", "mako"].contains(&server);
        Self {
            reports_clicks: has("actions"),
            shows_buttons: has("actions") && !is_without_buttons,
            // Measured: Xfce draws a button for it, LXQt a list entry.
            draws_click: ["Xfce Notify Daemon", "lxqt-notificationd"].contains(&server),
            renders_markup: has("body-markup"),
            has_tray,
        }
    }

    /// The features of the native notifications on macOS and Windows.
    #[must_use]
    pub fn native() -> Self {
        Self { reports_clicks: true, shows_buttons: true, draws_click: false, renders_markup: false, has_tray: true }
    }
}

/// The replacement for a notification that no server accepted: without a tray, opening the window is the only way to
/// show it. A session that waits does not open the window: that would take the focus while a person types.
#[must_use]
pub fn without_server(notification: &Notification, has_tray: bool) -> Option<Action> {
    let is_attention = matches!(notification.slot, Slot::Waiting | Slot::Finished);
    notification.click.clone().filter(|_| !has_tray && !is_attention).map(Action::Open)
}

#[cfg(test)]
mod tests;
