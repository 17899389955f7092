//! Claude Code sessions with installed hooks: they register, beat and sign off without any command.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use headcount_desktop::claude::{Claude, Home};
use headcount_desktop::fantoccini::key::Key;
use headcount_desktop::{DesktopOptions, TrayItem};
use serde_json::{Value, json};

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, bare, buttons, expect_notification, file_until};
use crate::page::Page;

/// The maximum delay until the tray shows a change.
const SOON: Duration = Duration::from_secs(2);

/// Installs hooks into the settings of the desktop's Claude Code, with the command next to the app.
fn install(fixture: &Fixture) -> Home {
    let command = Path::new(APP).with_file_name("headcount");
    assert!(command.is_file(), "`make desktop` builds {} first", command.display());
    let home = fixture.desktop.home();
    let environment = [("HOME", home.to_str().unwrap()), ("PATH", "/usr/bin:/bin"), ("TZ", "UTC")];
    let installed = Command::new(command).args(["hooks", "install"]).env_clear().envs(environment).output().unwrap();
    assert!(installed.status.success(), "{installed:?}");
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Home { config: home.join(".claude"), environment: environment.into() }
}

/// Waits for a title, which has to appear soon after the previous step.
async fn soon(item: &mut TrayItem, title: &str) {
    let start = Instant::now();
    item.wait_until(|view| view.title == format!("Headcount: {title}"), WAIT).await.unwrap();
    assert!(start.elapsed() < SOON, "{title} after {:?}", start.elapsed());
}

#[tokio::test]
async fn the_badge_follows_every_session_event() {
    let fixture = Fixture::of(bare(), &[]).await;
    let mut services = FakeServices::start(&fixture).await;
    let home = install(&fixture);
    let folder = fixture.workspace_files.folder.clone();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "0 active").await;

    let (mut first, _) = Claude::start(&home, &folder, "a");
    soon(&mut item, "1 active").await;
    let (second, greeting) = Claude::start_before_record(&home, &folder, "b");
    assert!(greeting.contains("has the number 2."), "{greeting}");
    soon(&mut item, "2 active").await;
    let (third, _) = Claude::start(&home, &folder, "c");
    soon(&mut item, "3 active").await;
    // Another session id in the same process.
    first.clear("a2");
    first.turn();
    // A clean exit frees the number.
    third.exit();
    soon(&mut item, "2 active").await;
    // A killed session that was used is announced. An unused one is signed off silently.
    second.turn();
    second.kill();
    soon(&mut item, "1 active · 1 stale").await;
    let stale = expect_notification(&mut services.log, "1 session looks stale").await;
    assert!(stale.body.contains("process ended"), "{stale:?}");
    assert_eq!(buttons(&stale), ["Clean up", "Review…", "Snooze"]);
    // Its number is not free until the cleanup; another session takes the next one.
    let (fourth, greeting) = Claude::start(&home, &folder, "d");
    assert!(greeting.contains("has the number 3."), "{greeting}");
    soon(&mut item, "2 active · 1 stale").await;
    // A resumed session keeps its number.
    let resumed = Claude::unnoticed(&home, &folder, "b");
    let greeting = resumed.event("SessionStart", &json!({ "source": "resume" }));
    assert!(greeting.contains("has the number 2."), "{greeting}");
    soon(&mut item, "3 active").await;
    fourth.exit();
    soon(&mut item, "2 active").await;
}

#[tokio::test]
async fn an_unregistered_session_can_be_registered_from_the_menu() {
    let fixture = Fixture::of(bare(), &[]).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let home = Home { config: fixture.desktop.home().join(".claude"), environment: Vec::new() };
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "0 active").await;
    let claude = Claude::unnoticed(&home, &fixture.workspace_files.folder, "a");
    claude.rewrite_record(&json!({ "name": "Builder", "nameSource": "user" }));
    soon(&mut item, "1 running · 1 not registered").await;
    let label = format!("Register Builder (process {})", claude.pid());
    item.click(&label).await.unwrap();
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    file_until(&fixture.workspace_files.registry(), |text| text.contains("\"role\": \"Builder\"")).await;
    claude.kill();
    soon(&mut item, "0 active · 1 stale").await;
}

