//! A registry that was damaged or deleted, and brought back from the window: the copy goes back, and what was there is kept.

use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use headcount_engine::ops::{self, ActionContext};
use serde_json::{Value, json};

use crate::page::{Page, button};
use crate::person::Person;
use crate::world::{WAIT, World, file_until, now, said};

/// The button that offers a copy, in words for the page.
const OFFER: &str = "document.querySelector('#restore-offer')";

/// The story after a cleanup, of which there is a copy, and its registry before.
async fn cleaned() -> (World, String) {
    let world = World::of_story(DesktopOptions::default()).await;
    let before = world.text();
    let act = ActionContext { by: Actor::Command, at: now() };
    ops::cleanup(&world.workspace(), &Selection::All, false, act).unwrap();
    (world, before)
}

#[tokio::test]
async fn a_good_copy_takes_the_place_of_what_cannot_be_read() {
    let (world, before) = cleaned().await;
    let cleaned = world.text();
    let id = ops::copies(&world.workspace()).unwrap().remove(0).id;
    let mut person = Person::at(&world).await;
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active").await;
    let page = Page::open(&world, "--window").await;
    assert_eq!(page.invoke("newest_copy", json!({})).await["done"], Value::Null, "nothing is to be mended");

    let torn = &cleaned[..cleaned.len() / 2];
    world.write(torn);
    let offered = page.until(&format!("{OFFER}.checkVisibility() && {OFFER}.textContent")).await;
    let offered = offered.as_str().unwrap();
    assert!(offered.starts_with("Restore the copy of ") && offered.ends_with(" (12 sessions)…"), "{offered}");
    page.click_button(offered).await;
    page.until("document.activeElement.id === 'restore-plan'").await;
    let plan = page.text("#restore-plan").await;
    let folder = world.workspace().journal().copies().folder().display().to_string();
    assert!(
        plan.contains("with 12 sessions. That change and all later ones will be missing.") && plan.contains(&folder),
        "{plan}"
    );
    assert_eq!(world.text(), torn, "what is said is not done");

    // Back, and again, by keyboard.
    page.press(&[], &[Key::Escape.into()]).await;
    page.until("document.activeElement.id === 'restore-offer'").await;
    page.press(&[], &[Key::Enter.into()]).await;
    page.until("document.activeElement.id === 'restore-plan'").await;
    page.press(&[], &[Key::Tab.into(), Key::Enter.into()]).await;
    file_until(&world.story.registry(), |text| text == before).await;
    let notice = page.until("/kept as (.*json)/.exec(document.querySelector('#toast').textContent)[1]").await;
    assert_eq!(std::fs::read_to_string(notice.as_str().unwrap()).unwrap(), torn);
    page.until("document.title === 'Headcount: 3 active · 9 stale'").await;
    page.until("document.activeElement.closest('.row')").await;
    assert_eq!(page.value(&button(offered)).await, Value::Null);
    let last = ops::history(&world.workspace(), 1).unwrap().remove(0);
    assert_eq!((last.what.as_str(), last.by), ("restore", Actor::Window));

    // The tray counts again, and takes it for nobody's older copy: what is stale is all it says.
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    said(&mut person.log, "9 sessions look stale").await;

    // One that somebody mended in the meantime is not written over.
    world.write(&cleaned);
    let refused = page.invoke("restore", json!({ "id": id })).await;
    assert_eq!(refused["refused"]["code"], "readable", "{refused}");
    assert_eq!(world.text(), cleaned);
    page.close().await;
}

#[tokio::test]
async fn a_registry_that_is_gone_comes_back() {
    let (world, before) = cleaned().await;
    let page = Page::open(&world, "--window").await;
    page.until("document.querySelector('.group[data-state=inactive] .row')").await;
    std::fs::remove_file(world.story.registry()).unwrap();
    let offer = "document.querySelector('#restore-missing-offer')";
    let offered = page.until(&format!("{offer}.checkVisibility() && {offer}.textContent")).await;
    let offered = offered.as_str().unwrap();
    assert!(offered.ends_with(" (12 sessions)…"), "{offered}");
    page.click_button(offered).await;
    page.until("document.activeElement.id === 'restore-missing-plan'").await;
    assert!(!world.story.registry().exists(), "what is said is not done");
    page.press(&[], &[Key::Tab.into(), Key::Enter.into()]).await;
    file_until(&world.story.registry(), |text| text == before).await;
    page.until("document.title === 'Headcount: 3 active · 9 stale'").await;
    page.close().await;
}
