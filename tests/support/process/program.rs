//! A program on a desktop.
//!
//! Guarantees: it runs in its own process group and writes its output to files in the desktop's folder. Dropping the
//! value kills the program and everything it started, including reparented processes. Dropping gives it no time to exit
//! cleanly; [`Program::terminate`] does.

use crate::environment::Environment;
use crate::error::{DesktopError, Result, file};
use crate::packages::package_of;
use crate::process::process_scan::ProcessScan;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, pidfd_open, waitid,
};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// The variable that marks a process as part of a program.
const PROGRAM_MARK: &str = "THROWAWAY_PROGRAM";

/// The maximum quoted length of a log in an error message, in characters.
const MAX_QUOTED: usize = 2000;

/// A started program. Dropping it kills it and everything it started.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    pid: Pid,
    stdout: PathBuf,
    stderr: PathBuf,
    scan: ProcessScan,
}

/// A program to start.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a OsStr,
    pub(crate) args: Vec<OsString>,
    pub(crate) environment: Environment,
    /// The folder for its output files.
    pub(crate) logs: &'a Path,
    /// Whether the caller reads its standard output, instead of writing it to a file.
    pub(crate) pipes_stdout: bool,
}

impl Program {
    pub(crate) fn start(launch: &Launch<'_>) -> Result<Self> {
        static STARTED: AtomicU64 = AtomicU64::new(1);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = Path::new(launch.program).file_name().unwrap_or(launch.program).to_string_lossy().into_owned();
        let log = |kind: &str| launch.logs.join(format!("{number}-{name}.{kind}"));
        let (stdout, stderr) = (log("out"), log("err"));
        let open = |path: &Path| File::create(path).map_err(file("written", path));
        let mark = log("mark");
        let mut command = Command::new(launch.program);
        command
            .args(&launch.args)
            .env_clear()
            .envs(&launch.environment)
            .env(PROGRAM_MARK, &mark)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(if launch.pipes_stdout { Stdio::piped() } else { Stdio::from(open(&stdout)?) })
            .stderr(open(&stderr)?);
        let child = command.spawn().map_err(|source| match (source.kind(), package_of(&name)) {
            (ErrorKind::NotFound, Some(package)) => DesktopError::NotInstalled { program: name.clone(), package },
            _ => DesktopError::Start { program: launch.program.to_string_lossy().into_owned(), source },
        })?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).ok_or_else(|| DesktopError::Start {
            program: name.clone(),
            source: std::io::Error::other("it has no process id"),
        })?;
        Ok(Self { name, child, pid, stdout, stderr, scan: ProcessScan::of(PROGRAM_MARK, mark.as_os_str()) })
    }

    /// Its standard output, if `pipes_stdout` was set. Returned once.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The file name of the program.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_pid().cast_unsigned()
    }

    /// Whether it is still running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its exit.
    pub async fn exited(&mut self, wait: Duration) -> Result<ExitStatus> {
        match timeout(wait, self.child.wait()).await {
            Ok(status) => status.map_err(|source| DesktopError::Start { program: self.name.clone(), source }),
            Err(_) => Err(DesktopError::Late {
                awaited: format!("the end of {}", self.name),
                waited: wait,
                seen: format!("it runs. {}", self.last_output()),
            }),
        }
    }

    /// Terminates it with SIGTERM, and waits for its exit.
    pub async fn terminate(&mut self, wait: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM);
        self.exited(wait).await
    }

    /// Kills it and everything it started, like a crash, and waits for their end.
    pub async fn kill(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::KILL);
        let status = self.exited(Duration::from_secs(5)).await?;
        self.scan.kill();
        Ok(status)
    }

    /// Sends it a signal if it is still running.
    pub fn signal(&mut self, signal: Signal) {
        // The pid is reserved only while the process has not been waited for.
        if self.is_running() {
            let _ = kill_process(self.pid, signal);
        }
    }

    /// Its standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// Its standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        read(&self.stderr)
    }

    /// The end of its output, for error messages.
    #[must_use]
    pub fn last_output(&self) -> String {
        let all = format!("{}{}", self.stdout(), self.stderr());
        let skipped = all.chars().count().saturating_sub(MAX_QUOTED);
        let words: String = all.chars().skip(skipped).collect();
        if words.trim().is_empty() { "(it wrote nothing)".to_owned() } else { words }
    }

    /// Waits for `ready`, which this program is expected to cause. Fails if the program exits first.
    pub(crate) async fn until<T>(
        &mut self,
        awaited: &str,
        wait: Duration,
        ready: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let status = tokio::select! {
            biased;
            outcome = timeout(wait, ready) => {
                return outcome.unwrap_or_else(|_| Err(DesktopError::Late {
                    awaited: format!("{awaited} (by {}{})", self.name, package_hint(&self.name)),
                    waited: wait,
                    seen: self.last_output(),
                }));
            }
            status = self.child.wait() => status,
        };
        let status = status.map_err(|source| DesktopError::Start { program: self.name.clone(), source })?;
        Err(DesktopError::Ended {
            program: self.name.clone(),
            status,
            awaited: awaited.to_owned(),
            last_output: self.last_output(),
        })
    }

    /// Terminates it, and waits up to `timeout` for its exit. Blocks; for use in `Drop`.
    pub(crate) fn terminate_blocking(&mut self, wait: Duration) {
        self.signal(Signal::TERM);
        if let Ok(handle) = pidfd_open(self.pid, PidfdFlags::empty())
            && let Ok(wait) = Timespec::try_from(wait)
        {
            let _ = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&wait));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.is_running() {
            let _ = kill_process_group(self.pid, Signal::KILL);
            // Waits without consuming its exit status, which tokio consumes.
            let _ = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _ = self.child.try_wait();
        }
        self.scan.kill();
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn package_hint(name: &str) -> String {
    package_of(name).map(|package| format!(", Debian package {package}")).unwrap_or_default()
}
