//! Sending, showing and answering notifications: with the fake server, and with real servers and clicks.

use crate::{WAIT, save_screenshot};
use headcount_desktop::zbus::zvariant::Value;
use headcount_desktop::{
    Appearance, Capabilities, CloseReason, Desktop, DesktopOptions, NotificationEvent, Notifications,
};
use std::collections::HashMap;
use std::time::Duration;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Sends a notification as programs do.
async fn send(bus: &headcount_desktop::zbus::Connection, replaces: u32, actions: &[&str]) -> u32 {
    let hints: HashMap<&str, Value<'_>> = HashMap::from([
        ("urgency", Value::from(1_u8)),
        ("desktop-entry", Value::from("sample")),
        ("category", Value::from("x-sample.test")),
    ]);
    let body = ("sample", replaces, "", "9 sessions look stale", "Two of them &lt;b&gt;", actions, hints, 0_i32);
    let reply = bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &body).await.unwrap();
    reply.body().deserialize().unwrap()
}

const ACTIONS: [&str; 6] = ["default", "Open", "clean", "Clean up", "review", "Review…"];

#[tokio::test]
async fn the_fake_server_follows_the_specification() {
    let desktop = Desktop::start(DesktopOptions { window_manager: false, ..DesktopOptions::default() }).await.unwrap();
    let mut server = desktop.fake_server(Capabilities::default().without("actions")).await.unwrap();
    let mut log = desktop.notification_log().await.unwrap();
    let bus = desktop.connect().await.unwrap();
    let capabilities = bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &()).await.unwrap();
    assert_eq!(capabilities.body().deserialize::<Vec<String>>().unwrap(), ["body", "body-markup"]);

    let id = send(&bus, 0, &ACTIONS).await;
    let sent = log.sent(WAIT).await.unwrap();
    assert_eq!((sent.id, sent.app_name.as_str(), sent.summary.as_str()), (id, "sample", "9 sessions look stale"));
    assert_eq!(sent.body, "Two of them &lt;b&gt;");
    assert_eq!(sent.labels(), ["Open", "Clean up", "Review…"]);
    assert_eq!(u8::try_from(&sent.hints["urgency"]), Ok(1));

    assert_eq!(send(&bus, id, &[]).await, id, "the notification must be replaced");
    assert_eq!(log.sent(WAIT).await.unwrap().replaces_id, id);
    assert_eq!(server.shown().len(), 1);
    log.none_for(Duration::from_millis(50)).await.unwrap();

    // Any program can send an action signal; the log contains it, and the fake server is unaffected.
    server.forge(id, "clean").await.unwrap();
    assert_eq!(log.next(WAIT).await.unwrap(), NotificationEvent::ActionInvoked { id, key: "clean".to_owned() });
    log.closed(id, WAIT).await.unwrap();
    assert_eq!(server.shown().len(), 1);
    server.invoke(id, "clean").await.unwrap();
    assert_eq!(log.next(WAIT).await.unwrap(), NotificationEvent::ActionInvoked { id, key: "clean".to_owned() });
    assert_eq!(log.closed(id, WAIT).await.unwrap(), CloseReason::Dismissed);
    assert!(server.shown().is_empty());
    assert!(server.invoke(id, "clean").await.is_err());

    // After a restart, ids are reused.
    send(&bus, 0, &ACTIONS).await;
    server.restart().await.unwrap();
    assert!(server.shown().is_empty());
    let again = send(&bus, 0, &ACTIONS).await;
    assert_eq!(again, id);
    log.sent(WAIT).await.unwrap();
    log.sent(WAIT).await.unwrap();
    server.invoke_twice(again, "clean").await.unwrap();
    for _ in 0..2 {
        assert_eq!(log.next(WAIT).await.unwrap(), NotificationEvent::ActionInvoked { id, key: "clean".to_owned() });
    }
    assert_eq!(log.closed(again, WAIT).await.unwrap(), CloseReason::Dismissed);

    let second = send(&bus, 0, &[]).await;
    bus.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &second).await.unwrap();
    assert_eq!(log.closed(second, WAIT).await.unwrap(), CloseReason::Withdrawn);
    send(&bus, 0, &[]).await;
    let unwanted = log.none_for(Duration::from_millis(50)).await.unwrap_err();
    assert!(unwanted.to_string().contains("9 sessions look stale"), "{unwanted}");
}

