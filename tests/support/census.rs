//! Who of this machine's processes belongs to a desktop.
//!
//! Promises: a process belongs if it was started with the desktop's mark in its environment; the environment a
//! process was started with is inherited by what it starts, also where that leaves the process group or is adopted
//! by another parent. Dead processes do not count, reaped or not. Does not promise: to find a process that clears
//! its environment; no program of a desktop does.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// Looks for the processes with one mark.
#[derive(Debug, Clone)]
pub struct Census {
    mark: Vec<u8>,
}

/// A process that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// Its process id.
    pub pid: u32,
    /// Its command line, with spaces between the arguments.
    pub command: String,
}

impl Census {
    /// Of the processes that were started with this variable set to this value.
    pub(crate) fn of(name: &str, value: &OsStr) -> Self {
        let mut mark = OsString::from(name);
        mark.push("=");
        mark.push(value);
        Self { mark: mark.as_bytes().to_vec() }
    }

    /// Everyone alive with the mark, in the order of their process ids.
    #[must_use]
    pub fn residents(&self) -> Vec<Resident> {
        let mut found: Vec<Resident> = std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                // A process of somebody else is unreadable, one that has ended has nothing to read.
                let environment = std::fs::read(entry.path().join("environ")).ok()?;
                let marked = environment.split(|byte| *byte == 0).any(|variable| variable == self.mark);
                marked.then(|| Resident { pid, command: command_line(&entry.path()) })
            })
            .collect();
        found.sort_by_key(|resident| resident.pid);
        found
    }

    /// Kills everyone with the mark, and who they start meanwhile. Blocks, for a second at most.
    pub(crate) fn kill(&self) {
        for _ in 0..200 {
            let alive = self.residents();
            if alive.is_empty() {
                return;
            }
            for pid in alive.iter().filter_map(|resident| Pid::from_raw(resident.pid.cast_signed())) {
                // It may have ended since it was counted, which is what is wanted.
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
