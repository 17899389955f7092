//! Processes on Linux: `/proc` and pidfds.
//!
//! Promises: that a pid is free is the kernel's own word (`ESRCH`), not a missing file, because `/proc` can be hidden; a
//! process that has ended and was not reaped has ended. Waiting holds one descriptor a process.

use std::os::fd::OwnedFd;

use headcount_core::claude::ProcessKey;
use headcount_core::liveness::Process;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, test_kill_process};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Processes, owner_of};
use crate::clock::Wait;

/// No environment is larger: the kernel's limit for arguments and environment together is 6 MiB by default.
const ENVIRONMENT: u64 = 8 * 1024 * 1024;

/// The processes of this machine, as far as this process can see them.
#[derive(Clone, Debug)]
pub struct SystemProcesses {
    domain: Option<String>,
    boot: Option<String>,
}

impl SystemProcesses {
    /// Those that this process sees. Reads who this machine is, once.
    #[must_use]
    pub fn new() -> Self {
        let line = |path: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let machine = line("/etc/machine-id").or_else(|| line("/var/lib/dbus/machine-id"));
        let space =
            std::fs::read_link("/proc/self/ns/pid").ok().and_then(|link| link.into_os_string().into_string().ok());
        let domain = space.map(|space| format!("linux:{}:{space}", machine.unwrap_or_default()));
        Self { domain, boot: line("/proc/sys/kernel/random/boot_id") }
    }

    /// Whether a key is of the pids that are seen here; nothing where that is not said.
    fn is_here(&self, key: &ProcessKey) -> Option<bool> {
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
        let found = match self.is_here(key) {
            Some(false) => return Process::Unknown,
            // Another start of this very machine: whatever ran then has ended.
            Some(true) if key.boot.is_some() && self.boot.is_some() && key.boot != self.boot => Process::Gone,
            _ => look(key),
        };
        // Of a key without a space of pids only a match proves something: elsewhere the pid may well be in use.
        if found == Process::Gone && key.domain.is_none() { Process::Unknown } else { found }
    }

    fn ended(&self, key: &ProcessKey) -> Wait<'static> {
        let opened = pid(key.pid).map(|pid| pidfd_open(pid, PidfdFlags::NONBLOCK));
        // Looked at after it was opened: the descriptor is of the process that was meant, or that one has ended.
        let is_alive = self.look(key) == Process::Alive;
        Box::pin(async move {
            match opened {
                Some(Ok(_)) if !is_alive => {}
                Some(Ok(fd)) => wait(fd).await,
                Some(Err(Errno::SRCH)) => {}
                // Its end will be seen when the registry or its record is looked at for another reason.
                Some(Err(error)) => {
                    tracing::warn!(%error, "cannot wait for the end of a process");
                    std::future::pending::<()>().await;
                }
                None => std::future::pending().await,
            }
        })
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        let started = Stat::of(pid)?.started;
        Some(ProcessKey { pid, started, domain: self.domain.clone(), boot: self.boot.clone() })
    }

    fn owner(&self, pid: u32) -> Option<u32> {
        owner_of(pid, |pid| Stat::of(pid).map(|stat| (stat.name, stat.parent)))
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        let environment =
            crate::file::read(std::path::Path::new(&format!("/proc/{pid}/environ")), ENVIRONMENT).ok()??;
        let value = environment
            .bytes
            .split(|byte| *byte == 0)
            .find_map(|variable| variable.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")))?;
        String::from_utf8(value.to_vec()).ok()
    }

    fn terminal(&self, pid: u32) -> Option<String> {
        Stat::of(pid)?.terminal
    }
}

fn pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn look(key: &ProcessKey) -> Process {
    let Some(raw) = pid(key.pid) else { return Process::Unknown };
    match Stat::of(key.pid) {
        Some(stat) if stat.started != key.started || stat.has_ended => Process::Gone,
        Some(_) => Process::Alive,
        // A permission error means that it exists, and any other that nothing is known.
        None if test_kill_process(raw) == Err(Errno::SRCH) => Process::Gone,
        None => Process::Unknown,
    }
}

async fn wait(fd: OwnedFd) {
    // Its replacement is unsafe, for types that may change their descriptor; an owned descriptor never does.
    #[expect(deprecated, reason = "sound for an owned descriptor")]
    let ended = AsyncFd::with_interest(fd, Interest::READABLE);
    match ended {
        Ok(fd) => drop(fd.readable().await),
        Err(error) => {
            tracing::warn!(%error, "cannot wait for the end of a process");
            std::future::pending::<()>().await;
        }
    }
}

/// What matters of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    has_ended: bool,
    parent: u32,
    terminal: Option<String>,
    started: String,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let bytes = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// `proc_pid_stat(5)`: the name stands in brackets and may hold anything, brackets included.
    fn parse(text: &str) -> Option<Self> {
        let (head, tail) = text.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            name,
            has_ended: matches!(field(3)?, "Z" | "X" | "x"),
            parent: field(4)?.parse().ok()?,
            terminal: terminal(field(7)?.parse().ok()?),
            started: field(22)?.to_owned(),
        })
    }
}

