//! Processes on Linux, by `/proc` and pidfds.
//!
//! Guarantees: a pid counts as free only if the kernel returns `ESRCH`, not if a file is missing, because `/proc` can
//! be hidden. A zombie has ended, unless other threads of it still run. Start times are compared only within one time
//! namespace. A `/proc` that shows the pids of another namespace is not read. Each wait holds one descriptor, but some
//! are always left for files.

mod stat;

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use chrono::{TimeDelta, Utc};
use headcount_core::claude::{PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Resource, getrlimit, pidfd_open, test_kill_process};
use rustix::time::{ClockId, clock_gettime};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Ancestor, Processes, Step, ancestors_of};
use crate::clock::Wait;
use stat::Stat;

/// Maximum size of an environment in bytes. The kernel's limit for arguments and environment together is 6 MiB by
/// default.
const MAX_ENVIRONMENT: u64 = 8 * 1024 * 1024;

/// Number of descriptors that waits leave for files, or half of those that are permitted.
const RESERVED_DESCRIPTORS: u64 = 64;

/// The processes of this machine that are visible to this process.
#[derive(Clone, Debug)]
pub struct SystemProcesses {
    domain: Option<String>,
    boot: Option<String>,
    /// Whether `domain` names the machine, and not only the pid namespace, which has the same number on every machine.
    is_machine_known: bool,
    /// The time namespace of start times.
    time_space: Option<String>,
    /// Whether `/proc` exists and shows the pids of this process's own pid namespace. A container can see the `/proc` of
    /// its host.
    has_own_proc: bool,
}

/// The initial time namespace of a system.
const INITIAL_TIME_SPACE: &str = "time:[4026531834]";

impl SystemProcesses {
    /// Reads the identity of this machine and of its namespaces.
    #[must_use]
    pub fn new() -> Self {
        let line = |path: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let machine = line("/etc/machine-id").or_else(|| line("/var/lib/dbus/machine-id"));
        let is_machine_known = machine.is_some();
        let has_own_proc = shows_own_pids();
        let space = namespace("self", "pid").filter(|_| has_own_proc);
        let domain = space.map(|space| format!("linux:{}:{space}", machine.unwrap_or_default()));
        let time_space = namespace("self", "time");
        let boot = line("/proc/sys/kernel/random/boot_id").map(|boot| match &time_space {
            Some(space) if space != INITIAL_TIME_SPACE => format!("{boot} {space}"),
            _ => boot,
        });
        Self { domain, boot, is_machine_known, time_space, has_own_proc }
    }

    /// The description of a process with a pid of this namespace.
    fn stat(&self, pid: u32) -> Option<Stat> {
        if self.has_own_proc { Stat::of(pid) } else { None }
    }

    /// Whether a key belongs to the pids that are visible here; `None` if it has no domain.
    fn is_own_domain(&self, key: &ProcessKey) -> Option<bool> {
        key.domain.as_ref().map(|domain| Some(domain) == self.domain.as_ref())
    }
}

impl Default for SystemProcesses {
    fn default() -> Self {
        Self::new()
    }
}

impl Processes for SystemProcesses {
    fn look(&self, key: &ProcessKey) -> Process {
        let found = match self.is_own_domain(key) {
            _ if !self.has_own_proc => return Process::Unknown,
            Some(false) => return Process::Unknown,
            // From another boot of this machine, or another machine with the same name: see `Boot::has_ended`.
            _ if key.boot.is_some() && self.boot.is_some() && key.boot != self.boot => return Process::Unknown,
            _ => look(key, self.time_space.as_deref()),
        };
        // Without a known domain only a match proves anything: the pid may be in use on another machine.
        let is_domain_known = key.domain.is_some() && (self.is_machine_known || key.boot.is_some());
        if found == Process::Gone && !is_domain_known { Process::Unknown } else { found }
    }

    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>> {
        let opened = pidfd_open(pid(key.pid)?, PidfdFlags::NONBLOCK);
        // Checked after it is opened: either the descriptor belongs to this process, or the process has ended.
        let is_alive = self.look(key) == Process::Alive;
        let watched = match opened {
            Err(Errno::SRCH) => return Some(Box::pin(std::future::ready(()))),
            Ok(_) if !is_alive => return Some(Box::pin(std::future::ready(()))),
            Ok(fd) if is_reserved(&fd) => return None,
            // The replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
            #[expect(deprecated, reason = "sound for an owned descriptor")]
            Ok(fd) => AsyncFd::with_interest(fd, Interest::READABLE),
            Err(error) => Err(error.into()),
        };
        let fd = watched.inspect_err(|error| tracing::debug!(%error, "cannot wait for the end of a process")).ok()?;
        Some(Box::pin(async move { drop(fd.readable().await) }))
    }

    fn reports_ends(&self) -> Result<(), String> {
        let own = pid(std::process::id()).ok_or("this process has no pid")?;
        if !self.can_read() {
            return Err("/proc cannot be read, or shows the processes of another pid namespace".into());
        }
        pidfd_open(own, PidfdFlags::NONBLOCK).map(drop).map_err(|error| format!("pidfd_open: {error}"))
    }

    fn can_read(&self) -> bool {
        self.stat(std::process::id()).is_some()
    }

