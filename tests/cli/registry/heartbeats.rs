//! Files in a heartbeats folder: none blocks the command, at most 64 KB of each are read, and valid heartbeats count.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::environment::{AT, Environment, run, skipped};

/// Two active sessions without heartbeats.
fn env() -> Environment {
    let env = Environment::new();
    env.write_registry(&json!({ "1": { "status": "active" }, "2": { "status": "active" } }).to_string());
    std::fs::create_dir(env.heartbeats()).unwrap();
    env
}

fn session(env: &Environment, at: usize) -> Value {
    env.json(&["status", "--at", AT])["sessions"][at].clone()
}

#[test]
fn only_regular_files_count_as_heartbeats() {
    let env = env();
    let named = |second: u32| env.heartbeats().join(format!("2025-11-17_19-58-{second:02}-session-1.json"));
    assert!(Command::new("mkfifo").arg(named(0)).status().unwrap().success());
    std::fs::create_dir(named(1)).unwrap();
    symlink("/nonexistent", named(2)).unwrap();
    symlink(named(3), named(3)).unwrap();
    symlink("/dev/zero", named(4)).unwrap();
    symlink(named(0), named(5)).unwrap();
    drop(std::os::unix::net::UnixListener::bind(named(6)).unwrap());
    assert!(Command::new("mkfifo").arg(env.heartbeats().join("session-1.json")).status().unwrap().success());
    assert_eq!(session(&env, 0)["reason"], "never");
    let before = env.everything();
    let run = env.run(&["cleanup", "--dry-run", "--at", AT]);
    assert!(run.code == 0 && run.stdout.contains("Session # 1 (session-1)\n     Last heartbeat: Never"), "{run:?}");
    assert_eq!(env.everything(), before);
    // A link to a valid heartbeat counts.
    std::fs::write(env.root().join("beat"), r#"{"timestamp": "2025-11-17T19:30:00Z"}"#).unwrap();
    symlink("../../beat", named(7)).unwrap();
    assert_eq!(session(&env, 0)["last_heartbeat"], "2025-11-17T19:30:00Z");
}

#[test]
fn files_with_other_names_are_not_heartbeats() {
    let env = env();
    let body = r#"{"timestamp": "2025-11-17T19:58:00Z"}"#;
    for name in
        [".2025-11-17_19-58-00-session-1.json", "session-1.json.tmp", "session-1", "archive/session-1.json", ".json"]
    {
        env.write_beat(name, body);
    }
    assert_eq!(session(&env, 0)["reason"], "never");
    std::fs::write(env.heartbeats().join(OsStr::from_bytes(b"session-\xff1.json")), body).unwrap();
    assert_eq!(session(&env, 0)["reason"], "never");
}

#[test]
fn at_most_64_kb_of_a_heartbeat_are_read() {
    let env = env();
    let name = "2025-11-17_19-58-00-session-1.json";
    let beat = std::fs::File::create(env.heartbeats().join(name)).unwrap();
    beat.set_len(500 * 1024 * 1024).unwrap();
    // The heartbeat counts: its file name contains its time.
    let start = Instant::now();
    let status = env.json(&["status", "--at", AT]);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(status["sessions"][0]["last_heartbeat"], "2025-11-17T19:58:00Z");
    let is_broken = |warning: &&Value| warning["code"] == "broken_heartbeat";
    let warning = status["warnings"].as_array().unwrap().iter().find(is_broken).unwrap();
    assert!(warning["path"].as_str().unwrap().ends_with(name));

    // With a memory limit below the size of the file.
    let line = format!(
        "ulimit -v 400000 && exec '{}' --registry '{}' status",
        env!("CARGO_BIN_EXE_headcount"),
        env.registry().display()
    );
    assert_eq!(run(env.program("sh").args(["-c", &line])).code, 0);

    let Some(calls) = traced(&env, "openat,open,read,pread64,readv,mmap,close") else {
        return skipped("no strace here to count the bytes that are read of a beat");
    };
    assert!(calls.contains(name), "the heartbeat was not opened: {calls}");
    let opened = calls.split(name).nth(1).unwrap();
    let descriptor = opened.split(" = ").nth(1).unwrap().split_whitespace().next().unwrap();
    let of_the_beat = opened.lines().take_while(|line| !line.contains(&format!("close({descriptor})")));
    let read: u64 = of_the_beat
        .filter(|line| {
            line.contains(&format!("read({descriptor},")) || line.contains(&format!("pread64({descriptor},"))
        })
        .map(|line| line.rsplit(" = ").next().unwrap().trim().parse::<u64>().unwrap())
        .sum();
    assert!(read <= 64 * 1024 + 1, "{read} bytes: {opened}");
    let is_mapped = |line: &str| line.contains("mmap(") && line.contains(&format!(", {descriptor}, "));
    assert!(!opened.lines().skip(1).take_while(|line| !line.contains("close(")).any(is_mapped), "{opened}");
}

/// The system calls of a `status`; `None` if strace is not available.
fn traced(env: &Environment, calls: &str) -> Option<String> {
    let log = env.root().join("calls");
    let mut strace = env.program("strace");
    strace.arg("-f").arg("-e").arg(format!("trace={calls}")).arg("-o").arg(&log);
    strace.arg(env!("CARGO_BIN_EXE_headcount")).arg("--registry").arg(env.registry()).args(["status", "--at", AT]);
    let output = strace.output().ok().filter(|output| output.status.success())?;
    assert!(!output.stdout.is_empty());
    std::fs::read_to_string(log).ok()
}

#[test]
fn a_heartbeats_path_that_is_not_a_folder_is_reported() {
    let env = env();
    std::fs::remove_dir(env.heartbeats()).unwrap();
    for make in [
        &(|| std::fs::write(env.heartbeats(), "").unwrap()) as &dyn Fn(),
        &|| symlink("heartbeats", env.heartbeats()).unwrap(),
        &|| assert!(Command::new("mkfifo").arg(env.heartbeats()).status().unwrap().success()),
    ] {
        make();
        let run = env.run(&["status"]);
        assert_eq!(run.code, 0, "{run:?}");
        let folder = env.heartbeats();
        assert!(run.stderr.contains("cannot be read") && run.stderr.contains(folder.to_str().unwrap()), "{run:?}");
        let before = env.read_registry();
        let run = env.run(&["cleanup"]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains("heartbeats folder cannot be read") && run.stderr.contains("--force"), "{run:?}");
        assert_eq!(env.read_registry(), before);
        std::fs::remove_file(env.heartbeats()).unwrap();
    }
    // A link to a folder counts as a folder.
    std::fs::create_dir(env.root().join("beats")).unwrap();
    symlink("../beats", env.heartbeats()).unwrap();
    env.write_beat("2025-11-17_19-58-00-session-1.json", "{}");
    assert_eq!(session(&env, 0)["reason"], "heartbeat");
}
