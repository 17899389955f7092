//! Where text goes: colours only where wanted, a closed pipe is silence, a full disk is an error.

use std::process::Stdio;

use crate::environment::{Environment, Run, run, skipped};

fn is_coloured(run: &Run) -> bool {
    run.stdout.contains("\x1b[")
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let world = Environment::twelve();
    for (args, no_color, wanted) in [
        (&["status"][..], None, false),
        (&["status", "--color", "auto"], None, false),
        (&["status", "--color", "never"], None, false),
        (&["status", "--color", "always"], None, true),
        (&["status", "--color", "always"], Some("1"), true),
        (&["cleanup", "--dry-run", "--color", "always"], None, false),
    ] {
        let mut command = world.about(args);
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        assert_eq!(is_coloured(&run(&mut command)), wanted, "{args:?} {no_color:?}");
    }
    // Colours are all that differs.
    let coloured = world.run(&["status", "--color", "always"]).stdout;
    let mut plain = String::new();
    for (at, part) in coloured.split("\x1b[").enumerate() {
        plain.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain, world.run(&["status"]).stdout);
}

#[test]
fn on_a_terminal_it_is_coloured_unless_unwanted() {
    let world = Environment::twelve();
    let on_terminal = |args: &str, variable: (&str, &str)| {
        let line = format!("'{}' --registry '{}' {args}", env!("CARGO_BIN_EXE_headcount"), world.registry().display());
        let mut script = world.program("script");
        run(script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env(variable.0, variable.1))
    };
    if std::process::Command::new("script").arg("--version").output().is_err() {
        return skipped("no `script` here to make a terminal with");
    }
    assert!(is_coloured(&on_terminal("status", ("LANG", "C"))));
    assert!(is_coloured(&on_terminal("status", ("NO_COLOR", ""))), "an empty NO_COLOR is none");
    assert!(!is_coloured(&on_terminal("status", ("NO_COLOR", "1"))));
    assert!(!is_coloured(&on_terminal("status --color never", ("LANG", "C"))));
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let world = Environment::twelve();
    // `head` closes the pipe after a line; `true` before the first.
    for reader in ["head -n 1", "true"] {
        for args in
            ["status", "status --json", "cleanup --dry-run", "cleanup --dry-run --json", "undo", "log", "--help"]
        {
            let script = format!(
                "set -o pipefail; '{}' {args} 2>stderr | {reader} >/dev/null; cat stderr",
                env!("CARGO_BIN_EXE_headcount")
            );
            let run = run(world.program("bash").args(["-c", &script]));
            assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{args} | {reader}");
        }
    }
    // And for certain: the reading end is gone before the command starts.
    for args in [&["status"][..], &["status", "--json"], &["cleanup"], &["log"], &["doctor"], &["undo"], &["undo"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.about(args);
        let output = command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{args:?}: {output:?}");
    }
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    let world = Environment::twelve();
    let change = ["register", "20", "--role", "r", "--goal", "g"];
    for args in [
        &["status"][..],
        &["status", "--json"],
        &["cleanup"],
        &["log"],
        &["doctor"],
        &["undo"],
        &["undo"],
        &["undo", "--json"],
        &change,
        &["heartbeat", "20"],
        &["reassign", "20", "21"],
        &["compact"],
        &["release", "1"],
        &["reactivate", "1"],
        &["restore"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = world.about(args);
        let output = command.stdout(Stdio::from(full)).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains("No space left"), "{args:?}: {stderr}");
    }
}

#[test]
fn nobody_listening_to_errors_is_no_error() {
    let world = Environment::new();
    world.write_registry(r#"{"1": {"status": "?"}}"#);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = world.about(&["status"]).stderr(Stdio::from(writer)).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty(), "{output:?}");
}
