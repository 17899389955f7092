//! The messages between programs and the notification server.
//!
//! Guarantees: the contents are as they were sent, including markup. Only the list of actions, which is sent as
//! alternating keys and labels, is interpreted.

use std::collections::HashMap;
use std::time::Instant;
use zbus::zvariant::OwnedValue;

/// An action of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The key reported when it is chosen; `default` is a click on the notification itself.
    pub key: String,
    /// The label of the button.
    pub label: String,
}

/// A notification that was sent, with the id assigned by the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// The id assigned by the server.
    pub id: u32,
    /// The sender's name for itself.
    pub app_name: String,
    /// The id of the notification that it replaces; 0 for none.
    pub replaces_id: u32,
    /// The icon's name or file.
    pub icon: String,
    /// The title.
    pub summary: String,
    /// The text, including markup.
    pub body: String,
    /// Its actions.
    pub actions: Vec<Action>,
    /// The hints.
    pub hints: HashMap<String, OwnedValue>,
    /// The expiry in milliseconds: 0 never, -1 the server's default.
    pub expire_timeout: i32,
    /// The time at which it was recorded.
    pub at: Instant,
}

/// The arguments of `Notify` on the bus.
pub(super) type Sent = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

impl Notification {
    pub(super) fn new(id: u32, sent: Sent, at: Instant) -> Self {
        let (app_name, replaces_id, icon, summary, body, actions, hints, expire_timeout) = sent;
        let actions = actions.as_chunks::<2>().0.iter();
        let actions = actions.map(|[key, label]| Action { key: key.clone(), label: label.clone() }).collect();
        Self { id, app_name, replaces_id, icon, summary, body, actions, hints, expire_timeout, at }
    }

    /// The action with this label.
    #[must_use]
    pub fn action(&self, label: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.label == label)
    }

    /// The labels of its actions, in order.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.actions.iter().map(|action| action.label.as_str()).collect()
    }
}

impl Notification {
    /// The violations of the Desktop Notifications Specification and of what real servers require. Empty if every
    /// server shows the notification correctly.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let text = |hint: &str| self.hints.get(hint).and_then(|value| <&str>::try_from(value).ok());
        let mut faults = Vec::new();
        let mut fault = |is_one: bool, what: &str| faults.extend(is_one.then(|| what.to_owned()));
        fault(self.app_name.is_empty(), "no application name");
        fault(self.summary.is_empty(), "no title");
        fault(
            text("desktop-entry").is_none_or(|entry| entry.is_empty() || entry.ends_with(".desktop")),
            "no desktop-entry",
        );
        fault(text("category").is_none_or(|category| !category.contains('.')), "no category");
        let urgency = self.hints.get("urgency").and_then(|value| u8::try_from(value).ok());
        fault(urgency.is_none_or(|urgency| urgency > 2), "no urgency, or not a byte");
        fault(
            self.hints.get("resident").is_some_and(|value| bool::try_from(value).is_err()),
            "resident is not a boolean",
        );
        fault(text("image-path").is_some_and(|path| !path.starts_with("file:///")), "image-path is no file URL");
        fault(self.icon.contains('/'), "the icon is a path: some servers take names only");
        fault(self.actions.iter().any(|action| action.key.is_empty()), "an action without a key");
        fault(self.actions.iter().any(|action| action.label.is_empty()), "an action without a label: a blank button");
        let mut keys: Vec<&str> = self.actions.iter().map(|action| action.key.as_str()).collect();
        let mut labels = self.labels();
        for texts in [&mut keys, &mut labels] {
            texts.sort_unstable();
            texts.dedup();
        }
        fault(keys.len() != self.actions.len() || labels.len() != self.actions.len(), "two actions of one name");
        fault(
            self.replaces_id != 0 && !self.actions.is_empty(),
            "takes the place of one whose buttons may just be pressed",
        );
        faults
    }
}

/// The reason why a notification was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It expired.
    Expired,
    /// The person dismissed it, or chose one of its actions.
    Dismissed,
    /// Its program withdrew it.
    Withdrawn,
    /// Another reason, by its code.
    Other(u32),
}

impl CloseReason {
    /// The code on the bus.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Expired => 1,
            Self::Dismissed => 2,
            Self::Withdrawn => 3,
            Self::Other(code) => code,
        }
    }
}

impl From<u32> for CloseReason {
    fn from(code: u32) -> Self {
        match code {
            1 => Self::Expired,
            2 => Self::Dismissed,
            3 => Self::Withdrawn,
            other => Self::Other(other),
        }
    }
}

/// An event between a program and the notification server.
#[derive(Debug, Clone, PartialEq)]
pub enum NotificationEvent {
    /// A program sent a notification, and the server accepted it.
    Sent(Notification),
    /// A program requested a withdrawal.
    WithdrawalAsked {
        /// The notification's id.
        id: u32,
    },
    /// The server closed a notification.
    Closed {
        /// The notification's id.
        id: u32,
        /// The reason.
        reason: CloseReason,
    },
    /// The server reported that a person chose an action.
    ActionInvoked {
        /// The notification's id.
        id: u32,
        /// The action's key.
        key: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_alternating_keys_and_labels() {
        let actions = ["default", "Open", "undo", "Undo", "left over"].map(str::to_owned).to_vec();
        let sent = (String::new(), 0, String::new(), String::new(), String::new(), actions, HashMap::new(), -1);
        let notification = Notification::new(7, sent, Instant::now());
        assert_eq!(notification.labels(), ["Open", "Undo"]);
        assert_eq!(notification.action("Undo").map(|action| action.key.as_str()), Some("undo"));
    }

    #[test]
    fn close_reasons_keep_their_codes() {
        for code in 0..6 {
            assert_eq!(CloseReason::from(code).code(), code);
        }
    }
}
