//! A command in a real pseudo-terminal, with simulated input.
//!
//! Guarantees: waits for output with a deadline, and fails with the actual output. Kills a command that still runs at
//! the end.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::environment::ended;

/// How long to wait for output on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// A terminal with a running command.
pub(crate) struct Terminal {
    command: Command,
    child: Child,
    screen: File,
    text: String,
    /// The length of `text` that was already waited for.
    awaited: usize,
}

impl Terminal {
    /// Starts a command in a new terminal of unknown size.
    pub(crate) fn start(command: Command) -> Self {
        Self::sized(command, 0)
    }

    /// Starts a command in a new terminal of `columns` columns.
    pub(crate) fn sized(mut command: Command, columns: u16) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        // Programs started by other tests must not keep it open. Not every system accepts this as an open flag.
        rustix::io::fcntl_setfd(&screen, rustix::io::FdFlags::CLOEXEC).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        tcsetwinsize(&screen, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let inside =
            || rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        command.stdin(inside()).stdout(inside()).stderr(inside());
        let child = command.spawn().unwrap();
        // From here on only the child holds the other end of the terminal, so the terminal closes with it.
        let name = command.get_program().to_owned();
        Self { command: Command::new(name), child, screen: File::from(screen), text: String::new(), awaited: 0 }
            .without(command)
    }

    fn without(self, command: Command) -> Self {
        drop(command);
        self
    }

    /// Waits until `words` appear after those waited for before.
    pub(crate) fn wait_for(&mut self, words: &str) -> &mut Self {
        let start = Instant::now();
        loop {
            if let Some(at) = self.text.get(self.awaited..).unwrap().find(words) {
                self.awaited += at + words.len();
                return self;
            }
            assert!(start.elapsed() < DEADLINE, "{words:?} did not appear: {}", self.text);
            assert!(self.read_more(), "{words:?} did not appear before the end: {}", self.text);
        }
    }

    /// All output so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Types a line and presses Enter.
    pub(crate) fn type_line(&mut self, line: &str) -> &mut Self {
        self.screen.write_all(format!("{line}\n").as_bytes()).unwrap();
        self
    }

    /// Presses Ctrl-D, the end of the input.
    pub(crate) fn send_eof(&mut self) -> &mut Self {
        self.screen.write_all(b"\x04").unwrap();
        self
    }

    /// Waits for the command to exit; returns its exit code and all output.
    pub(crate) fn finish(mut self) -> (i32, String) {
        while self.read_more() {}
        let code = ended(&mut self.child, &self.command);
        (code, self.text.replace("\r\n", "\n"))
    }

    /// Waits up to a second for more output. Returns `false` after the terminal was closed.
    fn read_more(&mut self) -> bool {
        let limit = Timespec { tv_sec: 1, tv_nsec: 0 };
        let mut polled = [PollFd::new(&self.screen, PollFlags::IN)];
        if poll(&mut polled, Some(&limit)).unwrap() == 0 {
            return true;
        }
        let mut bytes = [0; 4096];
        // Reading fails after the other end was closed.
        let Ok(count) = self.screen.read(&mut bytes) else { return false };
        // Splits a character only between two writes; each write finish with a whole line.
        self.text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
