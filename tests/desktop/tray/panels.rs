//! Panels that start late, crash or are missing: the icon appears whenever there is a panel, and the app keeps running
//! without.

use std::time::{Duration, Instant};

use headcount_desktop::{Area, Capabilities, Desktop, DesktopOptions, NotificationEvent, Panel, Screenshot};

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare, expect_notification};

/// The colour of the icon's tile if a session runs.
pub(crate) const TILE: [u8; 3] = [0x0f, 0x7b, 0x52];

/// Whether two colours are equal up to scaling and smoothing.
pub(crate) fn is_near(colour: [u8; 3], wanted: [u8; 3]) -> bool {
    colour.iter().zip(wanted).all(|(one, other)| one.abs_diff(other) <= 12)
}

/// Waits until the panel shows the icon; returns its position.
pub(crate) async fn icon_area(desktop: &Desktop) -> Area {
    let panel = desktop.panel_area(WAIT).await.unwrap();
    let tile = |picture: &Screenshot| {
        picture.extent(|pixel| is_near(pixel, TILE)).filter(|(_, count)| *count > 60).map(|(area, _)| area)
    };
    desktop.wait_for_pixels(panel, "the icon on the panel", tile, WAIT).await.unwrap()
}

#[tokio::test]
async fn the_icon_appears_on_a_late_and_on_a_restarted_panel() {
    let options = DesktopOptions { panel: Panel::xfce(), ..DesktopOptions::default() };
    let mut fixture = Fixture::of_main_scenario(options).await;
    fixture.desktop.stop_panel().await.unwrap();
    let _server = fixture.desktop.fake_server(Capabilities::default()).await.unwrap();
    let mut log = fixture.log().await;
    let (mut app, started) = (fixture.start(&[]), Instant::now());
    // The item is registered on the bus, and no panel exists.
    let name = format!("org.kde.StatusNotifierItem-{}-1", app.pid());
    fixture.desktop.bus_name(&name, true, WAIT).await.unwrap();

    fixture.desktop.start_panel().await.unwrap();
    fixture.item(&app, "3 active · 9 stale").await;
    icon_area(&fixture.desktop).await;

    fixture.desktop.crash_panel().await.unwrap();
    fixture.beat(2);
    fixture.desktop.start_panel().await.unwrap();
    fixture.item(&app, "4 active · 8 stale").await;
    icon_area(&fixture.desktop).await;
    assert!(app.is_running());
    // There is a panel, even if it started late, so its absence is not reported.
    let told = |event| match event {
        NotificationEvent::Sent(sent) => sent.body.contains("no tray icons").then_some(()),
        _ => None,
    };
    let rest = Duration::from_secs(11).saturating_sub(started.elapsed());
    assert!(log.wait_for("that there is no tray", told, rest).await.is_err());
}

#[tokio::test]
async fn a_missing_panel_is_reported_once() {
    let fixture = Fixture::of(bare(), &["One", "Two"]).await;
    fixture.beat(1);
    let server = fixture.desktop.fake_server(Capabilities::default()).await.unwrap();
    let mut log = fixture.log().await;
    let mut app = fixture.start(&[]);
    // Its other work continues meanwhile.
    let stale = expect_notification(&mut log, "1 session looks stale").await;
    let told = expect_notification(&mut log, "Headcount is running").await;
    assert!(told.body.starts_with("This desktop does not show tray icons."), "{told:?}");
    assert_eq!(server.shown().len(), 2);
    // Without an icon, a click on the notification opens the window.
    server.invoke(told.id, "default").await.unwrap();
    fixture.window_at("sessions").await;
    server.invoke(stale.id, &stale.action("Clean up").unwrap().key).await.unwrap();
    expect_notification(&mut log, "1 session marked inactive").await;
    assert!(app.is_running());
}

#[tokio::test]
async fn the_icon_is_registered_again_with_a_host_that_lost_it() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let mut services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    fixture.item(&app, "3 active · 9 stale").await;
    services.host.forget().await.unwrap();
    fixture.item(&app, "3 active · 9 stale").await;
    assert_eq!(services.host.items().len(), 1);
}

#[tokio::test]
async fn a_restarted_host_shows_the_current_state() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let mut services = FakeServices::start(&fixture).await;
    let mut app = fixture.start(&[]);
    fixture.item(&app, "3 active · 9 stale").await;
    assert_eq!(services.host.items().len(), 1);
    for number in [2, 3] {
        services.host.leave().await.unwrap();
        fixture.desktop.bus_name("org.kde.StatusNotifierWatcher", false, WAIT).await.unwrap();
        fixture.beat(number);
        services.host.come().await.unwrap();
        let title = format!("{} active · {} stale", number + 2, 10 - number);
        fixture.item(&app, &title).await;
        assert_eq!(services.host.items().len(), 1, "registered once");
    }
    assert!(app.is_running());
}