    fn boot(&self) -> Option<Boot> {
        let (domain, id) = self.domain.clone().filter(|_| self.is_machine_known).zip(self.boot.clone())?;
        // Computed on each call, because the wall clock may have been wrong when the computer started.
        let since = clock_gettime(ClockId::Boottime);
        let started = Utc::now().checked_sub_signed(TimeDelta::new(since.tv_sec, 0)?)?;
        Some(Boot { domain, id, started })
    }

    fn pid_space(&self) -> PidSpace {
        PidSpace { domain: self.domain.clone(), boot: self.boot.clone() }
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        let started = self.stat(pid)?.started;
        Some(ProcessKey { pid, started, domain: self.domain.clone(), boot: self.boot.clone() })
    }

    fn ancestors(&self, pid: u32) -> Vec<Ancestor> {
        // The unit of start times in `/proc` (`sysconf(_SC_CLK_TCK)`) is the same on every system.
        const TICKS_PER_SECOND: i64 = 100;
        ancestors_of(pid, |pid| {
            let stat = self.stat(pid)?;
            let ticks = stat.started.parse::<i64>().ok()?;
            let started = TimeDelta::try_milliseconds(ticks.checked_mul(1000 / TICKS_PER_SECOND)?)?;
            let is_service = stat.session == pid && !stat.has_terminal;
            Some(Step { name: stat.name, parent: stat.parent, started, is_service })
        })
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        if self.has_own_proc { variable_of(pid, name) } else { None }
    }

    fn variables(&self, pid: u32, names: &[&str]) -> Vec<(String, String)> {
        let environment = if self.has_own_proc { environment_of(pid) } else { None }.unwrap_or_default();
        let of = |name: &&str| Some(((*name).to_owned(), value_in(&environment, name)?));
        names.iter().filter_map(of).collect()
    }

    fn name(&self, pid: u32) -> Option<String> {
        Some(self.stat(pid)?.name)
    }

    fn folder(&self, pid: u32) -> Option<String> {
        let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).ok().filter(|_| self.has_own_proc)?;
        // A folder that was removed has another name here.
        folder.is_dir().then(|| folder.into_os_string().into_string().ok())?
    }

    fn terminal(&self, pid: u32) -> Option<String> {
        self.stat(pid)?.terminal
    }
}

/// Whether `/proc` shows this process under its own pid.
fn shows_own_pids() -> bool {
    std::fs::read_link("/proc/self").is_ok_and(|own| own.to_str() == Some(&std::process::id().to_string()))
}

/// Whether a new descriptor is one of the last that are left. The kernel gives the lowest free number.
fn is_reserved(fd: &OwnedFd) -> bool {
    let number = u64::try_from(fd.as_raw_fd()).unwrap_or_default();
    getrlimit(Resource::Nofile).current.is_some_and(|limit| number >= limit - RESERVED_DESCRIPTORS.min(limit / 2))
}

/// A variable of the environment with which a process started; see [`Processes::variable`].
pub(crate) fn variable_of(pid: u32, name: &str) -> Option<String> {
    value_in(&environment_of(pid)?, name)
}

/// The environment of a process: its variables, each followed by a null byte.
fn environment_of(pid: u32) -> Option<Vec<u8>> {
    let path = format!("/proc/{pid}/environ");
    Some(crate::files::file::read(Path::new(&path), MAX_ENVIRONMENT).ok()??.bytes)
}

fn value_in(environment: &[u8], name: &str) -> Option<String> {
    let value = environment
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")))?;
    String::from_utf8(value.to_vec()).ok()
}

fn pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// The kernel's name of a process's namespace.
fn namespace(process: &str, kind: &str) -> Option<String> {
    std::fs::read_link(format!("/proc/{process}/ns/{kind}")).ok()?.into_os_string().into_string().ok()
}

fn look(key: &ProcessKey, time_space: Option<&str>) -> Process {
    let Some(raw) = pid(key.pid) else { return Process::Unknown };
    match Stat::of(key.pid) {
        Some(stat) if stat.started != key.started => {
            // In another time namespace the same process has another start time.
            let its = namespace(&key.pid.to_string(), "time");
            let is_comparable = its.as_deref().zip(time_space).is_none_or(|(its, own)| its == own);
            if is_comparable { Process::Gone } else { Process::Unknown }
        }
        Some(stat) if stat.has_ended && stat.threads > 1 => look_at_threads(key.pid),
        Some(stat) if stat.has_ended => Process::Gone,
        Some(_) => Process::Alive,
        // A permission error means that the process exists; any other error proves nothing.
        None if test_kill_process(raw) == Err(Errno::SRCH) => Process::Gone,
        None => Process::Unknown,
    }
}

/// The state of a process after its first thread has ended: it runs as long as any of its threads does.
fn look_at_threads(pid: u32) -> Process {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Process::Unknown };
    let stats: Vec<Option<Stat>> = threads.map(|thread| Stat::read(&thread.ok()?.path().join("stat"))).collect();
    match () {
        () if stats.iter().flatten().any(|stat| !stat.has_ended) => Process::Alive,
        () if stats.is_empty() || stats.iter().any(Option::is_none) => Process::Unknown,
        () => Process::Gone,
    }
}

#[cfg(test)]
#[path = "linux_tests.rs"]
mod tests;