/// The name of a terminal device: `pts/3`, `tty2`.
fn terminal(device: i64) -> Option<String> {
    let device = u32::try_from(device).ok()?;
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00));
    match major {
        4 if minor < 64 => Some(format!("tty{minor}")),
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    fn child() -> Child {
        Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap()
    }

    async fn in_time(wait: Wait<'static>) -> bool {
        tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok()
    }

    #[test]
    fn a_line_with_anything_in_its_name() {
        let line = "767 (a) b ((c) S 1 767 767 34818 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 123456 99 0";
        let stat = Stat::parse(line).unwrap();
        let wanted = Stat {
            name: "a) b ((c".into(),
            has_ended: false,
            parent: 1,
            terminal: Some("pts/2".into()),
            started: "123456".into(),
        };
        assert_eq!(stat, wanted);
        assert!(Stat::parse(&line.replace(" S ", " Z ")).unwrap().has_ended);
        for torn in ["", "767 (x", "767 (x)", "767 (x) S 1", "767 (x) S a b c d"] {
            assert_eq!(Stat::parse(torn), None, "{torn}");
        }
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(0x402).as_deref(), Some("tty2"));
    }

    #[tokio::test]
    async fn from_alive_to_gone() {
        let processes = SystemProcesses::new();
        let mut child = child();
        let key = processes.key(child.id()).unwrap();
        assert_eq!(processes.look(&key), Process::Alive);
        let ended = tokio::spawn(processes.ended(&key));
        child.kill().unwrap();
        // Before it is reaped it has ended already.
        assert!(in_time(Box::pin(async { ended.await.unwrap() })).await);
        assert_eq!(processes.look(&key), Process::Gone);
        child.wait().unwrap();
        assert_eq!(processes.look(&key), Process::Gone);
        assert!(in_time(processes.ended(&key)).await, "one that has ended is not waited for");
        assert_eq!(processes.key(key.pid), None);
    }

    #[tokio::test]
    async fn a_pid_that_is_used_again_is_another_process() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        let earlier = ProcessKey { started: "1".into(), ..own.clone() };
        assert_eq!(processes.look(&earlier), Process::Gone);
        assert!(in_time(processes.ended(&earlier)).await);
        let rebooted = ProcessKey { boot: Some("another".into()), ..own };
        assert_eq!(processes.look(&rebooted), Process::Gone);
    }

    #[test]
    fn nothing_is_known_of_elsewhere() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        for elsewhere in ["darwin", "linux:other:pid:[4026531836]"] {
            for started in [own.started.as_str(), "1"] {
                let key = ProcessKey { domain: Some(elsewhere.into()), started: started.into(), ..own.clone() };
                assert_eq!(processes.look(&key), Process::Unknown);
            }
        }
        let unsaid = ProcessKey { domain: None, boot: None, ..own.clone() };
        assert_eq!(processes.look(&unsaid), Process::Alive);
        assert_eq!(processes.look(&ProcessKey { started: "1".into(), ..unsaid }), Process::Unknown);
        assert_eq!(processes.look(&ProcessKey { pid: u32::MAX, ..own }), Process::Unknown);
    }

    #[test]
    fn a_variable_is_that_of_the_process_itself() {
        let processes = SystemProcesses::new();
        let mut child = Command::new("sleep").arg("1000").env_clear().env("A", "1=2").env("AB", "3").spawn().unwrap();
        assert_eq!(processes.variable(child.id(), "A").as_deref(), Some("1=2"));
        assert_eq!(processes.variable(child.id(), "AB").as_deref(), Some("3"));
        assert_eq!(processes.variable(child.id(), "B"), None);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(processes.variable(child.id(), "A"), None);
    }

    #[test]
    fn whose_hook_it_is() {
        let processes = SystemProcesses::new();
        // A shell between us and a program that asks.
        let mut shell = Command::new("sh").args(["-c", "sleep 1000; true"]).spawn().unwrap();
        let own = std::process::id();
        let start = std::time::Instant::now();
        let children = format!("/proc/{0}/task/{0}/children", shell.id());
        let below = loop {
            let text = std::fs::read_to_string(&children).unwrap_or_default();
            if let Some(pid) = text.split_whitespace().next().and_then(|pid| pid.parse::<u32>().ok()) {
                break pid;
            }
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        };
        assert_eq!(processes.owner(below), Some(own));
        assert_eq!(processes.owner(shell.id()), Some(own));
        rustix::process::kill_process(pid(below).unwrap(), rustix::process::Signal::KILL).unwrap();
        drop(shell.kill());
        shell.wait().unwrap();
    }
}
