//! The window: the sessions with their reasons, and a cleanup with a preview.

use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::fixture::{Fixture, WAIT, marked, until};
use crate::page::{Page, Row, button};

/// The stale sessions of the scenario except for session 2, which beats during the test.
const LEFT: [u64; 8] = [3, 4, 6, 7, 9, 10, 11, 12];

fn row(number: u64, state: &str, role: &str, why: &str) -> Row {
    Row { number, state: state.to_owned(), role: role.to_owned(), why: why.to_owned() }
}

/// A JavaScript expression for a row in this group.
fn row_in_group(number: u64, state: &str) -> String {
    format!("document.querySelector('.group[data-state={state}] .row[data-number=\"{number}\"]')")
}

#[tokio::test]
async fn sessions_are_shown_and_cleaned_up_with_the_mouse() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let page = Page::open(&fixture, "--window").await;
    // Rows out of view are rendered after the others.
    page.until("document.querySelectorAll('.row').length === 12").await;
    let rows = page.rows().await;
    let expected = [
        row(2, "stale", "Architect, coordination and infrastructure", "No heartbeat for 5 h 32 min"),
        row(3, "stale", "Value architect", "No heartbeat for 19 h"),
        row(4, "stale", "Coordinator", "No heartbeat for 10 h 11 min"),
        row(6, "stale", "Catalyst", "No heartbeat for 3 h 6 min"),
        row(7, "stale", "Dashboard", "No heartbeat for 7 h 35 min"),
        row(9, "stale", "Revenue services", "No heartbeat for 22 h 2 min"),
        row(10, "stale", "Empire builder", "No heartbeat for 4 h 34 min"),
        row(11, "stale", "Execution", "No heartbeat for 15 h 3 min"),
        row(12, "stale", "Chief architect, infinite scale", "No heartbeat"),
        row(1, "active", "Builder, marketing engine", "Heartbeat 15 min ago"),
        row(5, "active", "Collective mind", "Heartbeat 1 min ago"),
        row(8, "active", "Unified chat", "Heartbeat 40 min ago"),
    ];
    assert_eq!(rows, expected);

    // A heartbeat moves the existing row element instead of creating a new one.
    page.value(&format!("{}.tried = true", row_in_group(2, "stale"))).await;
    fixture.beat(2);
    page.until(&row_in_group(2, "active")).await;
    assert_eq!(page.value(&format!("{}.tried", row_in_group(2, "active"))).await, true);
    assert!(page.rows().await.contains(&row(
        2,
        "active",
        "Architect, coordination and infrastructure",
        "Heartbeat just now"
    )));
    page.until("document.title === 'Headcount: 4 active · 8 stale'").await;

    // The review shows the evidence first; one session is deselected.
    page.click_button("Clean up 8 stale…").await;
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    let plan = page
        .value("[...document.querySelectorAll('dialog.cleanup-dialog .stale-sessions .tag')].map((tag) => Number(tag.textContent))")
        .await;
    assert_eq!(plan, json!(LEFT));
    let proof =
        page.value("document.querySelector('dialog.cleanup-dialog .stale-sessions .evidence').textContent").await;
    assert!(
        proof.as_str().is_some_and(|proof| proof.starts_with("No heartbeat for 19 h · last heartbeat ")),
        "{proof}"
    );
    assert_eq!(fixture.text(), before, "a plan is no deed");
    page.click("dialog.cleanup-dialog .stale-sessions li:last-child input").await;
    page.click_button("Mark 7 as inactive").await;
    page.until("document.querySelector('#toast').textContent.includes('7 sessions marked inactive.')").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &LEFT[..7]));
    page.until("document.querySelectorAll('.group[data-state=inactive] .row').length === 7").await;
    page.until(&row_in_group(12, "stale")).await;

    page.click_button("Undo").await;
    page.until("document.querySelector('#toast').textContent.includes('7 sessions restored.')").await;
    assert_eq!(fixture.text(), before);
    page.until("document.querySelectorAll('.group[data-state=stale] .row').length === 8").await;

    // An unreadable registry is reported, and the last known sessions stay.
    fixture.write("{\"1\": {");
    page.until("document.querySelector('[role=alert]').textContent.includes('is cut off')").await;
    assert_eq!(page.rows().await.len(), 12);
    assert_eq!(page.value(&button("Clean up 8 stale…")).await, Value::Null);
    page.until("document.title === 'Headcount: the registry cannot be read'").await;
    fixture.write(&before);
    page.until("document.querySelector('[role=alert]').textContent === ''").await;
    page.until("document.title === 'Headcount: 4 active · 8 stale'").await;
    page.close().await;
}

