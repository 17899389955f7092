//! Desktop notifications as data: what is sent to a notification server, and what a press on it does.
//!
//! A click on the text never changes anything: on some servers a click is how people dismiss. What a notification offers
//! is also in the tray's menu; a server without buttons gets a sentence that says so. Does not talk to a server.

mod announced;
pub mod announcement;
pub mod snooze;

mod ledger;

pub use ledger::{Answer, Ledger};

use crate::desktop;
use crate::notification::announcement::Announcement;
use crate::notification::snooze::Snooze;
use crate::view::menu::{Action, Place};
use crate::view::messages::{self, button};
use crate::view::outcome_messages;

/// A place for one notification at a time; a new one takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Sessions that look stale.
    Stale,
    /// The outcome of an action, and other messages.
    Outcome,
}

impl Slot {
    /// The `category` hint, for rules in the configuration of notification servers.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match self {
            Self::Stale => "x-headcount.stale",
            Self::Outcome => "x-headcount.outcome",
        }
    }
}

/// The key of a click on the text, as the Desktop Notifications Specification has it.
pub const DEFAULT_KEY: &str = "default";

/// Something a notification offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The name by which a server reports a press.
    pub key: &'static str,
    /// The text on it. Never empty: some servers show a click on the text as a button too.
    pub label: &'static str,
    /// What a press does.
    pub action: Action,
}

impl Button {
    fn new(key: &'static str, label: &'static str, action: Action) -> Self {
        Self { key, label, action }
    }

    fn review() -> Self {
        Self::new("review", button::REVIEW, Action::Open(Place::Review))
    }

    fn snooze() -> Self {
        Self::new("snooze", button::SNOOZE, Action::Snooze(Snooze::Hour))
    }
}

/// An action that the outcome of another one offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Undoes this change.
    Undo(String),
    /// Makes this change again.
    Redo(String),
    /// Opens the window.
    Open,
}

