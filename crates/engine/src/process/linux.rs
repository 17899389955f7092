//! Processes on Linux, by `/proc` and pidfds.
//!
//! Guarantees: a pid counts as free only if the kernel returns `ESRCH`, not if a file is missing, because `/proc` can
//! be hidden. A zombie has ended, unless other threads of it still run. Start times are compared only within one time
//! namespace. Each wait holds one descriptor.

use std::path::Path;

use chrono::{TimeDelta, Utc};
use headcount_core::claude::{PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use headcount_core::liveness::boot::Boot;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, test_kill_process};
use rustix::time::{ClockId, clock_gettime};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Ancestor, Processes, Step, ancestors_of};
use crate::clock::Wait;

/// Maximum size of an environment in bytes. The kernel's limit for arguments and environment together is 6 MiB by
/// default.
const MAX_ENVIRONMENT: u64 = 8 * 1024 * 1024;

/// The processes of this machine that are visible to this process.
#[derive(Clone, Debug)]
pub struct SystemProcesses {
    domain: Option<String>,
    boot: Option<String>,
    /// Whether `domain` names the machine, and not only the pid namespace, which has the same number on every machine.
    is_machine_known: bool,
    /// The time namespace of start times.
    time_space: Option<String>,
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
        let space = namespace("self", "pid");
        let domain = space.map(|space| format!("linux:{}:{space}", machine.unwrap_or_default()));
        let time_space = namespace("self", "time");
        let boot = line("/proc/sys/kernel/random/boot_id").map(|boot| match &time_space {
            Some(space) if space != INITIAL_TIME_SPACE => format!("{boot} {space}"),
            _ => boot,
        });
        Self { domain, boot, is_machine_known, time_space }
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
        Stat::of(std::process::id()).ok_or("/proc cannot be read")?;
        pidfd_open(own, PidfdFlags::NONBLOCK).map(drop).map_err(|error| format!("pidfd_open: {error}"))
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
        let started = Stat::of(pid)?.started;
        Some(ProcessKey { pid, started, domain: self.domain.clone(), boot: self.boot.clone() })
    }

    fn ancestors(&self, pid: u32) -> Vec<Ancestor> {
        // The unit of start times in `/proc` (`sysconf(_SC_CLK_TCK)`) is the same on every system.
        const TICKS_PER_SECOND: i64 = 100;
        ancestors_of(pid, |pid| {
            let stat = Stat::of(pid)?;
            let ticks = stat.started.parse::<i64>().ok()?;
            let started = TimeDelta::try_milliseconds(ticks.checked_mul(1000 / TICKS_PER_SECOND)?)?;
            let is_service = stat.session == pid && !stat.has_terminal;
            Some(Step { name: stat.name, parent: stat.parent, started, is_service })
        })
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        variable_of(pid, name)
    }

    fn variables(&self, pid: u32, names: &[&str]) -> Vec<(String, String)> {
        let environment = environment_of(pid).unwrap_or_default();
        let of = |name: &&str| Some(((*name).to_owned(), value_in(&environment, name)?));
        names.iter().filter_map(of).collect()
    }

    fn name(&self, pid: u32) -> Option<String> {
        Some(Stat::of(pid)?.name)
    }

    fn folder(&self, pid: u32) -> Option<String> {
        let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        // A folder that was removed has another name here.
        folder.is_dir().then(|| folder.into_os_string().into_string().ok())?
    }

    fn terminal(&self, pid: u32) -> Option<String> {
        Stat::of(pid)?.terminal
    }
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

/// The fields of `/proc/<pid>/stat` that are used.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    has_ended: bool,
    parent: u32,
    session: u32,
    has_terminal: bool,
    terminal: Option<String>,
    threads: u32,
    started: String,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(Path::new(&format!("/proc/{pid}/stat")))
    }

    fn read(path: &Path) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Parses a line (`proc_pid_stat(5)`). The name is in parentheses and may contain any character, parentheses
    /// included.
    fn parse(text: &str) -> Option<Self> {
        let (head, tail) = text.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            name,
            has_ended: matches!(field(3)?, "Z" | "X" | "x"),
            parent: field(4)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            has_terminal: field(7)? != "0",
            terminal: terminal(field(7)?.parse().ok()?),
            threads: field(20)?.parse().ok()?,
            started: field(22)?.to_owned(),
        })
    }
}

