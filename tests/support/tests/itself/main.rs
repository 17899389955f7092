//! The throw-away desktop, tried with real panels, servers and clicks.
//!
//! With `PICTURES` set to a folder, what was seen is kept there for those who want to look.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod ends;
mod notifications;
mod tray;
mod webview;

use headcount_desktop::{Desktop, Program};
use std::ffi::OsStr;
use std::time::Duration;

/// Long enough for a slow machine; nothing waits that long where all is well.
const WAIT: Duration = Duration::from_secs(20);

/// Starts one of the programs that are in this test binary under an ignored test's name.
fn start_sample(desktop: &Desktop, test: &str) -> Program {
    let binary = std::env::current_exe().unwrap();
    let args = [test, "--exact", "--ignored", "--nocapture"].map(OsStr::new);
    desktop.spawn(binary, &args, &[("IS_SAMPLE", OsStr::new("1"))]).unwrap()
}

/// Whether this process was started by [`start_sample`], not by somebody who runs all ignored tests.
fn is_sample() -> bool {
    std::env::var_os("IS_SAMPLE").is_some()
}

/// Keeps a picture of the whole screen, where that is wanted.
fn keep_picture(desktop: &Desktop, name: &str) {
    if let Some(folder) = std::env::var_os("PICTURES") {
        let path = std::path::Path::new(&folder).join(name);
        desktop.picture(desktop.screen_area()).unwrap().save(&path).unwrap();
    }
}

/// A desktop can be kept by several tests, and awaited for on any thread.
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<Desktop>();
    shareable::<Program>();
};
