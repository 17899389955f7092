//! Notifications about stale sessions: combined, once, and not while snoozed.
//!
//! That something is *not* announced is checked by the next announcement where possible: it names one session instead
//! of two. So these tests wait for events, not for silence.

use std::time::Duration;

use headcount_desktop::{CloseReason, Signal};
use headcount_engine::snooze;

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare, buttons, expect_notification, file_until, now, until};

#[tokio::test]
async fn stale_sessions_share_one_notification_that_is_replaced() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    fixture.beat_stale_in(3, 3);
    fixture.beat(4);
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 1 stale").await;
    // The third session goes stale at its moment, without a file change.
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    let first = expect_notification(&mut services.log, "2 sessions look stale").await;
    assert_eq!(buttons(&first), ["Clean up", "Review…", "Snooze"]);
    let (second, third) = first.body.split_once('\n').unwrap();
    assert!(second.starts_with("· #2 Two: registered"), "{second}");
    assert_eq!(third, "· #3 Three: no heartbeat for 2 h");

    fixture.remove_beats(4);
    item.wait_until(|view| view.title == "Headcount: 1 active · 3 stale", WAIT).await.unwrap();
    let newer = expect_notification(&mut services.log, "3 sessions look stale").await;
    let shown: Vec<u32> = services.server.shown().iter().map(|notification| notification.id).collect();
    assert_eq!(shown, [newer.id], "only one stale notification at a time");

    // *Clean up* applies to exactly the named sessions that are still stale.
    fixture.beat(2);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    // Another session has the third number by now.
    fixture.write(&fixture.text().replace("session-3", "somebody-else"));
    services.press(&newer, "Clean up").await;
    let done = expect_notification(&mut services.log, "1 session marked inactive").await;
    assert_eq!(done.body, "Its number is free again: 4\n· #2 is active\n· #3 belongs to another session now");
    assert_eq!(fixture.workspace_files.with_status("active").unwrap(), [1, 2, 3]);
    item.wait_until(|view| view.title == "Headcount: 2 active · 1 stale", WAIT).await.unwrap();
    let shown: Vec<String> = services.server.shown().into_iter().map(|notification| notification.summary).collect();
    assert_eq!(shown, [done.summary], "an answered notification must be gone");
}

#[tokio::test]
async fn a_click_on_the_text_opens_the_review_and_changes_nothing() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    fixture.beat(3);
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "2 active · 1 stale").await;
    let two = expect_notification(&mut services.log, "1 session looks stale").await;
    services.click(&two).await;
    assert_eq!(services.log.closed(two.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    let window = fixture.window_at("review").await;
    // The request is complete before the next announcement.
    fixture.remove_beats(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    expect_notification(&mut services.log, "1 session looks stale").await;
    assert_eq!(fixture.text(), before);
    assert!(window.command.contains("--window=review"), "{window:?}");
}

#[tokio::test]
async fn notifications_are_withdrawn_when_the_app_exits() {
    let fixture = Fixture::of(bare(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    let mut app = fixture.start(&[]);
    fixture.item(&app, "1 active · 1 stale").await;
    let stale = expect_notification(&mut services.log, "1 session looks stale").await;
    app.signal(Signal::TERM);
    assert_eq!(services.log.closed(stale.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    assert_eq!(app.exited(WAIT).await.unwrap().code(), Some(0), "{}", app.last_output());
}

#[tokio::test]
async fn a_session_is_announced_again_only_after_it_was_active() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    fixture.beat(3);
    fixture.beat(4);
    let mut app = fixture.start(&[]);
    fixture.item(&app, "3 active · 1 stale").await;
    let two = expect_notification(&mut services.log, "1 session looks stale").await;
    services.server.close(two.id, CloseReason::Dismissed).await.unwrap();

    // The same after a crash and a restart: only the third session is new.
    file_until(&fixture.workspace().memory.join("announced.json"), |text| text.contains('2')).await;
    app.kill().await.unwrap();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 1 stale").await;
    fixture.remove_beats(3);
    let three = expect_notification(&mut services.log, "1 session looks stale").await;
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");

    // A session that was cleaned up and restored is stale as before, and not announced again; nor is one that was
    // active only briefly within the hour.
    services.press(&three, "Clean up").await;
    let done = expect_notification(&mut services.log, "1 session marked inactive").await;
    assert_eq!(done.body, "Its number is free again: 3");
    services.press(&done, "Undo").await;
    expect_notification(&mut services.log, "1 session restored").await;
    fixture.beat(2);
    item.wait_until(|view| view.title == "Headcount: 3 active · 1 stale", WAIT).await.unwrap();
    fixture.remove_beats(2);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    fixture.remove_beats(4);
    let four = expect_notification(&mut services.log, "1 session looks stale").await;
    assert!(four.body.starts_with("#4 Four: "), "{four:?}");
}

#[tokio::test]
async fn announcements_wait_for_the_end_of_the_snooze() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    fixture.beat(3);
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "2 active · 1 stale").await;
    let two = expect_notification(&mut services.log, "1 session looks stale").await;
    services.press(&two, "Snooze").await;
    let end = until("the snooze", || snooze::read(&fixture.state())).await;
    let left = (end - now()).num_seconds();
    assert!((3500..=3600).contains(&left), "an hour: {left} s");
    item.wait_for_menu(|menu| menu.find("Notifications snoozed").is_some(), WAIT).await.unwrap();

    fixture.remove_beats(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    // The snooze is shortened, as another process of Headcount could do. Without a snooze the announcement would come
    // within 5 seconds.
    let end = now() + Duration::from_secs(7);
    snooze::set(&fixture.state(), Some(end)).unwrap();
    let three = expect_notification(&mut services.log, "1 session looks stale").await;
    assert!(now() >= end, "announced before the end of the snooze");
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");
    item.wait_for_menu(|menu| menu.find("Snooze notifications").is_some(), WAIT).await.unwrap();
}

#[tokio::test]
async fn an_overwrite_is_announced_with_apply_again() {
    let fixture = Fixture::of(bare(), &["One", "Two", "Three"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    let before = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "1 active · 2 stale").await;
    let stale = expect_notification(&mut services.log, "2 sessions look stale").await;
    services.press(&stale, "Clean up").await;
    expect_notification(&mut services.log, "2 sessions marked inactive").await;
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    let after = fixture.text();

    // A slow writer that had read the registry before the cleanup writes it back. A single entry could be its own
    // change.
    fixture.write(&before);
    let told = expect_notification(&mut services.log, "A change of 2 sessions was reverted").await;
    assert_eq!(buttons(&told), ["Apply again"]);
    // The menu offers the same, for servers without buttons.
    item.wait_for_menu(|menu| menu.find("Apply again (2 sessions)").is_some(), WAIT).await.unwrap();
    services.press(&told, "Apply again").await;
    expect_notification(&mut services.log, "2 sessions changed again").await;
    assert_eq!(fixture.text(), after);
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
}
