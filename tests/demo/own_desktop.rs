//! The main scenario on the desktop of the person, who clicks.

use std::path::Path;
use std::time::Duration;

use headcount_desktop::main_scenario::{BEATING, MainScenario};

use crate::Outcome;
use crate::test_desktop::say;

/// How often the registry is looked at while the person decides.
const LOOK: Duration = Duration::from_millis(300);

pub(crate) async fn run(app: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let workspace = MainScenario::create(folder.path())?;
    let mut program = tokio::process::Command::new(app);
    program
        .arg("--registry")
        .arg(workspace.registry())
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .kill_on_drop(true);
    let mut program = program.spawn()?;
    say("Started with twelve sessions in a temporary workspace, three of them with recent heartbeats: see your tray.");
    say("A notification appears in a few seconds and offers to clean up. Click it, or end the demo with Ctrl-C.");
    let cleaned_up = async {
        while workspace.with_status("active").is_ok_and(|active| active != BEATING) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = cleaned_up => say("Nine entries are inactive now, and their numbers are free. Undo is in the tray's menu; Ctrl-C ends the demo."),
        _ = program.wait() => return Err("the app ended".into()),
        _ = tokio::signal::ctrl_c() => return Ok(()),
    }
    tokio::select! {
        _ = program.wait() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}
