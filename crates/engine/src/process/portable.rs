//! Processes by portable libraries, for macOS and Windows; tested on Linux with the same tests.
//!
//! Guarantees: those of the Linux implementation, with start times in whole seconds that may differ by two, because
//! their sources round differently. Each wait takes a thread of its own, which is blocked in the kernel (kqueue, a
//! process handle). Not tested on macOS and Windows.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use headcount_core::claude::{MAX_ROUNDING, PidSpace, ProcessKey};
use headcount_core::liveness::Process;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use chrono::TimeDelta;

use super::{Ancestor, Processes, Step, ancestors_of};
use crate::clock::Wait;

/// The error for a pid without a process: `ESRCH`, and `ERROR_INVALID_PARAMETER` on Windows.
const NO_SUCH_PROCESS: i32 = if cfg!(windows) { 87 } else { 3 };

/// The size of the stack of a thread that only waits.
const STACK_SIZE: usize = 64 * 1024;

/// The processes of this machine.
#[derive(Debug)]
pub struct SystemProcesses {
    /// `None` if the system's list of processes is not available.
    system: Option<Mutex<System>>,
    domain: String,
}

impl SystemProcesses {
    /// Opens the system's list of processes.
    #[must_use]
    pub fn new() -> Self {
        let host = System::host_name().unwrap_or_default();
        let domain = if cfg!(target_os = "macos") { "darwin".to_owned() } else { format!("win32:{host}") };
        let system = System::new().inspect_err(|error| tracing::warn!(%error, "no list of processes"));
        Self { system: system.ok().map(Mutex::new), domain }
    }

    /// The name, the start in seconds since 1970 and the parent of a process.
    fn find(&self, pid: u32) -> Option<(String, i64, u32)> {
        let mut system = self.system.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = Pid::from_u32(pid);
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
        let found = system.process(pid)?;
        let parent = found.parent().map(Pid::as_u32).unwrap_or_default();
        Some((found.name().to_string_lossy().into_owned(), found.start_time().cast_signed(), parent))
    }
}

impl Default for SystemProcesses {
    fn default() -> Self {
        Self::new()
    }
}

impl Processes for SystemProcesses {
    fn look(&self, key: &ProcessKey) -> Process {
        let Some(started) = key.started_seconds() else { return Process::Unknown };
        if key.domain.as_ref().is_some_and(|domain| *domain != self.domain) {
            return Process::Unknown;
        }
        // Windows lists an ended process for as long as another process has a handle of it, as its parent does. So does
        // Linux until its parent has waited for it.
        let opened = open(key.pid);
        let ended = opened.as_ref().is_err_and(is_no_such_process) || opened.is_ok_and(has_ended);
        match self.find(key.pid) {
            _ if ended && key.domain.is_some() => Process::Gone,
            Some((_, found, _)) if found.saturating_sub(started).saturating_abs() <= MAX_ROUNDING => Process::Alive,
            _ if key.domain.is_none() => Process::Unknown,
            Some(_) => Process::Gone,
            // The list does not report whether it could read a process: only a wait proves the exit.
            None => Process::Unknown,
        }
    }

    fn ended(&self, key: &ProcessKey) -> Option<Wait<'static>> {
        let opened = open(key.pid);
        let is_alive = self.look(key) == Process::Alive;
        match opened {
            Ok(handle) if is_alive => wait_in_thread(handle),
            Ok(_) => Some(Box::pin(std::future::ready(()))),
            Err(error) if is_no_such_process(&error) => Some(Box::pin(std::future::ready(()))),
            Err(error) => {
                tracing::debug!(%error, "cannot wait for the end of a process");
                None
            }
        }
    }

    fn reports_ends(&self) -> Result<(), String> {
        self.system.as_ref().ok_or("the system's list of processes cannot be read")?;
        let own = open(std::process::id());
        own.map(drop).map_err(|error| error.to_string())
    }

    fn pid_space(&self) -> PidSpace {
        PidSpace { domain: Some(self.domain.clone()), boot: None }
    }

    fn key(&self, pid: u32) -> Option<ProcessKey> {
        let (_, started, _) = self.find(pid)?;
        Some(ProcessKey { pid, started: started.to_string(), domain: Some(self.domain.clone()), boot: None })
    }

    fn ancestors(&self, pid: u32) -> Vec<Ancestor> {
        ancestors_of(pid, |pid| {
            let (name, started, parent) = self.find(pid)?;
            // Other systems give orphans to init.
            Some(Step { name, parent, started: TimeDelta::try_seconds(started)?, is_service: false })
        })
    }

    fn variable(&self, pid: u32, name: &str) -> Option<String> {
        let mut system = self.system.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = Pid::from_u32(pid);
        let environment = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always);
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, environment);
        let variables = system.process(pid)?.environ().iter();
        let mut values = variables.filter_map(|variable| variable.to_str()?.strip_prefix(name)?.strip_prefix('='));
        values.next().map(str::to_owned)
    }

    fn name(&self, pid: u32) -> Option<String> {
        Some(self.find(pid)?.0)
    }

    /// macOS only: there, `ps` reads what the library does not.
    fn terminal(&self, pid: u32) -> Option<String> {
        if !cfg!(target_os = "macos") {
            return None;
        }
        let output =
            std::process::Command::new("/bin/ps").args(["-o", "tty=", "-p", &pid.to_string()]).output().ok()?;
        let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        Some(name).filter(|name| !name.is_empty() && !name.contains('?'))
    }
}

