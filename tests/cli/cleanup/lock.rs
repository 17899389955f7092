//! What a cleanup does while it holds the lock, in which other programs wait.

use crate::environment::{Environment, minutes_before, now, skipped};
use crate::strace;

#[test]
fn the_heartbeats_folder_is_scanned_before_the_lock_and_only_named_sessions_are_checked_under_it() {
    let env = Environment::twelve();
    for number in 1..=12 {
        env.beat(&format!("session-{number}"), minutes_before(now(), 400 + number));
    }
    let (registry, folder) = (env.registry(), env.heartbeats());
    let args = ["--registry", registry.to_str().unwrap(), "cleanup"];
    let calls = "openat,flock,getdents64,statx,newfstatat,readlinkat,close";
    let Some(log) = strace::log(&env, calls, &args, &[], "") else {
        return skipped("no strace here to see what is done under the lock");
    };
    let is_lock = |line: &&String| line.contains(".claude_sessions.json.lock>");
    let taken = log.iter().position(|line| strace::call(line) == "flock" && is_lock(&line)).unwrap();
    assert_eq!(strace::result(&log[taken]), Some(0), "{}", log[taken]);
    let held = log[taken..].iter().take_while(|line| !(strace::call(line) == "close" && is_lock(line)));
    let held: Vec<&String> = held.collect();
    assert!(taken + held.len() < log.len(), "the lock is freed");

    let scan = format!("<{}>", folder.display());
    let is_scan = |line: &String| strace::call(line) == "getdents64" && line.contains(&scan);
    assert!(log[..taken].iter().any(is_scan), "the folder is read before the lock is taken: {log:#?}");
    assert!(!held.iter().any(|line| is_scan(line)), "the folder is read under the lock: {held:#?}");
    // Sessions 1 to 3 are active, and the cleanup marks the others.
    let beat = format!("{}/", folder.display());
    let looked_at: Vec<&str> =
        held.iter().filter_map(|line| line.split_once(&beat)?.1.split(['"', '>']).next()).collect();
    for number in 4..=12 {
        let of_it = |name: &&&str| name.ends_with(&format!("-session-{number}.json"));
        assert!(looked_at.iter().any(|name| of_it(&name)), "session {number} is not checked again: {looked_at:?}");
    }
    for number in 1..=3 {
        let of_it = |name: &&str| name.ends_with(&format!("session-{number}.json"));
        assert!(!looked_at.iter().any(of_it), "session {number} is not named: {looked_at:?}");
    }
    assert_eq!(env.json(&["status"])["counts"]["inactive"], 9);
}
