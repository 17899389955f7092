//! Notification servers differ: in what they render, in whether they report a click, in whether they are there at all.

use headcount_desktop::{Capabilities, CloseReason};

use crate::person::Person;
use crate::world::{WAIT, World, bare, buttons, said, until};

/// A role that would be bold, read backwards, start new lines and colour a terminal.
const TRICK: &str = "<b>Bold</b> &amp; \u{202e}live\u{2066}\nnew\tline\u{1b}[31m";

#[tokio::test]
async fn text_is_text_on_every_server() {
    let world = World::of(bare(), &[TRICK, "Other", "Alive"]).await;
    let Person { server, mut log, host: _host } = Person::at(&world).await;
    world.beat(2);
    world.beat(3);
    let app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;

    let renders = said(&mut log, "1 session looks stale").await;
    assert!(
        renders.body.starts_with("#1 &lt;b&gt;Bold&lt;/b&gt; &amp;amp; live new line [31m: never beat"),
        "{}",
        renders.body
    );
    // It withdraws itself when those it named beat again.
    world.beat(1);
    assert_eq!(log.closed(renders.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    item.wait_until(|view| view.title == "3 active", WAIT).await.unwrap();

    // One that shows text as it comes gets it as it is.
    drop(server);
    world.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let server = world.desktop.fake_server(Capabilities::default().without("body-markup")).await.unwrap();
    world.silence(1);
    let plain = said(&mut log, "1 session looks stale").await;
    assert!(plain.body.starts_with("#1 <b>Bold</b> &amp; live new line [31m: never beat"), "{}", plain.body);
    assert_eq!(plain.body.lines().count(), 1);

    // One without buttons gets none, nor a text that asks for a click.
    drop(server);
    world.desktop.bus_name("org.freedesktop.Notifications", false, WAIT).await.unwrap();
    let _server = world.desktop.fake_server(Capabilities::default().without("actions")).await.unwrap();
    world.silence(2);
    let mute = log.sent(WAIT).await.unwrap();
    assert_eq!(buttons(&mute), [""; 0]);
    assert!(mute.body.ends_with("\nOpen Headcount from the tray to clean up."), "{}", mute.body);
}

#[tokio::test]
async fn without_a_server_the_tray_goes_on() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let _host = world.desktop.fake_host().await.unwrap();
    world.beat(1);
    world.beat(3);
    let mut app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;
    until("the attempt to notify", || app.stderr().contains("no notification server").then_some(())).await;
    world.beat(2);
    item.wait_until(|view| view.title == "3 active", WAIT).await.unwrap();
    assert!(app.is_running());

    // A server that comes later is served.
    let _server = world.desktop.fake_server(Capabilities::default()).await.unwrap();
    let mut log = world.log().await;
    world.silence(3);
    let sent = said(&mut log, "1 session looks stale").await;
    assert!(sent.body.starts_with("#3 Three: "), "{sent:?}");
}
