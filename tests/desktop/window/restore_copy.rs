//! A damaged or deleted registry, restored from the window: the copy is restored, and the damaged file is kept.

use headcount_core::liveness::cleanup::Selection;
use headcount_core::view::history::Actor;
use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use headcount_engine::ops::{self, ActionContext};
use serde_json::{Value, json};

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, expect_notification, file_until, now};
use crate::page::{Page, button};

/// The button that offers a copy, in words for the page.
const OFFER: &str = "document.querySelector('#restore-offer')";

/// The scenario after a cleanup, which left a copy, and the registry before it.
async fn cleaned() -> (Fixture, String) {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let act = ActionContext { by: Actor::Command, at: now() };
    ops::cleanup(&fixture.workspace(), &Selection::All, false, act).unwrap();
    (fixture, before)
}

#[tokio::test]
async fn an_unreadable_registry_is_restored_from_a_copy() {
    let (fixture, before) = cleaned().await;
    let cleaned = fixture.text();
    let id = ops::copies(&fixture.workspace()).unwrap().remove(0).id;
    let mut services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active").await;
    let page = Page::open(&fixture, "--window").await;
    assert_eq!(page.invoke("newest_copy", json!({})).await["done"], Value::Null, "a valid registry needs no repair");

    let torn = &cleaned[..cleaned.len() / 2];
    fixture.write(torn);
    let offered = page.until(&format!("{OFFER}.checkVisibility() && {OFFER}.textContent")).await;
    let offered = offered.as_str().unwrap();
    assert!(offered.starts_with("Restore the copy of ") && offered.ends_with(" (12 sessions)…"), "{offered}");
    page.click_button(offered).await;
    page.until("document.activeElement.id === 'restore-plan'").await;
    let plan = page.text("#restore-plan").await;
    let folder = fixture.workspace().journal().copies().folder().display().to_string();
    assert!(
        plan.contains("with 12 sessions. That change and all later ones will be missing.") && plan.contains(&folder),
        "{plan}"
    );
    assert_eq!(fixture.text(), torn, "what is said is not done");

    // Cancelled and repeated with the keyboard.
    page.press(&[], &[Key::Escape.into()]).await;
    page.until("document.activeElement.id === 'restore-offer'").await;
    page.press(&[], &[Key::Enter.into()]).await;
    page.until("document.activeElement.id === 'restore-plan'").await;
    page.press(&[], &[Key::Tab.into(), Key::Enter.into()]).await;
    file_until(&fixture.workspace_files.registry(), |text| text == before).await;
    let notice = page.until("/kept as (.*json)/.exec(document.querySelector('#toast').textContent)[1]").await;
    assert_eq!(std::fs::read_to_string(notice.as_str().unwrap()).unwrap(), torn);
    page.until("document.title === 'Headcount: 3 active · 9 stale'").await;
    page.until("document.activeElement.closest('.row')").await;
    assert_eq!(page.value(&button(offered)).await, Value::Null);
    let last = ops::history(&fixture.workspace(), 1).unwrap().remove(0);
    assert_eq!((last.what.as_str(), last.by), ("restore", Actor::Window));

    // The tray counts again, and does not report the restore as an overwrite: it only announces stale sessions.
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    expect_notification(&mut services.log, "9 sessions look stale").await;

    // A registry that was repaired meanwhile is not overwritten.
    fixture.write(&cleaned);
    let refused = page.invoke("restore", json!({ "id": id })).await;
    assert_eq!(refused["refused"]["code"], "readable", "{refused}");
    assert_eq!(fixture.text(), cleaned);
    page.close().await;
}

#[tokio::test]
async fn a_deleted_registry_is_restored_from_a_copy() {
    let (fixture, before) = cleaned().await;
    let page = Page::open(&fixture, "--window").await;
    page.until("document.querySelector('.group[data-state=inactive] .row')").await;
    std::fs::remove_file(fixture.workspace_files.registry()).unwrap();
    let offer = "document.querySelector('#restore-missing-offer')";
    let offered = page.until(&format!("{offer}.checkVisibility() && {offer}.textContent")).await;
    let offered = offered.as_str().unwrap();
    assert!(offered.ends_with(" (12 sessions)…"), "{offered}");
    page.click_button(offered).await;
    page.until("document.activeElement.id === 'restore-missing-plan'").await;
    assert!(!fixture.workspace_files.registry().exists(), "what is said is not done");
    page.press(&[], &[Key::Tab.into(), Key::Enter.into()]).await;
    file_until(&fixture.workspace_files.registry(), |text| text == before).await;
    page.until("document.title === 'Headcount: 3 active · 9 stale'").await;
    page.close().await;
}
