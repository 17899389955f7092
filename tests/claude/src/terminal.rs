//! A pseudo-terminal with a screen.
//!
//! Promises: what a program prints appears on the screen in the background; the terminal can be closed while its program runs,
//! as when its window is closed; no other program that is started meanwhile keeps it open.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const ROWS: NonZero<u16> = NonZero::new(50).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(160).unwrap();

/// A terminal in which a program was started.
pub(crate) struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keyboard: Option<File>,
    /// The reader ends when this is dropped.
    stop: Option<OwnedFd>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Starts a program with a new terminal as its controlling one. `command` is changed to start through `setsid`, which
    /// replaces itself by the program: the pid stays.
    pub(crate) fn start(mut command: Command) -> (Self, Child) {
        let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&pty).unwrap();
        unlockpt(&pty).unwrap();
        let size = Winsize { ws_row: ROWS.get(), ws_col: COLUMNS.get(), ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&pty, size).unwrap();
        let name = ptsname(&pty, Vec::new()).unwrap();
        let inside =
            || rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let child = command.stdin(inside()).stdout(inside()).stderr(inside()).spawn().unwrap();
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let keyboard = File::from(pty);
        let output = keyboard.try_clone().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let drawn = Arc::clone(&screen);
        let reader = std::thread::spawn(move || draw(output, &stopped, &drawn));
        (Self { screen, keyboard: Some(keyboard), stop: Some(stop), reader: Some(reader) }, child)
    }

    /// The text on the screen.
    pub(crate) fn screen(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Types text.
    ///
    /// # Panics
    ///
    /// If the terminal was closed.
    pub(crate) fn write(&self, text: &str) {
        self.keyboard.as_ref().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Closes the terminal.
    pub(crate) fn close(&mut self) {
        drop(self.stop.take());
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
        drop(self.keyboard.take());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.close();
    }
}

/// Draws output on the screen, until every program in the terminal has ended or `stopped` is closed at its other end.
fn draw(mut output: File, stopped: &OwnedFd, screen: &Mutex<vt100::Parser>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let mut descriptors = [PollFd::new(&output, PollFlags::IN), PollFd::new(stopped, PollFlags::empty())];
        let is_ready = poll(&mut descriptors, None).is_ok();
        if !descriptors[1].revents().is_empty() {
            return;
        }
        match output.read(&mut buffer) {
            Ok(length) if length > 0 => screen.lock().unwrap().process(&buffer[..length]),
            _ if !is_ready => {}
            _ => return,
        }
    }
}
