//! The desktop's panel, which can be started, stopped and crashed.

use super::{Desktop, service_program};
use crate::desktop::bus::{owned, owned_within};
use crate::desktop::options::Panel;
use crate::error::Result;
use crate::screen::{Area, window};
use crate::tray::WATCHER;
use std::ffi::OsStr;
use std::time::Duration;

impl Desktop {
    /// Starts the configured panel if it is not running, and waits until it hosts tray items and its window is shown.
    pub async fn start_panel(&mut self) -> Result<()> {
        if self.options.panel == Panel::None || self.panel.is_some() {
            return Ok(());
        }
        self.start_settings().await?;
        let timeout = self.options.timeout;
        let mut panel =
            self.launch("xfce4-panel", &[OsStr::new("--disable-wm-check"), OsStr::new("--sm-client-disable")])?;
        panel.until("a host for tray items", timeout, owned(self.bus.connection(), WATCHER, true)).await?;
        let shown = window::find(self.display(), "the panel", timeout, |window| window.class == "Xfce4-panel");
        panel.until("the panel's window", timeout, shown).await?;
        self.panel = Some(panel);
        Ok(())
    }

    /// Terminates the panel, and waits until there is no host for tray items.
    pub async fn stop_panel(&mut self) -> Result<()> {
        if let Some(mut panel) = self.panel.take() {
            panel.terminate(self.options.timeout).await?;
        }
        self.panel_gone().await
    }

    /// Kills the panel, like a crash, and waits until there is no host for tray items.
    pub async fn crash_panel(&mut self) -> Result<()> {
        drop(self.panel.take());
        self.panel_gone().await
    }

    async fn panel_gone(&self) -> Result<()> {
        owned_within(self.bus.connection(), WATCHER, false, self.options.timeout).await
    }

    /// The position of the panel on the screen.
    pub async fn panel_area(&self, wait: Duration) -> Result<Area> {
        let panel = window::find(self.display(), "the panel", wait, |window| window.class == "Xfce4-panel");
        Ok(panel.await?.area)
    }

    /// Starts the settings service of the Xfce programs. It is not activated by the bus, so that it ends with the
    /// desktop.
    pub(super) async fn start_settings(&mut self) -> Result<()> {
        if self.settings.is_none() {
            let program = service_program("org.xfce.Xfconf.service", "xfconfd", "xfconf")?;
            let mut settings = self.launch(program, &[])?;
            let ready = owned(self.bus.connection(), "org.xfce.Xfconf", true);
            settings.until("the Xfce settings", self.options.timeout, ready).await?;
            self.settings = Some(settings);
        }
        Ok(())
    }
}
