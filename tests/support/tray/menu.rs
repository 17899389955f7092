//! The menu of a tray item, read over `com.canonical.dbusmenu` like a panel.
//!
//! Guarantees: the whole tree, read after the program was notified that the menu is about to be shown. Labels are
//! without the underscores that mark access keys. Draws nothing.

use super::item::{TrayItem, take};
use crate::error::{DesktopError, Result, bus};
use std::collections::HashMap;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// The interface of a menu.
pub(super) const MENU: &str = "com.canonical.dbusmenu";

/// A check mark or radio button of a menu entry, and whether it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    /// A check mark.
    Check(bool),
    /// A radio button.
    Radio(bool),
}

/// A menu entry. The root of the menu is an entry without a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// The program's id for it.
    pub id: i32,
    /// Its label.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Whether it is a separator.
    pub separator: bool,
    /// Its check mark or radio button, if it has one.
    pub toggle: Option<Toggle>,
    /// Its submenu.
    pub children: Vec<MenuEntry>,
}

/// A menu entry on the bus.
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

    /// The first visible entry with this label, at any level.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<&Self> {
        self.walk().find(|entry| entry.visible && !entry.separator && entry.label == label)
    }

    /// The first visible entry with a label that begins with this text, at any level.
    #[must_use]
    pub fn find_beginning(&self, beginning: &str) -> Option<&Self> {
        self.walk().find(|entry| entry.visible && !entry.separator && entry.label.starts_with(beginning))
    }

    /// The labels of all visible entries in order, including submenus.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.walk().filter(|entry| entry.visible && !entry.label.is_empty()).map(|entry| entry.label.as_str()).collect()
    }

    /// All entries below this one, in depth-first order.
    #[must_use]
    pub fn walk(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        Box::new(self.children.iter().flat_map(|child| std::iter::once(child).chain(child.walk())))
    }

    /// The menu in one line, for failure messages.
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
    /// The current menu.
    pub async fn menu(&self) -> Result<MenuEntry> {
        let attempted = || "read the tray item's menu".to_owned();
        let path = self.menu_place().await?;
        // Programs that fill their menu lazily do so now; other programs may ignore the call.
        let _ = self.call_menu(&path, "AboutToShow", &0_i32).await;
        let none: [&str; 0] = [];
        let reply = self.call_menu(&path, "GetLayout", &(0_i32, -1_i32, &none[..])).await.map_err(bus(attempted()))?;
        let (_revision, raw): (u32, Raw) = reply.body().deserialize().map_err(bus(attempted()))?;
        Ok(MenuEntry::read(raw))
    }

    /// Clicks the first entry with this label. Fails if the entry is hidden or disabled.
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

    /// Sends a click on this entry to the program, also on a hidden or disabled one.
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

/// Removes access keys: a single underscore marks one, a double underscore is a literal one.
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
