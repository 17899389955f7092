//! The time until the icon, and until the window's rows, are visible.

use std::time::Instant;

use headcount_desktop::{Program, Screenshot};

use super::{BenchDesktop, WAIT};
use crate::report::{Row, Target};
use crate::stopwatch::{Series, millis};
use crate::{Bench, Outcome, noted};

/// The colour of the empty window. In Headcount's window it is the colour of the cleanup button, which appears with the
/// rows.
const ACCENT: [u8; 3] = [0x2c, 0x56, 0xd0];

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let [mut icon, mut count, mut empty_icon, mut window, mut empty_window] = [const { Vec::new() }; 5];
    let stage = BenchDesktop::start(1000, 1000, 5).await?;
    // The first start of each fills the system's caches and is not counted.
    for run in 0..=bench.runs(10) {
        let start = Instant::now();
        let mut app = stage.headcount(bench, &[])?;
        let mut item = stage.desktop.tray_item_of(app.pid(), WAIT).await?;
        let there = millis(start.elapsed());
        item.wait_until(|view| view.title.contains(" active"), WAIT).await?;
        let counted = millis(start.elapsed());
        app.kill().await?;
        let start = Instant::now();
        let mut app = stage.empty_app(bench, &[])?;
        stage.desktop.tray_item_of(app.pid(), WAIT).await?;
        let nothing = millis(start.elapsed());
        app.kill().await?;
        let shown = time_to_accent(&stage, "Headcount", || stage.headcount(bench, &["--window"])).await?;
        let blank = time_to_accent(&stage, "Empty", || stage.empty_app(bench, &["--window"])).await?;
        if run > 0 {
            icon.push(there);
            count.push(counted);
            empty_icon.push(nothing);
            window.push(shown);
            empty_window.push(blank);
        }
    }
    let row = |name: &str, ours: Vec<f64>, beside, theirs: &[f64], target| Row {
        name: name.into(),
        unit: "ms",
        ours: Series::of(ours),
        beside,
        theirs: Series::of(theirs.iter().copied()),
        target,
    };
    let (tray, blank) = ("an empty Tauri tray app", "a blank Tauri window");
    Ok(vec![
        noted(row("start → icon", icon, tray, &empty_icon, Target::Ratio(1.3))),
        noted(row("start → count on the icon, 1000 sessions", count, tray, &empty_icon, Target::Watched)),
        noted(row("window open → rows, 1000 sessions", window, blank, &empty_window, Target::Median(400.0))),
    ])
}

/// The time from a program's start until its window shows the accent colour.
async fn time_to_accent(stage: &BenchDesktop, title: &str, start: impl FnOnce() -> Outcome<Program>) -> Outcome<f64> {
    let begun = Instant::now();
    let mut app = start()?;
    let window = stage.desktop.window_titled(title, WAIT).await?;
    let accent = |picture: &Screenshot| picture.extent(|pixel| pixel == ACCENT).filter(|(_, pixels)| *pixels > 500);
    stage.desktop.wait_for_pixels(window.frame, "what the window time_to_accent", accent, WAIT).await?;
    let spent = millis(begun.elapsed());
    app.kill().await?;
    stage.desktop.window_gone(&window, WAIT).await?;
    Ok(spent)
}
