//! The notifications on display, and the validation of the presses reported for them.
//!
//! Guarantees: a report counts only if it comes from the connection that assigned the notification's id; each
//! notification is answered at most once; when another server takes over the bus name, the ids of the old one are
//! dropped, because the new server assigns the same ids to other programs' notifications.

use std::collections::BTreeMap;

use super::{Notification, Slot};
use crate::view::action::Action;

/// A valid press on a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonPress {
    /// The requested action.
    pub action: Action,
    /// The activation token reported before the press.
    pub token: Option<String>,
}

/// A notification on display.
#[derive(Debug)]
struct Entry {
    /// The unique name of the connection that assigned the id.
    server: String,
    notification: Notification,
    /// `XDG_ACTIVATION_TOKEN`, reported just before the press.
    token: Option<String>,
    is_answered: bool,
}

/// The notifications on display, by the server's id.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<u32, Entry>,
}

impl Ledger {
    /// Records that a server accepted a notification. `server` is the unique name of its connection.
    pub fn sent(&mut self, server: &str, id: u32, notification: Notification) {
        let entry = Entry { server: server.to_owned(), notification, token: None, is_answered: false };
        self.entries.insert(id, entry);
    }

    fn entry(&mut self, sender: &str, id: u32) -> Option<&mut Entry> {
        self.entries.get_mut(&id).filter(|entry| entry.server == sender)
    }

    /// Stores an activation token for the next press on a notification.
    pub fn token(&mut self, sender: &str, id: u32, token: String) {
        if let Some(entry) = self.entry(sender, id) {
            entry.token = Some(token);
        }
    }

    /// Handles a reported press; `None` if it does not count.
    pub fn pressed(&mut self, sender: &str, id: u32, key: &str) -> Option<ButtonPress> {
        let entry = self.entry(sender, id).filter(|entry| !entry.is_answered)?;
        let action = entry.notification.action(key)?;
        entry.is_answered = true;
        Some(ButtonPress { action, token: entry.token.take() })
    }

    /// Removes a notification that the server reports as closed. Returns its slot if it was one of ours.
    pub fn closed(&mut self, sender: &str, id: u32) -> Option<Slot> {
        self.entry(sender, id)?;
        self.entries.remove(&id).map(|entry| entry.notification.slot)
    }

    /// Sets the connection that owns the server's bus name now, if any. Returns the slots of the notifications dropped.
    pub fn server_is(&mut self, server: Option<&str>) -> Vec<Slot> {
        let is_gone = |entry: &Entry| server != Some(entry.server.as_str());
        let slots = self.entries.values().filter(|entry| is_gone(entry)).map(|entry| entry.notification.slot).collect();
        self.entries.retain(|_, entry| !is_gone(entry));
        slots
    }

    /// Removes and returns a slot's notification, to be withdrawn: reports on it no longer count.
    pub fn take(&mut self, slot: Slot) -> Option<u32> {
        let id = self.entries.iter().find(|(_, entry)| entry.notification.slot == slot).map(|(id, _)| *id)?;
        self.entries.remove(&id);
        Some(id)
    }

    /// Removes and returns all notifications, to be withdrawn.
    pub fn take_all(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.entries).into_keys().collect()
    }
}
