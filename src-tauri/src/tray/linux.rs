//! The tray on Linux: a `StatusNotifierItem` over D-Bus.
//!
//! Promises: icons as pixmaps at every size panels ask for; the item is there whenever a panel is, in whatever order they
//! start, and comes back when the panel does; signals only for what changed. Needs no library beside the bus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use headcount_core::view::badge::Badge;
use headcount_core::view::menu::{Action, Item, Place};
use headcount_core::view::messages;
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use ksni::{Handle, MenuItem, OfflineReason, ToolTip, Tray, TrayMethods as _};
use tauri::App;

use super::{Face, reregister};
use crate::icon;
use crate::ui_event::{UiEvent, UiEventSender};

/// How long a desktop has to bring its panel: at login the app may be the first.
const PANEL_TIMEOUT: Duration = Duration::from_secs(10);

/// How often, and how far apart, the token of a click is asked for before the click goes on without one.
const TOKEN_TRIES: u8 = 10;
const TOKEN_GAP: Duration = Duration::from_millis(1);

/// How the face of a moment is made.
type MakeFace = Box<dyn Fn() -> Face + Send>;

/// The icon in the tray.
pub(crate) struct Tray {
    /// Nothing where there is no bus at all.
    handle: Option<Handle<StatusItem>>,
}

impl Tray {
    pub(super) fn open(_app: &App, face: Face, events: &UiEventSender) -> Result<Self, Box<dyn std::error::Error>> {
        let item = StatusItem::new(face, events.clone());
        // A desktop without a tray, at login before the panel or for good, is no reason to end.
        let opened = tauri::async_runtime::block_on(item.assume_sni_available(true).spawn());
        if let Err(error) = &opened {
            tracing::warn!(%error, "no tray");
            events.send(UiEvent::NoTray)?;
        }
        if opened.is_ok() {
            tauri::async_runtime::spawn(reregister::follow());
        }
        Ok(Self { handle: opened.ok() })
    }

    /// Shows a face; `make` makes it now, and again when the menu is opened.
    pub(super) async fn show(&self, make: impl Fn() -> Face + Send + 'static) {
        if let Some(handle) = &self.handle {
            handle.update(|item| item.show(Box::new(make))).await;
        }
    }
}

/// What a panel sees.
struct StatusItem {
    face: Face,
    make: Option<MakeFace>,
    /// The icons of the face's badge: drawing them for every question would be the costliest thing this app does.
    icons: Vec<ksni::Icon>,
    events: UiEventSender,
    said_no_tray: AtomicBool,
    has_seen_panel: Arc<AtomicBool>,
}

impl StatusItem {
    fn new(face: Face, events: UiEventSender) -> Self {
        let (said_no_tray, has_seen_panel) = (AtomicBool::new(false), Arc::default());
        Self { icons: icons(&face.badge), face, make: None, events, said_no_tray, has_seen_panel }
    }

    fn show(&mut self, make: MakeFace) {
        self.face_is(make());
        self.make = Some(make);
    }

    fn face_is(&mut self, face: Face) {
        if face.badge != self.face.badge {
            self.icons = icons(&face.badge);
        }
        self.face = face;
    }

    fn choose(&self, action: Action) {
        // No one receives any more only while the app ends.
        drop(self.events.send(UiEvent::Do(action, token())));
    }
}

/// The activation token of this click. Panels send it with the click, and it may come just after; X11 has none.
fn token() -> Option<String> {
    ksni::current_xdg_activation_token().or_else(|| {
        std::env::var_os("WAYLAND_DISPLAY")?;
        tokio::task::block_in_place(|| {
            (0..TOKEN_TRIES).find_map(|_| {
                std::thread::sleep(TOKEN_GAP);
                ksni::current_xdg_activation_token()
            })
        })
    })
}

fn icons(badge: &Badge) -> Vec<ksni::Icon> {
    icon::SIZES
        .iter()
        .map(|size| {
            let side = size.cast_signed();
            ksni::Icon { width: side, height: side, data: icon::argb(icon::draw(badge, *size)) }
        })
        .collect()
}

impl Tray for StatusItem {
    // The menu is for the right button; a left click opens the window.
    const MENU_ON_ACTIVATE: bool = false;

    fn id(&self) -> String {
        messages::APP_ID.into()
    }

    fn title(&self) -> String {
        self.face.title.clone()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icons.clone()
    }

    fn tool_tip(&self) -> ToolTip {
        // Some panels show the title only. The description, which panels read as markup, is for more than that.
        let is_more = self.face.tooltip != self.face.title;
        let description = if is_more { messages::unmarked(&self.face.tooltip) } else { String::new() };
        ToolTip { title: self.face.title.clone(), description, ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.choose(Action::Open(Place::Sessions));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.face.menu.iter().map(item).collect()
    }

    fn menu_about_to_show(&mut self) {
        if let Some(face) = self.make.as_ref().map(|make| make()) {
            self.face_is(face);
        }
    }

    fn watcher_online(&self) {
        self.has_seen_panel.store(true, Ordering::SeqCst);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "no tray host; waiting for one");
        if matches!(reason, OfflineReason::Error(_)) && !self.said_no_tray.swap(true, Ordering::SeqCst) {
            let (events, has_seen_panel) = (self.events.clone(), Arc::clone(&self.has_seen_panel));
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(PANEL_TIMEOUT).await;
                if !has_seen_panel.load(Ordering::SeqCst) {
                    // Nobody listens any more only while the app ends.
                    drop(events.send(UiEvent::NoTray));
                }
            });
        }
        true
    }
}

fn item(item: &Item) -> MenuItem<StatusItem> {
    match item {
        Item::Text(label) => StandardItem { label: literal(label), enabled: false, ..StandardItem::default() }.into(),
        Item::Choice(label, action) => {
            StandardItem { label: literal(label), activate: chosen(action), ..StandardItem::default() }.into()
        }
        Item::Switch(label, is_on, action) => CheckmarkItem {
            label: literal(label),
            checked: *is_on,
            activate: chosen(action),
            ..CheckmarkItem::default()
        }
        .into(),
        Item::Submenu(label, items) => {
            SubMenu { label: literal(label), submenu: items.iter().map(self::item).collect(), ..SubMenu::default() }
                .into()
        }
        Item::Separator => MenuItem::Separator,
    }
}

fn chosen(action: &Action) -> Box<dyn Fn(&mut StatusItem) + Send> {
    let action = action.clone();
    Box::new(move |item| item.choose(action.clone()))
}

/// A label as it is: an underscore would mark an access key.
fn literal(label: &str) -> String {
    label.replace('_', "__")
}
