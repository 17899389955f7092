//! The story Headcount is for, on a desktop like a person's: the real panel, real notification servers, the real mouse.

use headcount_desktop::{CloseReason, DesktopOptions, Notifications, Panel, TrayView};
use headcount_engine::snooze;

use crate::host::{TILE, drawn, is_near};
use crate::world::{WAIT, World, buttons, marked, said, until};

/// The sizes panels ask for.
const SIZES: [i32; 6] = [16, 22, 24, 32, 44, 64];

/// The mark on an icon while something is stale.
const MARK: [u8; 3] = [0xdc, 0x6c, 0x04];

/// The stale sessions of the story, in the order of their numbers.
const STALE: [u64; 9] = [2, 3, 4, 6, 7, 9, 10, 11, 12];

/// The sizes whose icon has a pixel of this colour.
fn sizes_with(view: &TrayView, wanted: [u8; 3]) -> Vec<i32> {
    let has = |icon: &headcount_desktop::Pixmap| {
        icon.pixels().any(|[alpha, red, green, blue]| alpha > 200 && is_near([red, green, blue], wanted))
    };
    view.icon.iter().filter(|icon| has(icon)).map(|icon| icon.width).collect()
}

#[tokio::test]
async fn twelve_registered_three_running_one_click() {
    let world = World::of_story(DesktopOptions::full()).await;
    let mut log = world.log().await;
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 9 stale").await;

    // The badge, as the panel reads it.
    let three = item.view().await.unwrap();
    assert_eq!((three.id.as_str(), three.status.as_str(), three.icon_name.as_str()), ("headcount-tray", "Active", ""));
    assert_eq!((three.tool_tip.title.as_str(), three.tool_tip.text.as_str()), ("Headcount: 3 active · 9 stale", ""));
    assert_eq!(
        three.icon.iter().map(|icon| (icon.width, icon.height)).collect::<Vec<_>>(),
        SIZES.map(|side| (side, side))
    );
    assert!(three.icon.iter().all(headcount_desktop::Pixmap::is_whole));
    assert_eq!((sizes_with(&three, TILE), sizes_with(&three, MARK)), (SIZES.to_vec(), SIZES.to_vec()));
    let place = drawn(&world.desktop).await;
    assert!(place.x > 1000 && place.height >= 12, "at the right end of the panel, and no speck: {place:?}");

    let stale = said(&mut log, "9 sessions look stale").await;
    // The real server draws a click on the text as a button.
    assert_eq!(stale.labels(), ["Review…", "Clean up", "Snooze"]);
    let lines: Vec<&str> = stale.body.lines().collect();
    assert_eq!(lines[0], "· #2 Architect, coordination and infrast…: no beat for 5 h 32 min", "{lines:?}");
    assert_eq!(lines[4..], ["· and 5 more"]);

    // A beat after the notification: the count follows, and that session will be left alone.
    world.beat(2);
    let four = item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();
    assert_eq!(four.tool_tip.title, "Headcount: 4 active · 8 stale");
    assert!(
        three.icon.iter().zip(&four.icon).all(|(three, four)| three.argb != four.argb),
        "another number at every size"
    );

    world.desktop.notification_button(2, WAIT).await.unwrap();
    world.keep_picture("xfce4-notifyd.png");
    world.desktop.press(&stale, "Clean up", WAIT).await.unwrap();
    let done = said(&mut log, "8 sessions marked inactive").await;
    assert_eq!(done.body, "Their numbers are free again: 3, 4, 6, 7, 9, 10, 11, 12\n· #2 is active");
    assert_eq!(buttons(&done), ["Undo"]);
    let clean = item.wait_until(|view| view.title == "Headcount: 4 active", WAIT).await.unwrap();
    assert!(sizes_with(&clean, MARK).is_empty(), "nothing is stale, so nothing is marked");
    let after = world.text();
    assert_eq!(after, marked(&before, &after, &STALE[1..]), "two fields of eight entries, and not a byte more");

    world.desktop.press(&done, "Undo", WAIT).await.unwrap();
    said(&mut log, "8 sessions put back").await;
    assert_eq!(world.text(), before);
    item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();

    world.desktop.click_at(drawn(&world.desktop).await.centre(), 1).unwrap();
    world.desktop.window_titled("Headcount", WAIT).await.unwrap();
}

#[tokio::test]
async fn the_same_where_a_notification_has_no_buttons() {
    let options =
        DesktopOptions { panel: Panel::xfce(), notifications: Notifications::Dunst, ..DesktopOptions::default() };
    let world = World::of_story(options).await;
    let mut log = world.log().await;
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 9 stale").await;

    let stale = said(&mut log, "9 sessions look stale").await;
    world.desktop.notification_area(WAIT).await.unwrap();
    world.keep_picture("dunst.png");
    assert_eq!(stale.body.lines().last(), Some("Open Headcount from the tray to clean up."));
    world.desktop.press(&stale, "Clean up", WAIT).await.unwrap();
    let done = said(&mut log, "9 sessions marked inactive").await;
    item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await.unwrap();
    let after = world.text();
    assert_eq!(after, marked(&before, &after, &STALE));

    world.desktop.press(&done, "Undo", WAIT).await.unwrap();
    let undone = said(&mut log, "9 sessions put back").await;
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    assert_eq!(world.text(), before);

    // dunst goes on showing what was answered from its menu, so the app takes it away.
    world.silence(8);
    let newer = said(&mut log, "1 session looks stale").await;
    world.desktop.press(&newer, "Snooze", WAIT).await.unwrap();
    assert_eq!(log.closed(newer.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    until("the snooze", || snooze::read(&world.state())).await;
    snooze::set(&world.state(), None).unwrap();

    // A click on the text opens the review.
    world.silence(5);
    let newest = said(&mut log, "1 session looks stale").await;
    let now = world.text();
    // The older one is above it, and has nothing to open.
    world.desktop.click_notification(WAIT).await.unwrap();
    assert_eq!(log.closed(undone.id, WAIT).await.unwrap(), CloseReason::Dismissed);
    world.desktop.click_notification(WAIT).await.unwrap();
    assert_eq!(log.action_of(newest.id, WAIT).await.unwrap(), "default");
    world.window_at("review").await;
    assert_eq!(world.text(), now);
}
