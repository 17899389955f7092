//! One Claude Code in a terminal of its own.

use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use rustix::process::Signal;
use serde_json::Value;

use crate::api::ANSWER;
use crate::home::Home;
use crate::process::Process;
use crate::terminal::Terminal;
use crate::{DEADLINE, within};

/// What the line of the prompt box begins with, and those of earlier prompts above it.
const PROMPT: &str = "❯";

/// A client. It is killed when this is dropped.
pub struct Client {
    terminal: Terminal,
    process: Process,
    /// Reaps the process: one that has ended and was not reaped still has its pid.
    reaper: Option<JoinHandle<()>>,
    config: PathBuf,
}

impl Client {
    /// Starts a client in a folder of a home.
    pub fn start(home: &Home, folder: &str, args: &[&str]) -> Self {
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(home.claude()).args(args);
        command.env_clear().envs(home.environment()).current_dir(home.at(folder));
        let (terminal, mut child) = Terminal::start(command);
        let process = Process::open(child.id()).unwrap();
        let reaper = std::thread::spawn(move || drop(child.wait()));
        Self { terminal, process, reaper: Some(reaper), config: home.at(".claude") }
    }

    /// Starts a client and waits until it takes a prompt.
    pub fn ready(home: &Home, folder: &str, args: &[&str]) -> Self {
        let client = Self::start(home, folder, args);
        client.wait_ready();
        client
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The text on its screen.
    pub fn screen(&self) -> String {
        self.terminal.screen()
    }

    /// Claude Code's own record of the process; `None` if there is none, or only a part of one.
    pub fn record(&self) -> Option<Value> {
        let text = std::fs::read(self.config.join(format!("sessions/{}.json", self.pid()))).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Waits until its screen satisfies a condition.
    ///
    /// # Panics
    ///
    /// If that takes too long, or if the client ends before.
    #[track_caller]
    pub fn wait_for(&self, what: &str, mut is_shown: impl FnMut(&str) -> bool) {
        let found = within(DEADLINE, || {
            let screen = self.screen();
            (is_shown(&screen) || self.process.is_ended()).then_some(screen)
        });
        let is_found = found.is_some_and(|screen| is_shown(&screen));
        assert!(
            is_found,
            "no {what} on the screen of {}, ended: {}\n{}",
            self.pid(),
            self.process.is_ended(),
            self.screen()
        );
    }

    /// Waits for a text on its screen.
    #[track_caller]
    pub fn wait(&self, text: &str) {
        self.wait_for(&format!("{text:?}"), |screen| screen.contains(text));
    }

    /// Waits until it takes a prompt.
    #[track_caller]
    pub fn wait_ready(&self) {
        // An example stands in an empty box: `Try "…"`.
        let is_empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with("Try ");
        self.wait_for("empty prompt box", |screen| {
            screen.lines().filter_map(|line| line.strip_prefix(PROMPT)).next_back().is_some_and(is_empty)
        });
    }

    /// Presses keys.
    pub fn press(&self, keys: &str) {
        self.terminal.write(keys);
    }

    /// Types a short line, and Enter once the line is shown: both in one read count as pasted text.
    #[track_caller]
    pub fn say(&self, text: &str) {
        self.wait_ready();
        self.press(text);
        let words: Vec<&str> = text.split_whitespace().collect();
        self.wait_for(&format!("prompt with {text:?}"), |screen| {
            let mut lines = screen.lines().filter_map(|line| line.strip_prefix(PROMPT));
            lines.any(|line| line.split_whitespace().eq(words.iter().copied()))
        });
        self.press("\r");
    }

    /// Says a prompt, and waits until the turn is over: until the answer is below the prompt and nothing can be interrupted.
    /// The record does not tell: it leaves out turns that are over within some 100 ms.
    #[track_caller]
    pub fn turn(&self, home: &Home, text: &str) {
        self.say(text);
        let is_over = |screen: &str| {
            let prompt = screen.rfind(&format!("{PROMPT} {text}"));
            let answer = screen.rfind(ANSWER);
            prompt.zip(answer).is_some_and(|(prompt, answer)| prompt < answer) && !screen.contains("esc to interrupt")
        };
        self.wait_for(&format!("end of the turn {text:?}"), |screen| home.api.is_answered(text) && is_over(screen));
    }

    /// Sends a signal.
    pub fn send(&self, signal: Signal) {
        self.process.send(signal);
    }

    /// Closes its terminal.
    pub fn close_terminal(&mut self) {
        self.terminal.close();
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait_end(&self) {
        assert!(self.process.ends_within(DEADLINE), "{} does not end:\n{}", self.pid(), self.screen());
    }

    /// Kills it, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.send(Signal::KILL);
        if let Some(reaper) = self.reaper.take() {
            drop(reaper.join());
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.end();
    }
}
