//! Processes: whether one is still the one that was registered, and waiting for its exit.
//!
//! Guarantees: an error is never proof of an exit: a process that cannot be read is unknown. A process is identified by
//! its pid *and* its start time, within one pid namespace. Waiting for an exit costs nothing; if the system does not
//! report exits, [`Processes::reports_ends`] returns why. One trait for the engine, and one implementation for each
//! kind of system: Linux (`process/linux`), and one over portable libraries for the others (`process/portable.rs`).

pub(crate) mod exit_watch;
#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod linux;
// Compiled in tests on Linux too, so that the portable implementation is tested there.
#[cfg(any(not(target_os = "linux"), feature = "portable", test))]
#[cfg_attr(
    all(target_os = "linux", not(feature = "portable")),
    expect(unreachable_pub, reason = "used elsewhere than on Linux")
)]
mod portable;
pub(crate) mod process_tracker;

use std::fmt;

use chrono::TimeDelta;
pub use headcount_core::claude::hook::owner::{Ancestor, AncestorRole};
use headcount_core::claude::{PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;

use crate::clock::Wait;

#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub use linux::SystemProcesses;
#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub(crate) use linux::variable_of;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
pub use portable::SystemProcesses;

/// Reads the state of processes. By default a process is unknown: what cannot be read proves nothing.
pub trait Processes: Send + Sync + fmt::Debug {
    /// The state of a process. A process of another kernel or another pid namespace is unknown.
    fn look(&self, key: &ProcessKey) -> Process;

    /// Waits until a process has exited; `None` if the system does not report its exit. Needs a tokio runtime.
    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>>;

    /// Whether the system reports exits of processes.
    ///
    /// # Errors
    ///
    /// The reason why it does not, as text for the user.
    fn reports_ends(&self) -> Result<(), String>;

    /// Whether processes can be read at all.
    fn can_read(&self) -> bool {
        true
    }

    /// The current boot; `None` if processes of earlier boots cannot be recognized.
    fn boot(&self) -> Option<Boot> {
        None
    }

    /// The space of pids that this process sees, as far as it can be told.
    fn pid_space(&self) -> PidSpace {
        PidSpace::default()
    }

    /// The key of the process with a pid; `None` if there is none or it cannot be read.
    fn key(&self, _pid: u32) -> Option<ProcessKey> {
        None
    }

    /// The ancestors of `pid`, nearest first, up to the first one that cannot be read. Does not include init.
    fn ancestors(&self, _pid: u32) -> Vec<Ancestor> {
        Vec::new()
    }

    /// A variable of the environment with which a process started. `None` if it is not set, or if the environment
    /// cannot be read.
    fn variable(&self, _pid: u32, _name: &str) -> Option<String> {
        None
    }

    /// Several variables of the environment with which a process started, as far as they are set and can be read.
    fn variables(&self, pid: u32, names: &[&str]) -> Vec<(String, String)> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.variable(pid, name)?))).collect()
    }

    /// The name of a process's program, as the system reports it; on Linux its first 15 bytes.
    fn name(&self, _pid: u32) -> Option<String> {
        None
    }

    /// The current folder of a process; `None` if it cannot be read.
    fn folder(&self, _pid: u32) -> Option<String> {
        None
    }

    /// The terminal of a process, as `tty` names it; `None` if it has none.
    fn terminal(&self, _pid: u32) -> Option<String> {
        None
    }
}

/// Maximum number of ancestors.
const MAX_ANCESTORS: usize = 16;

/// A process in a chain of ancestors.
struct Step {
    name: String,
    parent: u32,
    /// Since any moment that is the same for all processes.
    started: TimeDelta,
    /// See [`Ancestor::is_service`].
    is_service: bool,
}

/// The ancestors of `pid`.
fn ancestors_of(pid: u32, find: impl Fn(u32) -> Option<Step>) -> Vec<Ancestor> {
    let mut found: Vec<Ancestor> = Vec::new();
    let Some(own) = find(pid) else { return found };
    let mut at = own.parent;
    while at > 1 && found.len() < MAX_ANCESTORS && found.iter().all(|above| above.pid != at) {
        let Some(step) = find(at) else { break };
        let age = own.started.checked_sub(&step.started);
        found.push(Ancestor { pid: at, role: AncestorRole::of(&step.name), age, is_service: step.is_service });
        at = step.parent;
    }
    found
}

/// Starts a process that waits until it is killed: a program of each system's own.
#[cfg(test)]
pub(crate) fn start_waiting() -> std::process::Child {
    use std::process::{Command, Stdio};
    if cfg!(windows) {
        // It reads commands until its input ends, and the handle of the child holds the input open.
        return Command::new("cmd").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    }
    Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_end_before_init() {
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
            Some(Step { name: name.to_owned(), parent, started: TimeDelta::seconds(started), is_service: false })
        };
        let of = |pid| {
            let found = ancestors_of(pid, table);
            found
                .iter()
                .map(|above| (above.pid, above.role == AncestorRole::Launcher, above.age.unwrap().num_seconds()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(100), [(90, true, 0), (80, true, 1), (70, false, 30), (60, true, 40)]);
        assert_eq!(of(60), [], "init is no ancestor");
        assert_eq!(of(30), [(31, true, 0), (32, true, 0)], "a cycle");
        assert_eq!(of(20), [], "a parent that cannot be read");
        assert_eq!(of(7), []);
        let deep =
            |pid: u32| Some(Step { name: "sh".into(), parent: pid + 1, started: TimeDelta::zero(), is_service: false });
        assert_eq!(ancestors_of(2, deep).len(), MAX_ANCESTORS);
    }
}
