//! The tray's menu, read and clicked over `com.canonical.dbusmenu` as a panel does.

use headcount_core::Time;
use headcount_core::liveness::cleanup::Selection;
use headcount_core::notification::snooze::Snooze;
use headcount_core::view::history::Actor;
use headcount_desktop::{CloseReason, MenuEntry, Toggle};
use headcount_engine::ops::{self, ActionContext};
use headcount_engine::snooze;

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, bare, expect_notification, file_until, now, until};

/// The labels of a submenu.
fn below<'m>(menu: &'m MenuEntry, label: &str) -> Vec<&'m str> {
    let opens = menu.walk().find(|entry| entry.label == label && !entry.children.is_empty());
    let Some(entry) = opens else { panic!("no {label:?} in {}", menu.outline()) };
    entry.children.iter().map(|child| child.label.as_str()).collect()
}

/// The labels of the top-level menu, with a dash for each separator.
fn top(menu: &MenuEntry) -> Vec<&str> {
    menu.children.iter().map(|entry| if entry.separator { "-" } else { entry.label.as_str() }).collect()
}

#[tokio::test]
async fn the_menu_shows_the_sessions_and_performs_its_actions() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let mut services = FakeServices::start(&fixture).await;
    // Snoozed, so that nothing is announced before the end of the test, however long the rest takes.
    ops::snooze(&fixture.workspace(), Snooze::Tomorrow, ActionContext { by: Actor::Command, at: now() }).unwrap();
    let mut app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;

    let menu = item.menu().await.unwrap();
    let rest =
        ["Clean up 9 stale…", "Notifications snoozed", "-", "Open Headcount", "Settings…", "Start at login", "Quit"];
    assert_eq!(top(&menu), [&["3 active · 9 stale", "-", "3 active", "9 stale", "-"][..], &rest].concat());
    assert!(!menu.find("3 active · 9 stale").unwrap().enabled, "the headline must be disabled");
    let active = [
        "#1 Builder, marketing engine · heartbeat 15 min ago",
        "#5 Collective mind · heartbeat 1 min ago",
        "#8 Unified chat · heartbeat 40 min ago",
    ];
    assert_eq!(below(&menu, "3 active"), active);
    let stale = below(&menu, "9 stale");
    assert_eq!(stale.len(), 9);
    assert_eq!(
        (stale[3], stale[8]),
        (
            "#6 Catalyst · no heartbeat for 3 h 6 min",
            "#12 Chief architect, infinite scale · registered 2 days ago, no heartbeat"
        )
    );

    // Snoozed for an hour, and until tomorrow at eight.
    let choices = ["For 1 hour", "Until tomorrow", "Resume notifications"];
    assert_eq!(below(&menu, "Notifications snoozed"), choices);
    item.click("For 1 hour").await.unwrap();
    let hour = |until: &Time| (3500..=3600).contains(&(*until - now()).num_seconds());
    until("an hour of snooze", || snooze::read(&fixture.state()).filter(hour)).await;
    item.click("Until tomorrow").await.unwrap();
    let morning = file_until(&fixture.state().join("snoozed_until"), |text| text.contains("T08:00:00")).await;
    assert!(headcount_core::time::parse(&morning).is_some_and(|morning| morning > now()), "{morning}");

    // Cleaned up by another process and undone here.
    let before = fixture.text();
    let workspace = fixture.workspace();
    let act = ActionContext { by: Actor::Command, at: now() };
    tokio::task::spawn_blocking(move || ops::cleanup(&workspace, &Selection::All, false, act).map(drop))
        .await
        .unwrap()
        .unwrap();
    // The undo offer and the rows come from different files, one after the other, and a click on an outdated menu has
    // no effect: wait for both.
    let undo = "Undo last cleanup (9 sessions)";
    let is_cleaned = |menu: &MenuEntry| menu.find(undo).is_some() && menu.find("9 inactive").is_some();
    let cleaned = item.wait_for_menu(is_cleaned, WAIT).await.unwrap();
    assert!(cleaned.find_beginning("Clean up").is_none(), "{}", cleaned.outline());
    item.click(undo).await.unwrap();
    let is_undone = |menu: &MenuEntry| menu.find(undo).is_none() && menu.find("Clean up 9 stale…").is_some();
    let undone = item.wait_for_menu(is_undone, WAIT).await.unwrap();
    assert!(undone.find_beginning("Undo").is_none(), "{}", undone.outline());
    assert_eq!(fixture.text(), before);
    expect_notification(&mut services.log, "9 sessions restored").await;

    // Autostart on and off again.
    let autostart = fixture.desktop.home().join(".config/autostart/Headcount.desktop");
    let is_on =
        |on: bool| move |menu: &MenuEntry| menu.find("Start at login").unwrap().toggle == Some(Toggle::Check(on));
    assert!(is_on(false)(&undone));
    item.click("Start at login").await.unwrap();
    let entry = file_until(&autostart, |text| text.contains("Terminal=")).await;
    assert!(entry.lines().any(|line| line == format!("Exec={APP}")), "{entry}");
    assert!(is_on(true)(&item.menu().await.unwrap()));
    item.click("Start at login").await.unwrap();
    until("the end of the autostart entry", || (!autostart.exists()).then_some(())).await;
    assert!(is_on(false)(&item.menu().await.unwrap()));

    item.click("Resume notifications").await.unwrap();
    let loud = item.wait_for_menu(|menu| menu.find("Snooze notifications").is_some(), WAIT).await.unwrap();
    assert_eq!(below(&loud, "Snooze notifications"), &choices[..2]);
    assert_eq!(snooze::read(&fixture.state()), None);

    // The notification is withdrawn on exit, because its buttons need the app.
    let stale = expect_notification(&mut services.log, "9 sessions look stale").await;
    item.click("Quit").await.unwrap();
    assert_eq!(services.log.closed(stale.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    assert_eq!(app.exited(WAIT).await.unwrap().code(), Some(0), "{}", app.last_output());
}

#[tokio::test]
async fn foreign_text_is_one_short_line_of_plain_text() {
    let long = "日本語 \n".repeat(1024 * 1024 / 11);
    let fixture =
        Fixture::of(bare(), &["_File __x\nnew\u{202e}\u{1b}line\u{0}", &long, "a & b <i>", "", "\u{202e}\u{200b}\n"])
            .await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    (1..=5).for_each(|number| fixture.beat(number));
    let app = fixture.start(&[]);
    let item = fixture.item(&app, "5 active").await;
    let menu = item.menu().await.unwrap();
    let labels = below(&menu, "5 active");
    let expected = [
        "#1 _File __x new line · heartbeat ".to_owned(),
        format!("#2 {}日本語… · heartbeat ", "日本語 ".repeat(7)),
        "#3 a & b <i> · heartbeat ".to_owned(),
        // A session without a role is named by its id.
        "#4 session-4 · heartbeat ".to_owned(),
        "#5 session-5 · heartbeat ".to_owned(),
    ];
    for (label, expected) in labels.iter().zip(&expected) {
        assert!(label.starts_with(expected), "{label:?} {expected:?}");
    }
    assert_eq!(labels.len(), 5);
}
