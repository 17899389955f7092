//! A storm of beats: how often the icon is drawn, what it costs, and whether anything was missed in the end.

use std::time::{Duration, Instant};

use headcount_desktop::WebDriver;

use super::proc::Use;
use super::{Stage, WAIT};
use crate::report::{Row, Target};
use crate::scene::Scene;
use crate::stopwatch::{Series, millis};
use crate::{Bench, Outcome, note, told};

/// How often beats are written, and how many at a time: 5 000 a second.
const TURN: Duration = Duration::from_millis(10);
const BEATS: u64 = 50;

/// How many sessions beat all the time; the next one comes and goes.
const ACTIVE: u64 = 20;

/// A person notices what takes longer.
const RESPONSIVE: Target = Target::Percentiles(50.0, 100.0);

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let length = Duration::from_secs(if bench.is_quick { 5 } else { 30 });
    note("a storm of 5 000 beats a second");
    let mut stage = Stage::set(1000, 1000, ACTIVE).await?;
    let app = stage.headcount(bench, &[])?;
    let mut item = stage.counted(&app).await?;
    let registry = stage.scene.registry();
    let args = ["--window", "--registry", registry.to_str().ok_or("a path that is no text")?];
    let window = stage.desktop.drive(&bench.program("headcount-tray"), &args, &[], WAIT).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let calm = answers(&window, Duration::from_secs(2)).await?;
    let (drawn, ours, mine) = (stage.host.signals("NewIcon"), Use::of(app.pid())?, Use::of(std::process::id())?);
    let start = Instant::now();
    let raging = tokio::task::spawn_blocking(move || (storm(&stage.scene, length), stage));
    let busy = answers(&window, length.saturating_sub(Duration::from_millis(500))).await?;
    let (written, kept) = raging.await?;
    stage = kept;
    let written = written?;
    let seconds = start.elapsed().as_secs_f64();
    let end = Instant::now();
    // In the end the one that comes and goes is gone, and one more has come.
    stage.scene.beat(ACTIVE + 2, Duration::ZERO)?;
    let right = format!("Headcount: {} active · {} stale", ACTIVE + 1, stage.scene.sessions - ACTIVE - 1);
    item.wait_until(|view| view.title == right, WAIT).await?;
    let settled = millis(end.elapsed());
    let redraws = (stage.host.signals("NewIcon") - drawn) as f64 / seconds;
    let share = |before: &Use, after: &Use| after.cpu_since(before) / seconds / 10.0;
    let (ours, mine) = (share(&ours, &Use::of(app.pid())?), share(&mine, &Use::of(std::process::id())?));
    let row = |what: &str, unit, ours: f64, beside, theirs: f64, target| Row {
        name: format!("storm ({} s, 1000 sessions): {what}", length.as_secs()),
        unit,
        ours: Series::of([ours]),
        beside,
        theirs: Series::of([theirs]),
        target,
    };
    let reached = written as f64 / seconds;
    let wanted = BEATS as f64 / TURN.as_secs_f64();
    Ok(vec![
        told(row("beats a second", "", reached, "beats a second that were to be written", wanted, Target::Watched)),
        told(row("icons a second", "", redraws, "changes of the count a second", 100.0, Target::Median(10.0))),
        told(row("processor", "%", ours, "writing the beats", mine, Target::Watched)),
        told(Row {
            ours: busy,
            theirs: calm,
            ..row("the window answers", "ms", 0.0, "before the storm", 0.0, RESPONSIVE)
        }),
        told(row("last change → right title", "ms", settled, "one turn of the storm", 10.0, Target::Median(250.0))),
    ])
}

/// How long the window's page takes to answer, asked again and again for a while.
async fn answers(window: &WebDriver, length: Duration) -> Outcome<Series> {
    let mut series = Series::default();
    let start = Instant::now();
    while start.elapsed() < length {
        let asked = Instant::now();
        window.client().execute("return document.querySelectorAll('*').length", Vec::new()).await?;
        series.push(millis(asked.elapsed()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(series)
}

/// Writes beats until the time is over. Returns how many.
fn storm(scene: &Scene, length: Duration) -> std::io::Result<u64> {
    let start = Instant::now();
    let restless = scene.heartbeats().join(format!("session-{}.json", ACTIVE + 1));
    let (mut written, mut turn) = (0, 0);
    while start.elapsed() < length {
        for at in 0..BEATS {
            scene.beat(1 + at % ACTIVE, Duration::from_secs((turn % 60) * (BEATS / ACTIVE + 1) + at / ACTIVE))?;
            written += 1;
        }
        // In the middle of it all, one session comes and goes: the count on the icon changes with every turn.
        if turn % 2 == 0 {
            std::fs::write(&restless, "{}")?;
        } else {
            std::fs::remove_file(&restless)?;
        }
        turn += 1;
        std::thread::sleep((TURN * turn as u32).saturating_sub(start.elapsed()));
    }
    if turn % 2 == 1 {
        std::fs::remove_file(&restless)?;
    }
    Ok(written)
}
