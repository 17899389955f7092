//! `status --watch`: prints changes as they happen, and exits when its reader is gone.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::environment::{Environment, ended, now, run};

/// How long to wait for output on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// A running `status --watch`, killed when dropped.
struct Watching {
    command: Command,
    child: Child,
}

impl Watching {
    fn start(mut command: Command) -> (Self, ChildStdout) {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        (Self { command, child }, stdout)
    }

    fn interrupt(&self, signal: &str) {
        let kill = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.child.id())]).status();
        assert!(kill.unwrap().success());
    }

    fn ended(&mut self) -> i32 {
        ended(&mut self.child, &self.command)
    }

    fn stderr(&mut self) -> String {
        std::io::read_to_string(self.child.stderr.take().unwrap()).unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The next snapshot that satisfies a condition.
fn until(lines: &Receiver<String>, is_right: impl Fn(&Value) -> bool) -> Value {
    loop {
        let line = lines.recv_timeout(DEADLINE).expect("a line in time");
        let snapshot = serde_json::from_str(&line).unwrap();
        if is_right(&snapshot) {
            return snapshot;
        }
    }
}

#[test]
fn each_line_of_json_is_a_snapshot() {
    let env = Environment::twelve();
    let (mut watching, stdout) = Watching::start(env.about(&["status", "--watch", "--json"]));
    let lines = lines(stdout);
    let first = until(&lines, |_| true);
    assert_eq!(first["counts"]["active"], 3);

    env.beat("session-9", now());
    let beaten = until(&lines, |snapshot| snapshot["counts"]["active"] == 4);
    assert_eq!(beaten["sessions"][8]["state"], "active");
    assert!(beaten["sessions"][8]["age_seconds"].as_u64().unwrap() < 30);

    assert_eq!(env.run(&["cleanup"]).code, 0);
    let cleaned = until(&lines, |snapshot| snapshot["undo"].is_object() && snapshot["counts"]["stale"] == 0);
    assert_eq!(cleaned["counts"]["inactive"], 8);

    env.write_registry("[]");
    let troubled = until(&lines, |snapshot| snapshot["trouble"].is_object());
    assert_eq!(troubled["trouble"]["code"], "registry_unreadable");
    assert_eq!(troubled["counts"]["inactive"], 8, "the last good state stays");

    watching.interrupt("INT");
    assert_eq!(watching.ended(), 0);
    assert_eq!(watching.stderr(), "");
}

#[test]
fn in_a_pipe_tables_follow_each_other_without_clearing() {
    let env = Environment::twelve();
    let (mut watching, stdout) = Watching::start(env.about(&["status", "--watch"]));
    let lines = lines(stdout);
    let next_headline = |wanted: &str| loop {
        let line = lines.recv_timeout(DEADLINE).expect("a line in time");
        assert!(!line.contains('\x1b'), "{line:?}");
        if line.starts_with(wanted) {
            return;
        }
    };
    next_headline("3 active · 9 stale");
    env.beat("session-9", now());
    next_headline("4 active · 8 stale");
    env.write_registry("[]");
    next_headline("4 active · 8 stale");
    watching.interrupt("INT");
    assert_eq!(watching.ended(), 0);
    assert!(watching.stderr().contains("headcount: error: The registry"), "the error is on standard error");
}

#[test]
fn watch_exits_when_its_pipe_closes() {
    let env = Environment::twelve();
    for args in [&["status", "--watch", "--json"][..], &["status", "--watch"]] {
        let (mut watching, stdout) = Watching::start(env.about(args));
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.contains('3'), "{line}");
        // No further change happens: the command has to detect the closed pipe itself.
        drop(reader);
        assert_eq!(watching.ended(), 0);
        assert_eq!(watching.stderr(), "");
    }
    let script = format!("'{}' status --watch --json | head -n 1", env!("CARGO_BIN_EXE_headcount"));
    let run = run(env.program("sh").args(["-c", &script]));
    assert_eq!((run.code, run.stdout.lines().count(), run.stderr.as_str()), (0, 1, ""));
}

#[test]
fn an_interrupt_ends_watch_right_after_the_first_line() {
    let env = Environment::twelve();
    for _ in 0..10 {
        let (mut watching, stdout) = Watching::start(env.about(&["status", "--watch", "--json"]));
        let mut reader = BufReader::new(stdout);
        reader.read_line(&mut String::new()).unwrap();
        watching.interrupt("INT");
        assert_eq!(watching.ended(), 0);
    }
}

#[test]
fn watch_can_write_to_a_file() {
    let env = Environment::twelve();
    let path = env.root().join("out");
    let mut command = env.about(&["status", "--watch", "--json"]);
    let file = std::fs::File::create(&path).unwrap();
    let child = command.stdout(file).stderr(Stdio::piped()).spawn().unwrap();
    let mut watching = Watching { command, child };
    let start = std::time::Instant::now();
    let has = |count: usize| std::fs::read_to_string(&path).unwrap().lines().count() >= count;
    let mut wait = |count| {
        while !has(count) {
            assert!(start.elapsed() < DEADLINE && watching.child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    wait(1);
    env.beat("session-9", now());
    wait(2);
    watching.interrupt("INT");
    assert_eq!(watching.ended(), 0);
}

#[test]
fn watch_rejects_a_fixed_time() {
    let env = Environment::new();
    assert_eq!(env.run(&["status", "--watch", "--at", "2025-11-17T20:00:00Z"]).code, 2);
}