/// Opens a process to wait for its end. A pid that Unix cannot have is that of no process.
fn open(pid: u32) -> std::io::Result<waitpid_any::WaitHandle> {
    match i32::try_from(pid) {
        Err(_) if cfg!(unix) => Err(std::io::Error::from_raw_os_error(NO_SUCH_PROCESS)),
        _ => waitpid_any::WaitHandle::open(pid.cast_signed()),
    }
}

/// Waits for the end of a process. The thread is not one of the runtime's, because a runtime does not shut down before its
/// own threads have ended, and a session may run for days. A thread whose wait was dropped stays until the process ends.
fn wait_in_thread(mut handle: waitpid_any::WaitHandle) -> Option<Wait<'static>> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("end of a process".to_owned()).stack_size(STACK_SIZE);
    let wait = move || {
        // An error ends the wait too: its caller looks at the process again.
        drop(handle.wait());
        let _ = sender.send(());
    };
    match thread.spawn(wait) {
        Ok(_) => Some(Box::pin(async move { drop(receiver.await) })),
        Err(error) => {
            tracing::warn!(%error, "cannot wait for the end of a process");
            None
        }
    }
}

/// Whether the wait for a process ends at once.
fn has_ended(mut handle: waitpid_any::WaitHandle) -> bool {
    matches!(handle.wait_timeout(Duration::ZERO), Ok(Some(())))
}

fn is_no_such_process(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(NO_SUCH_PROCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_pid_that_no_process_can_have_is_gone() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        let key = ProcessKey { pid: u32::MAX, ..own };
        assert_eq!(processes.look(&key), Process::Gone);
        assert!(processes.ended(&key).is_some());
    }

    #[tokio::test]
    async fn a_killed_process_is_gone_although_its_handle_is_held() {
        let processes = SystemProcesses::new();
        let mut child = super::super::start_waiting();
        let key = processes.key(child.id()).unwrap();
        assert_eq!(processes.look(&key), Process::Alive);
        let ended = tokio::spawn(processes.ended(&key).unwrap());
        child.kill().unwrap();
        tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap().unwrap();
        assert_eq!(processes.look(&key), Process::Gone, "its parent still has a handle");
        child.wait().unwrap();
        assert_eq!(processes.look(&key), Process::Gone);
    }

    #[test]
    fn a_runtime_shuts_down_while_it_waits_for_a_process() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        let wait = processes.ended(&own).unwrap();
        runtime.spawn(wait);
        runtime.block_on(tokio::task::yield_now());
        let (sender, is_shut_down) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(runtime);
            sender.send(()).unwrap();
        });
        is_shut_down.recv_timeout(Duration::from_secs(20)).expect("the runtime shuts down although the process runs");
    }

    #[test]
    fn another_start_is_gone_and_another_domain_is_unknown() {
        let processes = SystemProcesses::new();
        let own = processes.key(std::process::id()).unwrap();
        assert_eq!(processes.look(&ProcessKey { started: "1".into(), ..own.clone() }), Process::Gone);
        assert_eq!(processes.look(&ProcessKey { domain: Some("elsewhere".into()), ..own.clone() }), Process::Unknown);
        assert_eq!(processes.look(&ProcessKey { started: "?".into(), ..own.clone() }), Process::Unknown);
        assert_eq!(processes.look(&ProcessKey { started: "1".into(), domain: None, ..own }), Process::Unknown);
    }
}
