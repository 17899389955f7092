//! The cost of the tray app on a temporary desktop, compared with a Tauri tray app that does nothing.

mod idle;
mod latency;
mod load;
mod proc;
mod start;

use std::time::Duration;

use headcount_desktop::{Capabilities, Desktop, DesktopOptions, FakeHost, FakeServer, Program, TrayItem};

use crate::bench_workspace::BenchWorkspace;
use crate::report::Row;
use crate::{Bench, Outcome};

/// A timeout for slow machines; no successful wait takes that long.
const WAIT: Duration = Duration::from_mins(1);

pub(crate) fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        // Boxed, because the futures are large.
        let mut rows = Vec::new();
        if bench.wants("start") {
            rows.extend(Box::pin(start::rows(bench)).await?);
        }
        if bench.wants("latency") {
            rows.extend(Box::pin(latency::rows(bench)).await?);
        }
        if bench.wants("storm") {
            rows.extend(Box::pin(load::rows(bench)).await?);
        }
        if bench.wants("idle") {
            rows.extend(Box::pin(idle::rows(bench)).await?);
        }
        Ok(rows)
    })
}

/// A desktop with a workspace, a tray host and a notification server.
struct BenchDesktop {
    desktop: Desktop,
    host: FakeHost,
    _server: FakeServer,
    workspace: BenchWorkspace,
}

impl BenchDesktop {
    async fn start(sessions: u64, beats: u64, active: u64) -> Outcome<Self> {
        let desktop = Desktop::start(DesktopOptions::default()).await?;
        let host = desktop.fake_host().await?;
        let server = desktop.fake_server(Capabilities::default()).await?;
        let workspace = BenchWorkspace::create(&desktop.home(), sessions, beats, active)?;
        Ok(Self { desktop, host, _server: server, workspace })
    }

    /// Starts Headcount for the workspace.
    fn headcount(&self, bench: &Bench, more: &[&str]) -> Outcome<Program> {
        let registry = self.workspace.registry();
        let mut args = vec!["--registry".as_ref(), registry.as_os_str()];
        args.extend(more.iter().map(std::ffi::OsStr::new));
        Ok(self.desktop.spawn(bench.program("headcount-tray"), &args, &[])?)
    }

    /// Starts the empty app.
    fn empty_app(&self, bench: &Bench, more: &[&str]) -> Outcome<Program> {
        let args: Vec<_> = more.iter().map(std::ffi::OsStr::new).collect();
        Ok(self.desktop.spawn(bench.program("empty-tray"), &args, &[])?)
    }

    /// The tray item of an app, once its title begins with a count.
    async fn item_with_count(&self, app: &Program) -> Outcome<TrayItem> {
        let mut item = self.desktop.tray_item_of(app.pid(), WAIT).await?;
        item.wait_until(|view| view.title.contains(" active"), WAIT).await?;
        Ok(item)
    }
}
