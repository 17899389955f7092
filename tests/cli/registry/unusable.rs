//! Registries that cannot be used: exit code 1, one line with the problem, the path and a remedy, and an unchanged
//! file.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::environment::{Environment, Run};

/// The identity and content of a path, without opening special files.
fn identity(path: &Path) -> String {
    let found = std::fs::symlink_metadata(path).unwrap();
    let content = (found.is_file() && found.len() < 1024 * 1024).then(|| std::fs::read(path).unwrap());
    let target = std::fs::read_link(path).ok();
    format!("{:?} {} {:?} {content:?} {target:?}", found.file_type(), found.len(), found.modified().unwrap())
}

fn check_refusal(run: &Run, path: &Path, what: &str, remedy: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.starts_with("headcount: error: ") && run.stderr.lines().count() == 1, "{run:?}");
    // A link is written through, so a message may name its target.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let names = |path: &Path| run.stderr.contains(path.to_str().unwrap());
    assert!(
        (names(path) || names(&real)) && run.stderr.contains(what),
        "{} or {what:?} is missing: {run:?}",
        path.display()
    );
    assert!(run.stderr.contains(remedy), "{remedy:?} is missing: {run:?}");
}

/// Checks that every command refuses a registry, and leaves it and its folder unchanged.
fn assert_refused(lay_out: impl Fn(&Path), what: &str, remedy: &str) {
    let env = Environment::new();
    env.write_beat("session-1.json", "{}");
    lay_out(&env.registry());
    let before = identity(&env.registry());
    let commands: [&[&str]; 10] = [
        &["status"],
        &["status", "--json"],
        &["cleanup", "--dry-run"],
        &["cleanup"],
        &["cleanup", "--force", "--json"],
        &["register", "20", "--role", "r", "--goal", "g"],
        &["reassign", "1", "2"],
        &["compact"],
        &["release", "1"],
        &["reactivate", "1"],
    ];
    // Run concurrently, because each waits a second for a truncated file to become whole. Writers do so one after
    // another under the lock, and wait at most five seconds for it.
    let at_once = if remedy == WAIT { 6 } else { commands.len() };
    std::thread::scope(|scope| {
        for args in &commands[..at_once] {
            let env = &env;
            scope.spawn(move || check_refusal(&env.run(args), &env.registry(), what, remedy));
        }
    });
    assert_eq!(identity(&env.registry()), before);
    assert!(!env.state().exists());
    let neighbours = std::fs::read_dir(env.workspace()).unwrap().flatten().map(|entry| entry.file_name());
    let mut neighbours: Vec<_> = neighbours.filter(|name| name != ".claude_sessions.json.lock").collect();
    neighbours.sort();
    assert_eq!(neighbours, ["claude_sessions.json", "heartbeats"], "files were left over");
}

fn text(bytes: &[u8]) -> impl Fn(&Path) {
    let bytes = bytes.to_vec();
    move |path| std::fs::write(path, &bytes).unwrap()
}

const WAIT: &str = "Headcount does not change the file until it is complete";
const MEND: &str = "Correct it in an editor or restore a copy";

#[test]
fn an_empty_registry_is_refused() {
    std::thread::scope(|scope| {
        scope.spawn(|| assert_refused(text(b""), "it is empty", WAIT));
        scope.spawn(|| assert_refused(text("\u{feff} \n\t\n".as_bytes()), "it is empty", WAIT));
    });
}

#[test]
fn a_truncated_registry_is_refused() {
    let in_line_3 = "it is cut off at line 3";
    std::thread::scope(|scope| {
        scope.spawn(|| assert_refused(text(b"{\n  \"1\": {\n    \"status\": \"acti"), in_line_3, WAIT));
        // Truncated within a character.
        scope.spawn(|| assert_refused(text(b"{\n  \"1\": {\n    \"role\": \"caf\xc3"), in_line_3, WAIT));
    });
}

#[test]
fn a_registry_that_is_not_an_object_is_refused() {
    for json in ["[]", "[{\"1\": {}}]", "12", "\"text\"", "null"] {
        assert_refused(text(json.as_bytes()), "not an object of numbered sessions", MEND);
    }
}

#[test]
fn invalid_json_is_refused() {
    for json in ["{\"1\": {},}", "{} {}", "{'1': {}}", "// a comment\n{}", "<html>"] {
        assert_refused(text(json.as_bytes()), "it is not JSON: ", MEND);
    }
    assert_refused(text(b"{\"1\": {\"role\": \"caf\xe9\"}, \xe9}"), "it is not UTF-8 text (byte 19)", MEND);
    assert_refused(text(b"\xff\xfe{\0}\0"), "it is not UTF-8 text (byte 0)", MEND);
}

