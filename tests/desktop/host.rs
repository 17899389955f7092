//! Panels come, crash and stay away; the icon is there whenever one is, and the app lives on when none is.

use std::time::{Duration, Instant};

use headcount_desktop::{Area, Capabilities, Desktop, DesktopOptions, NotificationEvent, Panel, Picture};

use crate::person::Person;
use crate::world::{WAIT, World, bare, said};

/// The tile of an icon while somebody is running.
pub(crate) const TILE: [u8; 3] = [0x0f, 0x7b, 0x52];

/// Whether a colour is another, but for what scaling and smoothing do.
pub(crate) fn is_near(colour: [u8; 3], wanted: [u8; 3]) -> bool {
    colour.iter().zip(wanted).all(|(one, other)| one.abs_diff(other) <= 12)
}

/// Where the panel shows the icon, once it does.
pub(crate) async fn drawn(desktop: &Desktop) -> Area {
    let panel = desktop.panel_area(WAIT).await.unwrap();
    let tile = |picture: &Picture| {
        picture.extent(|pixel| is_near(pixel, TILE)).filter(|(_, count)| *count > 60).map(|(area, _)| area)
    };
    desktop.seen(panel, "the icon on the panel", tile, WAIT).await.unwrap()
}

#[tokio::test]
async fn a_real_panel_that_comes_late_and_crashes() {
    let options = DesktopOptions { panel: Panel::xfce(), ..DesktopOptions::default() };
    let mut world = World::of_story(options).await;
    world.desktop.stop_panel().await.unwrap();
    let _server = world.desktop.fake_server(Capabilities::default()).await.unwrap();
    let mut log = world.log().await;
    let (mut app, started) = (world.start(&[]), Instant::now());
    // Its item is there and looks for a panel, in vain.
    let name = format!("org.kde.StatusNotifierItem-{}-1", app.pid());
    world.desktop.bus_name(&name, true, WAIT).await.unwrap();

    world.desktop.start_panel().await.unwrap();
    world.item(&app, "3 active · 9 stale").await;
    drawn(&world.desktop).await;

    world.desktop.crash_panel().await.unwrap();
    world.beat(2);
    world.desktop.start_panel().await.unwrap();
    world.item(&app, "4 active · 8 stale").await;
    drawn(&world.desktop).await;
    assert!(app.is_running());
    // There is a panel, so nobody is told that there is none, though it came late.
    let told = |event| match event {
        NotificationEvent::Sent(sent) => sent.body.contains("no tray icons").then_some(()),
        _ => None,
    };
    let patience = Duration::from_secs(11).saturating_sub(started.elapsed());
    assert!(log.wait_for("that there is no tray", told, patience).await.is_err());
}

#[tokio::test]
async fn no_panel_at_all_is_said_once() {
    let world = World::of(bare(), &["One", "Two"]).await;
    world.beat(1);
    let server = world.desktop.fake_server(Capabilities::default()).await.unwrap();
    let mut log = world.log().await;
    let mut app = world.start(&[]);
    // Its usual business goes on meanwhile.
    let stale = said(&mut log, "1 session looks stale").await;
    let told = said(&mut log, "Headcount is running").await;
    assert!(told.body.starts_with("This desktop shows no tray icons."), "{told:?}");
    assert_eq!(server.shown().len(), 2);
    // Where there is no icon to click, the notification is one.
    server.invoke(told.id, "default").await.unwrap();
    world.window_at("sessions").await;
    server.invoke(stale.id, &stale.action("Clean up").unwrap().key).await.unwrap();
    said(&mut log, "1 session marked inactive").await;
    assert!(app.is_running());
}

#[tokio::test]
async fn a_host_that_forgets_its_items_gets_the_icon_back() {
    let world = World::of_story(bare()).await;
    let mut person = Person::at(&world).await;
    let app = world.start(&[]);
    world.item(&app, "3 active · 9 stale").await;
    person.host.forget().await.unwrap();
    world.item(&app, "3 active · 9 stale").await;
    assert_eq!(person.host.items().len(), 1);
}

#[tokio::test]
async fn a_host_that_goes_and_returns_sees_what_is_now() {
    let world = World::of_story(bare()).await;
    let mut person = Person::at(&world).await;
    let mut app = world.start(&[]);
    world.item(&app, "3 active · 9 stale").await;
    assert_eq!(person.host.items().len(), 1);
    for number in [2, 3] {
        person.host.leave().await.unwrap();
        world.desktop.bus_name("org.kde.StatusNotifierWatcher", false, WAIT).await.unwrap();
        world.beat(number);
        person.host.come().await.unwrap();
        let title = format!("{} active · {} stale", number + 2, 10 - number);
        world.item(&app, &title).await;
        assert_eq!(person.host.items().len(), 1, "registered once");
    }
    assert!(app.is_running());
}
