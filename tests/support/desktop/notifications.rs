//! The desktop's notification server, and choosing actions of its notifications.
//!
//! Guarantees: [`Desktop::press`] uses the server's own user interface. With xfce4-notifyd the mouse clicks the button,
//! which is located in a screenshot; with dunst its action menu is opened and the line is chosen.

use super::{Desktop, service_program};
use crate::desktop::bus::{owned, owned_within};
use crate::desktop::options::Notifications;
use crate::desktop::theme;
use crate::error::{DesktopError, Result, bus, file};
use crate::notifications::event::Notification;
use crate::notifications::{NOTIFICATIONS, NOTIFICATIONS_PATH};
use crate::screen::{Area, Point, screenshot, window};
use std::ffi::OsStr;
use std::time::Duration;

impl Desktop {
    /// Starts this notification server instead of the running one, and waits until it is ready.
    pub async fn start_notifications(&mut self, server: Notifications) -> Result<()> {
        self.stop_notifications().await?;
        let mut program = match server {
            Notifications::None => return Ok(()),
            Notifications::Dunst => {
                self.launch("dunst", &[OsStr::new("-config"), theme::dunst_file(&self.folder).as_os_str()])?
            }
            Notifications::Xfce4Notifyd => {
                self.start_settings().await?;
                let service = "org.xfce.xfce4-notifyd.Notifications.service";
                self.launch(service_program(service, "xfce4-notifyd", "xfce4-notifyd")?, &[])?
            }
        };
        let ready = owned(self.bus.connection(), NOTIFICATIONS, true);
        program.until("a notification server", self.options.timeout, ready).await?;
        self.notifier = Some(program);
        self.options.notifications = server;
        Ok(())
    }

    /// Stops the notification server, and waits until its name is free.
    pub async fn stop_notifications(&mut self) -> Result<()> {
        self.options.notifications = Notifications::None;
        if let Some(mut program) = self.notifier.take() {
            program.terminate(self.options.timeout).await?;
            owned_within(self.bus.connection(), NOTIFICATIONS, false, self.options.timeout).await?;
        }
        Ok(())
    }

    /// Chooses the action with this label of a shown notification. With xfce4-notifyd it must be the newest
    /// notification, because that one is clicked.
    pub async fn press(&self, notification: &Notification, label: &str, wait: Duration) -> Result<()> {
        let index = notification.actions.iter().position(|action| action.label == label);
        let (Some(index), Some(action)) = (index, notification.action(label)) else {
            let present = format!("the actions {:?}.", notification.labels());
            return Err(DesktopError::Absent { what: format!("action {label:?}"), present });
        };
        match self.options.notifications {
            Notifications::Xfce4Notifyd => {
                let place = self.notification_button(index, wait).await?.centre();
                self.screen.click(place, 1)
            }
            Notifications::Dunst => self.choose(&format!("[{},{}]", notification.id, action.key)).await,
            Notifications::None => Err(no_server()),
        }
    }

    /// Clicks on the newest notification, outside of its buttons.
    pub async fn click_notification(&self, wait: Duration) -> Result<()> {
        let Area { x, y, .. } = self.notification_area(wait).await?;
        // Near the upper left corner there is text in every server, and no button.
        self.screen.click(Point { x: x.saturating_add(20), y: y.saturating_add(20) }, 1)
    }

    /// The position of the newest notification on the screen.
    pub async fn notification_area(&self, wait: Duration) -> Result<Area> {
        let class = match self.options.notifications {
            Notifications::Xfce4Notifyd => "Xfce4-notifyd",
            Notifications::Dunst => "Dunst",
            Notifications::None => return Err(no_server()),
        };
        // The server has a helper window of a few pixels.
        let wanted = |window: &window::Window| window.class == class && window.area.width > 50;
        Ok(window::find(self.display(), "a notification on the screen", wait, wanted).await?.area)
    }

    /// The position of a button of the newest notification of xfce4-notifyd, once it is drawn. The first button is 0.
    pub async fn notification_button(&self, index: usize, wait: Duration) -> Result<Area> {
        let Some(number) = u8::try_from(index).ok().filter(|number| *number < theme::BUTTONS) else {
            let present = format!("a colour for each of the first {}.", theme::BUTTONS);
            return Err(DesktopError::Absent { what: format!("way to find button {index}"), present });
        };
        let colour = theme::button_colour(self.options.appearance, number);
        let area = self.notification_area(wait).await?;
        let awaited = format!("button {index} of the notification");
        screenshot::wait_for_pixels(self.display(), area, &awaited, wait, |picture| {
            let (found, count) = picture.extent(|pixel| pixel == colour)?;
            // The label covers a part of the button. Stray pixels of the same colour are not a button.
            let all = usize::from(found.width) * usize::from(found.height);
            (found.width >= 16 && found.height >= 12 && count * 2 > all).then_some(found)
        })
        .await
    }

    /// Opens dunst's action menu, and chooses the line with this text.
    async fn choose(&self, line: &str) -> Result<()> {
        let choice = theme::dunst_choice(&self.folder);
        std::fs::write(&choice, format!("{line}\n")).map_err(file("written", &choice))?;
        self.bus
            .connection()
            .call_method(Some(NOTIFICATIONS), NOTIFICATIONS_PATH, Some("org.dunstproject.cmd0"), "ContextMenuCall", &())
            .await
            .map(drop)
            .map_err(bus("open dunst's menu of actions"))
    }
}

fn no_server() -> DesktopError {
    DesktopError::Absent {
        what: "notification server that shows something".to_owned(),
        present: "none on this desktop.".to_owned(),
    }
}
