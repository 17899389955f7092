//! Settings, set in the window and by hand: the file is what tray and window agree through.

use std::path::PathBuf;

use headcount_desktop::DesktopOptions;
use serde_json::json;

use crate::page::Page;
use crate::person::Person;
use crate::world::{WAIT, World, file_until};

fn config(world: &World) -> PathBuf {
    world.desktop.home().join(".config/headcount/config.toml")
}

#[tokio::test]
async fn what_is_set_in_the_window_is_in_the_file_and_on_the_badge() {
    let world = World::of_story(DesktopOptions::default()).await;
    let before = "# mine\ntimeout_minutes = 120 # long days\n";
    std::fs::create_dir_all(config(&world).parent().unwrap()).unwrap();
    std::fs::write(config(&world), before).unwrap();
    let _person = Person::at(&world).await;
    let app = world.start(&[]);
    let mut item = world.item(&app, "3 active · 9 stale").await;
    let page = Page::open(&world, "--window=settings").await;

    // In the window: the file has it, with its comments, and the tray counts by it.
    let field = "document.querySelector('#set-timeout_minutes')";
    page.until(&format!("{field}.checkVisibility() && {field}.value === '120'")).await;
    page.value(&format!(
        "{field}.value = '400', {field}.dispatchEvent(new Event('input')), {field}.dispatchEvent(new Event('change'))"
    ))
    .await;
    file_until(&config(&world), |text| text == before.replace("120", "400")).await;
    item.wait_until(|view| view.title == "6 active · 6 stale", WAIT).await.unwrap();

    // By hand: the window shows it, theme and all, and the tray follows.
    std::fs::write(config(&world), format!("{before}theme = \"dark\"\n")).unwrap();
    item.wait_until(|view| view.title == "3 active · 9 stale", WAIT).await.unwrap();
    page.until(&format!(
        "{field}.value === '120' && getComputedStyle(document.documentElement).colorScheme === 'dark'"
    ))
    .await;

    // What makes no sense is said, and nothing is written over it.
    std::fs::write(config(&world), "= oops\n").unwrap();
    page.until("document.querySelector('#settings-page [role=alert] .note')?.textContent.includes('config.toml')")
        .await;
    let refused = page.invoke("set", json!({ "key": "theme", "value": "light" })).await;
    assert_eq!(refused["refused"]["code"], "misconfigured", "{refused}");
    assert_eq!(std::fs::read_to_string(config(&world)).unwrap(), "= oops\n");
    let refused = page.invoke("set", json!({ "key": "registry", "value": "/etc/passwd" })).await;
    assert_eq!(refused["refused"]["code"], "invalid_setting", "a path comes from the system's dialog only: {refused}");
    page.close().await;
}
