//! Notification servers with different features, and none at all.

use std::collections::HashMap;

use headcount_desktop::zbus::zvariant::Value;
use headcount_desktop::{Capabilities, CloseReason};

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare, buttons, check_common_properties, expect_notification, until};

/// A role with markup, direction overrides, line breaks and terminal escapes.
const HOSTILE_ROLE: &str = "<b>Bold</b> &amp; \u{202e}live\u{2066}\nnew\tline\u{1b}[31m";

#[tokio::test]
async fn text_is_escaped_for_each_server() {
    let fixture = Fixture::of(bare(), &[HOSTILE_ROLE, "Other", "Alive", HOSTILE_ROLE]).await;
    let FakeServices { server, mut log, host: _host } = FakeServices::start(&fixture).await;
    for number in [2, 3, 4] {
        fixture.beat(number);
    }
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 1 stale").await;

    let renders = expect_notification(&mut log, "1 session looks stale").await;
    assert!(
        renders.body.starts_with("#1 &lt;b&gt;Bold&lt;/b&gt; &amp;amp; live new line [31m: registered"),
        "{}",
        renders.body
    );
    // The notification is withdrawn when the named sessions beat again.
    fixture.beat(1);
    assert_eq!(log.closed(renders.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    item.wait_until(|view| view.title == "Headcount: 4 active", WAIT).await.unwrap();

    // A server without markup gets the plain text.
    drop(server);
    fixture.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let server = fixture.desktop.fake_server(Capabilities::default().without("body-markup")).await.unwrap();
    fixture.remove_beats(4);
    let plain = expect_notification(&mut log, "1 session looks stale").await;
    assert!(plain.body.starts_with("#4 <b>Bold</b> &amp; live new line [31m: registered"), "{}", plain.body);
    assert_eq!(plain.body.lines().count(), 1);

    // A server without buttons gets none, and no text that asks for a click.
    drop(server);
    fixture.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let _server = fixture.desktop.fake_server(Capabilities::default().without("actions")).await.unwrap();
    fixture.remove_beats(2);
    let mute = log.sent(WAIT).await.unwrap();
    assert_eq!(buttons(&mute), [""; 0]);
    check_common_properties(&mute);
    assert!(mute.body.ends_with("\nOpen Headcount from the tray to clean up."), "{}", mute.body);
}

#[tokio::test]
async fn an_action_counts_once_and_only_from_the_server() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let FakeServices { server, mut log, host: _host } = FakeServices::start(&fixture).await;
    for number in [1, 3, 4] {
        fixture.beat(number);
    }
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 1 stale").await;
    let two = expect_notification(&mut log, "1 session looks stale").await;

    // Signals from another program on the bus are ignored.
    for key in ["clean_up", "default", "snooze"] {
        server.forge(two.id, key).await.unwrap();
    }
    fixture.remove_beats(3);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    let both = expect_notification(&mut log, "2 sessions look stale").await;
    assert_eq!((fixture.text(), buttons(&both).len()), (before.clone(), 3));

    // A signal sent twice counts once: a second cleanup would find nothing, and its result would replace *Undo*.
    server.invoke_twice(both.id, "clean_up").await.unwrap();
    let done = expect_notification(&mut log, "2 sessions marked inactive").await;
    server.invoke_twice(done.id, "undo").await.unwrap();
    expect_notification(&mut log, "2 sessions restored").await;
    assert_eq!(fixture.text(), before);

    // A server that ignores the resident hint causes no error.
    server.ignore_resident();
    fixture.remove_beats(4);
    let four = expect_notification(&mut log, "1 session looks stale").await;
    server.invoke(four.id, "clean_up").await.unwrap();
    let done = expect_notification(&mut log, "1 session marked inactive").await;
    server.invoke(done.id, "undo").await.unwrap();
    expect_notification(&mut log, "1 session restored").await;
    assert_eq!(fixture.text(), before);
}

#[tokio::test]
async fn an_id_reused_by_a_new_server_is_not_ours() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three"]).await;
    let FakeServices { mut server, mut log, host: _host } = FakeServices::start(&fixture).await;
    fixture.beat(1);
    fixture.beat(3);
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "2 active · 1 stale").await;
    let two = expect_notification(&mut log, "1 session looks stale").await;

    server.restart().await.unwrap();
    let other = fixture.desktop.connect().await.unwrap();
    let hints = HashMap::from([
        ("urgency", Value::from(1_u8)),
        ("desktop-entry", Value::from("mail")),
        ("category", Value::from("email.arrived")),
    ]);
    let mail =
        ("Mail", 0_u32, "mail", "You have mail", "", &["clean_up", "Delete", "default", "Open"][..], hints, -1_i32);
    let name = "org.freedesktop.Notifications";
    other.call_method(Some(name), "/org/freedesktop/Notifications", Some(name), "Notify", &mail).await.unwrap();
    let mail = log.sent(WAIT).await.unwrap();
    assert_eq!((mail.id, mail.summary.as_str()), (two.id, "You have mail"));
    server.invoke(mail.id, "clean_up").await.unwrap();

    // The old notification ended with its server: the next one names only the new session.
    fixture.remove_beats(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    let three = expect_notification(&mut log, "1 session looks stale").await;
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");
    assert_eq!(fixture.text(), before);
    server.invoke(three.id, "clean_up").await.unwrap();
    expect_notification(&mut log, "1 session marked inactive").await;
    assert!(fixture.windows().is_empty());
}

#[tokio::test]
async fn without_a_server_and_a_tray_the_window_opens() {
    let fixture = Fixture::of(bare(), &["One", "Two"]).await;
    fixture.beat(1);
    let mut app = fixture.start(&[]);
    fixture.window_at("review").await;
    assert!(app.is_running());
}

#[tokio::test]
async fn without_a_server_the_tray_keeps_working() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three"]).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    fixture.beat(1);
    fixture.beat(3);
    let mut app = fixture.start(&[]);
    let mut item = fixture.item(&app, "2 active · 1 stale").await;
    until("the attempt to notify", || app.stderr().contains("no notification server took").then_some(())).await;
    fixture.remove_beats(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    assert!(app.is_running() && fixture.windows().is_empty());

    // An announcement that no server accepted is pending: a later server gets all of it.
    let mut log = fixture.log().await;
    let _server = fixture.desktop.fake_server(Capabilities::default()).await.unwrap();
    let sent = expect_notification(&mut log, "2 sessions look stale").await;
    assert!(sent.body.contains("#2 Two: ") && sent.body.contains("#3 Three: "), "{sent:?}");
}
