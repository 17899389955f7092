//! What README.md and CONTRIBUTING.md tell people to type: every command of Headcount is run, every `make` target exists.

use std::collections::BTreeSet;
use std::path::Path;

use crate::environment::{Environment, now, run};

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// The lines of code blocks that start with `start`, without their comments.
fn documented(text: &str, start: &str) -> Vec<String> {
    let commands = text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with(start));
    commands.map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
}

#[test]
fn every_documented_command_runs() {
    let commands = documented(&read("README.md"), "headcount");
    assert!(commands.len() > 15, "{commands:?}");
    let env = Environment::with(&[(5, "session-5", "active", Some(1)), (13, "session-13", "active", Some(1))], now());
    let scripts = env.root().join("scripts");
    std::fs::create_dir(&scripts).unwrap();
    for line in commands {
        // It runs until it is stopped, and has tests of its own.
        if line.contains("--watch") || line.contains(" wait ") {
            continue;
        }
        let words: Vec<String> = line
            .replace("\"ship it\"", "ship")
            .split_whitespace()
            .skip(1)
            .map(|word| if word == "DIR" { scripts.display().to_string() } else { word.to_owned() })
            .collect();
        let mut command = env.about(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let result = run(&mut command);
        // Without a terminal there are no answers and nothing to show, and the temporary home is no complete installation.
        let can_fail = ["identify", "doctor", "show"].iter().any(|name| words.first().is_some_and(|word| word == name));
        assert!(result.code == 0 || can_fail && result.code == 1, "{line}: {result:?}");
    }
}

/// The command of each ready module for a bar or a prompt.
fn modules(readme: &str) -> Vec<(&'static str, String)> {
    let between = |before: &str, after: &str| {
        let (_, rest) = readme.split_once(before).unwrap_or_else(|| panic!("no {before:?} in README.md"));
        rest.split_once(after).unwrap().0.to_owned()
    };
    // In JSON.
    let waybar: String = serde_json::from_str(&format!("\"{}\"", between("\"exec\": \"", "\","))).unwrap();
    vec![
        ("waybar", waybar),
        ("polybar", between("exec = ", "\n")),
        ("tmux", between("'#(", ")")),
        ("starship", between("command = \"", "\"\n")),
    ]
}

#[test]
fn the_ready_modules_print_one_line() {
    let env = Environment::twelve();
    let program = Path::new(env!("CARGO_BIN_EXE_headcount")).parent().unwrap();
    for (name, command) in modules(&read("README.md")) {
        let mut shell = env.program("sh");
        let path = format!("{}:/usr/bin:/bin", program.display());
        // `head` ends a module that prints a line at every change.
        shell
            .args(["-c", &format!("{command} | head -n 1")])
            .env("PATH", path)
            .env("HEADCOUNT_REGISTRY", env.registry());
        let result = run(&mut shell);
        assert_eq!((result.code, result.stdout.lines().count()), (0, 1), "{name}: {result:?}");
        assert!(result.stdout.contains('3') && result.stdout.contains('9'), "{name}: {result:?}");
    }
}

#[test]
fn every_documented_make_target_exists() {
    let makefile = read("Makefile");
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| line.contains(": ") || line.ends_with(':'))
        .filter_map(|line| line.split(':').next())
        .collect();
    let mut named = 0;
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "docs/PERFORMANCE.md"] {
        let text = read(name);
        // In prose "make" is a verb: only code counts.
        for (at, _) in text.match_indices("make ") {
            if text[..at].ends_with('`') || text[..at].ends_with("\n    ") {
                let target: String =
                    text[at + 5..].chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
                assert!(targets.contains(target.as_str()), "{name}: make {target}");
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named}");
}
