//! The desktop's panel, which can come and go as panels do at login and when they crash.

use super::{Desktop, service_program};
use crate::bus::{owned, owned_within};
use crate::error::Result;
use crate::options::Panel;
use crate::screen::{Area, window};
use crate::tray::WATCHER;
use std::ffi::OsStr;
use std::time::Duration;

impl Desktop {
    /// Starts the panel of the options, if it has one and it is not running, and waits until it hosts tray items
    /// and is on the screen.
    pub async fn start_panel(&mut self) -> Result<()> {
        if self.options.panel == Panel::None || self.panel.is_some() {
            return Ok(());
        }
        self.start_settings().await?;
        let patience = self.options.patience;
        let mut panel =
            self.launch("xfce4-panel", &[OsStr::new("--disable-wm-check"), OsStr::new("--sm-client-disable")])?;
        panel.until("a host for tray items", patience, owned(self.bus.connection(), WATCHER, true)).await?;
        let shown = window::find(self.display(), "the panel", patience, |window| window.class == "Xfce4-panel");
        panel.until("the panel's window", patience, shown).await?;
        self.panel = Some(panel);
        Ok(())
    }

    /// Asks the panel to end, and waits until tray items have no host.
    pub async fn stop_panel(&mut self) -> Result<()> {
        if let Some(mut panel) = self.panel.take() {
            panel.terminate(self.options.patience).await?;
        }
        self.panel_gone().await
    }

    /// Kills the panel, as a crash would, and waits until tray items have no host.
    pub async fn crash_panel(&mut self) -> Result<()> {
        drop(self.panel.take());
        self.panel_gone().await
    }

    async fn panel_gone(&self) -> Result<()> {
        owned_within(self.bus.connection(), WATCHER, false, self.options.patience).await
    }

    /// Where the panel is on the screen.
    pub async fn panel_area(&self, wait: Duration) -> Result<Area> {
        let panel = window::find(self.display(), "the panel", wait, |window| window.class == "Xfce4-panel");
        Ok(panel.await?.area)
    }

    /// The Xfce programs read their settings from a service of their own; it is started, not activated by the bus,
    /// so that it ends with the desktop.
    pub(super) async fn start_settings(&mut self) -> Result<()> {
        if self.settings.is_none() {
            let program = service_program("org.xfce.Xfconf.service", "xfconfd", "xfconf")?;
            let mut settings = self.launch(program, &[])?;
            let ready = owned(self.bus.connection(), "org.xfce.Xfconf", true);
            settings.until("the Xfce settings", self.options.patience, ready).await?;
            self.settings = Some(settings);
        }
        Ok(())
    }
}
