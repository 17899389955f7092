//! The cost of the tray app while nothing happens, and its memory after activity.

use std::time::Duration;

use headcount_desktop::{Program, TrayItem};

use super::proc::{Memory, Use};
use super::{BenchDesktop, WAIT};
use crate::report::{Row, Target};
use crate::stopwatch::Series;
use crate::{Bench, Outcome, note, noted};

/// One heartbeat per second for an hour.
const BEATS: u64 = 3600;

/// The app that it is compared with.
const BASELINE: &str = "an empty Tauri tray app";

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let stage = BenchDesktop::start(13, 10, 5).await?;
    let (app, empty) = (stage.headcount(bench, &[])?, stage.empty_app(bench, &[])?);
    let mut item = stage.item_with_count(&app).await?;
    stage.desktop.tray_item_of(empty.pid(), WAIT).await?;
    // Waits for the work after a start, and for the announcement five seconds after a session goes stale.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let mut rows = memory("at start", &app, &empty, Target::Ratio(1.15))?;

    let span = Duration::from_secs(if bench.is_quick { 15 } else { 60 });
    note(&format!("nothing happens for {} s", span.as_secs()));
    let before = (Use::of(app.pid())?, Use::of(empty.pid())?);
    tokio::time::sleep(span).await;
    let after = (Use::of(app.pid())?, Use::of(empty.pid())?);
    let spent = |of: fn(&Use, &Use) -> f64| [of(&after.0, &before.0), of(&after.1, &before.1)];
    let minute = |what: &str, unit, [ours, theirs]: [f64; 2], target: Option<f64>| Row {
        name: format!("idle for {} s: {what}", span.as_secs()),
        unit,
        ours: Series::of([ours]),
        beside: BASELINE,
        theirs: Series::of([theirs]),
        target: target.map_or(Target::Watched, Target::Median),
    };
    let (cpu, wakes) = (spent(Use::cpu_since), spent(Use::wakes_since));
    rows.push(noted(minute("processor", "ms", cpu, Some(0.0))));
    rows.push(noted(minute("wake-ups", "", wakes, Some(wakes[1]))));
    rows.push(noted(minute("threads", "", spent(|after, _| after.threads()), None)));

    note("an hour of beats");
    for at in 0..BEATS {
        stage.workspace.beat(1 + at % 13, Duration::from_secs(BEATS - at))?;
    }
    item.wait_until(|view| view.title == "Headcount: 13 active", WAIT).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    rows.extend(memory("after 3600 beats", &app, &empty, Target::Ratio(1.15))?);

    let times = if bench.is_quick { 3 } else { 20 };
    note(&format!("the window opens and closes {times} times"));
    for _ in 0..times {
        open_and_close(&stage, &mut item).await?;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    rows.extend(memory(&format!("after {times} windows"), &app, &empty, Target::Ratio(1.15))?);
    Ok(rows)
}

fn memory(when: &str, app: &Program, empty: &Program, target: Target) -> Outcome<Vec<Row>> {
    let (ours, theirs) = (Memory::of(app.pid())?, Memory::of(empty.pid())?);
    let row = |what: &str, ours: f64, theirs: f64, target| Row {
        name: format!("memory {when}: {what}"),
        unit: "MB",
        ours: Series::of([ours]),
        beside: BASELINE,
        theirs: Series::of([theirs]),
        target,
    };
    Ok(vec![
        noted(row("share (PSS)", ours.share, theirs.share, target)),
        noted(row("private", ours.private, theirs.private, Target::Watched)),
    ])
}

/// Opens the window by a click on the icon, and closes it once it is shown.
async fn open_and_close(stage: &BenchDesktop, item: &mut TrayItem) -> Outcome {
    item.activate().await?;
    let window = stage.desktop.window_titled("Headcount", WAIT).await?;
    stage.desktop.close_window(&window)?;
    stage.desktop.window_gone(&window, WAIT).await?;
    // Its process ends after its window, which is not reported: poll.
    while stage.desktop.process_scan().processes().iter().any(|process| process.command.contains("--window=")) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
