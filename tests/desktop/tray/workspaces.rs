//! Several workspaces in one tray: sums, a line and a submenu for each, and a configuration that changes.

use serde_json::json;

use crate::fake_services::FakeServices;
use crate::fixture::{Fixture, WAIT, bare};

#[tokio::test]
async fn named_workspaces_are_summed_and_have_a_submenu_each() {
    let fixture = Fixture::of(bare(), &["One", "Two"]).await;
    fixture.beat(1);
    let market = fixture.desktop.home().join("market");
    std::fs::create_dir_all(market.join("heartbeats")).unwrap();
    let entry = |role: &str| json!({ "status": "active", "role": role, "registered_at": "2025-11-15T22:15:00Z" });
    let text = json!({ "4": entry("Trader"), "7": entry("Risk") }).to_string();
    std::fs::write(market.join("sessions.json"), text).unwrap();
    let config = fixture.desktop.home().join(".config/headcount");
    std::fs::create_dir_all(&config).unwrap();
    let table = format!("[[workspace]]\nname = \"market\"\nregistry = '{}'\n", market.join("sessions.json").display());
    std::fs::write(config.join("config.toml"), &table).unwrap();

    let _services = FakeServices::start(&fixture).await;
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "1 active · 3 stale").await;
    let menu = item.menu().await.unwrap();
    let shown = format!("{menu:?}");
    assert!(shown.contains("market: 0 active · 2 stale") && shown.contains("#4 Trader"), "{shown}");
    // A change there, and a configuration without it.
    std::fs::write(market.join("sessions.json"), json!({ "4": entry("Trader") }).to_string()).unwrap();
    item.wait_until(|view| view.title == "Headcount: 1 active · 2 stale", WAIT).await.unwrap();
    std::fs::write(config.join("config.toml"), "").unwrap();
    item.wait_until(|view| view.title == "Headcount: 1 active · 1 stale", WAIT).await.unwrap();
}
