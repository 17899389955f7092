//! When people are told that sessions went stale: all at once, once, and not while they want quiet.
//!
//! That something is *not* announced is seen in what comes next, wherever possible: the next announcement names one
//! session and not two. So these tests wait for events, not for silence.

use std::time::Duration;

use headcount_desktop::{CloseReason, Signal};
use headcount_engine::snooze;

use crate::person::Person;
use crate::world::{WAIT, World, bare, buttons, file_until, now, said, until};

#[tokio::test]
async fn together_in_one_and_a_newer_one_in_its_place() {
    let world = World::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    world.beat_stale_in(3, 3);
    world.beat(4);
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 1 stale").await;
    // The third goes stale by itself, at its moment.
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    let first = said(&mut person.log, "2 sessions look stale").await;
    assert_eq!(buttons(&first), ["Clean up", "Review…", "Snooze"]);
    let (second, third) = first.body.split_once('\n').unwrap();
    assert!(second.starts_with("· #2 Two: never beat"), "{second}");
    assert_eq!(third, "· #3 Three: no beat for 2 h");

    world.silence(4);
    item.wait_until(|view| view.title == "Headcount: 1 active · 3 stale", WAIT).await.unwrap();
    let newer = said(&mut person.log, "3 sessions look stale").await;
    let shown: Vec<u32> = person.server.shown().iter().map(|notification| notification.id).collect();
    assert_eq!(shown, [newer.id], "one at a time");

    // *Clean up* takes exactly the named ones that are still stale.
    world.beat(2);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    // The number of the third is somebody else's by now.
    world.write(&world.text().replace("session-3", "somebody-else"));
    person.press(&newer, "Clean up").await;
    let done = said(&mut person.log, "1 session marked inactive").await;
    assert_eq!(done.body, "Its number is free again: 4\n· #2 is active\n· #3 belongs to another session now");
    assert_eq!(world.story.with_status("active").unwrap(), [1, 2, 3]);
    item.wait_until(|view| view.title == "Headcount: 2 active · 1 stale", WAIT).await.unwrap();
    let shown: Vec<String> = person.server.shown().into_iter().map(|notification| notification.summary).collect();
    assert_eq!(shown, [done.summary], "what was answered is gone");
}

#[tokio::test]
async fn a_click_on_the_text_opens_the_review_and_changes_nothing() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    world.beat(3);
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;
    let two = said(&mut person.log, "1 session looks stale").await;
    person.click(&two).await;
    assert_eq!(person.log.closed(two.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    let window = world.window_at("review").await;
    // What was asked for is done before the next announcement is made.
    world.silence(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    said(&mut person.log, "1 session looks stale").await;
    assert_eq!(world.text(), before);
    assert!(window.command.contains("--window=review"), "{window:?}");
}

#[tokio::test]
async fn what_is_announced_goes_with_the_app() {
    let world = World::of(bare(), &["One", "Two"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    let mut app = world.start(&[]);
    world.item(&app, "1 active · 1 stale").await;
    let stale = said(&mut person.log, "1 session looks stale").await;
    app.signal(Signal::TERM);
    assert_eq!(person.log.closed(stale.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    assert_eq!(app.exited(WAIT).await.unwrap().code(), Some(0), "{}", app.last_words());
}

#[tokio::test]
async fn never_again_until_it_was_active_in_between() {
    let world = World::of(bare(), &["One", "Two", "Three", "Four"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    world.beat(3);
    world.beat(4);
    let mut app = world.start(&[]);
    world.item(&app, "3 active · 1 stale").await;
    let two = said(&mut person.log, "1 session looks stale").await;
    person.server.close(two.id, CloseReason::Dismissed).await.unwrap();

    // Not after a crash and a new start either: only the third is news.
    file_until(&world.workspace().places.memory.join("announced.json"), |text| text.contains('2')).await;
    app.kill().await.unwrap();
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 1 stale").await;
    world.silence(3);
    let three = said(&mut person.log, "1 session looks stale").await;
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");

    // What was cleaned up and put back is as stale as it was: no news. Nor is one that was active for a moment, within the
    // hour.
    person.press(&three, "Clean up").await;
    let done = said(&mut person.log, "1 session marked inactive").await;
    assert_eq!(done.body, "Its number is free again: 3");
    person.press(&done, "Undo").await;
    said(&mut person.log, "1 session put back").await;
    world.beat(2);
    item.wait_until(|view| view.title == "Headcount: 3 active · 1 stale", WAIT).await.unwrap();
    world.silence(2);
    item.wait_until(|view| view.title == "Headcount: 2 active · 2 stale", WAIT).await.unwrap();
    world.silence(4);
    let four = said(&mut person.log, "1 session looks stale").await;
    assert!(four.body.starts_with("#4 Four: "), "{four:?}");
}

#[tokio::test]
async fn quiet_while_snoozed_and_told_afterwards() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    world.beat(3);
    let app = world.start(&[]);
    let mut item = world.item(&app, "2 active · 1 stale").await;
    let two = said(&mut person.log, "1 session looks stale").await;
    person.press(&two, "Snooze").await;
    let end = until("the snooze", || snooze::read(&world.state())).await;
    let left = (end - now()).num_seconds();
    assert!((3500..=3600).contains(&left), "an hour: {left} s");
    item.wait_for_menu(|menu| menu.find("Notifications snoozed").is_some(), WAIT).await.unwrap();

    world.silence(3);
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    // The hour is made short, as another process of Headcount could. Without any snooze it would be said in 5 seconds.
    let end = now() + Duration::from_secs(7);
    snooze::set(&world.state(), Some(end)).unwrap();
    let three = said(&mut person.log, "1 session looks stale").await;
    assert!(now() >= end, "told before the end of the snooze");
    assert!(three.body.starts_with("#3 Three: "), "{three:?}");
    item.wait_for_menu(|menu| menu.find("Snooze notifications").is_some(), WAIT).await.unwrap();
}

#[tokio::test]
async fn an_older_copy_that_comes_back_is_told_with_a_way_on() {
    let world = World::of(bare(), &["One", "Two", "Three"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    let before = world.text();
    let app = world.start(&[]);
    let mut item = world.item(&app, "1 active · 2 stale").await;
    let stale = said(&mut person.log, "2 sessions look stale").await;
    person.press(&stale, "Clean up").await;
    said(&mut person.log, "2 sessions marked inactive").await;
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    let after = world.text();

    // A slow writer, which has read before the cleanup and writes after it. One entry alone could be its own change.
    world.write(&before);
    let told = said(&mut person.log, "2 sessions are as before again").await;
    assert_eq!(buttons(&told), ["Apply again"]);
    // The menu offers the same, for servers without buttons.
    item.wait_for_menu(|menu| menu.find("Apply again (2 sessions)").is_some(), WAIT).await.unwrap();
    person.press(&told, "Apply again").await;
    said(&mut person.log, "2 sessions changed again").await;
    assert_eq!(world.text(), after);
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
}
