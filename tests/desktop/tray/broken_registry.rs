//! An unreadable registry: the icon shows "?", tooltip and menu explain why, and no state is lost.

use std::time::Duration;

use headcount_desktop::{TrayItem, TrayView};

use crate::fake_services::FakeServices;
use crate::fixture::{APP, Fixture, WAIT, bare, expect_notification};

/// The pixels of the icon at every size.
fn pixels(view: &TrayView) -> Vec<&[u8]> {
    view.icon.iter().map(|icon| icon.argb.as_slice()).collect()
}

/// Waits until the tooltip contains this text.
async fn explained(item: &mut TrayItem, part: &str) -> TrayView {
    item.wait_until(|view| view.tool_tip.text.contains(part), WAIT).await.unwrap()
}

#[tokio::test]
async fn a_broken_registry_shows_a_question_mark_until_it_is_repaired() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let good = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    let healthy = item.view().await.unwrap();
    let mut asked: Option<TrayView> = None;

    let twice = "{\"1\": {\"status\": \"active\"}, \"1\": {\"status\": \"active\"}}";
    let nested = format!("{{\"1\": {}", "[".repeat(200_000));
    let cases = [
        ("", "it is empty"),
        (&good[..good.len() / 2], "it is cut off"),
        ("[1, 2]", "not an object of numbered sessions"),
        (twice, "the key \"1\" occurs twice"),
        ("{\"1\": {nonsense}}", "it is not JSON"),
        (&nested, "it is cut off"),
        ("\u{0}\u{0}\u{0}", "it is not JSON"),
    ];
    for (text, why) in cases {
        fixture.write(text);
        let broken = explained(&mut item, &fixture.workspace_files.registry().display().to_string()).await;
        assert!(broken.tool_tip.text.contains(why), "{why:?}: {}", broken.tool_tip.text);
        assert!(broken.tool_tip.text.ends_with("(last known: 3 active · 9 stale)"), "{}", broken.tool_tip.text);
        assert_eq!(broken.title, "Headcount: Registry unreadable (last known: 3 active · 9 stale)");
        for (broken, healthy) in pixels(&broken).iter().zip(pixels(&healthy)) {
            assert_ne!(*broken, healthy, "{why:?}");
        }
        // The icon is the same for every reason.
        let first = asked.get_or_insert_with(|| broken.clone());
        assert_eq!(pixels(first), pixels(&broken));
        let menu = item.menu().await.unwrap();
        let reason = menu.find_beginning("The registry claude_sessions.json cannot be read: ").unwrap();
        assert!(!reason.enabled && reason.label.contains(why), "{}", menu.outline());
        assert!(menu.find_beginning("Clean up").is_none(), "{}", menu.outline());
        assert_eq!(fixture.text(), text, "the registry must not be overwritten");

        fixture.write(&good);
        let healed =
            item.wait_until(|view| view.tool_tip.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
        assert_eq!(pixels(&healed), pixels(&healthy));
    }

    // A folder in its place, which cannot be read as a file.
    std::fs::remove_file(fixture.workspace_files.registry()).unwrap();
    std::fs::create_dir(fixture.workspace_files.registry()).unwrap();
    explained(&mut item, "not a regular file").await;
    std::fs::remove_dir(fixture.workspace_files.registry()).unwrap();
    // A missing registry is no error: no session has registered yet.
    let nobody = item.wait_until(|view| view.title == "Headcount: 0 active", WAIT).await.unwrap();
    assert_eq!(nobody.tool_tip.title, "Headcount: 0 active");
    assert_ne!(pixels(&nobody), pixels(asked.as_ref().unwrap()));
    fixture.write(&good);
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
}

#[tokio::test]
async fn a_short_partial_write_is_not_shown() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let good = fixture.text();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    let before = item.view().await.unwrap();
    item.pending_signals();

    // The states left by a slow writer: empty, partial, complete with one session fewer.
    fixture.write("");
    tokio::time::sleep(Duration::from_millis(300)).await;
    fixture.write(&good[..good.len() / 3]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(item.view().await.unwrap(), before);
    let fewer = good.replacen("\"status\": \"active\"", "\"status\": \"inactive\"", 1);
    fixture.write(&fewer);
    item.wait_until(|view| view.title == "Headcount: 3 active · 8 stale", WAIT).await.unwrap();
    // The icon does not show the stale count, so it must not change.
    assert_eq!(item.view().await.unwrap().icon, before.icon);
    let icons = item.pending_signals().iter().filter(|signal| signal.name == "NewIcon").count();
    assert_eq!(icons, 0, "the icon changed in between");
}

#[tokio::test]
async fn a_registry_broken_at_the_start_is_reported() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let mut services = FakeServices::start(&fixture).await;
    let good = fixture.text();
    fixture.write("{\"2\": ");
    let app = fixture.start(&[]);
    let mut item = fixture.desktop.tray_item_of(app.pid(), WAIT).await.unwrap();
    let broken = explained(&mut item, "it is cut off").await;
    assert!(!broken.tool_tip.text.contains("last known"), "nothing is known: {}", broken.tool_tip.text);
    assert_eq!(broken.title, "Headcount: Registry unreadable", "and not “0 active”");
    // Nothing is announced while the registry is unreadable; stale sessions are announced afterwards.
    fixture.write(&good);
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    let stale = expect_notification(&mut services.log, "9 sessions look stale").await;

    // A click while it is unreadable changes nothing, and reports that.
    let torn = &good[..good.len() / 2];
    fixture.write(torn);
    services.press(&stale, "Clean up").await;
    let refused = expect_notification(&mut services.log, "Nothing was changed").await;
    assert!(refused.body.contains("it is cut off"), "{refused:?}");
    assert_eq!(fixture.text(), torn);
}

#[tokio::test]
async fn a_registry_created_later_is_shown() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let text = fixture.text();
    std::fs::remove_dir_all(fixture.workspace_files.folder.parent().unwrap()).unwrap();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "0 active").await;
    assert_eq!(item.view().await.unwrap().tool_tip.title, "Headcount: 0 active");
    std::fs::create_dir_all(fixture.workspace_files.heartbeats()).unwrap();
    fixture.write(&text);
    fixture.beat(5);
    item.wait_until(|view| view.title == "Headcount: 1 active · 11 stale", WAIT).await.unwrap();
}

#[tokio::test]
async fn markup_in_a_path_is_escaped() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let folder = fixture.desktop.home().join("<b>&amp;<img src=x>\u{202e}");
    std::fs::create_dir(&folder).unwrap();
    let registry = folder.join("claude_sessions.json");
    std::fs::write(&registry, "[]").unwrap();
    let app = fixture.desktop.spawn(APP, &["--registry".as_ref(), registry.as_os_str()], &[]).unwrap();
    let mut item = fixture.desktop.tray_item_of(app.pid(), WAIT).await.unwrap();
    let view = explained(&mut item, "cannot be read").await;
    assert!(view.tool_tip.text.contains("/&lt;b&gt;&amp;amp;&lt;img src=x&gt;/"), "{}", view.tool_tip.text);
}
