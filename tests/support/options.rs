//! What a desktop is to have.
//!
//! Promises: the default is the least that programs with windows need (screen, bus, window manager), because most
//! tests bring a tray host and a notification server of their own; [`DesktopOptions::full`] is what a person has.

use std::time::Duration;

/// What a desktop is to have; see [`DesktopOptions::default`] and [`DesktopOptions::full`].
#[derive(Debug, Clone)]
pub struct DesktopOptions {
    /// Width and height of the screen, in pixels.
    pub size: (u16, u16),
    /// Whether openbox places, frames and focuses the windows.
    pub window_manager: bool,
    /// The panel at the top, which is the host of tray items.
    pub panel: Panel,
    /// Who shows notifications.
    pub notifications: Notifications,
    /// Light or dark, for panel, notifications and programs alike.
    pub appearance: Appearance,
    /// The colour behind the windows: red, green, blue.
    pub background: [u8; 3],
    /// Whether GTK animates. Without, web pages are told that the person prefers reduced motion.
    pub animations: bool,
    /// How long each part may take until it is ready.
    pub patience: Duration,
}

impl Default for DesktopOptions {
    /// 1280 × 800, openbox, no panel, no notification server, light, no animations, 20 s of patience.
    fn default() -> Self {
        Self {
            size: (1280, 800),
            window_manager: true,
            panel: Panel::None,
            notifications: Notifications::None,
            appearance: Appearance::Light,
            background: [0x3b, 0x5b, 0x7a],
            animations: false,
            patience: Duration::from_secs(20),
        }
    }
}

impl DesktopOptions {
    /// The default with the Xfce panel and xfce4-notifyd.
    #[must_use]
    pub fn full() -> Self {
        Self { panel: Panel::xfce(), notifications: Notifications::Xfce4Notifyd, ..Self::default() }
    }
}

/// The panel at the top of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// No panel: no host for tray items.
    None,
    /// The Xfce panel, over the whole width, with its tray at the right end.
    Xfce {
        /// Height in pixels; the tray icons' size follows from it.
        height: u16,
        /// Whether a clock stands right of the tray. It changes pictures every minute.
        clock: bool,
    },
}

impl Panel {
    /// The Xfce panel as most people have it: 30 pixels, no clock.
    #[must_use]
    pub fn xfce() -> Self {
        Self::Xfce { height: 30, clock: false }
    }
}

/// Who shows notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notifications {
    /// Nobody; a [`FakeServer`](crate::FakeServer) can be started instead.
    None,
    /// dunst: no buttons, actions through a menu.
    Dunst,
    /// xfce4-notifyd: a window with real buttons.
    Xfce4Notifyd,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appearance {
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}
