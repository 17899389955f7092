//! Processes that cannot be compared or read: another time namespace, a hidden `/proc`, another pid namespace, no
//! descriptors left. Nothing of that proves an end, and a process that was seen alive is looked at again.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::claude::Claude;
use crate::environment::{Environment, Run, run, skipped};
use crate::hooks::sessions as hook;

/// A new program in a namespace of `unshare`; `None` if the kernel refuses it.
fn unshare(env: &Environment, args: &[&str]) -> Option<Command> {
    let command = |program: &str| {
        let mut command = env.program("unshare");
        command.args(args).arg(program);
        command
    };
    if run(&mut command("true")).code != 0 {
        skipped(&format!("unshare {args:?} is not permitted here"));
        return None;
    }
    Some(command(env!("CARGO_BIN_EXE_headcount")))
}

/// An environment with a session that is registered, and whose only evidence beside its process is a fresh heartbeat.
fn env() -> (Environment, Claude) {
    let (env, home) = hook::env();
    let (session, _) = Claude::start(&home, &env.workspace(), "a");
    session.turn();
    assert_eq!(first(&env.json(&["status"])), ("active".into(), "alive".into()));
    (env, session)
}

/// State and process of session 1.
fn first(status: &Value) -> (String, String) {
    let session = &status["sessions"][0];
    (session["state"].as_str().unwrap_or_default().into(), session["process"].as_str().unwrap_or_default().into())
}

/// Removes a field from the process of session 1.
fn without(env: &Environment, field: &str) {
    let mut registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    registry["1"]["claude"].as_object_mut().unwrap().remove(field).unwrap();
    env.write_registry(&serde_json::to_string_pretty(&registry).unwrap());
}

/// Checks that a command, run in a namespace, neither sees an end nor marks anything.
fn assert_no_end(env: &Environment, command: &dyn Fn(&[&str]) -> Run, about: &str) {
    let registry = env.registry();
    let before = env.read_registry();
    let named = |args: &[&str]| command(&[&["--registry", registry.to_str().unwrap()], args].concat());
    let seen = named(&["status", "--json"]);
    let status: Value = serde_json::from_str(&seen.stdout).unwrap_or_else(|error| panic!("{error}: {seen:?}"));
    assert_eq!(first(&status), ("active".into(), "unknown".into()), "{about}: {status}");
    let cleanup = named(&["cleanup"]);
    assert!(cleanup.code == 0 && env.read_registry() == before, "{about}: {cleanup:?}");
}

#[test]
fn another_time_namespace_proves_no_end() {
    let (env, _session) = env();
    let namespace = ["--time", "--fork", "--boottime", "864000"];
    if unshare(&env, &namespace).is_none() {
        return;
    }
    let inside = |args: &[&str]| run(unshare(&env, &namespace).unwrap().args(args));
    assert_no_end(&env, &inside, "a session outside, seen from a namespace");
    // Claude Code's records, and entries that were made from them, do not say to which boot a start time belongs.
    without(&env, "boot");
    assert_no_end(&env, &inside, "the same without a boot");
}

#[test]
fn a_session_in_a_time_namespace_has_not_ended() {
    let (env, _home) = hook::env();
    if unshare(&env, &["--time", "--fork", "--boottime", "864000"]).is_none() {
        return;
    }
    let mut inside = env.program("unshare");
    inside.args(["--time", "--fork", "--boottime", "864000", "sh", "-c"]);
    // The shell becomes the session's process, so that nothing is left when it is killed.
    inside.arg("(CLAUDE_PID=$$ \"$0\" hook <\"$1\"; echo registered) & exec sleep 1000");
    let payload = env.root().join("payload");
    std::fs::write(&payload, json!({ "session_id": "a", "hook_event_name": "SessionStart" }).to_string()).unwrap();
    inside.arg(env!("CARGO_BIN_EXE_headcount")).arg(payload).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut session = inside.spawn().unwrap();
    let mut said = String::new();
    let mut output = std::io::BufReader::new(session.stdout.take().unwrap());
    while !said.ends_with("registered\n") {
        assert_ne!(std::io::BufRead::read_line(&mut output, &mut said).unwrap(), 0, "{said}");
    }
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    let pid = registry["1"]["claude"]["pid"].as_i64().and_then(|pid| Pid::from_raw(pid as i32)).unwrap();
    let outside = |args: &[&str]| run(env.command().args(args));
    assert_no_end(&env, &outside, "a session in a namespace, seen from outside");
    without(&env, "boot");
    assert_no_end(&env, &outside, "the same without a boot");
    kill_process(pid, Signal::KILL).unwrap();
    session.wait().unwrap();
}

