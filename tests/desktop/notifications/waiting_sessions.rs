//! A session that waits for a person: the tray's title, its mark, the notification, and its withdrawal.

use headcount_desktop::CloseReason;
use headcount_desktop::claude::{Claude, Home};
use serde_json::json;

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare, buttons, expect_notification};

#[tokio::test]
async fn a_session_that_waits_is_announced_once_withdrawn_when_answered_and_shown() {
    let fixture = Fixture::of(bare(), &[]).await;
    let config = fixture.desktop.home().join(".config/headcount");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "notify_waiting_after = 1\n").unwrap();
    let mut services = FakeServices::start(&fixture).await;
    let home = Home { config: fixture.desktop.home().join(".claude"), environment: Vec::new() };
    let claude = Claude::unnoticed(&home, &fixture.workspace_files.folder, "a");
    claude.rewrite_record(&json!({ "name": "Builder", "nameSource": "user", "status": "busy" }));
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "1 running · 1 not registered").await;
    item.click(&format!("Register Builder (process {})", claude.pid())).await.unwrap();
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    expect_notification(&mut services.log, "Registered as session 1").await;

    let waiting = json!({ "name": "Builder", "status": "waiting", "waitingFor": "permission prompt" });
    claude.rewrite_record(&waiting);
    item.wait_until(|view| view.title == "Headcount: 1 active · 1 waits for you", WAIT).await.unwrap();
    let shown = expect_notification(&mut services.log, "#1 Builder waits for a permission").await;
    assert_eq!(buttons(&shown), ["Show", "Snooze"]);
    claude.rewrite_record(&json!({ "status": "busy" }));
    assert_eq!(services.log.closed(shown.id, WAIT).await.unwrap(), CloseReason::Withdrawn);
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();

    // Another wait. The process of this session has no terminal.
    claude.rewrite_record(&waiting);
    let shown = expect_notification(&mut services.log, "#1 Builder waits for a permission").await;
    services.press(&shown, "Show").await;
    expect_notification(&mut services.log, "Could not show session 1").await;

    // A click on the text opens the session's row.
    claude.rewrite_record(&json!({ "status": "busy" }));
    item.wait_until(|view| view.title == "Headcount: 1 active", WAIT).await.unwrap();
    claude.rewrite_record(&waiting);
    let shown = expect_notification(&mut services.log, "#1 Builder waits for a permission").await;
    services.click(&shown).await;
    fixture.window_at("session-1").await;
}