/// The name of a terminal device, such as `pts/3` or `tty2`.
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
    use crate::process::Role;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    fn child() -> Child {
        Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap()
    }

    async fn in_time(wait: Wait<'static>) -> bool {
        tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok()
    }

    #[test]
    fn parse_accepts_any_name() {
        let line = "767 (a) b ((c) S 1 767 767 34818 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 123456 99 0";
        let stat = Stat::parse(line).unwrap();
        let wanted = Stat {
            name: "a) b ((c".into(),
            has_ended: false,
            parent: 1,
            session: 767,
            has_terminal: true,
            terminal: Some("pts/2".into()),
            threads: 11,
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
    async fn a_killed_process_is_gone() {
        let processes = SystemProcesses::new();
        let mut child = child();
        let key = processes.key(child.id()).unwrap();
        assert_eq!(processes.look(&key), Process::Alive);
        let ended = tokio::spawn(processes.ended(&key).unwrap());
        child.kill().unwrap();
        // It has ended before it is reaped.
        assert!(in_time(Box::pin(async { ended.await.unwrap() })).await);
        assert_eq!(processes.look(&key), Process::Gone);
        child.wait().unwrap();
        assert_eq!(processes.look(&key), Process::Gone);
        assert!(in_time(processes.ended(&key).unwrap()).await, "the wait for an ended process returns at once");
        assert_eq!(processes.key(key.pid), None);
    }

    #[tokio::test]
    async fn a_process_runs_as_long_as_any_of_its_threads() {
        // The first thread ends at once; another one reads until its input ends.
        let exit = if cfg!(target_arch = "x86_64") { 60 } else { 93 };
        let script = format!(
            "import ctypes, sys, threading\n\
             threading.Thread(target=sys.stdin.read).start()\n\
             ctypes.CDLL(None).syscall({exit}, 0)"
        );
        let mut child = Command::new("python3").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
        let processes = SystemProcesses::new();
        let key = processes.key(child.id()).unwrap();
        let start = std::time::Instant::now();
        while !Stat::of(child.id()).unwrap().has_ended {
            assert!(start.elapsed() < Duration::from_secs(20), "the first thread does not end");
            std::thread::yield_now();
        }
        assert_eq!(processes.look(&key), Process::Alive);
        let mut ended = processes.ended(&key).unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut ended).await.is_err());
        drop(child.stdin.take());
        assert!(in_time(ended).await);
        assert_eq!(processes.look(&key), Process::Gone);
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn a_reused_pid_is_another_process() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        let earlier = ProcessKey { started: "1".into(), ..own.clone() };
        assert_eq!(processes.look(&earlier), Process::Gone);
        assert!(in_time(processes.ended(&earlier).unwrap()).await);
        let rebooted = ProcessKey { boot: Some("another".into()), ..own };
        assert_eq!(processes.look(&rebooted), Process::Unknown, "`Boot::has_ended` decides that");
    }

    #[test]
    fn processes_of_other_domains_are_unknown() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        for elsewhere in ["darwin", "linux:other:pid:[4026531836]"] {
            for started in [own.started.as_str(), "1"] {
                let key = ProcessKey { domain: Some(elsewhere.into()), started: started.into(), ..own.clone() };
                assert_eq!(processes.look(&key), Process::Unknown);
            }
        }
        let without_domain = ProcessKey { domain: None, boot: None, ..own.clone() };
        assert_eq!(processes.look(&without_domain), Process::Alive);
        assert_eq!(processes.look(&ProcessKey { started: "1".into(), ..without_domain }), Process::Unknown);
        assert_eq!(processes.look(&ProcessKey { pid: u32::MAX, ..own }), Process::Unknown);
    }

    #[test]
    fn variable_reads_the_environment_of_the_process() {
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
    fn ancestors_include_the_launcher_and_show_services() {
        // A shell between this process and a child; the second one leads a session without a terminal.
        for (is_service, program) in [(false, ["env", "sh"]), (true, ["setsid", "sh"])] {
            let mut shell = Command::new(program[0]).args([program[1], "-c", "sleep 1000; true"]).spawn().unwrap();
            let below = child_of(shell.id());
            let found = SystemProcesses::new().ancestors(below);
            let seen: Vec<_> = found.iter().map(|above| (above.pid, above.role == Role::Launcher)).collect();
            assert_eq!(seen[..2], [(shell.id(), true), (std::process::id(), false)]);
            assert_eq!(found[0].is_service, is_service);
            rustix::process::kill_process(pid(below).unwrap(), rustix::process::Signal::KILL).unwrap();
            drop(shell.kill());
            shell.wait().unwrap();
        }
    }

    /// Waits for the first child of a process.
    fn child_of(parent: u32) -> u32 {
        let start = std::time::Instant::now();
        let children = format!("/proc/{parent}/task/{parent}/children");
        loop {
            let text = std::fs::read_to_string(&children).unwrap_or_default();
            if let Some(pid) = text.split_whitespace().next().and_then(|pid| pid.parse::<u32>().ok()) {
                return pid;
            }
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
    }
}
