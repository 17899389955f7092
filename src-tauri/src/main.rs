//! The tray app, and with `--window` its window: two processes of one binary, without a channel between them.
//!
//! Guarantees: takes no decisions; shows snapshots, and changes sessions only through the engine. The processes share
//! state through files: registry, heartbeats, journal, snooze.

// On Windows, a tray app must not open a console.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod action;
mod app;
mod appearance;
mod args;
mod command_arg;
mod commands;
mod desktop_probe;
#[cfg_attr(
    all(target_os = "macos", not(test)),
    expect(dead_code, reason = "macOS shows the template instead of the tile")
)]
mod icon;
mod notifications;
mod tasks;
mod tray;
mod ui_event;
mod window;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let said = std::env::var("HEADCOUNT_LOG").ok().and_then(|said| said.parse::<Targets>().ok());
    let targets = said.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    tracing_subscriber::registry().with(fmt::layer().with_writer(std::io::stderr)).with(targets).init();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &args::Args) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if args.examine {
        return desktop_probe::print();
    }
    args::require_desktop()?;
    #[cfg(target_os = "linux")]
    if let Err(error) = args::take_over_token(args) {
        tracing::warn!(%error, "cannot take the activation token over");
    }
    let started = args.start()?;
    match args.place() {
        Some(place) => window::run(started, place),
        None => app::run(started),
    }
}
