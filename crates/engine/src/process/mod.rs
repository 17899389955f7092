//! Processes: whether one still is the one that was registered, and waiting for its end.
//!
//! Promises: a proof is never made of an error: what cannot be looked at is unknown. A process is its pid *and* its start,
//! within one space of pids. Waiting for an end costs nothing while it lasts; where the
//! system does not report ends, that is said. One face to the engine, a back end per system:
//! Linux's own (`process/linux.rs`), and one over portable libraries for the others (`process/portable.rs`).

pub(crate) mod exit_watch;
#[cfg(target_os = "linux")]
mod linux;
// Tested on Linux too, because the systems it is for are not at hand.
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", expect(unreachable_pub, reason = "used elsewhere than on Linux"))]
mod portable;
pub(crate) mod process_tracker;

use std::fmt;

use chrono::TimeDelta;
pub use headcount_core::claude::hook_owner::{Ancestor, Role};
use headcount_core::claude::{PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;

use crate::clock::Wait;

#[cfg(target_os = "linux")]
pub use linux::SystemProcesses;
#[cfg(target_os = "linux")]
pub(crate) use linux::variable_of;
#[cfg(not(target_os = "linux"))]
pub use portable::SystemProcesses;

/// A source of knowledge about processes.
pub trait Processes: Send + Sync + fmt::Debug {
    /// What is known of a process now. A process of another kernel or another space of pids is unknown.
    fn look(&self, key: &ProcessKey) -> Process;

    /// Waits until a process has ended; `None` if the system does not report its end. Needs a tokio runtime.
    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>>;

    /// Whether the system reports ends of processes.
    ///
    /// # Errors
    /// Why it does not, for a person.
    fn reports_ends(&self) -> Result<(), String>;

    /// The running kernel; `None` if processes of an earlier one cannot be told by it.
    fn boot(&self) -> Option<Boot> {
        None
    }

    /// The space of pids that this process sees, as far as it can be told.
    fn pid_space(&self) -> PidSpace {
        PidSpace::default()
    }

    /// The process with a pid, as it is to be remembered; nothing where it is not there or cannot be looked at.
    fn key(&self, pid: u32) -> Option<ProcessKey>;

    /// The processes above `pid`, the nearest first, as far as they can be looked at. Init is not among them.
    fn ancestors(&self, pid: u32) -> Vec<Ancestor>;

    /// A variable of a process's own environment, as it was when the process started. `None` if it is not set, or if the
    /// environment cannot be read.
    fn variable(&self, pid: u32, name: &str) -> Option<String>;

    /// The terminal of a process, as `tty` names it; nothing where it has none.
    fn terminal(&self, pid: u32) -> Option<String>;
}

/// How far up processes are looked at.
const DEPTH: usize = 16;

/// What is known of one process on the way up.
struct Step {
    name: String,
    parent: u32,
    /// Since any fixed moment.
    started: TimeDelta,
}

/// The processes above `pid`.
fn ancestors_of(pid: u32, find: impl Fn(u32) -> Option<Step>) -> Vec<Ancestor> {
    let mut found: Vec<Ancestor> = Vec::new();
    let Some(own) = find(pid) else { return found };
    let mut at = own.parent;
    while at > 1 && found.len() < DEPTH && found.iter().all(|above| above.pid != at) {
        let Some(step) = find(at) else { break };
        found.push(Ancestor { pid: at, role: Role::of(&step.name), age: own.started.checked_sub(&step.started) });
        at = step.parent;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_those_above_up_to_init() {
        let table = |pid: u32| {
            let (name, parent, started) = match pid {
                100 => ("headcount", 90, 50),
                90 => ("sh", 80, 50),
                80 => ("-bash", 70, 49),
                70 => ("2.1.330", 60, 20),
                60 => ("zsh", 1, 10),
                30 => ("headcount", 31, 50),
                31 => ("sh", 32, 50),
                32 => ("sh", 31, 50),
                20 => ("headcount", 21, 50),
                _ => return None,
            };
            Some(Step { name: name.to_owned(), parent, started: TimeDelta::seconds(started) })
        };
        let of = |pid| {
            let found = ancestors_of(pid, table);
            found
                .iter()
                .map(|above| (above.pid, above.role == Role::Launcher, above.age.unwrap().num_seconds()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(100), [(90, true, 0), (80, true, 1), (70, false, 30), (60, true, 40)]);
        assert_eq!(of(60), [], "init is no session");
        assert_eq!(of(30), [(31, true, 0), (32, true, 0)], "a circle");
        assert_eq!(of(20), [], "one that cannot be looked at");
        assert_eq!(of(7), []);
        let deep = |pid: u32| Some(Step { name: "sh".into(), parent: pid + 1, started: TimeDelta::zero() });
        assert_eq!(ancestors_of(2, deep).len(), DEPTH);
    }
}
