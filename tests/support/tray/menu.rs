//! The menu of a tray item, as a panel gets it (`com.canonical.dbusmenu`).
//!
//! Promises: the whole tree, read after the program was told that it is about to be shown; labels are what a person
//! reads, without the underscores that mark access keys. Does not promise: to draw it.

use super::item::{TrayItem, take};
use crate::error::{DesktopError, Result, bus};
use std::collections::HashMap;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// The interface of a menu.
pub(super) const MENU: &str = "com.canonical.dbusmenu";

/// A check mark or a radio button beside a menu entry, and whether it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    /// A check mark.
    Check(bool),
    /// A radio button.
    Radio(bool),
}

/// An entry of a menu; the whole menu is one too, without a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// The program's number for it.
    pub id: i32,
    /// What it says.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is shown at all.
    pub visible: bool,
    /// Whether it is a line between others.
    pub separator: bool,
    /// Its check mark or radio button, if it has one.
    pub toggle: Option<Toggle>,
    /// What opens from it.
    pub children: Vec<MenuEntry>,
}

/// How an entry comes over the bus.
type Raw = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl MenuEntry {
    fn read((id, mut properties, children): Raw) -> Self {
        let flag = |value: Option<OwnedValue>| value.and_then(|value| bool::try_from(value).ok()).unwrap_or(true);
        let on = properties.remove("toggle-state").and_then(|state| i32::try_from(state).ok()) == Some(1);
        let toggle: String = take(&mut properties, "toggle-type");
        let label: String = take(&mut properties, "label");
        Self {
            id,
            label: without_access_keys(&label),
            enabled: flag(properties.remove("enabled")),
            visible: flag(properties.remove("visible")),
            separator: take::<String>(&mut properties, "type") == "separator",
            toggle: match toggle.as_str() {
                "checkmark" => Some(Toggle::Check(on)),
                "radio" => Some(Toggle::Radio(on)),
                _ => None,
            },
            children: children.into_iter().filter_map(|child| Raw::try_from(child).ok()).map(Self::read).collect(),
        }
    }

    /// The first entry that is shown with this label, in here or in what opens from it.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<&Self> {
        self.walk().find(|entry| entry.visible && !entry.separator && entry.label == label)
    }

    /// The first entry that is shown whose label begins so.
    #[must_use]
    pub fn find_beginning(&self, beginning: &str) -> Option<&Self> {
        self.walk().find(|entry| entry.visible && !entry.separator && entry.label.starts_with(beginning))
    }

    /// The labels of what is shown, in order, what opens from an entry included.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.walk().filter(|entry| entry.visible && !entry.label.is_empty()).map(|entry| entry.label.as_str()).collect()
    }

    /// Everything below this entry, each before what opens from it.
    #[must_use]
    pub fn walk(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        Box::new(self.children.iter().flat_map(|child| std::iter::once(child).chain(child.walk())))
    }

    /// The menu in one line, for messages.
    #[must_use]
    pub fn outline(&self) -> String {
        let all: Vec<String> = self
            .walk()
            .filter(|entry| entry.visible && !entry.separator)
            .map(|entry| format!("{:?}{}", entry.label, if entry.enabled { "" } else { " (disabled)" }))
            .collect();
        if all.is_empty() { "an empty menu.".to_owned() } else { format!("the entries {}.", all.join(", ")) }
    }
}

impl TrayItem {
    /// Its menu, as it is when opened now.
    pub async fn menu(&self) -> Result<MenuEntry> {
        let attempted = || "read the tray item's menu".to_owned();
        let path = self.menu_place().await?;
        // Programs that fill their menu late do it now; those that do not know the call need not be told.
        let _ = self.call_menu(&path, "AboutToShow", &0_i32).await;
        let none: [&str; 0] = [];
        let reply = self.call_menu(&path, "GetLayout", &(0_i32, -1_i32, &none[..])).await.map_err(bus(attempted()))?;
        let (_revision, raw): (u32, Raw) = reply.body().deserialize().map_err(bus(attempted()))?;
        Ok(MenuEntry::read(raw))
    }

    /// Clicks the first entry with this label, like a person: one that is not shown or is disabled cannot be.
    pub async fn click(&self, label: &str) -> Result<()> {
        let menu = self.menu().await?;
        match menu.find(label) {
            Some(entry) if entry.enabled => self.click_entry(entry).await,
            _ => Err(DesktopError::Absent {
                what: format!("menu entry {label:?} that can be clicked"),
                present: menu.outline(),
            }),
        }
    }

    /// Reports a click on this entry to the program, whatever state it is in.
    pub async fn click_entry(&self, entry: &MenuEntry) -> Result<()> {
        let path = self.menu_place().await?;
        let event = (entry.id, "clicked", Value::from(0_i32), 0_u32);
        self.call_menu(&path, "Event", &event).await.map(drop).map_err(bus(format!("click {:?}", entry.label)))
    }

    async fn menu_place(&self) -> Result<OwnedObjectPath> {
        self.menu_path().await?.ok_or_else(|| DesktopError::Absent {
            what: "menu of the tray item".to_owned(),
            present: "an item that says it has none.".to_owned(),
        })
    }

    async fn call_menu<B>(&self, path: &OwnedObjectPath, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: zbus::export::serde::ser::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection.call_method(Some(self.owner.as_str()), path, Some(MENU), method, body).await
    }
}

/// One underscore marks the access key, two are one.
fn without_access_keys(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    let mut rest = label.chars();
    while let Some(character) = rest.next() {
        if character == '_' {
            text.extend(rest.next());
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn underscores_mark_access_keys() {
        for (sent, read) in [("_Quit", "Quit"), ("a__b", "a_b"), ("Clean _up", "Clean up"), ("_", ""), ("", "")] {
            assert_eq!(super::without_access_keys(sent), read);
        }
    }
}
