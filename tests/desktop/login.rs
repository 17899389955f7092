//! Started at login as it was started by hand: the entry that *Start at login* writes, run by what desktops run it with.

use headcount_desktop::story::Story;

use crate::world::{APP, World, bare, file_until, until};

/// Everything that a command line could trip over, but a percent sign: `GLib` does not take one in a program's name.
const AWKWARD: &str = "it's \"my\" $HOME`id` \\ apps";

#[tokio::test]
async fn it_comes_back_to_the_same_workspace() {
    let world = World::of_story(bare()).await;
    let _host = world.desktop.fake_host().await.unwrap();
    let folder = world.desktop.home().join(AWKWARD);
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("headcount-tray");
    // By another process: what is written here is held open for a moment by whatever a neighbour starts meanwhile, and what
    // somebody writes cannot be executed.
    let copied = world.desktop.command("cp").arg(APP).arg(&program).status().await.unwrap();
    assert!(copied.success());
    let registry = Story::lay_out(&folder.join("100%f")).unwrap().registry();
    let said = ["--registry".as_ref(), registry.as_os_str(), "--timeout-minutes".as_ref(), "90".as_ref()];

    let app = world.desktop.spawn(&program, &said, &[]).unwrap();
    let item = world.item(&app, "3 active · 9 stale").await;
    item.click("Start at login").await.unwrap();
    let entry = world.desktop.home().join(".config/autostart/Headcount.desktop");
    file_until(&entry, |text| text.contains("Exec=")).await;
    item.click("Quit").await.unwrap();
    world.ended(app.pid()).await;

    let launched = world.desktop.command("gio").arg("launch").arg(&entry).status().await.unwrap();
    assert!(launched.success());
    let name = program.to_str().unwrap();
    let again = until("the app", || {
        world.desktop.census().residents().into_iter().find(|resident| resident.command.starts_with(name))
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
