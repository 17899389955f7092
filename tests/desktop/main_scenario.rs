//! The main scenario on a realistic desktop: real panel, real notification servers, real mouse events.

use headcount_desktop::{CloseReason, DesktopOptions, Notifications, Panel, TrayView};
use headcount_engine::snooze;

use crate::fixture::{Fixture, WAIT, buttons, expect_notification, marked, until};
use crate::tray::panels::{TILE, icon_area, is_near};

/// The icon sizes that panels request.
const SIZES: [i32; 10] = [16, 20, 22, 24, 28, 32, 40, 44, 48, 64];

/// The colour of the mark on an icon if a session is stale.
const MARK: [u8; 3] = [0xdc, 0x6c, 0x04];

/// The stale sessions of the scenario, ordered by number.
const STALE: [u64; 9] = [2, 3, 4, 6, 7, 9, 10, 11, 12];

/// The icon sizes that contain a pixel of this colour.
fn sizes_with(view: &TrayView, wanted: [u8; 3]) -> Vec<i32> {
    let has = |icon: &headcount_desktop::Pixmap| {
        icon.pixels().any(|[alpha, red, green, blue]| alpha > 200 && is_near([red, green, blue], wanted))
    };
    view.icon.iter().filter(|icon| has(icon)).map(|icon| icon.width).collect()
}

#[tokio::test]
async fn one_click_cleans_up_nine_of_twelve_sessions() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::full()).await;
    let mut log = fixture.log().await;
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;

    // The badge as the panel reads it.
    let three = item.view().await.unwrap();
    assert_eq!((three.id.as_str(), three.status.as_str(), three.icon_name.as_str()), ("headcount-tray", "Active", ""));
    assert_eq!((three.tool_tip.title.as_str(), three.tool_tip.text.as_str()), ("Headcount: 3 active · 9 stale", ""));
    assert_eq!(
        three.icon.iter().map(|icon| (icon.width, icon.height)).collect::<Vec<_>>(),
        SIZES.map(|side| (side, side))
    );
    assert!(three.icon.iter().all(headcount_desktop::Pixmap::is_whole));
    assert_eq!((sizes_with(&three, TILE), sizes_with(&three, MARK)), (SIZES.to_vec(), SIZES.to_vec()));
    let place = icon_area(&fixture.desktop).await;
    assert!(place.x > 1000 && place.height >= 12, "at the right end of the panel, and no speck: {place:?}");

    let stale = expect_notification(&mut log, "9 sessions look stale").await;
    // The real server shows the default action as a button.
    assert_eq!(stale.labels(), ["Review…", "Clean up", "Snooze"]);
    let lines: Vec<&str> = stale.body.lines().collect();
    assert_eq!(lines[0], "· #2 Architect, coordination and infrast…: no heartbeat for 5 h 32 min", "{lines:?}");
    assert_eq!(lines[4..], ["· and 5 more"]);

    // A heartbeat after the notification: the count changes, and the cleanup must skip that session.
    fixture.beat(2);
    let four = item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();
    assert_eq!(four.tool_tip.title, "Headcount: 4 active · 8 stale");
    assert!(
        three.icon.iter().zip(&four.icon).all(|(three, four)| three.argb != four.argb),
        "another number at every size"
    );

    fixture.desktop.notification_button(2, WAIT).await.unwrap();
    fixture.save_screenshot("xfce4-notifyd.png");
    fixture.desktop.press(&stale, "Clean up", WAIT).await.unwrap();
    let done = expect_notification(&mut log, "8 sessions marked inactive").await;
    assert_eq!(done.body, "Their numbers are free again: 3, 4, 6, 7, 9, 10, 11, 12\n· #2 is active");
    assert_eq!(buttons(&done), ["Undo"]);
    let clean = item.wait_until(|view| view.title == "Headcount: 4 active", WAIT).await.unwrap();
    assert!(sizes_with(&clean, MARK).is_empty(), "nothing is stale, so nothing is marked");
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &STALE[1..]), "two fields of eight entries, and not a byte more");

    fixture.desktop.press(&done, "Undo", WAIT).await.unwrap();
    expect_notification(&mut log, "8 sessions restored").await;
    assert_eq!(fixture.text(), before);
    item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();

    fixture.desktop.click_at(icon_area(&fixture.desktop).await.centre(), 1).unwrap();
    fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
}

#[tokio::test]
async fn the_main_scenario_works_without_notification_buttons() {
    let options =
        DesktopOptions { panel: Panel::xfce(), notifications: Notifications::Dunst, ..DesktopOptions::default() };
    let fixture = Fixture::of_main_scenario(options).await;
    let mut log = fixture.log().await;
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;

    let stale = expect_notification(&mut log, "9 sessions look stale").await;
    fixture.desktop.notification_area(WAIT).await.unwrap();
    fixture.save_screenshot("dunst.png");
    assert_eq!(stale.body.lines().last(), Some("Open Headcount from the tray to clean up."));
    fixture.desktop.press(&stale, "Clean up", WAIT).await.unwrap();
    let done = expect_notification(&mut log, "9 sessions marked inactive").await;
    item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await.unwrap();
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &STALE));

    fixture.desktop.press(&done, "Undo", WAIT).await.unwrap();
    let undone = expect_notification(&mut log, "9 sessions restored").await;
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    assert_eq!(fixture.text(), before);

    // dunst keeps showing a notification that was answered from its menu, so the app withdraws it.
    fixture.remove_beats(8);
    let newer = expect_notification(&mut log, "1 session looks stale").await;
    fixture.desktop.press(&newer, "Snooze", WAIT).await.unwrap();
    assert_eq!(log.closed(newer.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    until("the snooze", || snooze::read(&fixture.state())).await;
    snooze::set(&fixture.state(), None).unwrap();

    // A click on the text opens the review.
    fixture.remove_beats(5);
    let newest = expect_notification(&mut log, "1 session looks stale").await;
    let now = fixture.text();
    // The older notification is above it, and has no default action.
    fixture.desktop.click_notification(WAIT).await.unwrap();
    assert_eq!(log.closed(undone.id, WAIT).await.unwrap(), CloseReason::Dismissed);
    fixture.desktop.click_notification(WAIT).await.unwrap();
    assert_eq!(log.action_of(newest.id, WAIT).await.unwrap(), "default");
    fixture.window_at("review").await;
    assert_eq!(fixture.text(), now);
}
