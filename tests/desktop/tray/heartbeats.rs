//! The heartbeats folder and unusual files in it. None of them blocks the app.

use std::fs::File;

use crate::fixture::{Fixture, WAIT, bare};

#[tokio::test]
async fn a_removed_and_recreated_folder_is_followed() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    let aside = fixture.workspace_files.folder.join("aside");
    for _ in 0..2 {
        std::fs::rename(fixture.workspace_files.heartbeats(), &aside).unwrap();
        item.wait_until(|view| view.title == "Headcount: 0 active · 12 stale", WAIT).await.unwrap();
        std::fs::rename(&aside, fixture.workspace_files.heartbeats()).unwrap();
        item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
        fixture.beat(2);
        item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();
        fixture.remove_beats(2);
        item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    }
    // Removed and created again, and then the folder around it as well.
    std::fs::remove_dir_all(fixture.workspace_files.heartbeats()).unwrap();
    item.wait_until(|view| view.title == "Headcount: 0 active · 12 stale", WAIT).await.unwrap();
    std::fs::create_dir(fixture.workspace_files.heartbeats()).unwrap();
    fixture.beat(7);
    item.wait_until(|view| view.title == "Headcount: 1 active · 11 stale", WAIT).await.unwrap();
    let text = fixture.text();
    std::fs::remove_dir_all(&fixture.workspace_files.folder).unwrap();
    item.wait_until(|view| view.title == "Headcount: 0 active", WAIT).await.unwrap();
    std::fs::create_dir_all(fixture.workspace_files.heartbeats()).unwrap();
    fixture.write(&text);
    fixture.beat(7);
    item.wait_until(|view| view.title == "Headcount: 1 active · 11 stale", WAIT).await.unwrap();
}

#[tokio::test]
async fn special_files_named_like_heartbeats_do_not_block() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let strange =
        |stamp: &str| fixture.workspace_files.heartbeats().join(format!("2099-01-01_00-00-{stamp}-session-2.json"));
    let lay = |second: u8| {
        let name = |kind: u8| strange(&format!("{:02}", second + kind));
        let made = std::process::Command::new("mkfifo").arg(name(0)).status().unwrap();
        assert!(made.success());
        std::fs::create_dir(name(1)).unwrap();
        std::os::unix::fs::symlink("nowhere", name(2)).unwrap();
        std::os::unix::fs::symlink(name(3), name(3)).unwrap();
        std::os::unix::fs::symlink("/dev/zero", name(4)).unwrap();
    };
    // Present at the start, and created while the app runs.
    lay(0);
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    lay(10);
    fixture.beat(3);
    item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();

    // A file of 500 MB counts by its name, and only its beginning is read.
    let huge = fixture.workspace_files.heartbeats().join("session-4.json");
    File::create(&huge).unwrap().set_len(500 << 20).unwrap();
    item.wait_until(|view| view.title == "Headcount: 5 active · 7 stale", WAIT).await.unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB");
    assert!(peak.parse::<u64>().unwrap() < 300 << 10, "{peak} kB at the peak");
}

#[tokio::test]
async fn times_out_of_range_do_not_stop_following() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let far = |second: u8, timestamp: &str| {
        let path = fixture.workspace_files.heartbeats().join(format!("2020-01-01_00-00-{second:02}-session-2.json"));
        std::fs::write(path, format!("{{\"timestamp\": \"{timestamp}\"}}")).unwrap();
    };
    // Present at the start, and created while the app runs.
    far(0, "+262142-12-31T23:59:59");
    let app = fixture.start(&[]);
    let mut item = fixture.item(&app, "3 active · 9 stale").await;
    for (second, timestamp) in (1..).zip(["+262142-12-31T23:59:59", "-262143-01-01T00:00:00", "9999-12-31T23:59:59Z"]) {
        far(second, timestamp);
        fixture.beat(3);
        item.wait_until(|view| view.title == "Headcount: 4 active · 8 stale", WAIT).await.unwrap();
        fixture.remove_beats(3);
        item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await.unwrap();
    }
}
