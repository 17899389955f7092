//! The tray on Linux: a `StatusNotifierItem` over D-Bus.
//!
//! Guarantees: icons are pixmaps in every size that panels request. The item is registered whenever a panel runs, in
//! any order of start, and again after the panel restarts. Signals are sent only for changes. Needs no library
//! except for the bus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use headcount_core::view::action::{Action, View};
use headcount_core::view::text::messages;
use headcount_core::view::tray::badge::Badge;
use headcount_core::view::tray::menu::Item;
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use ksni::{Handle, MenuItem, OfflineReason, ToolTip, TrayMethods as _};
use tauri::App;

use super::{Face, reregister};
use crate::icon;
use crate::tasks;
use crate::ui_event::{UiEvent, UiEventSender};

/// How long to wait for a panel before reporting that there is none: at login the app may start first.
const PANEL_TIMEOUT: Duration = Duration::from_secs(10);

/// How often, and at which interval, the token of a click is polled before the click proceeds without one.
const TOKEN_TRIES: u8 = 10;
const TOKEN_GAP: Duration = Duration::from_millis(1);

/// Makes the face for the current time.
type MakeFace = Box<dyn Fn() -> Face + Send>;

/// The icon in the tray.
pub(crate) struct Tray {
    /// `None` without a session bus.
    handle: Option<Handle<StatusItem>>,
}

impl Tray {
    pub(super) fn open(_app: &App, face: Face, events: &UiEventSender) -> Result<Self, Box<dyn std::error::Error>> {
        let item = StatusItem::new(face, events.clone());
        // A missing tray does not end the app: at login the panel may start later.
        let opened = tauri::async_runtime::block_on(item.assume_sni_available(true).spawn());
        if let Err(error) = &opened {
            tracing::warn!(%error, "no tray");
            events.send(UiEvent::NoTray)?;
        }
        if opened.is_ok() {
            tasks::supervised("panel", reregister::follow);
        }
        Ok(Self { handle: opened.ok() })
    }

    /// Shows a face. `make` is called now, and again whenever the menu is opened.
    pub(super) async fn show(&self, make: impl Fn() -> Face + Send + 'static) {
        if let Some(handle) = &self.handle {
            handle.update(|item| item.show(Box::new(make))).await;
        }
    }
}

/// The item as a panel sees it.
struct StatusItem {
    face: Face,
    make: Option<MakeFace>,
    /// The icons of the face's badge. Cached: drawing them for each request would be the app's most expensive
    /// operation.
    icons: Vec<ksni::Icon>,
    events: UiEventSender,
    has_reported_no_tray: AtomicBool,
    has_seen_panel: Arc<AtomicBool>,
}

impl StatusItem {
    fn new(face: Face, events: UiEventSender) -> Self {
        let (has_reported_no_tray, has_seen_panel) = (AtomicBool::new(false), Arc::default());
        Self { icons: icons(&face.badge), face, make: None, events, has_reported_no_tray, has_seen_panel }
    }

    fn show(&mut self, make: MakeFace) {
        self.set_face(make());
        self.make = Some(make);
    }

    fn set_face(&mut self, face: Face) {
        if face.badge != self.face.badge {
            self.icons = icons(&face.badge);
        }
        self.face = face;
    }

    fn choose(&self, action: Action) {
        // Sending fails only while the app exits.
        drop(self.events.send(UiEvent::Do(action, token())));
    }
}

/// The activation token of the current click. Panels send it with the click or just after it; X11 has none.
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

impl ksni::Tray for StatusItem {
    // The menu opens with the right button; a left click opens the window.
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
        // Some panels show the title only. The description is set only if it adds something. Panels parse it as markup.
        let is_more = self.face.tooltip != self.face.title;
        let description = if is_more { messages::escape_markup(&self.face.tooltip) } else { String::new() };
        ToolTip { title: self.face.title.clone(), description, ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.choose(Action::Open(View::Sessions));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.face.menu.iter().map(item).collect()
    }

    fn menu_about_to_show(&mut self) {
        if let Some(face) = self.make.as_ref().map(|make| make()) {
            self.set_face(face);
        }
    }

    fn watcher_online(&self) {
        self.has_seen_panel.store(true, Ordering::SeqCst);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "no tray host; waiting for one");
        if matches!(reason, OfflineReason::Error(_)) && !self.has_reported_no_tray.swap(true, Ordering::SeqCst) {
            let (events, has_seen_panel) = (self.events.clone(), Arc::clone(&self.has_seen_panel));
            tasks::spawn(async move {
                tokio::time::sleep(PANEL_TIMEOUT).await;
                if !has_seen_panel.load(Ordering::SeqCst) {
                    // Sending fails only while the app exits.
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

/// Escapes a label: a single underscore would mark an access key.
fn literal(label: &str) -> String {
    label.replace('_', "__")
}
