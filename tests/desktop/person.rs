//! Somebody at the desktop, played by the test: sees the icon and the notifications, answers at a known moment.
//!
//! Promises: the notification server and the tray host are there before the app is, and do what the specifications ask.
//! Does not draw; `story.rs` is where real ones do.

use headcount_desktop::{Capabilities, FakeHost, FakeServer, Notification, NotificationLog};

use crate::world::World;

/// Who answers.
pub(crate) struct Person {
    pub(crate) server: FakeServer,
    pub(crate) log: NotificationLog,
    pub(crate) host: FakeHost,
}

impl Person {
    /// Sits down at a desktop that has neither panel nor notification server.
    pub(crate) async fn at(world: &World) -> Self {
        let server = world.desktop.fake_server(Capabilities::default()).await.unwrap();
        Self { server, log: world.log().await, host: world.desktop.fake_host().await.unwrap() }
    }

    /// Presses the button with this label.
    pub(crate) async fn press(&self, notification: &Notification, label: &str) {
        let Some(action) = notification.action(label) else { panic!("no button {label:?} in {notification:?}") };
        self.server.invoke(notification.id, &action.key).await.unwrap();
    }

    /// Clicks on the text of a notification.
    pub(crate) async fn click(&self, notification: &Notification) {
        assert!(notification.actions.iter().any(|action| action.key == "default"), "{notification:?}");
        self.server.invoke(notification.id, "default").await.unwrap();
    }
}