#[tokio::test]
async fn cleanup_and_list_work_with_the_keyboard_only() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let page = Page::open(&fixture, "--window").await;
    let [enter, space, down, escape] = [Key::Enter, Key::Space, Key::Down, Key::Escape].map(char::from);

    // Tab reaches the button first; Enter opens the review, and a second Enter does nothing yet.
    tab_to(&page, "Clean up 9 stale…").await;
    page.press(&[], &[enter, enter]).await;
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    assert_eq!(fixture.text(), before);
    page.press(&[], &[escape]).await;
    page.until(
        "!document.querySelector('dialog.cleanup-dialog[open]') && document.activeElement.textContent === 'Clean up 9 stale…'",
    )
    .await;

    page.press(&[], &[enter]).await;
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;
    tab_to(&page, "Mark 9 as inactive").await;
    page.press(&[], &[space]).await;
    page.until("document.querySelector('#toast').textContent.includes('9 sessions marked inactive.')").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &[2, 3, 4, 6, 7, 9, 10, 11, 12]));
    page.until("!document.querySelector('dialog.cleanup-dialog[open]')").await;
    page.press(&[char::from(Key::Control)], &['z']).await;
    page.until("document.querySelector('#toast').textContent.includes('9 sessions restored.')").await;
    assert_eq!(fixture.text(), before);

    // The list has one Tab stop; arrows move between rows, and Enter opens the details.
    tab_to(&page, "Session 2").await;
    page.press(&[], &[down, down]).await;
    page.until("document.activeElement.closest('.row').dataset.number === '4'").await;
    page.press(&[], &[enter]).await;
    page.until("document.activeElement.getAttribute('aria-expanded') === 'true'").await;
    let details = page.text(".row[data-number='4'] .details").await;
    assert!(details.contains("Split the release into parts") && details.contains("session-4"), "{details}");
    page.close().await;
}

/// Presses Tab until the focused element's text starts with `text`.
async fn tab_to(page: &Page, text: &str) {
    for _ in 0..40 {
        let here = page.value("document.activeElement.textContent").await;
        if here.as_str().is_some_and(|here| here.starts_with(text))
            && page.value("document.activeElement !== document.body").await == true
        {
            return;
        }
        page.press(&[], &[Key::Tab.into()]).await;
    }
    panic!("Tab does not come to {text:?}: {}", page.value("document.activeElement.outerHTML").await);
}

#[tokio::test]
async fn the_window_opens_at_the_requested_place() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let page = Page::open(&fixture, "--window=review").await;
    page.until("document.querySelectorAll('dialog.cleanup-dialog[open] .stale-sessions input:checked').length === 9")
        .await;
    page.close().await;
    let page = Page::open(&fixture, "--window=session-5").await;
    page.until("document.activeElement.closest('.row').dataset.number === '5'").await;
    page.until("document.activeElement.getAttribute('aria-expanded') === 'true'").await;
    page.close().await;

    // A request while the first window is still opening is not lost.
    let name = "dev.headcount.Headcount.Window.SingleInstance";
    fixture.desktop.bus_name(name, false, WAIT).await.unwrap();
    let second = async {
        fixture.desktop.bus_name(name, true, WAIT).await.unwrap();
        let bus = fixture.desktop.connect().await.unwrap();
        let (path, asked) = (format!("/{}", name.replace('.', "/")), (vec!["headcount-tray", "--window=review"], "/"));
        bus.call_method(Some(name), path, Some("org.SingleInstance.DBus"), "ExecuteCallback", &asked).await.unwrap();
    };
    let (page, ()) = tokio::join!(Page::open(&fixture, "--window"), second);
    page.until("document.querySelector('dialog.cleanup-dialog[open]')").await;

    // A later start navigates the open window.
    for (place, there) in [
        ("review", "document.querySelectorAll('dialog.cleanup-dialog[open] .stale-sessions li').length === 9"),
        (
            "session-11",
            "!document.querySelector('dialog.cleanup-dialog[open]') && document.activeElement.closest('.row').dataset.number === '11'",
        ),
        ("session-77", "document.querySelector('#toast').textContent.includes('There is no session 77.')"),
    ] {
        let mut second = fixture.start(&[&format!("--window={place}")]);
        assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
        page.until(there).await;
    }
    let windows = fixture.desktop.windows().unwrap();
    assert_eq!(windows.iter().filter(|window| window.title == "Headcount").count(), 1, "{windows:?}");
    page.close().await;
}

