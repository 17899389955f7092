//! *Start at login*: runs the written autostart entry as desktops do.

use headcount_desktop::main_scenario::MainScenario;

use crate::fixture::{APP, Fixture, bare, file_until, until};

/// A path with every character that a command line could misinterpret, except for a percent sign, which `GLib` rejects
/// in a program's name.
const AWKWARD: &str = "it's \"my\" $HOME`id` \\ apps";

#[tokio::test]
async fn the_autostart_entry_restores_the_same_arguments() {
    let fixture = Fixture::of_main_scenario(bare()).await;
    let _host = fixture.desktop.fake_host().await.unwrap();
    let folder = fixture.desktop.home().join(AWKWARD);
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("headcount-tray");
    // Copied by another process: concurrently started processes inherit this process's open files for a moment, and a
    // file that is open for writing cannot be executed.
    let copied = fixture.desktop.command("cp").arg(APP).arg(&program).status().await.unwrap();
    assert!(copied.success());
    let registry = MainScenario::create(&folder.join("100%f")).unwrap().registry();
    let said = ["--registry".as_ref(), registry.as_os_str(), "--timeout-minutes".as_ref(), "90".as_ref()];

    let app = fixture.desktop.spawn(&program, &said, &[]).unwrap();
    let item = fixture.item(&app, "3 active · 9 stale").await;
    item.click("Start at login").await.unwrap();
    let entry = fixture.desktop.home().join(".config/autostart/Headcount.desktop");
    file_until(&entry, |text| text.contains("Exec=")).await;
    item.click("Quit").await.unwrap();
    fixture.ended(app.pid()).await;

    let launched = fixture.desktop.command("gio").arg("launch").arg(&entry).status().await.unwrap();
    assert!(launched.success());
    let name = program.to_str().unwrap();
    let again = until("the app", || {
        fixture.desktop.process_scan().processes().into_iter().find(|process| process.command.starts_with(name))
    })
    .await;
    let arguments = std::fs::read(format!("/proc/{}/cmdline", again.pid)).unwrap();
    let arguments: Vec<String> =
        String::from_utf8(arguments).unwrap().split_terminator('\0').map(str::to_owned).collect();
    let heartbeats = registry.with_file_name("heartbeats");
    let expected = [
        name,
        "--registry",
        registry.to_str().unwrap(),
        "--heartbeats",
        heartbeats.to_str().unwrap(),
        "--timeout-minutes",
        "90",
    ];
    assert_eq!(arguments, expected);
}
