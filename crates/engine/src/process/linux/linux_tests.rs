//! Real processes: their ends, threads, domains, environments and ancestors.

use super::*;
use crate::process::AncestorRole;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn child() -> Child {
    Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap()
}

async fn in_time(wait: Wait<'static>) -> bool {
    tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok()
}

#[tokio::test]
async fn a_killed_process_is_gone() {
    let processes = SystemProcesses::new();
    let mut child = child();
    let key = processes.key(child.id()).unwrap();
    assert_eq!(processes.look(&key), Process::Alive);
    let ended = tokio::spawn(processes.ended(&key).unwrap());
    child.kill().unwrap();
    // It has ended before it is reaped.
    assert!(in_time(Box::pin(async { ended.await.unwrap() })).await);
    assert_eq!(processes.look(&key), Process::Gone);
    child.wait().unwrap();
    assert_eq!(processes.look(&key), Process::Gone);
    assert!(in_time(processes.ended(&key).unwrap()).await, "the wait for an ended process returns at once");
    assert_eq!(processes.key(key.pid), None);
}

#[tokio::test]
async fn a_process_runs_as_long_as_any_of_its_threads() {
    // The first thread ends at once; another one reads until its input ends.
    let exit = if cfg!(target_arch = "x86_64") { 60 } else { 93 };
    let script = format!(
        "import ctypes, sys, threading\n\
         threading.Thread(target=sys.stdin.read).start()\n\
         ctypes.CDLL(None).syscall({exit}, 0)"
    );
    let mut child = Command::new("python3").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
    let processes = SystemProcesses::new();
    let key = processes.key(child.id()).unwrap();
    let start = std::time::Instant::now();
    while !Stat::of(child.id()).unwrap().has_ended {
        assert!(start.elapsed() < Duration::from_secs(20), "the first thread does not end");
        std::thread::yield_now();
    }
    assert_eq!(processes.look(&key), Process::Alive);
    let mut ended = processes.ended(&key).unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut ended).await.is_err());
    drop(child.stdin.take());
    assert!(in_time(ended).await);
    assert_eq!(processes.look(&key), Process::Gone);
    child.wait().unwrap();
}

#[tokio::test]
async fn a_reused_pid_is_another_process() {
    let processes = SystemProcesses::new();
    let own = processes.key(std::process::id()).unwrap();
    let earlier = ProcessKey { started: "1".into(), ..own.clone() };
    assert_eq!(processes.look(&earlier), Process::Gone);
    assert!(in_time(processes.ended(&earlier).unwrap()).await);
    let rebooted = ProcessKey { boot: Some("another".into()), ..own };
    assert_eq!(processes.look(&rebooted), Process::Unknown, "`Boot::has_ended` decides that");
}

#[test]
fn processes_of_other_domains_are_unknown() {
    let processes = SystemProcesses::new();
    let own = processes.key(std::process::id()).unwrap();
    for elsewhere in ["darwin", "linux:other:pid:[4026531836]"] {
        for started in [own.started.as_str(), "1"] {
            let key = ProcessKey { domain: Some(elsewhere.into()), started: started.into(), ..own.clone() };
            assert_eq!(processes.look(&key), Process::Unknown);
        }
    }
    let without_domain = ProcessKey { domain: None, boot: None, ..own.clone() };
    assert_eq!(processes.look(&without_domain), Process::Alive);
    assert_eq!(processes.look(&ProcessKey { started: "1".into(), ..without_domain }), Process::Unknown);
    assert_eq!(processes.look(&ProcessKey { pid: u32::MAX, ..own }), Process::Unknown);
}

#[test]
fn variable_reads_the_environment_of_the_process() {
    let processes = SystemProcesses::new();
    let mut child = Command::new("sleep").arg("1000").env_clear().env("A", "1=2").env("AB", "3").spawn().unwrap();
    assert_eq!(processes.variable(child.id(), "A").as_deref(), Some("1=2"));
    assert_eq!(processes.variable(child.id(), "AB").as_deref(), Some("3"));
    assert_eq!(processes.variable(child.id(), "B"), None);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(processes.variable(child.id(), "A"), None);
}

#[test]
fn ancestors_include_the_launcher_and_show_services() {
    // A shell between this process and a child; the second one leads a session without a terminal.
    for (is_service, program) in [(false, ["env", "sh"]), (true, ["setsid", "sh"])] {
        let mut shell = Command::new(program[0]).args([program[1], "-c", "sleep 1000; true"]).spawn().unwrap();
        let below = child_of(shell.id());
        let found = SystemProcesses::new().ancestors(below);
        let seen: Vec<_> = found.iter().map(|above| (above.pid, above.role == AncestorRole::Launcher)).collect();
        assert_eq!(seen[..2], [(shell.id(), true), (std::process::id(), false)]);
        assert_eq!(found[0].is_service, is_service);
        rustix::process::kill_process(pid(below).unwrap(), rustix::process::Signal::KILL).unwrap();
        drop(shell.kill());
        shell.wait().unwrap();
    }
}

/// Waits for the first child of a process.
fn child_of(parent: u32) -> u32 {
    let start = std::time::Instant::now();
    let children = format!("/proc/{parent}/task/{parent}/children");
    loop {
        let text = std::fs::read_to_string(&children).unwrap_or_default();
        if let Some(pid) = text.split_whitespace().next().and_then(|pid| pid.parse::<u32>().ok()) {
            return pid;
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::yield_now();
    }
}
