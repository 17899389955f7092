//! `cleanup`: its report, what it waits for, and what it does after the computer slept.

mod after_sleep;
#[cfg(target_os = "linux")]
mod lock;
mod report;
