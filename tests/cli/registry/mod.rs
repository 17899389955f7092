//! Which registry is used, and what it and the heartbeats folder may contain.

mod discovery;
mod extreme_times;
mod heartbeats;
mod hostile_input;
mod lenient_parsing;
#[cfg(target_os = "linux")]
mod pruning;
mod unusable;
