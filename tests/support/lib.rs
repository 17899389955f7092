//! A private, temporary desktop: X server, session bus, window manager, panel and notification server. For tests that
//! check what is shown on the screen and click on it, and for the demo's screenshots.
//!
//! Guarantees: a desktop is isolated. A program on it gets only `PATH` from the caller's environment; its home and its
//! temporary folder are in the desktop's folder; the bus starts no service of the host, and the system bus is
//! unreachable. Waits end with an event (a bus name, a signal, a window, a drawn pixel) or a deadline. However the
//! caller ends (return, panic, kill), every process of the desktop is ended and its folder is removed.
//!
//! Not provided: speed of the real panels and servers, a compositor, sound, a GPU. X display numbers are shared by the
//! machine, so Xvfb keeps its lock and its socket at the usual paths, and removes them when it ends.
//!
//! ```no_run
//! # async fn shown() -> headcount_desktop::Result<()> {
//! use headcount_desktop::{Desktop, DesktopOptions};
//! use std::time::Duration;
//!
//! let wait = Duration::from_secs(10);
//! let desktop = Desktop::start(DesktopOptions::full()).await?;
//! let app = desktop.spawn("/usr/bin/some-tray-app", &[], &[])?;
//! let mut item = desktop.tray_item_of(app.pid(), wait).await?;
//! item.wait_until(|view| view.title == "3 active", wait).await?;
//! # Ok(()) }
//! ```
#![cfg(target_os = "linux")]
#![allow(clippy::missing_errors_doc, reason = "each is a `DesktopError`, which is documented")]

pub mod claude;
mod desktop;
mod environment;
mod error;
mod folder;
pub mod main_scenario;
mod notifications;
mod packages;
mod process;
mod screen;
mod tray;
mod webdriver;

pub use desktop::Desktop;
pub use desktop::options::{Appearance, DesktopOptions, Notifications, Panel};
pub use environment::Environment;
pub use error::{DesktopError, Result};
pub use fantoccini;
pub use notifications::event::{Action, CloseReason, Notification, NotificationEvent};
pub use notifications::fake_server::{Capabilities, FakeServer};
pub use notifications::log::NotificationLog;
pub use packages::{PACKAGES, packages};
pub use process::process_scan::{ProcessInfo, ProcessScan};
pub use process::program::Program;
pub use rustix::process::Signal;
pub use screen::screenshot::Screenshot;
pub use screen::window::Window;
pub use screen::{Area, Point};
pub use tray::fake_host::FakeHost;
pub use tray::item::{ItemSignal, ToolTip, TrayItem, TrayView};
pub use tray::menu::{MenuEntry, Toggle};
pub use tray::pixmap::Pixmap;
pub use webdriver::WebDriver;
pub use zbus;
