//! What the tray app costs while nothing happens, and what it keeps of what happened.

use std::time::Duration;

use headcount_desktop::{Program, TrayItem};

use super::proc::{Memory, Use};
use super::{Stage, WAIT};
use crate::report::{Row, Target};
use crate::stopwatch::Series;
use crate::{Bench, Outcome, note, told};

/// An hour of one beat a second.
const BEATS: u64 = 3600;

/// What it is measured beside.
const NOTHING: &str = "an empty Tauri tray app";

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let stage = Stage::set(13, 10, 5).await?;
    let (app, empty) = (stage.headcount(bench, &[])?, stage.nothing(bench, &[])?);
    let mut item = stage.counted(&app).await?;
    stage.desktop.tray_item_of(empty.pid(), WAIT).await?;
    // What a start leaves to be done, and the announcement that comes five seconds after somebody went stale.
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
        beside: NOTHING,
        theirs: Series::of([theirs]),
        target: target.map_or(Target::Watched, Target::Median),
    };
    let (cpu, wakes) = (spent(Use::cpu_since), spent(Use::wakes_since));
    rows.push(told(minute("processor", "ms", cpu, Some(0.0))));
    rows.push(told(minute("wake-ups", "", wakes, Some(wakes[1]))));
    rows.push(told(minute("threads", "", spent(|after, _| after.threads()), None)));

    note("an hour of beats");
    for at in 0..BEATS {
        stage.scene.beat(1 + at % 13, Duration::from_secs(BEATS - at))?;
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
        beside: NOTHING,
        theirs: Series::of([theirs]),
        target,
    };
    Ok(vec![
        told(row("share (PSS)", ours.share, theirs.share, target)),
        told(row("private", ours.private, theirs.private, Target::Watched)),
    ])
}

/// Opens the window with a click on the icon, as a person does, and closes it once it is there.
async fn open_and_close(stage: &Stage, item: &mut TrayItem) -> Outcome {
    item.activate().await?;
    let window = stage.desktop.window_titled("Headcount", WAIT).await?;
    stage.desktop.close_window(&window)?;
    stage.desktop.window_gone(&window, WAIT).await?;
    // Its process ends after its window does; nobody reports that.
    while stage.desktop.census().residents().iter().any(|resident| resident.command.contains("--window=")) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
