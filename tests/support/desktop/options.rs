//! The configuration of a desktop.
//!
//! Guarantees: the default is the minimum for programs with windows (screen, bus, window manager), because most tests
//! use a fake tray host and notification server; [`DesktopOptions::full`] is a complete desktop.

use std::time::Duration;

/// The parts of a desktop; see [`DesktopOptions::default`] and [`DesktopOptions::full`].
#[derive(Debug, Clone)]
pub struct DesktopOptions {
    /// Width and height of the screen, in pixels.
    pub size: (u16, u16),
    /// Whether openbox manages the windows.
    pub window_manager: bool,
    /// The panel at the top, which hosts tray items.
    pub panel: Panel,
    /// The notification server.
    pub notifications: Notifications,
    /// Light or dark, for panel, notifications and programs.
    pub appearance: Appearance,
    /// The background colour: red, green, blue.
    pub background: [u8; 3],
    /// Whether GTK animates. If not, web pages see that reduced motion is preferred.
    pub animations: bool,
    /// The timeout for each part to become ready.
    pub timeout: Duration,
}

impl Default for DesktopOptions {
    /// 1280 × 800, openbox, no panel, no notification server, light, no animations, a timeout of 20 s.
    fn default() -> Self {
        Self {
            size: (1280, 800),
            window_manager: true,
            panel: Panel::None,
            notifications: Notifications::None,
            appearance: Appearance::Light,
            background: [0x3b, 0x5b, 0x7a],
            animations: false,
            timeout: Duration::from_secs(20),
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
        /// Whether there is a clock to the right of the tray. It changes the screenshot every minute.
        clock: bool,
    },
}

impl Panel {
    /// The usual Xfce panel: 30 pixels, no clock.
    #[must_use]
    pub fn xfce() -> Self {
        Self::Xfce { height: 30, clock: false }
    }
}

/// The notification server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notifications {
    /// None; a [`FakeServer`](crate::FakeServer) can be started instead.
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