/// A notification, before it is known which server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where it is shown.
    pub slot: Slot,
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// What a click on the text opens.
    pub click: Option<Place>,
    /// What it offers, the most wanted first.
    pub buttons: Vec<Button>,
    /// What the buttons are for, as a verb, if the tray's menu or the window offers it too.
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
            click: Some(Place::Review),
            buttons: clean_up.into_iter().chain([Button::review(), Button::snooze()]).collect(),
            purpose: Some(if announcement.offers_cleanup { "clean up" } else { "review them" }),
        }
    }

    /// The outcome of an action, or another message.
    #[must_use]
    pub fn outcome(title: &str, body: &str, offer: Option<Offer>) -> Self {
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
            Some(Offer::Undo(change)) => Self {
                buttons: vec![Button::new("undo", button::UNDO, Action::Undo(change))],
                purpose: Some("undo"),
                ..blank
            },
            Some(Offer::Redo(change)) => Self {
                buttons: vec![Button::new("redo", button::APPLY_AGAIN, Action::Redo(change))],
                purpose: Some("apply it again"),
                ..blank
            },
            Some(Offer::Open) => Self { click: Some(Place::Sessions), ..blank },
        }
    }

    /// Says once that the desktop has no tray.
    #[must_use]
    pub fn no_tray(desktop: desktop::Kind) -> Self {
        let (title, body) = outcome_messages::no_tray(desktop);
        Self::outcome(&title, &body, Some(Offer::Open))
    }

    /// Says that the app, which runs once, does not show the registry that a second start named.
    #[must_use]
    pub fn other_registry(shown: &str, asked: &str) -> Self {
        let (title, body) = outcome_messages::other_registry(shown, asked);
        Self { click: Some(Place::Settings), ..Self::outcome(&title, &body, None) }
    }

    /// The sets of buttons that notifications have, each with its name: some systems want to know them beforehand.
    #[must_use]
    pub fn kinds() -> Vec<(&'static str, Vec<Button>)> {
        let announcement = |offers_cleanup| Announcement { offers_cleanup, ..Announcement::default() };
        let outcome = |offer| Self::outcome("", "", Some(offer));
        let all = [
            Self::stale(&announcement(true)),
            Self::stale(&announcement(false)),
            outcome(Offer::Undo(String::new())),
            outcome(Offer::Redo(String::new())),
        ];
        all.into_iter().filter_map(|one| Some((one.kind()?, one.buttons))).collect()
    }

    /// The name of its set of buttons.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        self.buttons.first().map(|button| button.key)
    }

    /// What the press of this key does.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<Action> {
        let pressed = self.buttons.iter().find(|button| button.key == key).map(|button| button.action.clone());
        pressed.or_else(|| self.click.clone().filter(|_| key == DEFAULT_KEY).map(Action::Open))
    }

    /// What is sent to a server with these features.
    #[must_use]
    pub fn message(&self, features: Features) -> Message {
        let mut body = if features.renders_markup { messages::unmarked(&self.body) } else { self.body.clone() };
        if let Some(purpose) = self.purpose.filter(|_| !features.shows_buttons) {
            let way = if features.has_tray { "Open Headcount from the tray" } else { "Start Headcount again" };
            let gap = if body.is_empty() { "" } else { "\n" };
            body.extend([gap, way, " to ", purpose, "."]);
        }
        let mut actions = Vec::new();
        if features.reports_clicks {
            let default_label =
                if self.buttons.is_empty() || !features.draws_click { button::OPEN } else { button::REVIEW };
            actions.extend(self.click.iter().map(|_| (DEFAULT_KEY, default_label)));
            // A server that draws the click as a button has the review once.
            let is_drawn =
                |button: &Button| features.draws_click && self.click == Some(Place::Review) && button.key == "review";
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

/// What is sent to a notification server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line of plain text.
    pub title: String,
    /// Plain text, or escaped where the server reads markup.
    pub body: String,
    /// Keys and labels. No label is empty.
    pub actions: Vec<(&'static str, &'static str)>,
    /// The `category` hint.
    pub category: &'static str,
    /// The `resident` hint: the buttons are kept in the server's history until one is pressed.
    pub is_resident: bool,
}

/// What a notification server, and the desktop around it, can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is there or not, whatever the others are")]
pub struct Features {
    /// Presses and clicks are reported.
    pub reports_clicks: bool,
    /// Buttons are visible.
    pub shows_buttons: bool,
    /// A click on the text is drawn as a button.
    pub draws_click: bool,
    /// The body is read as markup.
    pub renders_markup: bool,
    /// The desktop has a tray.
    pub has_tray: bool,
}

impl Features {
    /// The features of a server by its name and capabilities (`GetServerInformation`, `GetCapabilities`).
    #[must_use]
    pub fn of(server: &str, capabilities: &[String], has_tray: bool) -> Self {
        let has = |name: &str| capabilities.iter().any(|capability| capability == name);
        // Measured: dunst and mako open a menu of actions, and draw no button.
        let is_without_buttons = ["dunst", "mako"].contains(&server);
        Self {
            reports_clicks: has("actions"),
            shows_buttons: has("actions") && !is_without_buttons,
            // Measured: Xfce has a button for it, LXQt a line of a list.
            draws_click: ["Xfce Notify Daemon", "lxqt-notificationd"].contains(&server),
            renders_markup: has("body-markup"),
            has_tray,
        }
    }

    /// Those of the system's own notifications on macOS and Windows.
    #[must_use]
    pub fn native() -> Self {
        Self { reports_clicks: true, shows_buttons: true, draws_click: false, renders_markup: false, has_tray: true }
    }
}

/// What to do with a notification that no server took: without a tray either, the window is the only way to show
/// anything.
#[must_use]
pub fn without_server(notification: &Notification, has_tray: bool) -> Option<Action> {
    notification.click.clone().filter(|_| !has_tray).map(Action::Open)
}

#[cfg(test)]
mod tests;
