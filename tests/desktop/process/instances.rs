//! The two processes: the tray runs once, and the window is a separate process that runs while it is open.

use headcount_desktop::DesktopOptions;

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, bare, expect_notification, until};
use crate::page::Page;

#[tokio::test]
async fn the_window_is_a_separate_process_with_its_own_web_engine() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let _services = FakeServices::start(&fixture).await;
    let mut app = fixture.start(&["--timeout-minutes", "400"]);
    let item = fixture.item(&app, "6 active · 6 stale").await;

    item.activate().await.unwrap();
    let window = fixture.window_at("sessions").await;
    let shown = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    assert_eq!(shown.pid, Some(window.pid));
    assert_ne!(window.pid, app.pid());
    let engine = || {
        fixture.desktop.process_scan().processes().iter().any(|process| process.command.contains("WebKitWebProcess"))
    };
    until("the web engine", || engine().then_some(())).await;

    // When closed, it ends its web engine and leaves the tray running.
    fixture.desktop.close_window(&shown).unwrap();
    fixture.ended(window.pid).await;
    until("the end of the web engine", || (!engine()).then_some(())).await;
    assert!(app.is_running());
    assert_eq!(item.view().await.unwrap().title, "Headcount: 6 active · 6 stale");

    // Without a window, a second start opens one.
    let mut second = fixture.start(&[]);
    assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
    let window = fixture.window_at("sessions").await;
    let shown = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    fixture.desktop.close_window(&shown).unwrap();
    fixture.ended(window.pid).await;

    // So does a session in the menu, for the same files and with the same timeout.
    item.click_entry(item.menu().await.unwrap().find_beginning("#5 ").unwrap()).await.unwrap();
    let window = fixture.window_at("session-5").await;
    assert!(window.command.ends_with(" --timeout-minutes 400"), "{}", window.command);
    assert!(window.command.contains(&fixture.workspace_files.registry().display().to_string()), "{}", window.command);
    fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    // The window outlives the tray, which does not manage it.
    item.click("Quit").await.unwrap();
    assert_eq!(app.exited(WAIT).await.unwrap().code(), Some(0));
    assert!(fixture.windows().iter().any(|process| process.pid == window.pid), "{}", app.last_output());
}

#[tokio::test]
async fn tray_actions_use_the_open_window() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let mut services = FakeServices::start(&fixture).await;
    let page = Page::open(&fixture, "--window").await;
    let shown = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    let app = fixture.start(&[]);
    let item = fixture.item(&app, "3 active · 9 stale").await;

    let menu = item.menu().await.unwrap();
    item.click_entry(menu.find_beginning("#5 ").unwrap()).await.unwrap();
    page.until("document.activeElement.closest('.row').dataset.number === '5'").await;
    item.click("Clean up 9 stale…").await.unwrap();
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    item.activate().await.unwrap();
    page.until("!document.querySelector('dialog.cleanup-dialog[open]')").await;
    // A second start of the app is a click on its icon.
    item.click("Clean up 9 stale…").await.unwrap();
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    let mut second = fixture.start(&[]);
    assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
    page.until("!document.querySelector('dialog.cleanup-dialog[open]')").await;
    let windows = fixture.desktop.windows().unwrap();
    assert_eq!(windows.iter().filter(|window| window.title == "Headcount").count(), 1, "{windows:?}");

    // The same with a minimised window.
    page.minimize().await;
    fixture.desktop.window_gone(&shown, WAIT).await.unwrap();
    let stale = expect_notification(&mut services.log, "9 sessions look stale").await;
    services.press(&stale, "Review…").await;
    let shown = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    fixture.desktop.window_active(&shown, WAIT).await.unwrap();
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    page.close().await;
}

#[tokio::test]
async fn a_second_start_for_another_registry_is_reported() {
    let fixture = Fixture::of(bare(), &["One"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    let app = fixture.start(&[]);
    fixture.item(&app, "1 active").await;
    let other = fixture.desktop.home().join("other.json");
    std::fs::write(&other, "{}").unwrap();
    let start =
        |registry: &std::path::Path| fixture.desktop.spawn(APP, &["--registry".as_ref(), registry.as_os_str()], &[]);
    let mut second = start(&other).unwrap();
    assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
    let told = expect_notification(&mut services.log, "Headcount shows another registry").await;
    for path in [&fixture.workspace_files.registry(), &other] {
        assert!(told.body.contains(&path.display().to_string()), "{told:?}");
    }
    assert!(fixture.windows().is_empty());
    // A second path of the shown registry is the same registry.
    let link = fixture.desktop.home().join("link.json");
    std::os::unix::fs::symlink(fixture.workspace_files.registry(), &link).unwrap();
    start(&link).unwrap().exited(WAIT).await.unwrap();
    fixture.window_at("sessions").await;
}

#[tokio::test]
async fn the_activation_token_reaches_the_window() {
    let fixture = Fixture::of(bare(), &["One", "Two"]).await;
    let mut services = FakeServices::start(&fixture).await;
    fixture.beat(1);
    let app = fixture.start(&[]);
    fixture.item(&app, "1 active · 1 stale").await;
    let with_token = |token: &str| {
        let wanted = format!("--activation-token={token}");
        let is_wanted =
            move |process: &headcount_desktop::ProcessInfo| process.command.split(' ').any(|arg| arg == wanted);
        (format!("the window with {token}"), is_wanted)
    };
    // A token that a notification server sends with an action.
    let stale = expect_notification(&mut services.log, "1 session looks stale").await;
    services.server.invoke_with_token(stale.id, "review", "of-the-press").await.unwrap();
    let (awaited, is_wanted) = with_token("of-the-press");
    let window = until(&awaited, || fixture.windows().into_iter().find(&is_wanted)).await;
    assert!(window.command.contains("--window=review"), "{window:?}");
    // A token that a launcher gives to a second start: its environment does not reach the running process.
    let named = fixture.named();
    let args: Vec<_> = named.iter().map(std::ffi::OsString::as_os_str).collect();
    let token = [("XDG_ACTIVATION_TOKEN", "of-the-launcher".as_ref())];
    let mut second = fixture.desktop.spawn(APP, &args, &token).unwrap();
    let (awaited, is_wanted) = with_token("of-the-launcher");
    until(&awaited, || fixture.windows().into_iter().find(&is_wanted)).await;
    assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
}

#[tokio::test]
async fn failed_starts_explain_why() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let run = |args: &[&str], display: bool| {
        let mut command = fixture.desktop.command(APP);
        command.args(args).env("HEADCOUNT_LOG", "warn");
        if !display {
            command.env_remove("DISPLAY");
        }
        async move {
            let output = command.output().await.unwrap();
            let text = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(text).unwrap())
        }
    };
    let (code, text) = run(&[], false).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no desktop session"), "{text}");
    for args in [
        ["--window=nowhere", "--registry=x"],
        ["--timeout-minutes", "-5"],
        ["--timeout-minutes", "1e3"],
        ["status", "--json"],
    ] {
        let (code, text) = run(&args, true).await;
        assert_eq!(code, Some(2), "{args:?}: {text}");
    }
    let (code, text) = run(&["--help"], false).await;
    assert!(code == Some(0) && text.contains("--window") && text.contains("--heartbeats"), "{text}");
}
