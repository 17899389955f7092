//! The session list: fast at any length, searchable and sortable, and stable under the pointer.

use std::time::Instant;

use headcount_desktop::DesktopOptions;
use headcount_desktop::fantoccini::key::Key;
use serde_json::{Map, Value, json};

use crate::fixture::Fixture;
use crate::page::Page;

/// Far more sessions than any real registry has.
const MANY: u64 = 10_000;

/// Script that records which rows, and which other parts of the list, change.
const RECORD_CHANGES: &str = "(window.touched = new Set(), new MutationObserver((changes) => {
    for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        touched.add(element?.closest('.row')?.dataset.number ?? 'the list');
    }
}).observe(document.getElementById('sessions'), { subtree: true, childList: true, attributes: true, characterData: true }), true)";

fn many() -> String {
    let entry = |number: u64| {
        json!({ "session_id": format!("session-{number}"), "number": number, "role": format!("Keeper of area {number}"),
            "goal": "Keep it in order", "status": if number.is_multiple_of(5) { "inactive" } else { "active" },
            "registered_at": "2025-11-15T22:15:00Z", "terminal": "s001" })
    };
    let entries: Map<String, Value> = (1..=MANY).map(|number| (number.to_string(), entry(number))).collect();
    serde_json::to_string_pretty(&entries).unwrap()
}

#[tokio::test]
async fn ten_thousand_sessions_render_few_rows() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    fixture.write(&many());
    let started = Instant::now();
    let page = Page::open(&fixture, "--window").await;
    page.until("document.querySelector('.row .reason')?.textContent").await;
    let driven = started.elapsed();
    // From the page's own start, which the engine's start overlaps; the driver's is not the person's.
    let shown = page.value("Math.round(performance.getEntriesByName('first-draw')[0].startTime)").await;
    let rows = page.value("document.querySelectorAll('.row').length").await;
    let slots = page.value("document.querySelectorAll('.slot').length").await;
    assert!(rows.as_u64().unwrap() < 60 && slots.as_u64().unwrap() < 400, "{rows} rows, {slots} slots");
    let counted = page.text("#group-stale").await;
    assert!(counted.starts_with("Needs attention · 7,99"), "{counted}");
    let place = "(({ ariaPosInSet, ariaSetSize }) => [ariaPosInSet, ariaSetSize])(document.querySelector('.row'))";
    let place = page.value(place).await;
    assert_eq!(place[0], "1", "{place}");
    assert!(place[1].as_str().is_some_and(|all| all.starts_with("799")), "{place}");

    // A changed role updates one row, and nothing else in the list.
    page.value(RECORD_CHANGES).await;
    fixture.write(&fixture.text().replace("Keeper of area 7\"", "Keeper of the seventh\""));
    page.until("document.querySelector('.row[data-number=\"7\"] .role').textContent === 'Keeper of the seventh'").await;
    assert_eq!(page.value("[...touched]").await, json!(["7"]));
    // A change of a row out of view updates no visible row.
    page.value("touched.clear(), true").await;
    fixture.write(
        &fixture
            .text()
            .replace("Keeper of area 9001\"", "Keeper of the last\"")
            .replace("of area 9\"", "of the ninth\""),
    );
    page.until("document.querySelector('.row[data-number=\"9\"] .role').textContent === 'Keeper of the ninth'").await;
    assert_eq!(page.value("[...touched]").await, json!(["9"]));

    // The far end is a key away, and a search finds one among all.
    page.value("document.querySelector('.row-button[tabindex=\"0\"]').focus(), true").await;
    page.press(&[], &[Key::End.into()]).await;
    page.until("document.activeElement.closest('.row')?.dataset.number === '10000'").await;
    let is_seen =
        "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.activeElement.getBoundingClientRect())";
    assert_eq!(page.value(is_seen).await, true);
    let rows = page.value("document.querySelectorAll('.row').length").await;
    assert!(rows.as_u64().unwrap() < 60, "{rows} rows at the end");
    page.press(&[], &['/']).await;
    page.write("#9001").await;
    page.until("document.querySelector('.row .role').textContent === 'Keeper of the last'").await;
    assert_eq!(page.value("document.querySelectorAll('.row').length").await, 1);
    println!("10 000 sessions: rows after {shown} ms in the page, {} ms with the driver's start", driven.as_millis());
    page.close().await;
}

#[tokio::test]
async fn rows_do_not_move_under_the_pointer() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let page = Page::open(&fixture, "--window").await;
    let group = |number: u64| {
        format!("document.querySelector('.row[data-number=\"{number}\"]').closest('.group').dataset.state")
    };
    let top = "document.querySelector('.row[data-number=\"4\"]').getBoundingClientRect().top";

    page.hover(".row[data-number=\"4\"] .role").await;
    let before = page.value(top).await;
    // Without the pointer, this would move the row above, and the one below it too.
    fixture.beat(2);
    page.until("document.title === 'Headcount: 4 active · 8 stale'").await;
    fixture.beat(4);
    page.until("document.title === 'Headcount: 5 active · 7 stale'").await;
    page.until("document.querySelector('.row[data-number=\"4\"] .reason').textContent === 'Heartbeat just now'").await;
    assert_eq!(page.value(top).await, before, "it says what is new, and stays where it is");
    assert_eq!((page.value(&group(2)).await, page.value(&group(4)).await), (json!("stale"), json!("stale")));
    // What is pressed is what was aimed at.
    page.click(".row[data-number=\"4\"] .menu-button").await;
    page.until("document.querySelector('.menu:popover-open')?.getAttribute('aria-label').endsWith(' 4')").await;
    page.press(&[], &[Key::Escape.into()]).await;

    page.leave().await;
    page.until(&format!("{} === 'active' && {} === 'active'", group(2), group(4))).await;
    page.close().await;
}

#[tokio::test]
async fn filter_and_order_are_stored_but_the_search_is_not() {
    let fixture = Fixture::of_main_scenario(DesktopOptions::default()).await;
    let numbers = "[...document.querySelectorAll('.row')].map((row) => Number(row.dataset.number)).join()";
    let page = Page::open(&fixture, "--window").await;
    let tallies = "[...document.querySelectorAll('.filter')].filter((each) => each.checkVisibility()).map((each) => each.textContent.trim()).join()";
    assert_eq!(page.value(tallies).await, "All 12,Stale 9,Active 3");
    page.click(".filter[data-kind=active]").await;
    page.until(&format!("{numbers} === '1,5,8'")).await;
    page.value("(() => { const order = document.querySelector('.filter-bar select'); order.value = 'recent'; order.dispatchEvent(new Event('change', { bubbles: true })); return true; })()").await;
    page.until(&format!("{numbers} === '5,1,8'")).await;
    page.press(&[], &['/']).await;
    page.write("unified").await;
    page.until(&format!("{numbers} === '8'")).await;
    page.close().await;

    let page = Page::open(&fixture, "--window").await;
    page.until(&format!("{numbers} === '5,1,8'")).await;
    assert_eq!(page.value("document.querySelector('.search').value").await, "");
    // A session that the filter hides is shown when it is selected.
    page.click(".slot[data-number=\"12\"]").await;
    page.until("document.activeElement.closest('.row')?.dataset.number === '12'").await;
    page.until("document.querySelectorAll('.row').length === 12").await;
    page.close().await;
}
