//! Notification servers differ: in what they render, in whether they report a click, in whether they are there at all.

use std::collections::HashMap;

use headcount_desktop::zbus::zvariant::Value;
use headcount_desktop::{Capabilities, CloseReason};

use crate::person::Person;
use crate::world::{WAIT, World, bare, buttons, recognise, said, until};

/// A role that would be bold, read backwards, start new lines and colour a terminal.
const TRICK: &str = "<b>Bold</b> &amp; \u{202e}live\u{2066}\nnew\tline\u{1b}[31m";

#[tokio::test]
async fn text_is_text_on_every_server() {
    let world = World::of(bare(), &[TRICK, "Other", "Alive", TRICK]).await;
    let Person { server, mut log, host: _host } = Person::at(&world).await;
    for number in [2, 3, 4] {
        world.beat(number);
    }
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 1 stale").await;

    let renders = said(&mut log, "1 session looks stale").await;
    assert!(
        renders.body.starts_with("#1 &lt;b&gt;Bold&lt;/b&gt; &amp;amp; live new line [31m: never beat"),
        "{}",
        renders.body
    );
    // It withdraws itself when those it named beat again.
    world.beat(1);
    assert_eq!(log.closed(renders.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    item.wait_until(|view| view.title == "Headcount: 4 active", WAIT).await.unwrap();

    // One that shows text as it comes gets it as it is.
    drop(server);
    world.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let server = world.desktop.fake_server(Capabilities::default().without("body-markup")).await.unwrap();
    world.silence(4);
    let plain = said(&mut log, "1 session looks stale").await;
    assert!(plain.body.starts_with("#4 <b>Bold</b> &amp; live new line [31m: never beat"), "{}", plain.body);
    assert_eq!(plain.body.lines().count(), 1);

    // One without buttons gets none, nor a text that asks for a click.
    drop(server);
    world.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let _server = world.desktop.fake_server(Capabilities::default().without("actions")).await.unwrap();
    world.silence(2);
    let mute = log.sent(WAIT).await.unwrap();
    assert_eq!(buttons(&mute), [""; 0]);
    recognise(&mute);
    assert!(mute.body.ends_with("\nOpen Headcount from the tray to clean up."), "{}", mute.body);
}

#[tokio::test]
async fn a_press_counts_once_and_only_from_the_server() {
    let world = World::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let Person { server, mut log, host: _host } = Person::at(&world).await;
    for number in [1, 3, 4] {
        world.beat(number);
    }
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 1 stale").await;
    let two = said(&mut log, "1 session looks stale").await;

    // Reported by another program on the bus, neither a press nor the end of the notification counts.
    for key in ["clean_up", "default", "snooze"] {
        server.forge(two.id, key).await.unwrap();
    }
    world.silence(3);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    let both = said(&mut log, "2 sessions look stale").await;
    assert_eq!((world.text(), buttons(&both).len()), (before.clone(), 3));

    // Reported twice, a press counts once: the second would find nothing to clean up, and say so in place of *Undo*.
    server.invoke_twice(both.id, "clean_up").await.unwrap();
    let done = said(&mut log, "2 sessions marked inactive").await;
    server.invoke_twice(done.id, "undo").await.unwrap();
    said(&mut log, "2 sessions put back").await;
    assert_eq!(world.text(), before);

    // A server that closes what asked to stay does no harm.
    server.ignore_resident();
    world.silence(4);
    let four = said(&mut log, "1 session looks stale").await;
    server.invoke(four.id, "clean_up").await.unwrap();
    let done = said(&mut log, "1 session marked inactive").await;
    server.invoke(done.id, "undo").await.unwrap();
    said(&mut log, "1 session put back").await;
    assert_eq!(world.text(), before);
}

#[tokio::test]
async fn a_number_that_a_new_server_gives_again_is_not_ours() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let Person { mut server, mut log, host: _host } = Person::at(&world).await;
    world.beat(1);
    world.beat(3);
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;
    let two = said(&mut log, "1 session looks stale").await;

    server.restart().await.unwrap();
    let other = world.desktop.connect().await.unwrap();
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

    // The old one went with its server: the next one names the new session alone.
    world.silence(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    let three = said(&mut log, "1 session looks stale").await;
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");
    assert_eq!(world.text(), before);
    server.invoke(three.id, "clean_up").await.unwrap();
    said(&mut log, "1 session marked inactive").await;
    assert!(world.windows().is_empty());
}

#[tokio::test]
async fn without_a_server_and_a_tray_the_window_opens() {
    let world = World::of(bare(), &["One", "Two"]).await;
    world.beat(1);
    let mut app = world.start(&[]);
    world.window_at("review").await;
    assert!(app.is_running());
}

#[tokio::test]
async fn without_a_server_the_tray_goes_on() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let _host = world.desktop.fake_host().await.unwrap();
    world.beat(1);
    world.beat(3);
    let mut app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;
    until("the attempt to notify", || app.stderr().contains("no notification server took").then_some(())).await;
    world.silence(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    assert!(app.is_running() && world.windows().is_empty());

    // What no server took is not told yet: one that comes later gets all of it.
    let mut log = world.log().await;
    let _server = world.desktop.fake_server(Capabilities::default()).await.unwrap();
    let sent = said(&mut log, "2 sessions look stale").await;
    assert!(sent.body.contains("#2 Two: ") && sent.body.contains("#3 Three: "), "{sent:?}");
}
