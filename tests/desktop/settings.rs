//! Settings, set in the window and by hand: the file is what tray and window agree through.

use std::path::{Path, PathBuf};

use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use serde_json::{Value, json};

use crate::page::{Page, button};
use crate::person::Person;
use crate::world::{APP, WAIT, World, file_until, until};

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
    item.wait_until(|view| view.title == "Headcount: 6 active · 6 stale", WAIT).await.unwrap();

    // By hand: the window shows it, theme and all, and the tray follows.
    std::fs::write(config(&world), format!("{before}theme = \"dark\"\n")).unwrap();
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
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

#[tokio::test]
async fn hooks_are_installed_and_removed_by_a_press() {
    let world = World::of_story(DesktopOptions::default()).await;
    let settings = world.desktop.home().join(".claude/settings.json");
    let before = "{\n    \"model\": \"opus\",\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"ding\"}]}]}\n}\n";
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, before).unwrap();
    let page = Page::open(&world, "--window=settings").await;
    let stands = |text: &str| format!("document.querySelector('#hooks-status').textContent.includes({})", json!(text));

    // What Claude Code reads: the command beside the app, at every event, and the other program's hook as it was.
    page.until(&stands("Not installed.")).await;
    page.click_button("Install").await;
    page.until(&stands(settings.to_str().unwrap())).await;
    let command = Path::new(APP).with_file_name("headcount");
    let read = || serde_json::from_str::<Value>(&std::fs::read_to_string(&settings).unwrap()).unwrap();
    let hooks = read();
    for event in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"] {
        let groups = hooks["hooks"][event].as_array().unwrap();
        let ours = &groups.last().unwrap()["hooks"][0];
        assert_eq!(ours["command"], format!("\"{}\" hook", command.display()), "{event}: {hooks}");
    }
    assert_eq!(hooks["hooks"]["Stop"][0]["hooks"][0]["command"], "ding");
    assert_eq!(hooks["model"], "opus");

    // The other button has the focus, and takes it back to the byte.
    page.until(&format!("document.activeElement === {}", button("Remove"))).await;
    page.press(&[], &[' ']).await;
    page.until(&stands("Not installed.")).await;
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), before);
    page.until(&format!("document.activeElement === {}", button("Install"))).await;

    // What cannot be changed is said in the row, and stays.
    let theirs = "{ // mine\n}\n";
    std::fs::write(&settings, theirs).unwrap();
    page.click_button("Install").await;
    page.until("document.querySelector('[data-key=hooks] .error').textContent.includes('a comment in line 1')").await;
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), theirs);
    page.close().await;
}

#[tokio::test]
async fn they_are_set_with_the_keyboard_alone() {
    let world = World::of_story(DesktopOptions::default()).await;
    let page = Page::open(&world, "--window=settings").await;
    let [enter, space, right] = [Key::Enter, Key::Space, Key::Right].map(char::from);
    page.until("document.querySelector('#set-timeout_minutes').value === '120'").await;

    // Tab takes the whole of the field, so what is typed takes the place of what was there.
    tab_to(&page, "set-timeout_minutes").await;
    page.write("400").await;
    page.press(&[], &[enter]).await;
    file_until(&config(&world), |text| text.contains("timeout_minutes = 400\n")).await;

    // One stop for the theme, and arrows in it.
    tab_to(&page, "set-theme").await;
    page.press(&[], &[right]).await;
    file_until(&config(&world), |text| text.contains("theme = \"light\"\n")).await;
    page.press(&[], &[right]).await;
    file_until(&config(&world), |text| text.contains("theme = \"dark\"\n")).await;
    page.until("getComputedStyle(document.documentElement).colorScheme === 'dark'").await;

    tab_to(&page, "set-login").await;
    page.press(&[], &[space]).await;
    let entry = world.desktop.home().join(".config/autostart/Headcount.desktop");
    let text = file_until(&entry, |text| text.contains("\nExec=")).await;
    assert!(text.contains(&format!("Exec={APP}")), "{text}");
    page.until("document.activeElement.checked").await;
    page.press(&[], &[space]).await;
    until("the end of the entry", || (!entry.exists()).then_some(())).await;

    // Nothing else was set on the way.
    let text = std::fs::read_to_string(config(&world)).unwrap();
    let set: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(set, ["timeout_minutes = 400", "theme = \"dark\""]);
    page.close().await;
}

/// Presses Tab until the control of this id has the focus.
async fn tab_to(page: &Page, id: &str) {
    for _ in 0..40 {
        if page.value("document.activeElement.id").await == id {
            return;
        }
        page.press(&[], &[Key::Tab.into()]).await;
    }
    panic!("Tab does not come to {id}: {}", page.value("document.activeElement.outerHTML").await);
}
