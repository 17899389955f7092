//! The tray on macOS and Windows, through Tauri.
//!
//! Guarantees: the same faces and events as on Linux. On macOS the icon is a template image with the count as its title,
//! and a click opens the menu, as Apple's guidelines ask of a menu bar extra; the window is its item *Open Headcount*,
//! also with the Option key, which those guidelines keep for more items in the same menu. Known limit: the ages in the
//! menu are those of the last change, because the system does not report when the menu opens.

use std::borrow::Cow;
use std::sync::Mutex;

use headcount_core::view::action::{Action, View};
use headcount_core::view::tray::badge::{WINDOWS_TOOLTIP, fit_utf16};
use headcount_core::view::tray::menu::Item;
use tauri::image::Image;
use tauri::menu::{CheckMenuItemBuilder, Menu, MenuItemBuilder, PredefinedMenuItem, SubmenuBuilder};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{App, AppHandle, Wry};

use super::Face;
use crate::icon;
use crate::ui_event::{UiEvent, UiEventSender};

/// The side length of the icon in pixels; the system scales it. On macOS twice the height that a menu bar leaves.
const SIDE: u32 = if cfg!(target_os = "macos") { 44 } else { 64 };

/// The icon in the tray.
pub(crate) struct Tray {
    app: AppHandle,
    icon: TrayIcon,
    shown: Mutex<Option<Face>>,
    actions: std::sync::Arc<Mutex<Vec<Action>>>,
}

impl Tray {
    pub(super) fn open(app: &App, face: Face, events: &UiEventSender) -> Result<Self, Box<dyn std::error::Error>> {
        let actions = std::sync::Arc::new(Mutex::new(Vec::new()));
        let (of_menu, chosen, clicked) = (std::sync::Arc::clone(&actions), events.clone(), events.clone());
        let icon = TrayIconBuilder::new()
            .icon(image(&face))
            .icon_as_template(true)
            .tooltip(tooltip(&face))
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                let actions = of_menu.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let action = event.id().as_ref().parse::<usize>().ok().and_then(|at| actions.get(at).cloned());
                if let Some(action) = action {
                    drop(chosen.send(UiEvent::Do(action, None)));
                }
            })
            .on_tray_icon_event(move |_, event| {
                let is_click = matches!(
                    event,
                    TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
                );
                if is_click && !cfg!(target_os = "macos") {
                    drop(clicked.send(UiEvent::Do(Action::Open(View::Sessions), None)));
                }
            })
            .build(app)?;
        let tray = Self { app: app.handle().clone(), icon, shown: Mutex::new(None), actions };
        tray.render(face)?;
        Ok(tray)
    }

    /// Shows a face.
    #[expect(clippy::unused_async, reason = "showing takes time on Linux")]
    pub(super) async fn show(&self, make: impl Fn() -> Face + Send + 'static) {
        if let Err(error) = self.render(make()) {
            tracing::warn!(%error, "cannot show the tray");
        }
    }

    fn render(&self, face: Face) -> tauri::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_new = |same: fn(&Face, &Face) -> bool| shown.as_ref().is_none_or(|old| !same(old, &face));
        if is_new(|old, new| old.badge == new.badge) {
            // Both in one step: a new icon is no template at first, and would flash in black.
            self.icon.set_icon_with_as_template(Some(image(&face)), true)?;
            if cfg!(target_os = "macos") {
                self.icon.set_title(Some(&face.badge.text))?;
            }
        }
        if is_new(|old, new| old.tooltip == new.tooltip) {
            self.icon.set_tooltip(Some(tooltip(&face)))?;
        }
        if is_new(|old, new| old.menu == new.menu) {
            let mut actions = Vec::new();
            let menu = Menu::new(&self.app)?;
            for item in &face.menu {
                menu.append(build(&self.app, item, &mut actions)?.as_ref())?;
            }
            *self.actions.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = actions;
            self.icon.set_menu(Some(menu))?;
        }
        *shown = Some(face);
        Ok(())
    }
}

/// The tooltip. Windows has room for a few lines, and the library ends a longer text without the zero that Windows expects.
fn tooltip(face: &Face) -> Cow<'_, str> {
    if cfg!(windows) { fit_utf16(&face.tooltip, WINDOWS_TOOLTIP) } else { Cow::Borrowed(&face.tooltip) }
}

#[cfg(target_os = "macos")]
fn image(face: &Face) -> Image<'static> {
    Image::new_owned(icon::template(&face.badge, SIDE), SIDE, SIDE)
}

#[cfg(not(target_os = "macos"))]
fn image(face: &Face) -> Image<'static> {
    Image::new_owned(icon::draw(&face.badge, SIDE), SIDE, SIDE)
}

/// Builds one menu item. Its id is the index of its action.
fn build(
    app: &AppHandle,
    item: &Item,
    actions: &mut Vec<Action>,
) -> tauri::Result<Box<dyn tauri::menu::IsMenuItem<Wry>>> {
    let mut id = |action: &Action| {
        actions.push(action.clone());
        (actions.len() - 1).to_string()
    };
    Ok(match item {
        Item::Text(label) => Box::new(MenuItemBuilder::new(literal(label)).enabled(false).build(app)?),
        Item::Choice(label, action) => Box::new(MenuItemBuilder::with_id(id(action), literal(label)).build(app)?),
        Item::Switch(label, is_on, action) => {
            Box::new(CheckMenuItemBuilder::with_id(id(action), literal(label)).checked(*is_on).build(app)?)
        }
        Item::Submenu(label, items) => {
            let mut submenu = SubmenuBuilder::new(app, literal(label));
            for item in items {
                submenu = submenu.item(build(app, item, actions)?.as_ref());
            }
            Box::new(submenu.build()?)
        }
        Item::Separator => Box::new(PredefinedMenuItem::separator(app)?),
    })
}

/// Escapes a label: a single ampersand would mark an access key.
fn literal(label: &str) -> String {
    label.replace('&', "&&")
}
