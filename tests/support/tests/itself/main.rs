//! Tests of the temporary desktop with real panels, servers and clicks.
//!
//! If `PICTURES` names a folder, screenshots are saved there.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod ends;
mod notifications;
mod tray;
mod webview;

use headcount_desktop::{Desktop, Program};
use std::ffi::OsStr;
use std::time::Duration;

/// A timeout for slow machines; no successful wait takes that long.
const WAIT: Duration = Duration::from_secs(20);

/// Starts a program that is contained in this test binary as an ignored test.
fn start_sample(desktop: &Desktop, test: &str) -> Program {
    let binary = std::env::current_exe().unwrap();
    let args = [test, "--exact", "--ignored", "--nocapture"].map(OsStr::new);
    desktop.spawn(binary, &args, &[("IS_SAMPLE", OsStr::new("1"))]).unwrap()
}

/// Whether this process was started by [`start_sample`], not by a run of all ignored tests.
fn is_sample() -> bool {
    std::env::var_os("IS_SAMPLE").is_some()
}

/// Saves a screenshot of the whole screen if requested.
fn save_screenshot(desktop: &Desktop, name: &str) {
    if let Some(folder) = std::env::var_os("PICTURES") {
        let path = std::path::Path::new(&folder).join(name);
        desktop.screenshot(desktop.screen_area()).unwrap().save(&path).unwrap();
    }
}

/// Desktops can be shared by tests, and awaited on any thread.
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<Desktop>();
    shareable::<Program>();
};
