//! `headcount hook`: what Claude Code runs at its events.
//!
//! Promises: prints what the model is to be told and nothing else; whatever goes wrong, it ends with 0 and says so in a log
//! file, because anything else is an error before the eyes of a person who did nothing.

use std::io;
use std::path::PathBuf;

use headcount_engine::claude::{hook, hook_log};
use headcount_engine::clock::SystemClock;
use headcount_engine::workspace::paths::{Environment, HookEnv};

use crate::output::Output;

/// Does what the event on `input` means.
pub(crate) fn run(input: impl io::Read + Send + 'static) {
    let env = Environment::of_hook();
    keep_log(env.state.clone());
    match hook::run(input, &HookEnv::of_process(), &env, &SystemClock) {
        Ok(Some(answer)) => {
            if Output::line(&answer.line).is_err() {
                // The model does not know its number.
                answer.was_lost(&SystemClock).unwrap_or_else(|error| tracing::warn!("{error}"));
            }
        }
        Ok(None) => {}
        Err(failure) => tracing::warn!("{failure}"),
    }
}

/// Sends what goes wrong to the log. A bug, too, ends with 0.
fn keep_log(state: Option<PathBuf>) {
    std::panic::set_hook(Box::new(|bug| {
        tracing::error!("{bug}");
        std::process::exit(0);
    }));
    let writer = move || {
        let file = state.as_deref().and_then(|state| hook_log::open(state).ok());
        file.map_or_else(|| Box::new(io::sink()) as Box<dyn io::Write>, |file| Box::new(file))
    };
    let level = tracing_subscriber::filter::LevelFilter::WARN;
    // A second one is a bug that changes nothing.
    drop(tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(writer).try_init());
}
