//! The delay from a file change until the new icon is on the bus.

use std::time::{Duration, Instant};

use headcount_desktop::TrayItem;
use headcount_desktop::zbus::Connection;

use super::{BenchDesktop, WAIT};
use crate::report::{Row, Target};
use crate::stopwatch::{Series, millis};
use crate::{Bench, Outcome, note, noted};

/// The number of sessions that beat from the start; the icon counts to 99 and shows "99+" beyond.
const ACTIVE: u64 = 5;

/// The number of heartbeats in a burst.
const BURST: u64 = 1000;

/// The pause before each change.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let sizes: &[(u64, u64)] =
        if bench.is_quick { &[(1000, 1000)] } else { &[(13, 10), (1000, 10), (13, 100_000), (1000, 100_000)] };
    let mut rows = Vec::new();
    for (sessions, beats) in sizes {
        note(&format!("change → icon, {sessions} sessions, {beats} beats"));
        let watched = Box::pin(Watched::start(bench, *sessions, *beats)).await?;
        rows.extend(watched.measured(bench).await?);
    }
    Ok(rows)
}

/// An app, observed through its icon.
struct Watched {
    stage: BenchDesktop,
    item: TrayItem,
    _app: headcount_desktop::Program,
    bus: Connection,
    beats: u64,
}

impl Watched {
    async fn start(bench: &Bench, sessions: u64, beats: u64) -> Outcome<Self> {
        let stage = BenchDesktop::start(sessions, beats, ACTIVE).await?;
        let app = stage.headcount(bench, &[])?;
        let item = stage.item_with_count(&app).await?;
        let bus = stage.desktop.connect().await?;
        Ok(Self { stage, item, _app: app, bus, beats })
    }

    async fn measured(mut self, bench: &Bench) -> Outcome<Vec<Row>> {
        let (mut beat, mut burst, mut rewrite, mut ping) =
            (Series::default(), Series::default(), Series::default(), Series::default());
        for _ in 0..bench.runs(50) {
            beat.push(self.beat().await?);
            ping.push(self.ping().await?);
            rewrite.push(self.rewrite().await?);
        }
        for _ in 0..bench.runs(20) {
            burst.push(self.burst().await?);
        }
        let size = format!("{} sessions, {} beats", self.stage.workspace.sessions, self.beats);
        let row = |what: &str, ours| Row {
            name: format!("{what} → icon, {size}"),
            unit: "ms",
            ours,
            beside: "a ping of the app on the bus",
            theirs: ping.clone(),
            target: Target::Percentiles(60.0, 120.0),
        };
        Ok(vec![
            noted(row("one beat", beat)),
            noted(row("the last of 1000 beats", burst)),
            noted(row("a registry rewrite", rewrite)),
        ])
    }

    /// Waits for the next new icon; returns its delay after `start`.
    async fn icon(&mut self, start: Instant) -> Outcome<f64> {
        loop {
            let signal = self.item.next_signal(WAIT).await?;
            if signal.name == "NewIcon" {
                return Ok(millis(signal.at.saturating_duration_since(start)));
            }
        }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(PAUSE).await;
        self.item.pending_signals();
    }

    /// Reverts a measured change, and waits until the icon shows it.
    async fn revert(&mut self, undo: impl FnOnce() -> std::io::Result<()>) -> Outcome {
        self.pause().await;
        let start = Instant::now();
        undo()?;
        self.icon(start).await.map(drop)
    }

    /// A stale session beats.
    async fn beat(&mut self) -> Outcome<f64> {
        self.pause().await;
        let start = Instant::now();
        let path = self.stage.workspace.beat(ACTIVE + 1, Duration::ZERO)?;
        let spent = self.icon(start).await?;
        self.revert(|| std::fs::remove_file(path)).await?;
        Ok(spent)
    }

    /// Active sessions beat many times, then a stale one beats.
    async fn burst(&mut self) -> Outcome<f64> {
        self.pause().await;
        for at in 0..BURST {
            self.stage.workspace.beat(1 + at % ACTIVE, Duration::from_secs(10 + at / ACTIVE))?;
        }
        self.item.pending_signals();
        let start = Instant::now();
        let path = self.stage.workspace.beat(ACTIVE + 2, Duration::ZERO)?;
        let spent = self.icon(start).await?;
        self.revert(|| std::fs::remove_file(path)).await?;
        Ok(spent)
    }

    /// Another program rewrites the registry in place, with one session inactive.
    async fn rewrite(&mut self) -> Outcome<f64> {
        self.pause().await;
        let (registry, text) = (self.stage.workspace.registry(), self.stage.workspace.text(Some(2)));
        let start = Instant::now();
        std::fs::write(&registry, text)?;
        let spent = self.icon(start).await?;
        let text = self.stage.workspace.text(None);
        self.revert(|| std::fs::write(registry, text)).await?;
        Ok(spent)
    }

    async fn ping(&self) -> Outcome<f64> {
        let start = Instant::now();
        let peer = Some("org.freedesktop.DBus.Peer");
        self.bus.call_method(Some(self.item.owner()), "/StatusNotifierItem", peer, "Ping", &()).await?;
        Ok(millis(start.elapsed()))
    }
}
