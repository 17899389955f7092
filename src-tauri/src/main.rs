//! The tray app, and with `--window` its window: two processes of one binary, without a channel between them.
//!
//! Promises: no decisions here; what is shown is rendered from snapshots, what is done is done by the engine. Both
//! processes agree through files: registry, beats, journal, snooze.

// A tray app opens no console on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod action;
mod app;
mod args;
mod asked;
mod choice;
mod commands;
mod desk;
mod examination;
mod icon;
mod notice;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("HEADCOUNT_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
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
        return examination::print();
    }
    args::require_desktop()?;
    let started = args.start()?;
    match args.place() {
        Some(place) => window::run(started, place),
        None => app::run(started),
    }
}