#[tokio::test]
async fn real_servers_report_clicked_actions() {
    let mut desktop =
        Desktop::start(DesktopOptions { notifications: Notifications::Xfce4Notifyd, ..DesktopOptions::default() })
            .await
            .unwrap();
    let mut log = desktop.notification_log().await.unwrap();
    let bus = desktop.connect().await.unwrap();

    for label in ["Review…", "Clean up"] {
        send(&bus, 0, &ACTIONS).await;
        let sent = log.sent(WAIT).await.unwrap();
        desktop.notification_button(1, WAIT).await.unwrap();
        save_screenshot(&desktop, "xfce4-notifyd.png");
        desktop.press(&sent, label, WAIT).await.unwrap();
        assert_eq!(log.action_of(sent.id, WAIT).await.unwrap(), sent.action(label).unwrap().key);
        log.closed(sent.id, WAIT).await.unwrap();
    }
    // A notification that replaces another one, with one more button.
    let first = send(&bus, 0, &ACTIONS[..4]).await;
    log.sent(WAIT).await.unwrap();
    desktop.notification_button(1, WAIT).await.unwrap();
    assert_eq!(send(&bus, first, &ACTIONS).await, first);
    let sent = log.sent(WAIT).await.unwrap();
    desktop.press(&sent, "Review…", WAIT).await.unwrap();
    assert_eq!(log.action_of(first, WAIT).await.unwrap(), "review");

    // A notification that is withdrawn while it is shown.
    let withdrawn = send(&bus, 0, &ACTIONS).await;
    desktop.notification_button(2, WAIT).await.unwrap();
    let seen = desktop.window("it", |window| window.class == "Xfce4-notifyd" && window.area.width > 50, WAIT);
    let seen = seen.await.unwrap();
    bus.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &withdrawn).await.unwrap();
    desktop.window_gone(&seen, WAIT).await.unwrap();
    assert_eq!(log.closed(withdrawn, WAIT).await.unwrap(), CloseReason::Withdrawn);

    let refused = {
        send(&bus, 0, &ACTIONS).await;
        let sent = log.sent(WAIT).await.unwrap();
        desktop.press(&sent, "Snooze", WAIT).await.unwrap_err().to_string()
    };
    assert!(refused.contains("Clean up"), "{refused}");

    desktop.start_notifications(Notifications::Dunst).await.unwrap();
    for label in ["Review…", "Clean up"] {
        send(&bus, 0, &ACTIONS).await;
        let sent = log.sent(WAIT).await.unwrap();
        desktop.notification_area(WAIT).await.unwrap();
        save_screenshot(&desktop, "dunst.png");
        desktop.press(&sent, label, WAIT).await.unwrap();
        assert_eq!(log.action_of(sent.id, WAIT).await.unwrap(), sent.action(label).unwrap().key);
        // dunst keeps showing a notification after an action from its menu. A click while the menu is still
        // closing goes to the menu: then click again.
        let mut closed = None;
        while closed.is_none() {
            desktop.click_notification(WAIT).await.unwrap();
            closed = log.closed(sent.id, std::time::Duration::from_secs(3)).await.ok();
        }
        assert_eq!(closed, Some(CloseReason::Dismissed));
    }
    send(&bus, 0, &ACTIONS).await;
    let sent = log.sent(WAIT).await.unwrap();
    desktop.click_notification(WAIT).await.unwrap();
    assert_eq!(log.action_of(sent.id, WAIT).await.unwrap(), "default");
}

#[tokio::test]
async fn buttons_are_located_in_dark_mode() {
    let desktop = Desktop::start(DesktopOptions {
        appearance: Appearance::Dark,
        background: [0x20, 0x28, 0x38],
        ..DesktopOptions::full()
    })
    .await
    .unwrap();
    let mut log = desktop.notification_log().await.unwrap();
    let bus = desktop.connect().await.unwrap();
    send(&bus, 0, &ACTIONS).await;
    let sent = log.sent(WAIT).await.unwrap();
    desktop.notification_button(2, WAIT).await.unwrap();
    save_screenshot(&desktop, "dark.png");
    desktop.press(&sent, "Review…", WAIT).await.unwrap();
    assert_eq!(log.action_of(sent.id, WAIT).await.unwrap(), "review");
}
