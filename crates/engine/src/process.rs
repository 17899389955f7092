//! Processes: whether one still is the one that was registered, and waiting for its end.
//!
//! Promises: a proof is never made of an error: what cannot be looked at is unknown. A process is its pid *and* its start,
//! within one space of pids. Waiting for an end costs nothing while it lasts. One face to the engine, a back end per system:
//! Linux's own (`process/linux.rs`), and one over portable libraries for the others (`process/portable.rs`).

#[cfg(target_os = "linux")]
mod linux;
// Tested on Linux too, because the systems it is for are not at hand.
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", expect(unreachable_pub, reason = "used elsewhere than on Linux"))]
mod portable;

use std::fmt;

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;

use crate::clock::Wait;

#[cfg(target_os = "linux")]
pub use linux::SystemProcesses;
#[cfg(not(target_os = "linux"))]
pub use portable::SystemProcesses;

/// A source of knowledge about processes.
pub trait Processes: Send + Sync + fmt::Debug {
    /// What is known of a process now.
    fn look(&self, key: &ProcessKey) -> Process;

    /// Waits until a process has ended, or for ever where its end cannot be noticed. Needs a tokio runtime.
    fn ended(&self, key: &ProcessKey) -> Wait<'static>;

    /// The process with a pid, as it is to be remembered; nothing where it is not there or cannot be looked at.
    fn key(&self, pid: u32) -> Option<ProcessKey>;

    /// The process that started a program on behalf of which somebody asks: the parent of `pid`, shells between them
    /// passed over. Nothing where that cannot be told.
    fn owner(&self, pid: u32) -> Option<u32>;

    /// A variable of a process's own environment, as it was when the process started. `None` if it is not set, or if the
    /// environment cannot be read.
    fn variable(&self, pid: u32, name: &str) -> Option<String>;

    /// The terminal of a process, as `tty` names it; nothing where it has none.
    fn terminal(&self, pid: u32) -> Option<String>;
}

/// Programs that only start others: a hook may run below one.
const SHELLS: [&str; 12] =
    ["sh", "bash", "dash", "zsh", "fish", "ksh", "ash", "busybox", "env", "cmd.exe", "powershell.exe", "pwsh"];

/// How many shells may stand in a row.
const DEPTH: usize = 8;

/// The first process above `pid` that is no shell. `parent` gives the name of a process and its parent.
fn owner_of(pid: u32, parent: impl Fn(u32) -> Option<(String, u32)>) -> Option<u32> {
    let (_, mut at) = parent(pid)?;
    for _ in 0..DEPTH {
        if at <= 1 {
            return None;
        }
        let (name, above) = parent(at)?;
        if !SHELLS.contains(&name.trim_start_matches('-')) {
            return Some(at);
        }
        at = above;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_passed_over() {
        let table = |pid: u32| {
            let (name, parent) = match pid {
                100 => ("headcount", 90),
                90 => ("sh", 80),
                80 => ("-bash", 70),
                70 => ("2.1.330", 60),
                60 => ("zsh", 1),
                50 => ("headcount", 40),
                40 => ("sh", 1),
                30 => ("headcount", 31),
                31 => ("sh", 32),
                32 => ("sh", 31),
                _ => return None,
            };
            Some((name.to_owned(), parent))
        };
        assert_eq!(owner_of(100, table), Some(70));
        assert_eq!(owner_of(50, table), None, "init is nobody's session");
        assert_eq!(owner_of(30, table), None, "a circle");
        assert_eq!(owner_of(7, table), None);
    }
}
