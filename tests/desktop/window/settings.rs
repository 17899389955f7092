//! Settings, changed in the window and by hand: tray and window share the configuration file.

use std::path::{Path, PathBuf};

use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use serde_json::{Value, json};

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, file_until, until};
use crate::page::{Page, button};

fn config(fixture: &Fixture) -> PathBuf {
    fixture.desktop.home().join(".config/headcount/config.toml")
}

#[tokio::test]
async fn settings_are_shared_by_window_file_and_tray() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = "# mine\ntimeout_minutes = 120 # long days\n";
    std::fs::create_dir_all(config(&fixture).parent().unwrap()).unwrap();
    std::fs::write(config(&fixture), before).unwrap();
    let _services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    let page = Page::open(&fixture, "--window=settings").await;

    // Changed in the window: the file keeps its comments, and the tray uses the value.
    let field = "document.querySelector('#set-timeout_minutes')";
    page.until(&format!("{field}.checkVisibility() && {field}.value === '120'")).await;
    page.value(&format!(
        "{field}.value = '400', {field}.dispatchEvent(new Event('input')), {field}.dispatchEvent(new Event('change'))"
    ))
    .await;
    file_until(&config(&fixture), |text| text == before.replace("120", "400")).await;
    item.wait_until(|view| view.title == "Headcount: 6 active · 6 stale", WAIT).await.unwrap();

    // Changed by hand: the window shows it, including the theme, and the tray follows.
    std::fs::write(config(&fixture), format!("{before}theme = \"dark\"\n")).unwrap();
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    page.until(&format!(
        "{field}.value === '120' && getComputedStyle(document.documentElement).colorScheme === 'dark'"
    ))
    .await;

    // An invalid file is reported, and not overwritten.
    std::fs::write(config(&fixture), "= oops\n").unwrap();
    page.until("document.querySelector('#settings-page [role=alert] .note')?.textContent.includes('config.toml')")
        .await;
    let refused = page.invoke("set", json!({ "key": "theme", "value": "light" })).await;
    assert_eq!(refused["refused"]["code"], "misconfigured", "{refused}");
    assert_eq!(std::fs::read_to_string(config(&fixture)).unwrap(), "= oops\n");
    let refused = page.invoke("set", json!({ "key": "registry", "value": "/etc/passwd" })).await;
    assert_eq!(refused["refused"]["code"], "invalid_setting", "a path comes from the system's dialog only: {refused}");
    page.close().await;
}

#[tokio::test]
async fn buttons_install_and_remove_hooks() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let settings = fixture.desktop.home().join(".claude/settings.json");
    let before = "{\n    \"model\": \"opus\",\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"ding\"}]}]}\n}\n";
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, before).unwrap();
    let page = Page::open(&fixture, "--window=settings").await;
    let stands = |text: &str| format!("document.querySelector('#hooks-status').textContent.includes({})", json!(text));

    // The hooks that Claude Code reads: the command next to the app at every event, and the other program's hook
    // unchanged.
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

    // The focus moves to the other button, which restores the file to the byte.
    page.until(&format!("document.activeElement === {}", button("Remove"))).await;
    page.press(&[], &[' ']).await;
    page.until(&stands("Not installed.")).await;
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), before);
    page.until(&format!("document.activeElement === {}", button("Install"))).await;

    // An error is shown in the row, and the file is unchanged.
    let theirs = "{ // mine\n}\n";
    std::fs::write(&settings, theirs).unwrap();
    page.click_button("Install").await;
    page.until("document.querySelector('[data-key=hooks] .error').textContent.includes('a comment in line 1')").await;
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), theirs);
    page.close().await;
}

#[tokio::test]
async fn settings_can_be_changed_with_the_keyboard_only() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let page = Page::open(&fixture, "--window=settings").await;
    let [enter, space, right] = [Key::Enter, Key::Space, Key::Right].map(char::from);
    page.until("document.querySelector('#set-timeout_minutes').value === '120'").await;

    // Tab selects the field's contents, so typing replaces them.
    tab_to(&page, "set-timeout_minutes").await;
    page.write("400").await;
    page.press(&[], &[enter]).await;
    file_until(&config(&fixture), |text| text.contains("timeout_minutes = 400\n")).await;

    // One Tab stop for the theme, and arrow keys within it.
    tab_to(&page, "set-theme").await;
    page.press(&[], &[right]).await;
    file_until(&config(&fixture), |text| text.contains("theme = \"light\"\n")).await;
    page.press(&[], &[right]).await;
    file_until(&config(&fixture), |text| text.contains("theme = \"dark\"\n")).await;
    page.until("getComputedStyle(document.documentElement).colorScheme === 'dark'").await;

    tab_to(&page, "set-login").await;
    page.press(&[], &[space]).await;
    let entry = fixture.desktop.home().join(".config/autostart/Headcount.desktop");
    let text = file_until(&entry, |text| text.contains("\nExec=")).await;
    assert!(text.contains(&format!("Exec={APP}")), "{text}");
    page.until("document.activeElement.checked").await;
    page.press(&[], &[space]).await;
    until("the end of the entry", || (!entry.exists()).then_some(())).await;

    // Nothing else was set.
    let text = std::fs::read_to_string(config(&fixture)).unwrap();
    let set: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(set, ["timeout_minutes = 400", "theme = \"dark\""]);
    page.close().await;
}

/// Presses Tab until the control with this id has the focus.
async fn tab_to(page: &Page, id: &str) {
    for _ in 0..40 {
        if page.value("document.activeElement.id").await == id {
            return;
        }
        page.press(&[], &[Key::Tab.into()]).await;
    }
    panic!("Tab does not come to {id}: {}", page.value("document.activeElement.outerHTML").await);
}
