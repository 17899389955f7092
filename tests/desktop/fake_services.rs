//! A fake notification server and tray host, controlled by the test.
//!
//! Guarantees: both run before the app starts, and follow their specifications. Nothing is drawn; `main_scenario.rs`
//! uses real ones.

use headcount_desktop::{Capabilities, FakeHost, FakeServer, Notification, NotificationLog};

use crate::fixture::Fixture;

/// The fake desktop services.
pub(crate) struct FakeServices {
    pub(crate) server: FakeServer,
    pub(crate) log: NotificationLog,
    pub(crate) host: FakeHost,
}

impl FakeServices {
    /// Starts them on a desktop without a panel and a notification server.
    pub(crate) async fn start(fixture: &Fixture) -> Self {
        let server = fixture.desktop.fake_server(Capabilities::default()).await.unwrap();
        Self { server, log: fixture.log().await, host: fixture.desktop.fake_host().await.unwrap() }
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