#[tokio::test]
async fn the_window_appears_with_its_page_or_after_a_timeout() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let late = "the window's page has not loaded";
    let mut app = fixture.start(&["--window"]);
    let window = fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    fixture.desktop.window_active(&window, WAIT).await.unwrap();
    assert!(!app.stderr().contains(late), "the window waited for the timeout instead of its page");
    app.kill().await.unwrap();
    fixture.desktop.window_gone(&window, WAIT).await.unwrap();

    let mut app = fixture.start(&["--window"]);
    let engine = until("the process that loads the page", || {
        fixture
            .desktop
            .process_scan()
            .processes()
            .into_iter()
            .find(|process| process.command.contains("WebKitWebProcess"))
    });
    let engine = Pid::from_raw(engine.await.pid.cast_signed()).unwrap();
    kill_process(engine, Signal::STOP).unwrap();
    // A window that does not wait would be visible once a second start has been answered.
    let mut second = fixture.start(&["--window"]);
    assert_eq!(second.exited(WAIT).await.unwrap().code(), Some(0), "{}", second.last_output());
    let windows = fixture.desktop.windows().unwrap();
    assert!(windows.iter().all(|window| window.title != "Headcount"), "{windows:?}");
    // The window is shown after the timeout all the same.
    fixture.desktop.window_titled("Headcount", WAIT).await.unwrap();
    until("the reason", || app.stderr().contains(late).then_some(())).await;
    kill_process(engine, Signal::CONT).unwrap();
    app.kill().await.unwrap();
}

#[tokio::test]
async fn weak_evidence_needs_a_confirmation() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let aside = fixture.workspace_files.folder.join("aside");
    std::fs::rename(fixture.workspace_files.heartbeats(), &aside).unwrap();
    let page = Page::open(&fixture, "--window=review").await;
    let mark = button("Mark 12 as inactive");
    page.until(&mark).await;
    let warning = page.text("dialog.cleanup-dialog .note").await;
    assert!(warning.contains("There is no heartbeats folder"), "{warning}");
    assert_eq!(page.value(&format!("{mark}.disabled")).await, true);

    // What was confirmed holds for what was said then, and not for another reason.
    page.click("dialog.cleanup-dialog .confirm input").await;
    page.until(&format!("!{mark}.disabled")).await;
    std::fs::create_dir(fixture.workspace_files.heartbeats()).unwrap();
    page.until(
        "document.querySelector('dialog.cleanup-dialog .note').textContent.includes('No session shows a sign of life')",
    )
    .await;
    assert_eq!(page.value(&format!("{mark}.disabled")).await, true);
    assert_eq!(fixture.text(), before);

    std::fs::remove_dir(fixture.workspace_files.heartbeats()).unwrap();
    page.until(
        "document.querySelector('dialog.cleanup-dialog .note').textContent.includes('There is no heartbeats folder')",
    )
    .await;
    page.click("dialog.cleanup-dialog .confirm input").await;
    page.click_button("Mark 12 as inactive").await;
    page.until("document.querySelector('#toast').textContent.includes('12 sessions marked inactive.')").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &(1..=12).collect::<Vec<u64>>()));
    page.close().await;
}
