//! The notifications that are on show, and who may report presses on them.
//!
//! Promises: a report counts only if it comes from the connection that gave the notification its number; each
//! notification is answered at most once; when the server's name changes hands, the numbers of the old server are
//! forgotten, because a new server gives the same numbers to other programs' notifications.

use std::collections::BTreeMap;

use super::{Notification, Slot};
use crate::view::menu::Action;

/// A press on a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it asks for.
    pub action: Action,
    /// The activation token that came with it.
    pub token: Option<String>,
}

/// A notification on show.
#[derive(Debug)]
struct Entry {
    /// The connection that gave the number.
    server: String,
    notification: Notification,
    /// `XDG_ACTIVATION_TOKEN`, reported just before the press.
    token: Option<String>,
    is_answered: bool,
}

/// The notifications on show, by the server's number.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<u32, Entry>,
}

impl Ledger {
    /// A server took a notification: `server` is the unique name of its connection.
    pub fn sent(&mut self, server: &str, id: u32, notification: Notification) {
        let entry = Entry { server: server.to_owned(), notification, token: None, is_answered: false };
        self.entries.insert(id, entry);
    }

    fn entry(&mut self, sender: &str, id: u32) -> Option<&mut Entry> {
        self.entries.get_mut(&id).filter(|entry| entry.server == sender)
    }

    /// A token for the next press on a notification.
    pub fn token(&mut self, sender: &str, id: u32, token: String) {
        if let Some(entry) = self.entry(sender, id) {
            entry.token = Some(token);
        }
    }

    /// A press, if it counts.
    pub fn pressed(&mut self, sender: &str, id: u32, key: &str) -> Option<Answer> {
        let entry = self.entry(sender, id).filter(|entry| !entry.is_answered)?;
        let action = entry.notification.action(key)?;
        entry.is_answered = true;
        Some(Answer { action, token: entry.token.take() })
    }

    /// A notification is no longer on show; gives its slot if it was ours.
    pub fn closed(&mut self, sender: &str, id: u32) -> Option<Slot> {
        self.entry(sender, id)?;
        self.entries.remove(&id).map(|entry| entry.notification.slot)
    }

    /// The server's name belongs to this connection now, or to none. Gives the slots of what is no longer on show.
    pub fn server_is(&mut self, server: Option<&str>) -> Vec<Slot> {
        let is_gone = |entry: &Entry| server != Some(entry.server.as_str());
        let slots = self.entries.values().filter(|entry| is_gone(entry)).map(|entry| entry.notification.slot).collect();
        self.entries.retain(|_, entry| !is_gone(entry));
        slots
    }

    /// Takes what a slot shows out of the ledger, to be withdrawn: reports on it no longer count.
    pub fn take(&mut self, slot: Slot) -> Option<u32> {
        let id = self.entries.iter().find(|(_, entry)| entry.notification.slot == slot).map(|(id, _)| *id)?;
        self.entries.remove(&id);
        Some(id)
    }

    /// Takes everything out, to be withdrawn.
    pub fn take_all(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.entries).into_keys().collect()
    }
}
