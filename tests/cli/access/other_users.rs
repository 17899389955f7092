//! Other users and programs on this machine: files planted next to ours, environment variables, targets of our writes.
//! Nothing planted is followed or overwritten, and open permissions are reported.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use crate::access::written_files::EVERY_COMMAND;
use crate::environment::{Environment, now, run, skipped};

fn allow(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn world_writable_folders_are_reported() {
    let env = Environment::twelve();
    let found = || {
        let run = env.run(&["doctor", "--json"]);
        let findings: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
        findings.into_iter().find(|finding| finding["subject"] == "permissions")
    };
    for path in [env.workspace(), env.heartbeats()] {
        allow(&path, 0o755);
    }
    assert_eq!(found(), None);
    allow(&env.workspace(), 0o777);
    allow(&env.heartbeats(), 0o1777);
    let finding = found().unwrap();
    let (folder, beats) = (env.workspace().display().to_string(), env.heartbeats().display().to_string());
    assert_eq!(finding["health"], "odd");
    assert_eq!(finding["message"], format!("Every user of this computer can write {folder} and {beats}."));
    // The remedy works.
    let remedy = finding["remedy"].as_str().unwrap().strip_prefix("If that is not intended: ").unwrap().to_owned();
    assert_eq!(run(env.program("sh").arg("-c").arg(remedy)).code, 0);
    assert_eq!(found(), None);
}

#[test]
fn heartbeats_are_never_written_through_planted_links() {
    let env = Environment::twelve();
    let (linked, named) = (env.root().join("linked"), env.root().join("named"));
    for victim in [&linked, &named] {
        std::fs::write(victim, "precious").unwrap();
    }
    // A trap at every second for as long as the commands may take.
    for second in 0..40 {
        let name = (now() + std::time::Duration::from_secs(second)).format("%Y-%m-%d_%H-%M-%S").to_string();
        symlink(&linked, env.heartbeats().join(format!("{name}-session-4.json"))).unwrap();
        std::fs::hard_link(&named, env.heartbeats().join(format!("{name}-session-5.json"))).unwrap();
    }
    for number in ["4", "5"] {
        let beaten = env.run(&["heartbeat", number]);
        assert_eq!(beaten.code, 0, "{beaten:?}");
    }
    for victim in [&linked, &named] {
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "precious");
    }
    let beats = std::fs::read_dir(env.heartbeats()).unwrap().map(|entry| entry.unwrap().path());
    let ours = beats.filter(|path| std::fs::read_to_string(path).unwrap().contains("\"manual_heartbeat\""));
    let ours: Vec<_> = ours.map(|path| std::fs::symlink_metadata(path).unwrap()).collect();
    assert!(ours.len() == 2 && ours.iter().all(|about| about.is_file() && about.nlink() == 1), "{ours:?}");
}

#[test]
fn no_command_opens_a_network_socket() {
    let env = Environment::twelve();
    let log = env.root().join("calls");
    let commands = EVERY_COMMAND.iter().copied().chain([&["hook"][..]]);
    for args in commands {
        let mut strace = env.program("strace");
        strace.args(["-f", "-e", "trace=%network", "-o"]).arg(&log);
        strace.arg(env!("CARGO_BIN_EXE_headcount")).arg("--registry").arg(env.registry()).args(args);
        if !strace.output().is_ok_and(|output| output.status.success()) {
            return skipped("no strace here to see what is called");
        }
        let calls = std::fs::read_to_string(&log).unwrap();
        // Local sockets are allowed: the C library may look for its name service.
        let outside: Vec<&str> =
            calls.lines().filter(|line| line.contains("socket(") && !line.contains("AF_UNIX")).collect();
        assert!(outside.is_empty(), "{args:?}: {outside:?}");
    }
}

#[test]
fn hostile_environment_variables_have_no_effect() {
    let env = Environment::twelve();
    let fifo = env.root().join("fifo");
    assert_eq!(run(env.program("mkfifo").arg(&fifo)).code, 0);
    for (name, value) in [
        ("HEADCOUNT_REGISTRY", "/dev/zero"),
        ("HEADCOUNT_REGISTRY", fifo.to_str().unwrap()),
        ("HEADCOUNT_REGISTRY", "/nowhere/\u{1b}[2J\n$(touch PWNED)/\u{202e}x.json/"),
        ("HEADCOUNT_REGISTRY", "../../../../../../etc/passwd"),
        ("XDG_CONFIG_HOME", "relative/$(touch PWNED)"),
        ("XDG_STATE_HOME", "\u{1b}]0;title\u{7}"),
        ("TZ", "/etc/passwd"),
        ("COLUMNS", "99999999999999999999"),
        ("HEADCOUNT_LOG", "=[[{\u{1b}"),
        ("NO_COLOR", "\u{1b}[31m"),
        ("PATH", "."),
    ] {
        let is_registry = name == "HEADCOUNT_REGISTRY";
        let mut command = if is_registry { env.command() } else { env.about(&[]) };
        let run = run(command.env(name, value).args(["cleanup", "--dry-run"]));
        assert!(run.code == i32::from(is_registry && !value.starts_with("/nowhere")), "{name}={value:?}: {run:?}");
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{name}={value:?}: {run:?}");
        }
    }
    let made: Vec<_> = env.everything().into_iter().filter(|path| path.ends_with("PWNED")).collect();
    assert!(made.is_empty(), "{made:?}");
}

/// Every test named in the last column of `SECURITY.md` exists.
#[test]
fn tests_named_in_security_md_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sources = String::new();
    let mut folders = ["crates", "tests", "src-tauri"].map(|folder| root.join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let promises = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let mut named = 0;
    for line in promises.lines().filter(|line| line.starts_with("| ")) {
        let column = line.trim_end_matches([' ', '|']).rsplit_once(" | ").unwrap().1;
        for name in column.split('`').skip(1).step_by(2) {
            let is_test = name.contains('_')
                && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
            if is_test {
                named += 1;
                assert!(sources.contains(&format!("fn {name}(")), "no test is called {name}");
            }
        }
    }
    assert!(named > 30, "{named}");
}
