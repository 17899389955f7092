//! With weak evidence no single click cleans up: it opens the review first.

use headcount_desktop::{DesktopOptions, Notification, Program};

use crate::fake_services::FakeServices;
use crate::world::{WAIT, World, buttons, expect_notification};

#[tokio::test]
async fn without_a_heartbeats_folder_no_button_cleans_up() {
    let world = World::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&world).await;
    let before = world.text();
    std::fs::remove_dir(world.story.heartbeats()).unwrap();
    let app = world.start(&[]);
    world.item(&app, "0 active · 2 stale").await;
    let blind = expect_notification(&mut services.log, "2 sessions look stale").await;
    assert_eq!(buttons(&blind), ["Review…", "Snooze"]);
    assert!(blind.body.starts_with("There is no heartbeats folder, so running sessions may look stale."), "{blind:?}");
    services.click(&blind).await;
    world.window_at("review").await;
    assert_eq!(world.text(), before, "a click on the text cleaned up");
}

/// A desktop on which the last of two sessions just went stale, and the notification about it.
async fn all_stale() -> (World, Program, FakeServices, Notification) {
    let world = World::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&world).await;
    world.beat(1);
    let app = world.start(&[]);
    let mut item = world.item(&app, "1 active · 1 stale").await;
    expect_notification(&mut services.log, "1 session looks stale").await;
    world.remove_beats(1);
    item.wait_until(|view| view.title == "Headcount: 0 active · 2 stale", WAIT).await.unwrap();
    let all = expect_notification(&mut services.log, "All 2 sessions look stale").await;
    assert_eq!(buttons(&all), ["Clean up", "Review…", "Snooze"]);
    assert!(all.body.starts_with("There has never been a heartbeat: the computer may have slept"), "{all:?}");
    (world, app, services, all)
}

#[tokio::test]
async fn if_all_sessions_are_stale_a_click_on_the_text_opens_the_review() {
    let (world, _app, services, all) = all_stale().await;
    let before = world.text();
    services.click(&all).await;
    world.window_at("review").await;
    assert_eq!(world.text(), before, "a click on the text cleaned up");
}

#[tokio::test]
async fn if_all_sessions_are_stale_the_button_cleans_up() {
    let (world, _app, mut services, all) = all_stale().await;
    services.press(&all, "Clean up").await;
    expect_notification(&mut services.log, "2 sessions marked inactive").await;
    assert_eq!(world.story.with_status("active").unwrap(), [0_u64; 0]);
}
