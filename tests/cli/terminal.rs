//! A person at a terminal: a real pseudo-terminal with the command in it.
//!
//! Promises: waits for what is printed, with a deadline, and says what there was instead. A command that is still there at
//! the end is ended.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::environment::ended;

/// How long is waited for words on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// A terminal with a command in it.
pub(crate) struct Terminal {
    command: Command,
    child: Child,
    screen: File,
    seen: String,
    /// How much of it was waited for already.
    told: usize,
}

impl Terminal {
    /// Starts a command in a terminal of its own, of no known size.
    pub(crate) fn start(command: Command) -> Self {
        Self::sized(command, 0)
    }

    /// Starts a command in a terminal of so many columns.
    pub(crate) fn sized(mut command: Command, columns: u16) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        // A program that another test starts must not keep it open. Not every system takes that as a flag.
        rustix::io::fcntl_setfd(&screen, rustix::io::FdFlags::CLOEXEC).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        tcsetwinsize(&screen, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let inside =
            || rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        command.stdin(inside()).stdout(inside()).stderr(inside());
        let child = command.spawn().unwrap();
        // Its ends of the terminal are the child's alone from here on: the screen ends with it.
        let name = command.get_program().to_owned();
        Self { command: Command::new(name), child, screen: File::from(screen), seen: String::new(), told: 0 }
            .without(command)
    }

    fn without(self, command: Command) -> Self {
        drop(command);
        self
    }

    /// Waits until words appear, after those waited for before.
    pub(crate) fn sees(&mut self, words: &str) -> &mut Self {
        let start = Instant::now();
        loop {
            if let Some(at) = self.seen.get(self.told..).unwrap().find(words) {
                self.told += at + words.len();
                return self;
            }
            assert!(start.elapsed() < DEADLINE, "{words:?} did not appear: {}", self.seen);
            assert!(self.reads(), "{words:?} did not appear before the end: {}", self.seen);
        }
    }

    /// Everything that was on the screen so far.
    pub(crate) fn seen(&self) -> &str {
        &self.seen
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.screen.write_all(format!("{line}\n").as_bytes()).unwrap();
        self
    }

    /// Presses Ctrl-D: the answers end.
    pub(crate) fn ends_input(&mut self) -> &mut Self {
        self.screen.write_all(b"\x04").unwrap();
        self
    }

    /// Waits for the end of the command: its exit code, and everything that was on the screen.
    pub(crate) fn ends(mut self) -> (i32, String) {
        while self.reads() {}
        let code = ended(&mut self.child, &self.command);
        (code, self.seen.replace("\r\n", "\n"))
    }

    /// Reads some more of the screen, waiting for it; false when nobody writes to it any more.
    fn reads(&mut self) -> bool {
        let limit = Timespec { tv_sec: 1, tv_nsec: 0 };
        let mut polled = [PollFd::new(&self.screen, PollFlags::IN)];
        if poll(&mut polled, Some(&limit)).unwrap() == 0 {
            return true;
        }
        let mut bytes = [0; 4096];
        // A terminal whose other end is closed is an error to read from.
        let Ok(count) = self.screen.read(&mut bytes) else { return false };
        // Cut within a character only where a write was: each is of whole lines.
        self.seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
