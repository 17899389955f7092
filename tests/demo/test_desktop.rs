//! The main scenario, step by step, on a test desktop.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use headcount_desktop::main_scenario::{BEATING, MainScenario};
use headcount_desktop::{Area, Desktop, DesktopOptions, Panel, Screenshot};

use crate::Outcome;

/// The window's accent colour in its light theme.
const ACCENT: [u8; 3] = [0x2c, 0x56, 0xd0];

/// The corner of the screen with the tray and what pops up below it.
const CORNER: Area = Area { x: 500, y: 0, width: 500, height: 300 };

/// How long each step may take.
const WAIT: Duration = Duration::from_secs(30);

pub(crate) async fn run(app: &Path, pictures: &Path) -> Outcome {
    std::fs::create_dir_all(pictures)?;
    let options = DesktopOptions {
        size: (1000, 700),
        panel: Panel::Xfce { height: 32, clock: true },
        background: [0x2f, 0x4a, 0x63],
        ..DesktopOptions::full()
    };
    let desktop = Desktop::start(options).await?;
    let workspace = MainScenario::create(&desktop.home())?;
    let mut log = desktop.notification_log().await?;
    say("A workspace with 12 sessions registered as active, 3 of them with heartbeats in the last two hours.");

    let (registry, before) = (workspace.registry(), workspace.text()?);
    let program = desktop.spawn(app, &[OsStr::new("--registry"), registry.as_os_str()], &[])?;
    let mut item = desktop.tray_item_of(program.pid(), WAIT).await?;
    let view = item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await?;
    let panel = desktop.panel_area(WAIT).await?;
    show(&desktop, pictures, "1-badge", panel).await?;
    say(&format!("The tray shows “{}”, with a mark for the stale ones.", view.title));

    let stale = log.sent(WAIT).await?;
    desktop.notification_area(WAIT).await?;
    show(&desktop, pictures, "2-notification", CORNER).await?;
    say(&format!(
        "A notification: “{}”, with {}.",
        stale.summary,
        stale.labels().into_iter().filter(|label| !label.is_empty()).collect::<Vec<_>>().join(", ")
    ));

    desktop.press(&stale, "Clean up", WAIT).await?;
    let done = log.sent(WAIT).await?;
    let view = item.wait_until(|view| view.title == "Headcount: 3 active", WAIT).await?;
    desktop.notification_area(WAIT).await?;
    show(&desktop, pictures, "3-cleaned-up", CORNER).await?;
    let active = workspace.with_status("active")?;
    if active != BEATING {
        return Err(format!("the registry has {active:?} active").into());
    }
    say(&format!("One click on Clean up: “{}”. The tray shows “{}”, as does the registry.", done.summary, view.title));

    desktop.press(&done, "Undo", WAIT).await?;
    item.wait_until(|view| view.title == "Headcount: 3 active · 9 stale", WAIT).await?;
    if workspace.text()? != before {
        return Err("undo did not restore the registry's bytes".into());
    }
    say("One click on Undo: all 12 are restored, byte for byte.");
    log.sent(WAIT).await?;
    desktop.click_notification(WAIT).await?;

    item.activate().await?;
    let window = desktop.window_titled("Headcount", WAIT).await?;
    // The button that cleans up is the one thing on the page in this colour: when it is there, so are the rows.
    let is_accent = |pixel: [u8; 3]| pixel == ACCENT;
    let button = |picture: &Screenshot| picture.extent(is_accent).filter(|(_, pixels)| *pixels > 500);
    desktop.wait_for_pixels(window.frame, "the window's rows", button, WAIT).await?;
    show(&desktop, pictures, "4-window", window.frame).await?;
    say("A click on the icon opens the window: each session with its state and the reason.");
    say(&format!("Screenshots of each step are in {}.", pictures.display()));
    Ok(())
}

/// Saves a screenshot once the screen stops changing.
async fn show(desktop: &Desktop, pictures: &Path, name: &str, of: Area) -> Outcome {
    // Pages and popups are painted in several strokes; a picture is taken when a while went by without one.
    tokio::time::sleep(Duration::from_millis(900)).await;
    desktop.screenshot(of)?.save(&pictures.join(format!("{name}.png")))?;
    Ok(())
}

/// One line about a step.
#[expect(clippy::print_stdout, reason = "a demo prints its steps")]
pub(crate) fn say(line: &str) {
    println!("  • {line}");
}
