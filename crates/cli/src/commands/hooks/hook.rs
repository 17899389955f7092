//! `headcount hook`: the command that Claude Code runs at its events.
//!
//! Guarantees: prints only the line that is meant for the model. Errors go to a log file and the exit code is always 0,
//! because Claude Code shows any other result as an error to a person who did nothing.

use std::io;
use std::path::PathBuf;

use headcount_engine::claude::hook_env::HookEnv;
use headcount_engine::claude::{hook, hook_log};
use headcount_engine::clock::SystemClock;
use headcount_engine::workspace::environment::Environment;

use crate::output::Output;

/// Handles the event on `input`.
pub(crate) fn run(input: impl io::Read + Send + 'static) {
    let env = Environment::of_hook();
    init_log(env.state.clone());
    match hook::run(input, &HookEnv::of_process(), &env, &SystemClock) {
        Ok(Some(reply)) => {
            if Output::line(&reply.line).is_err() {
                // The model did not get its number.
                reply.mark_unprinted(&SystemClock).unwrap_or_else(|error| tracing::warn!("{error}"));
            }
        }
        Ok(None) => {}
        Err(failure) => tracing::warn!("{failure}"),
    }
}

/// Logs warnings and panics to the hook log. A panic also ends the process with 0.
fn init_log(state: Option<PathBuf>) {
    std::panic::set_hook(Box::new(|bug| {
        tracing::error!("{bug}");
        std::process::exit(0);
    }));
    let writer = move || {
        let file = state.as_deref().and_then(|state| hook_log::open(state).ok());
        file.map_or_else(|| Box::new(io::sink()) as Box<dyn io::Write>, |file| Box::new(file))
    };
    let level = tracing_subscriber::filter::LevelFilter::WARN;
    // Fails only if a subscriber is already set, which changes nothing here.
    drop(tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(writer).try_init());
}
