//! A process that is watched by a descriptor, so that a reused pid is never signalled.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A running or ended process.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    descriptor: OwnedFd,
}

impl Process {
    /// A process by its pid; `None` if there is none.
    pub fn open(pid: u32) -> Option<Self> {
        let descriptor = pidfd_open(Pid::from_raw(pid.cast_signed())?, PidfdFlags::empty()).ok()?;
        Some(Self { pid, descriptor })
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it has ended.
    pub fn is_ended(&self) -> bool {
        self.ends_within(Duration::ZERO)
    }

    /// Waits for its end. Returns whether it came.
    pub fn ends_within(&self, deadline: Duration) -> bool {
        let start = Instant::now();
        loop {
            let left = Timespec::try_from(deadline.saturating_sub(start.elapsed())).unwrap();
            match poll(&mut [PollFd::new(&self.descriptor, PollFlags::IN)], Some(&left)) {
                Ok(ready) => return ready > 0,
                Err(Errno::INTR) => {}
                Err(failure) => panic!("the end of process {} cannot be awaited: {failure}", self.pid),
            }
        }
    }

    /// Sends a signal. Nothing happens if the process has ended.
    pub fn send(&self, signal: Signal) {
        let _ = pidfd_send_signal(&self.descriptor, signal);
    }

    /// Every process that has a variable with this value in its environment.
    pub fn with_variable(name: &str, value: &str) -> Vec<Self> {
        let wanted = format!("{name}={value}").into_bytes();
        let pids =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        // Opened before its environment is read: the descriptor and the environment belong to the same process.
        let found = pids.filter_map(Self::open).filter(|process| {
            let environment = std::fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
        });
        found.collect()
    }
}
