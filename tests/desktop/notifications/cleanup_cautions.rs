//! With weak evidence no single click cleans up: it opens the review first.

use headcount_desktop::{DesktopOptions, Notification, Program};

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, buttons, expect_notification};

#[tokio::test]
async fn without_a_heartbeats_folder_no_button_cleans_up() {
    let fixture = Fixture::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&fixture).await;
    let before = fixture.text();
    std::fs::remove_dir(fixture.workspace_files.heartbeats()).unwrap();
    let app = fixture.start(&[]);
    fixture.item(&app, "0 active · 2 stale").await;
    let blind = expect_notification(&mut services.log, "2 sessions look stale").await;
    assert_eq!(buttons(&blind), ["Review…", "Snooze"]);
    assert!(blind.body.starts_with("There is no heartbeats folder, so running sessions may look stale."), "{blind:?}");
    services.click(&blind).await;
    fixture.window_at("review").await;
    assert_eq!(fixture.text(), before, "a click on the text cleaned up");
}

/// A desktop on which the last of two sessions just went stale, and the notification about it.
async fn all_stale() -> (Fixture, Program, FakeServices, Notification) {
    let fixture = Fixture::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "1 active · 1 stale").await;
    expect_notification(&mut services.log, "1 session looks stale").await;
    fixture.remove_beats(1);
    item.wait_until(|view| view.title == "Headcount: 0 active · 2 stale", WAIT).await.unwrap();
    let all = expect_notification(&mut services.log, "All 2 sessions look stale").await;
    assert_eq!(buttons(&all), ["Clean up", "Review…", "Snooze"]);
    assert!(all.body.starts_with("There has never been a heartbeat: the computer may have slept"), "{all:?}");
    (fixture, app, services, all)
}

#[tokio::test]
async fn if_all_sessions_are_stale_a_click_on_the_text_opens_the_review() {
    let (fixture, _app, services, all) = all_stale().await;
    let before = fixture.text();
    services.click(&all).await;
    fixture.window_at("review").await;
    assert_eq!(fixture.text(), before, "a click on the text cleaned up");
}

#[tokio::test]
async fn if_all_sessions_are_stale_the_button_cleans_up() {
    let (fixture, _app, mut services, all) = all_stale().await;
    services.press(&all, "Clean up").await;
    expect_notification(&mut services.log, "2 sessions marked inactive").await;
    assert_eq!(fixture.workspace_files.with_status("active").unwrap(), [0_u64; 0]);
}
