//! Compares how Headcount classifies a hook's command with what real shells do.
//!
//! A substitute for `headcount` records each run that receives the hook's input. A command classified as Headcount's
//! own must run it exactly once, one that runs it among other things at least once, and one that only names it never.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Map, Value, json};

use crate::environment::{Environment, run};
use crate::hooks::install::{settings, write};

/// The text before the program, and the text that has to follow at the end because of it.
const BEFORE: [(&str, &str); 17] = [
    ("", ""),
    ("exec ", ""),
    ("command ", ""),
    ("true; ", ""),
    ("cd . && ", ""),
    ("A=b ", ""),
    ("env A=b ", ""),
    ("nohup ", ""),
    ("! ", ""),
    ("(", ")"),
    ("{ ", "; }"),
    ("if true; then ", "; fi"),
    ("command -v headcount >/dev/null && ", ""),
    ("command -v headcount >/dev/null || exit 0; ", ""),
    ("cat | ", ""),
    ("echo ", ""),
    ("sh -c '", "'"),
];

/// The spellings of the program.
const PROGRAMS: [&str; 6] =
    ["headcount", "\"headcount\"", "BIN/headcount", "\"$HOME\"/bin/headcount", "~/bin/headcount", "head\\count"];

const ARGUMENTS: [&str; 5] = [" hook", " --json hook", " hook --registry /r", " status", " hook extra"];

const AFTER: [&str; 16] = [
    "",
    " || true",
    " || :",
    "; exit 0",
    " 2>/dev/null",
    " >/dev/null 2>&1",
    " 2>&1 || true",
    " # mine",
    "\n",
    " && true",
    " | cat",
    " &",
    " </dev/null",
    " </dev/stdin",
    " 2>>log",
    "; ding",
];

#[test]
fn hook_commands_are_classified_as_shells_run_them() {
    let env = Environment::new();
    let bin = env.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let program = bin.join("headcount");
    // Prints nothing, like a hook without a message. Records a run only if it received the input as a hook would.
    let script = "#!/bin/sh\nread -r input\ncase \" $* \" in *\" extra \"*|*\" status \"*) exit 2 ;; esac\n\
                  [ \"$input\" = payload ] && echo run >> \"$RUNS\"\nexit 0\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let bin = bin.to_str().unwrap();

    let mut lines = Vec::new();
    for (before, closing) in BEFORE {
        for (at, program) in PROGRAMS.iter().enumerate() {
            for (nth, arguments) in ARGUMENTS.iter().enumerate() {
                for (last, after) in AFTER.iter().enumerate() {
                    // Tests every pair of variations, not all combinations.
                    let is_plain = [at, nth, last, before.len()].iter().filter(|index| **index == 0).count() >= 2;
                    // A comment would hide the closing text, and a line must not begin with a semicolon.
                    let is_closed = closing.is_empty() || !matches!(*after, " # mine" | "\n");
                    if is_plain && is_closed {
                        let program = program.replace("BIN", bin);
                        lines.push(format!("{before}{program}{arguments}{after}{closing}"));
                    }
                }
            }
        }
    }
    let group = |line: &String| json!([{ "hooks": [{ "type": "command", "command": line }] }]);
    let events: Map<String, Value> =
        lines.iter().enumerate().map(|(at, line)| (format!("E{at}"), group(line))).collect();
    write(&settings(&env), &json!({ "hooks": events }).to_string());
    let status = env.run(&["hooks", "status", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).unwrap();
    let others = report["others"].as_array().unwrap();
    let runs_of = |event: &str| {
        let other = others.iter().find(|other| other["event"] == event);
        let is_run = report["events"].as_array().unwrap().iter().any(|hook| hook["event"] == event);
        match other {
            None if is_run => 1..=1,
            None => 0..=0,
            Some(other) if other["runs"] == true && is_run => 1..=9,
            Some(other) if other["runs"] == false && !is_run => 0..=0,
            _ => panic!("{event}: {other:?}"),
        }
    };
    let mut wrong = Vec::new();
    let mut kinds = [0; 3];
    let log = env.root().join("runs");
    for (at, line) in lines.iter().enumerate() {
        let wanted = runs_of(&format!("E{at}"));
        kinds[if *wanted.end() > 1 { 2 } else { *wanted.end() }] += 1;
        let _ = std::fs::remove_file(&log);
        let input = env.root().join("input");
        std::fs::write(&input, "payload\n").unwrap();
        let mut shell = env.program("sh");
        shell.args(["-c", line]).env("RUNS", &log).env("PATH", format!("{bin}:/usr/bin:/bin"));
        run(shell.stdin(std::fs::File::open(&input).unwrap()));
        let found = std::fs::read_to_string(&log).unwrap_or_default().lines().count();
        if !wanted.contains(&found) {
            wrong.push(format!("{line:?} ran {found} times, not {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
    assert!(kinds.iter().all(|count| *count > 50), "{kinds:?} of {}", lines.len());
}
