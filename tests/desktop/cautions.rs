//! Nobody is cleaned up by one click while the evidence is thin: the click then opens the preview.

use headcount_desktop::DesktopOptions;

use crate::person::Person;
use crate::world::{WAIT, World, buttons, said};

#[tokio::test]
async fn no_heartbeats_or_nobody_beating_means_look_first() {
    let world = World::of(DesktopOptions::default(), &["One", "Two"]).await;
    let mut person = Person::at(&world).await;
    let before = world.text();
    std::fs::remove_dir(world.story.heartbeats()).unwrap();
    let app = world.start(&[]);
    let mut item = world.item(&app, "0 active · 2 stale").await;

    // Without the folder nobody could have beaten: there is nothing to press that cleans up.
    let blind = said(&mut person.log, "2 sessions look stale").await;
    assert_eq!(buttons(&blind), ["Review…", "Snooze"]);
    assert!(
        blind.body.starts_with("There is no heartbeats folder, so nobody could have shown a sign of life."),
        "{blind:?}"
    );
    person.click(&blind).await;
    let window = world.window_at("review").await;
    let shown = world.desktop.window_titled("Headcount", WAIT).await.unwrap();
    world.desktop.close_window(&shown).unwrap();
    world.ended(window.pid).await;

    // With a folder, but nobody alive at all: a button may, a click on the text may not.
    std::fs::create_dir(world.story.heartbeats()).unwrap();
    world.beat(1);
    item.wait_until(|view| view.title == "Headcount: 1 active · 1 stale", WAIT).await.unwrap();
    world.silence(1);
    let all = said(&mut person.log, "1 session looks stale").await;
    assert_eq!(buttons(&all), ["Clean up", "Review…", "Snooze"]);
    assert!(all.body.starts_with("Nothing has ever beaten: it may be a closed laptop"), "{all:?}");
    person.click(&all).await;
    world.window_at("review").await;
    assert_eq!(world.text(), before, "a click on the text cleaned up");

    world.beat(1);
    item.wait_until(|view| view.title == "Headcount: 1 active · 1 stale", WAIT).await.unwrap();
    world.silence(1);
    let all = said(&mut person.log, "1 session looks stale").await;
    person.press(&all, "Clean up").await;
    said(&mut person.log, "1 session marked inactive").await;
    assert_eq!(world.story.with_status("active").unwrap(), [2]);
}
