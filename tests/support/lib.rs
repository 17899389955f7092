//! A private, throw-away desktop: X server, session bus, window manager, panel and notification server, for tests
//! that must see what a person sees and click what a person clicks, and for the demo's pictures.
//!
//! Promises: a desktop is closed. A program on it gets nothing of the caller's environment but `PATH`, its home and
//! its temp folder are in the desktop's own folder, no service of the host is started by its bus, and the system bus
//! is out of reach. Waiting is for the event that ends it (a bus name, a signal, a window, a drawn pixel), always
//! with a deadline. Whatever ends the caller (a return, a panic, a kill) ends every process of the desktop and
//! removes its folder.
//!
//! Does not promise: speed of the real panels and servers, a compositor, sound, or a GPU. X servers are numbered by
//! the machine, so Xvfb keeps its lock and its socket where X servers keep them; it takes them with it.
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

mod bus;
mod census;
pub mod claude;
mod desktop;
mod environment;
mod error;
mod folder;
mod guardian;
mod notifications;
mod options;
mod packages;
mod program;
mod screen;
pub mod story;
mod theme;
mod tray;
mod webdriver;

pub use census::{Census, Resident};
pub use desktop::Desktop;
pub use environment::Environment;
pub use error::{DesktopError, Result};
pub use fantoccini;
pub use notifications::event::{Action, CloseReason, Notification, NotificationEvent};
pub use notifications::fake_server::{Capabilities, FakeServer};
pub use notifications::log::NotificationLog;
pub use options::{Appearance, DesktopOptions, Notifications, Panel};
pub use packages::{PACKAGES, packages};
pub use program::Program;
pub use rustix::process::Signal;
pub use screen::picture::Picture;
pub use screen::window::Window;
pub use screen::{Area, Point};
pub use tray::fake_host::FakeHost;
pub use tray::item::{ItemSignal, ToolTip, TrayItem, TrayView};
pub use tray::menu::{MenuEntry, Toggle};
pub use tray::pixmap::Pixmap;
pub use webdriver::WebDriver;
pub use zbus;
