//! Many heartbeats: how often the icon is drawn, the cost, and whether the final state is correct.

use std::time::{Duration, Instant};

use headcount_desktop::WebDriver;

use super::proc::Use;
use super::{BenchDesktop, WAIT};
use crate::bench_workspace::BenchWorkspace;
use crate::report::{Row, Target};
use crate::stopwatch::{Series, millis};
use crate::{Bench, Outcome, note, noted};

/// The interval between batches of heartbeats, and the size of a batch: 5 000 heartbeats per second.
const TURN: Duration = Duration::from_millis(10);
const BEATS: u64 = 50;

/// The number of sessions that beat all the time; the next one alternates between active and stale.
const ACTIVE: u64 = 20;

/// Longer delays are noticeable.
const RESPONSIVE: Target = Target::Percentiles(50.0, 100.0);

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let length = Duration::from_secs(if bench.is_quick { 5 } else { 30 });
    note("a storm of 5 000 beats a second");
    let mut stage = BenchDesktop::start(1000, 1000, ACTIVE).await?;
    let app = stage.headcount(bench, &[])?;
    let mut item = stage.item_with_count(&app).await?;
    let registry = stage.workspace.registry();
    let args = ["--window", "--registry", registry.to_str().ok_or("a path that is no text")?];
    let window = stage.desktop.drive(&bench.program("headcount-tray"), &args, &[], WAIT).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let calm = response_times(&window, Duration::from_secs(2)).await?;
    let (drawn, ours, mine) = (stage.host.signals("NewIcon"), Use::of(app.pid())?, Use::of(std::process::id())?);
    let start = Instant::now();
    let writing = tokio::task::spawn_blocking(move || (write_heartbeats(&stage.workspace, length), stage));
    let busy = response_times(&window, length.saturating_sub(Duration::from_millis(500))).await?;
    let (written, kept) = writing.await?;
    stage = kept;
    let written = written?;
    let seconds = start.elapsed().as_secs_f64();
    let end = Instant::now();
    // At the end the alternating session is stale, and one more session is active.
    stage.workspace.beat(ACTIVE + 2, Duration::ZERO)?;
    let right = format!("Headcount: {} active · {} stale", ACTIVE + 1, stage.workspace.sessions - ACTIVE - 1);
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
        noted(row("beats a second", "", reached, "beats a second that were to be written", wanted, Target::Watched)),
        noted(row("icons a second", "", redraws, "changes of the count a second", 100.0, Target::Median(10.0))),
        noted(row("processor", "%", ours, "writing the beats", mine, Target::Watched)),
        noted(Row {
            ours: busy,
            theirs: calm,
            ..row("the window answers", "ms", 0.0, "before the storm", 0.0, RESPONSIVE)
        }),
        noted(row("last change → right title", "ms", settled, "one turn of the storm", 10.0, Target::Median(250.0))),
    ])
}

/// The response times of the window's page, polled for a while.
async fn response_times(window: &WebDriver, length: Duration) -> Outcome<Series> {
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

/// Writes heartbeats for `length`. Returns their number.
fn write_heartbeats(workspace: &BenchWorkspace, length: Duration) -> std::io::Result<u64> {
    let start = Instant::now();
    let alternating = workspace.heartbeats().join(format!("session-{}.json", ACTIVE + 1));
    let (mut written, mut turn) = (0, 0);
    while start.elapsed() < length {
        for at in 0..BEATS {
            workspace.beat(1 + at % ACTIVE, Duration::from_secs((turn % 60) * (BEATS / ACTIVE + 1) + at / ACTIVE))?;
            written += 1;
        }
        // One session becomes active or stale with every batch, so that the count on the icon changes.
        if turn % 2 == 0 {
            std::fs::write(&alternating, "{}")?;
        } else {
            std::fs::remove_file(&alternating)?;
        }
        turn += 1;
        std::thread::sleep((TURN * turn as u32).saturating_sub(start.elapsed()));
    }
    if turn % 2 == 1 {
        std::fs::remove_file(&alternating)?;
    }
    Ok(written)
}
