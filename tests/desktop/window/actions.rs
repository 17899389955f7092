//! All actions on a session's row, with the mouse and with the keyboard only. The registry is checked after each.

use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use serde_json::{Value, json};

use crate::fixture::{Fixture, marked};
use crate::page::Page;

fn row(number: u64) -> String {
    format!(".row[data-number=\"{number}\"]")
}

/// Waits until the page says this in its notice.
async fn toast_shows(page: &Page, text: &str) {
    page.until(&format!("document.querySelector('#toast').textContent.includes({})", json!(text))).await;
}

/// Waits until a session is in this group.
async fn is_in_group(page: &Page, number: u64, state: &str) {
    page.until(&format!("document.querySelector('.group[data-state={state}] {}')", row(number))).await;
}

/// An entry of the registry.
fn entry(fixture: &Fixture, number: u64) -> Value {
    serde_json::from_str::<Value>(&fixture.text()).unwrap()[number.to_string()].clone()
}

/// The number of heartbeat files of a session.
fn beats(fixture: &Fixture, number: u64) -> usize {
    let end = format!("-session-{number}.json");
    let names = std::fs::read_dir(fixture.workspace_files.heartbeats()).unwrap().flatten();
    names.filter(|beat| beat.file_name().to_string_lossy().ends_with(&end)).count()
}

/// Chooses an item of a row's menu with the mouse.
async fn choose(page: &Page, number: u64, label: &str) {
    page.click(&format!("{} .menu-button", row(number))).await;
    page.until("document.querySelector('.menu:popover-open [role=menuitem]') === document.activeElement").await;
    let path = format!("//*[@role='menuitem'][starts-with(normalize-space(), '{label}')]");
    page.click_path(&path).await;
}

#[tokio::test]
async fn all_actions_work_with_the_mouse() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let page = Page::open(&fixture, "--window").await;

    let sent = beats(&fixture, 2);
    choose(&page, 2, "Send a heartbeat").await;
    toast_shows(&page, "Sent a heartbeat for #2.").await;
    is_in_group(&page, 2, "active").await;
    assert_eq!((beats(&fixture, 2), fixture.text()), (sent + 1, before.clone()));

    choose(&page, 3, "Mark as inactive").await;
    toast_shows(&page, "1 session marked inactive.").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &[3]));
    is_in_group(&page, 3, "inactive").await;
    choose(&page, 3, "Reactivate").await;
    toast_shows(&page, "#3 is active again.").await;
    is_in_group(&page, 3, "active").await;
    assert_eq!(fixture.text(), before);

    choose(&page, 1, "Sign off").await;
    toast_shows(&page, "#1 signed off.").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &[1]));
    page.click_button("Undo").await;
    toast_shows(&page, "1 session restored.").await;
    assert_eq!(fixture.text(), before);

    // A click on a free number of the strip opens the dialog for a new session.
    page.click(".slot[data-number=\"13\"]").await;
    page.until(
        "document.querySelector('dialog.register-dialog[open]') && document.activeElement.id === 'register-role'",
    )
    .await;
    page.click_button("Register").await;
    page.until("document.querySelector('#register-error').textContent === 'Enter a role.'").await;
    page.write("Night <watch>").await;
    page.click("#register-goal").await;
    page.write("Keep 13 warm").await;
    page.click_button("Register").await;
    toast_shows(&page, "#13 registered.").await;
    let new = entry(&fixture, 13);
    assert_eq!(
        (&new["session_id"], &new["role"], &new["goal"], &new["status"], &new["terminal"]),
        (&json!("session-13"), &json!("Night <watch>"), &json!("Keep 13 warm"), &json!("active"), &json!("unknown"))
    );
    page.until("document.activeElement.closest('.row')?.dataset.number === '13'").await;
    page.click_button("Undo").await;
    toast_shows(&page, "1 session restored.").await;
    assert_eq!(fixture.text(), before);

    // Dragging a number onto the strip opens a preview with the move, or the swap.
    page.drag(&format!("{} .tag", row(6)), ".slot[data-number=\"5\"]").await;
    page.until("document.querySelectorAll('dialog.renumber-dialog[open] .moves li').length === 2").await;
    page.click_button("Cancel").await;
    page.until("!document.querySelector('dialog[open]')").await;
    page.drag(&format!("{} .tag", row(6)), ".slot[data-number=\"13\"]").await;
    page.until("document.querySelectorAll('dialog.renumber-dialog[open] .moves li').length === 1").await;
    assert_eq!(fixture.text(), before, "a preview is no deed");
    page.click_button("Change number").await;
    toast_shows(&page, "#6 moved to #13").await;
    let moved = entry(&fixture, 13);
    assert_eq!((&moved["session_id"], &moved["former_numbers"]), (&json!("session-13"), &json!([6])));
    assert_eq!(entry(&fixture, 6), Value::Null);

    // The history shows the move, and can undo it. Waits until the page has scrolled to the session: a click during the
    // scroll would miss.
    page.until("document.activeElement.closest('.row')?.dataset.number === '13'").await;
    page.click("#history-tab").await;
    page.until("document.querySelector('.change .what')?.textContent === 'Moved #6 to #13'").await;
    page.click(".change .undo").await;
    page.until("document.querySelector('.change .what').textContent === 'Undid: moved #6 to #13'").await;
    assert_eq!(fixture.text(), before);
    page.close().await;
}

