//! Finds the processes that belong to a desktop.
//!
//! Guarantees: a process belongs to a desktop if it was started with the desktop's mark in its environment. Child
//! processes inherit it, even if they leave the process group or are reparented. Ended processes do not count, reaped
//! or not. A process that clears its environment is not found; no program of a desktop does that.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// A scan for processes with one mark.
#[derive(Debug, Clone)]
pub struct ProcessScan {
    mark: Vec<u8>,
}

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its process id.
    pub pid: u32,
    /// Its command line, with spaces between the arguments.
    pub command: String,
}

impl ProcessScan {
    /// A scan for processes started with this environment variable.
    pub(crate) fn of(name: &str, value: &OsStr) -> Self {
        let mut mark = OsString::from(name);
        mark.push("=");
        mark.push(value);
        Self { mark: mark.as_bytes().to_vec() }
    }

    /// All running processes with the mark, ordered by pid.
    #[must_use]
    pub fn processes(&self) -> Vec<ProcessInfo> {
        let mut found: Vec<ProcessInfo> = std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                // A process of another user is unreadable; an ended one has an empty environment.
                let environment = std::fs::read(entry.path().join("environ")).ok()?;
                let marked = environment.split(|byte| *byte == 0).any(|variable| variable == self.mark);
                marked.then(|| ProcessInfo { pid, command: command_line(&entry.path()) })
            })
            .collect();
        found.sort_by_key(|process| process.pid);
        found
    }

    /// Kills all processes with the mark, including ones they start meanwhile. Blocks for at most a second.
    pub(crate) fn kill(&self) {
        for _ in 0..200 {
            let alive = self.processes();
            if alive.is_empty() {
                return;
            }
            for pid in alive.iter().filter_map(|process| Pid::from_raw(process.pid.cast_signed())) {
                // It may have ended since the scan.
                let _ = kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn command_line(process: &Path) -> String {
    let raw = std::fs::read(process.join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&raw).replace('\0', " ").trim_end().to_owned()
}
