//! Nobody is cleaned up by one click while the evidence is thin: the click then opens the preview.

use headcount_desktop::{DesktopOptions, Notification, Program};

use crate::person::Person;
use crate::world::{WAIT, World, buttons, said};

#[tokio::test]
async fn without_a_heartbeats_folder_nothing_can_be_pressed_that_cleans_up() {
    let world = World::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut person = Person::at(&world).await;
    let before = world.text();
    std::fs::remove_dir(world.story.heartbeats()).unwrap();
    let app = world.start(&[]);
    world.item(&app, "0 active · 2 stale").await;
    let blind = said(&mut person.log, "2 sessions look stale").await;
    assert_eq!(buttons(&blind), ["Review…", "Snooze"]);
    assert!(
        blind.body.starts_with("There is no heartbeats folder, so nobody could have shown a sign of life."),
        "{blind:?}"
    );
    person.click(&blind).await;
    world.window_at("review").await;
    assert_eq!(world.text(), before, "a click on the text cleaned up");
}

/// A desktop on which the last of two sessions has just gone stale, and what is said of it.
async fn nobody_beats() -> (World, Program, Person, Notification) {
    let world = World::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut person = Person::at(&world).await;
    world.beat(1);
    let app = world.start(&[]);
    let mut item = world.item(&app, "1 active · 1 stale").await;
    said(&mut person.log, "1 session looks stale").await;
    world.silence(1);
    item.wait_until(|view| view.title == "Headcount: 0 active · 2 stale", WAIT).await.unwrap();
    let all = said(&mut person.log, "All 2 sessions look stale").await;
    assert_eq!(buttons(&all), ["Clean up", "Review…", "Snooze"]);
    assert!(all.body.starts_with("Nothing has ever beaten: it may be a closed laptop"), "{all:?}");
    (world, app, person, all)
}

#[tokio::test]
async fn where_no_session_beats_a_click_on_the_text_opens_the_review() {
    let (world, _app, person, all) = nobody_beats().await;
    let before = world.text();
    person.click(&all).await;
    world.window_at("review").await;
    assert_eq!(world.text(), before, "a click on the text cleaned up");
}

#[tokio::test]
async fn where_no_session_beats_a_button_cleans_up() {
    let (world, _app, mut person, all) = nobody_beats().await;
    person.press(&all, "Clean up").await;
    said(&mut person.log, "2 sessions marked inactive").await;
    assert_eq!(world.story.with_status("active").unwrap(), [0_u64; 0]);
}