#[tokio::test]
async fn all_actions_work_with_the_keyboard_only() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let before = fixture.text();
    let page = Page::open(&fixture, "--window").await;
    let [enter, down, escape, control] = [Key::Enter, Key::Down, Key::Escape, Key::Control].map(char::from);
    let at = |number: u64| format!("document.activeElement.closest('.row')?.dataset.number === '{number}'");
    let undo = || page.press(std::slice::from_ref(&control), &['z']);

    page.press(&[], &['?']).await;
    page.until("document.querySelector('dialog.shortcuts-dialog[open]')").await;
    page.press(&[], &[escape]).await;
    page.until("!document.querySelector('dialog[open]')").await;

    // The search finds it, Enter moves the focus to it.
    page.press(&[], &['/']).await;
    page.until("document.activeElement.type === 'search'").await;
    page.write("catalyst").await;
    page.until("document.querySelectorAll('.row').length === 1").await;
    page.press(&[], &[enter]).await;
    page.until(&at(6)).await;

    // The menu opens and closes without a change, and the focus returns.
    page.press(&[], &['m']).await;
    page.until(
        "document.activeElement.role === 'menuitem' || document.activeElement.getAttribute('role') === 'menuitem'",
    )
    .await;
    page.press(&[], &[down, escape]).await;
    page.until(&format!("!document.querySelector('.menu:popover-open') && {}", at(6))).await;
    page.press(&[], &['m']).await;
    page.until("document.querySelector('.menu:popover-open')").await;
    page.press(&[], &[down, down, enter]).await;
    toast_shows(&page, "Sent a heartbeat for #6.").await;
    is_in_group(&page, 6, "active").await;
    page.until(&at(6)).await;

    page.press(&[], &['x']).await;
    toast_shows(&page, "#6 signed off.").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &[6]));
    is_in_group(&page, 6, "inactive").await;
    page.until(&at(6)).await;
    page.press(&[], &['r']).await;
    toast_shows(&page, "#6 is active again.").await;
    is_in_group(&page, 6, "active").await;
    assert_eq!(fixture.text(), before);
    // A key that does not apply does nothing.
    page.press(&[], &['c', 'r']).await;

    // Escape in the search restores the full list.
    page.press(&[], &['/', escape]).await;
    page.until("document.querySelectorAll('.row').length === 12").await;
    page.press(&[], &[escape]).await;
    page.until(&at(6)).await;

    page.press(&[], &['n']).await;
    page.until("document.activeElement.id === 'renumber-field'").await;
    page.write("13").await;
    page.until("document.querySelectorAll('dialog.renumber-dialog .moves li').length === 1").await;
    page.press(&[], &[enter]).await;
    toast_shows(&page, "#6 moved to #13").await;
    assert_eq!(entry(&fixture, 13)["former_numbers"], json!([6]));
    page.until(&at(13)).await;
    undo().await;
    toast_shows(&page, "1 session restored.").await;
    assert_eq!(fixture.text(), before);
    // The command's result arrives before the snapshot.
    is_in_group(&page, 6, "active").await;

    page.press(&[], &[Key::Home.into()]).await;
    page.until(&at(2)).await;
    page.press(&[], &['c']).await;
    toast_shows(&page, "1 session marked inactive.").await;
    let after = fixture.text();
    assert_eq!(after, marked(&before, &after, &[2]));
    is_in_group(&page, 2, "inactive").await;
    undo().await;
    toast_shows(&page, "1 session restored.").await;
    assert_eq!(fixture.text(), before);

    // For an inactive session the key offers its own number.
    is_in_group(&page, 2, "stale").await;
    page.press(&[], &['a']).await;
    page.until("document.activeElement.id === 'register-role'").await;
    page.write("Night watch").await;
    page.press(&[], &[enter]).await;
    toast_shows(&page, "#13 registered.").await;
    assert_eq!(entry(&fixture, 13)["role"], "Night watch");
    page.until(&at(13)).await;
    undo().await;
    toast_shows(&page, "1 session restored.").await;
    assert_eq!(fixture.text(), before);
    page.close().await;
}

#[tokio::test]
async fn details_show_all_fields_and_update() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let text = fixture.text().replace(
        "    \"role\": \"Catalyst\",",
        "    \"role\": \"Catalyst\",\n    \"current_work\": \"<b>Chemistry</b>\",\n    \"former_numbers\": [13, 2],",
    );
    fixture.write(&text);
    let page = Page::open(&fixture, "--window=session-6").await;
    page.until(&format!("document.querySelector('{} .extra-fields')?.checkVisibility()", row(6))).await;
    let details = page.text(&format!("{} .details", row(6))).await;
    for told in
        ["session-6", "s006", "#13, #2", "current_work", "<b>Chemistry</b>", "Registered", "before the last: 30"]
    {
        assert!(details.contains(told), "no {told} in {details}");
    }
    // The details are updated while they are open.
    fixture.write(&text.replace("<b>Chemistry</b>", "Physics").replace("Turn idle work", "Turn all work"));
    page.until(&format!("document.querySelector('{} .extra-fields').textContent.includes('Physics')", row(6))).await;
    page.close().await;
}

#[tokio::test]
async fn an_action_on_a_replaced_session_is_refused() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let page = Page::open(&fixture, "--window").await;
    // Another session takes the number between the snapshot and the click.
    let taken = fixture.text().replace("\"session_id\": \"session-1\"", "\"session_id\": \"another\"");
    let answer = page.invoke("release", json!({ "named": { "number": 1, "session_id": "another" } })).await;
    assert_eq!(answer["refused"]["code"], "refused", "{answer}");
    fixture.write(&taken);
    let answer = page.invoke("release", json!({ "named": { "number": 1, "session_id": "session-1" } })).await;
    assert_eq!(answer["refused"]["code"], "refused", "{answer}");
    assert_eq!(fixture.text(), taken);
    let done = page.invoke("release", json!({ "named": { "number": 1, "session_id": "another" } })).await;
    assert!(done["done"]["change"].is_string(), "{done}");
    page.close().await;
}