#[test]
fn duplicate_keys_are_refused() {
    let keep = "Remove one of the two in an editor";
    assert_refused(text(b"{\"1\": {\"a\": 1}, \"1\": {}}"), "the key \"1\" occurs twice in the file", keep);
    assert_refused(text(b"{\"1\": {\"a\": 1, \"\\u0061\": 2}}"), "the key \"a\" occurs twice in session 1", keep);
}

#[test]
fn a_registry_that_is_not_a_regular_file_is_refused() {
    let (what, remedy) = ("is not a regular file", "specify the registry file");
    let made_by =
        |program: &'static str| move |path: &Path| assert!(Command::new(program).arg(path).status().unwrap().success());
    assert_refused(made_by("mkfifo"), what, remedy);
    assert_refused(made_by("mkdir"), what, remedy);
    assert_refused(|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), what, remedy);
    assert_refused(|path| symlink("/dev/zero", path).unwrap(), what, remedy);
    assert_refused(|path| symlink("/", path).unwrap(), what, remedy);
    // No lock file is made beside what a link leads to.
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    made_by("mkfifo")(&pipe);
    assert_refused(|path| symlink(&pipe, path).unwrap(), what, remedy);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn dangling_links_are_refused() {
    let remedy = "Check what is there";
    assert_refused(|path| symlink("claude_sessions.json", path).unwrap(), "read the registry", remedy);
    assert_refused(|path| symlink("/nonexistent/r.json", path).unwrap(), "read the registry", remedy);
}

#[test]
fn a_gigantic_registry_is_refused_unread() {
    let start = Instant::now();
    let sparse = |path: &Path| std::fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
    assert_refused(sparse, "is larger than", "specify the registry file");
    assert!(start.elapsed() < Duration::from_secs(10), "a terabyte was read");
}

#[test]
fn a_path_below_a_file_is_refused() {
    let env = Environment::new();
    env.write_registry("{}");
    let path = env.registry().join("r.json");
    for args in [&["status"][..], &["cleanup"]] {
        let run = crate::environment::run(env.command().arg("--registry").arg(&path).args(args));
        check_refusal(&run, &env.registry(), "Not a directory", "Check what is there");
    }
    assert_eq!(env.read_registry(), "{}");
}

#[test]
fn invalid_entries_are_reported_and_the_others_work() {
    let env = Environment::new();
    std::fs::create_dir(env.heartbeats()).unwrap();
    let odd = "{\n  \"x\": {\"status\": \"active\"},\n  \"3\": [1],\n  \"2\": {\n    \"status\": \"active\"\n  },\n  \"05\": 1e3\n}";
    env.write_registry(odd);
    let status = env.json(&["status"]);
    let codes: Vec<&str> =
        status["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["bad_key", "bad_key", "bad_entry"]);
    let run = env.run(&["cleanup"]);
    assert_eq!((run.code, run.stderr.lines().count()), (0, 3), "{run:?}");
    assert!(run.stdout.contains("✅ Marked 1 session(s) as inactive"), "{run:?}");
    assert_eq!(env.run(&["undo"]).code, 0);
    assert_eq!(env.read_registry(), odd);
}

#[test]
fn a_locked_registry_can_be_read_but_not_changed() {
    let env = Environment::twelve();
    let before = env.read_registry();
    let path = env.workspace().join(".claude_sessions.json.lock");
    let lock = std::fs::File::create(&path).unwrap();
    lock.lock().unwrap();
    std::fs::write(&path, format!("{}\n", std::process::id())).unwrap();
    // Reading needs no lock.
    assert_eq!(env.run(&["status"]).code, 0);
    assert_eq!(env.run(&["cleanup", "--dry-run"]).code, 0);
    let start = Instant::now();
    let run = env.run(&["cleanup"]);
    let waited = start.elapsed();
    check_refusal(&run, &path, &format!("locked by process {}", std::process::id()), "try again when");
    assert!(waited >= Duration::from_secs(5) && waited < Duration::from_secs(9), "{waited:?}");
    assert_eq!(env.read_registry(), before);
    lock.unlock().unwrap();
    assert_eq!(env.run(&["cleanup"]).code, 0);
}