#[test]
fn a_hidden_proc_proves_no_end() {
    let (env, _session) = env();
    // The tests' own user is root, so that the session's process is another user's.
    let Some(person) = env.as_user(54321) else { return skipped("cannot become another user here") };
    for (mount, about) in [("-o hidepid=2 proc", "processes of others are hidden"), ("", "there is no /proc")] {
        let kind = if mount.is_empty() { "tmpfs tmpfs" } else { "proc" };
        let inside = |args: &[&str]| {
            let mut command = env.program("unshare");
            let script = format!("mount -t {kind} {mount} /proc && exec \"$@\"");
            command.args(["--mount", "sh", "-c", &script, "sh"]);
            run(command.arg(person.get_program()).args(person.get_args()).args(args))
        };
        if inside(&["--version"]).code != 0 {
            return skipped("no /proc can be mounted here");
        }
        assert_no_end(&env, &inside, about);
    }
}

#[test]
fn another_pid_namespace_proves_no_end_and_its_sessions_are_counted() {
    let (env, session) = env();
    // The processes in `/proc` are those of the namespace outside.
    let namespace = ["--pid", "--fork"];
    let Some(mut hook) = unshare(&env, &namespace) else { return };
    let inside = |args: &[&str]| run(unshare(&env, &namespace).unwrap().args(args));
    assert_no_end(&env, &inside, "a session outside");
    // Its pid is that of another process in this `/proc`.
    let payload = env.root().join("payload");
    std::fs::write(&payload, json!({ "session_id": "b", "hook_event_name": "SessionStart" }).to_string()).unwrap();
    hook.arg("hook").env("CLAUDE_PID", session.pid().to_string()).stdin(std::fs::File::open(&payload).unwrap());
    assert_eq!(run(&mut hook).code, 0);
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    assert_eq!(registry["2"]["claude"]["session_id"], "b", "{registry} {}", hook::log(&env));
    assert_eq!(registry["2"]["claude"]["pid"], Value::Null, "it is the pid of another process: {registry}");
    let doctor = inside(&["doctor"]);
    assert!(doctor.stdout.contains("another pid namespace"), "{doctor:?}");
}

#[test]
fn processes_are_watched_without_descriptors_for_all_of_them() {
    const LIMIT: usize = 24;
    let (env, home) = hook::env();
    let start = |n: usize| {
        let (session, _) = Claude::start(&home, &env.workspace(), &format!("s{n}"));
        session.turn();
        session
    };
    let mut sessions: Vec<Claude> = (0..LIMIT + 6).map(start).collect();
    let mut shell = env.program("sh");
    // The registry is found, which takes more descriptors than a named one: each folder on the way is opened.
    let script = format!("ulimit -n {LIMIT} && exec \"$0\" status --watch --json");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_headcount")]).stdout(Stdio::piped());
    let mut watcher = shell.spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(watcher.stdout.take().unwrap()));
    let (sender, seen) = std::sync::mpsc::channel::<Value>();
    std::thread::spawn(move || {
        lines.map_while(Result::ok).try_for_each(|line| sender.send(serde_json::from_str(&line).unwrap()))
    });
    let until = |what: &str, active: usize, stale: usize| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            let status = seen.recv_timeout(left).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(status["trouble"], Value::Null, "{what}: the registry cannot be read");
            let ended = status["sessions"].as_array().unwrap().iter().filter(|session| session["reason"] == "ended");
            assert!(ended.count() <= stale, "{what}: a running session ended: {}", status["counts"]);
            if status["counts"]["active"] == active && status["counts"]["stale"] == stale {
                return;
            }
        }
    };
    until("all run", sessions.len(), 0);
    // Other files can still be read.
    assert_eq!(env.run(&["register", "99", "--role", "r", "--goal", "g"]).code, 0);
    until("another entry", sessions.len() + 1, 0);
    // The first and the last have been looked at in any order: some end is not reported.
    for ended in 1..=3 {
        sessions.swap_remove(0).kill();
        sessions.pop().unwrap().kill();
        until("ends", sessions.len() + 1, 2 * ended);
    }
    drop(watcher.kill());
    watcher.wait().unwrap();
}