#[tokio::test]
async fn all_sessions_without_hooks_are_registered_from_the_menu() {
    let fixture = Fixture::of(bare(), &[]).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let home = Home { config: fixture.desktop.home().join(".claude"), environment: Vec::new() };
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "0 active").await;
    let _sessions = ["a", "b", "c"].map(|id| Claude::unnoticed(&home, &fixture.workspace_files.folder, id));
    item.wait_until(|view| view.title == "Headcount: 3 running · 3 not registered", WAIT).await.unwrap();
    item.click("Register all").await.unwrap();
    item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await.unwrap();
    assert_eq!(fixture.workspace_files.with_status("active").unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn all_sessions_without_hooks_are_registered_from_the_window_in_one_change() {
    let fixture = Fixture::of(DesktopOptions::default(), &[]).await;
    let before = fixture.text();
    let home = Home { config: fixture.desktop.home().join(".claude"), environment: Vec::new() };
    let page = Page::open(&fixture, "--window").await;
    let _sessions = ["a", "b"].map(|id| Claude::unnoticed(&home, &fixture.workspace_files.folder, id));
    page.until("document.querySelectorAll('#unregistered li').length === 2").await;
    page.click_button("Register all").await;
    page.until("!document.querySelector('#unregistered').checkVisibility()").await;
    assert_eq!(fixture.workspace_files.with_status("active").unwrap(), [1, 2]);
    page.press(&[Key::Control.into()], &['z']).await;
    file_until(&fixture.workspace_files.registry(), |text| text == before).await;
    page.close().await;
}

#[tokio::test]
async fn an_unregistered_session_is_registered_from_the_window() {
    let fixture = Fixture::of(DesktopOptions::default(), &["Quiet"]).await;
    fixture.beat(1);
    let before = fixture.text();
    let home = Home { config: fixture.desktop.home().join(".claude"), environment: Vec::new() };
    let page = Page::open(&fixture, "--window").await;
    let [section, line] = ["#unregistered", "#unregistered li"].map(|css| format!("document.querySelector('{css}')"));
    assert_eq!(page.value(&format!("{section}.checkVisibility()")).await, false);

    let claude = Claude::unnoticed(&home, &fixture.workspace_files.folder, "a");
    claude.rewrite_record(&json!({ "name": "Builder", "nameSource": "user" }));
    page.until(&format!("{section}.checkVisibility() && {line}.textContent.includes('Builder')")).await;
    let said = page.value(&format!("{section}.textContent")).await.as_str().unwrap().to_owned();
    let folder = fixture.workspace_files.folder.display().to_string();
    for part in ["Not registered · 1", &folder, "in a terminal", &format!("pid {}", claude.pid())] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(fixture.text(), before, "showing a session must not register it");

    // It gets the lowest free number and a heartbeat, and the focus moves to it.
    page.click_button("Register").await;
    page.until("document.querySelector('#toast').textContent.includes('#2 registered.')").await;
    page.until("document.activeElement.closest('.row')?.dataset.number === '2'").await;
    page.until(&format!("!{section}.checkVisibility()")).await;
    let entry = |text: &str| serde_json::from_str::<Value>(text).unwrap()["2"].take();
    let registered = entry(&fixture.text());
    assert_eq!((&registered["role"], &registered["status"]), (&json!("Builder"), &json!("active")), "{registered}");
    assert_eq!(registered["claude"]["pid"], claude.pid(), "{registered}");
    let rows = page.rows().await;
    let row = rows.iter().find(|row| row.number == 2).unwrap();
    assert_eq!((row.state.as_str(), row.role.as_str(), row.why.as_str()), ("active", "Builder", "Heartbeat just now"));

    // After an undo it is offered again, and a key does the same as the mouse.
    page.press(&[Key::Control.into()], &['z']).await;
    page.until(&format!("{section}.checkVisibility()")).await;
    assert_eq!(fixture.text(), before);
    page.value(&format!("({section}.querySelector('li button').focus(), true)")).await;
    page.press(&[], &[Key::Enter.into()]).await;
    page.until("document.activeElement.closest('.row')?.dataset.number === '2'").await;
    file_until(&fixture.workspace_files.registry(), |text| entry(text)["role"] == "Builder").await;

    // Its end is proven. A process that is not a session is refused.
    claude.kill();
    page.until("document.querySelector('.group[data-state=stale] .row[data-number=\"2\"]')").await;
    let refused = page.invoke("register_running", json!({ "pid": std::process::id() })).await;
    assert_eq!(refused["refused"]["code"], "not_running", "{refused}");
    page.close().await;
}

#[tokio::test]
async fn auto_cleanup_marks_sessions_whose_process_ended() {
    let fixture = Fixture::of(bare(), &["Quiet"]).await;
    let mut services = FakeServices::start(&fixture).await;
    let config = fixture.desktop.home().join(".config/headcount");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "auto_cleanup = true\n").unwrap();
    let home = install(&fixture);
    fixture.beat(1);
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "1 active").await;
    let (claude, _) = Claude::start(&home, &fixture.workspace_files.folder, "a");
    soon(&mut item, "2 active").await;
    claude.turn();
    claude.kill();
    soon(&mut item, "1 active · 1 stale").await;
    // Age alone is no proof: such a session is only announced.
    let done = expect_notification(&mut services.log, "1 session marked inactive").await;
    assert_eq!(buttons(&done), ["Undo"]);
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    fixture.remove_beats(1);
    expect_notification(&mut services.log, "1 session looks stale").await;
    assert_eq!(fixture.workspace_files.with_status("active").unwrap(), [1]);
}
