//! Output streams: colours only if wanted, a closed pipe is not an error, a full disk is an error.

use std::process::Stdio;

use unicode_width::UnicodeWidthStr as _;

use crate::environment::{AT, Environment, Run, Session, run, skipped};
use crate::terminal::Terminal;

fn is_coloured(run: &Run) -> bool {
    run.stdout.contains("\x1b[")
}

#[test]
fn colour_follows_the_option_and_the_terminal() {
    let env = Environment::twelve();
    for (args, no_color, wanted) in [
        (&["status"][..], None, false),
        (&["status", "--color", "auto"], None, false),
        (&["status", "--color", "never"], None, false),
        (&["status", "--color", "always"], None, true),
        (&["status", "--color", "always"], Some("1"), true),
        (&["cleanup", "--dry-run", "--color", "always"], None, false),
    ] {
        let mut command = env.about(args);
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        assert_eq!(is_coloured(&run(&mut command)), wanted, "{args:?} {no_color:?}");
    }
    // The colours are the only difference.
    let coloured = env.run(&["status", "--color", "always"]).stdout;
    let mut plain = String::new();
    for (at, part) in coloured.split("\x1b[").enumerate() {
        plain.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain, env.run(&["status"]).stdout);
}

#[test]
fn terminal_output_is_coloured_unless_disabled() {
    let env = Environment::twelve();
    let on_terminal = |args: &str, variable: (&str, &str)| {
        let line = format!("'{}' --registry '{}' {args}", env!("CARGO_BIN_EXE_headcount"), env.registry().display());
        let mut script = env.program("script");
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
fn a_closed_pipe_is_not_an_error() {
    let env = Environment::twelve();
    // `head` closes the pipe after a line; `true` before the first one.
    for reader in ["head -n 1", "true"] {
        for args in
            ["status", "status --json", "cleanup --dry-run", "cleanup --dry-run --json", "undo", "log", "--help"]
        {
            let script = format!(
                "set -o pipefail; '{}' {args} 2>stderr | {reader} >/dev/null; cat stderr",
                env!("CARGO_BIN_EXE_headcount")
            );
            let run = run(env.program("bash").args(["-c", &script]));
            assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{args} | {reader}");
        }
    }
    // A deterministic variant: the reading end is closed before the command starts.
    for args in [&["status"][..], &["status", "--json"], &["cleanup"], &["log"], &["doctor"], &["undo"], &["undo"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = env.about(args);
        let output = command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{args:?}: {output:?}");
    }
}

#[test]
fn a_failed_write_is_an_error() {
    let env = Environment::twelve();
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
        let mut command = env.about(args);
        let output = command.stdout(Stdio::from(full)).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains("No space left"), "{args:?}: {stderr}");
    }
}

#[test]
fn a_closed_standard_error_is_not_an_error() {
    let env = Environment::new();
    env.write_registry(r#"{"1": {"status": "?"}}"#);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = env.about(&["status"]).stderr(Stdio::from(writer)).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty(), "{output:?}");
}

/// The output of a command in a terminal of `columns` columns.
fn on_terminal(env: &Environment, args: &[&str], columns: u16, term: &str) -> String {
    let mut command = env.about(args);
    command.env("TERM", term);
    let (code, screen) = Terminal::sized(command, columns).finish();
    assert_eq!(code, 0, "{screen}");
    screen
}

/// Sessions with long roles in several scripts, one for each state.
fn long_roles() -> Environment {
    let sessions: [Session<'_>; 5] = [
        (1, "a", "active", Some(1)),
        (2, "b", "active", Some(332)),
        (3, "c", "inactive", Some(9000)),
        (117, "d", "odd", None),
        (118, "e", "active", None),
    ];
    let env = Environment::with(&sessions, headcount_core::time::parse(AT).unwrap());
    let hearts = "\u{2764}\u{fe0f}".repeat(40);
    let roles = [
        "Architect and coordination",
        "\u{65e5}\u{672c}\u{8a9e}\u{3067}\u{3059}\u{3088}\u{306d}\u{3047}\u{3047}\u{3047}",
        &hearts,
        "x",
        "e\u{301}e\u{301}e\u{301} and so on and so forth",
    ];
    let mut registry: serde_json::Value = serde_json::from_str(&env.read_registry()).unwrap();
    for ((number, ..), role) in sessions.iter().zip(roles) {
        registry[number.to_string()]["role"] = role.into();
    }
    env.write_registry(&registry.to_string());
    env
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let env = long_roles();
    env.run(&["release", "118"]);
    for columns in [200, 100, 80, 60, 50, 40] {
        for args in [&["status", "--at", AT][..], &["log"], &["restore"]] {
            for color in ["never", "always"] {
                let shown = on_terminal(&env, &[args, &["--color", color]].concat(), columns, "xterm");
                let plain: String = shown
                    .split("\x1b[")
                    .enumerate()
                    .map(|(at, part)| if at == 0 { part } else { part.split_once('m').unwrap().1 })
                    .collect();
                // Warnings are sentences on standard error and may wrap.
                for line in plain.lines().filter(|line| !line.starts_with("headcount: ")) {
                    assert!(line.width() <= usize::from(columns), "{columns}: {line:?} has {}", line.width());
                }
            }
        }
    }
    // A narrow table keeps number, state, the beginning of the role and a short reason.
    let narrow = on_terminal(&env, &["status", "--at", AT], 40, "dumb");
    assert!(narrow.contains("◌ stale") && narrow.contains("5 h ago") && narrow.contains("Archite"), "{narrow}");
    assert!(!narrow.contains("s002"), "a narrow table has no terminal names: {narrow}");
    assert!(on_terminal(&env, &["status", "--at", AT], 100, "dumb").contains("s002"));
    let id = |columns| on_terminal(&env, &["log"], columns, "dumb").lines().next().unwrap().contains("Z-");
    assert!(!id(40));
    assert!(
        env.run(&["status"]).stdout.contains(env.registry().to_str().unwrap()),
        "without a terminal nothing is cut"
    );
}

#[test]
fn columns_line_up_at_any_width() {
    let env = long_roles();
    for columns in [100, 80, 60, 40] {
        let shown = on_terminal(&env, &["status", "--at", AT], columns, "dumb");
        let rows: Vec<&str> = shown
            .lines()
            .filter(|line| {
                ["active ", "stale ", "inactive ", "unknown "].iter().any(|state| line.contains(state))
                    && line.starts_with("  ")
            })
            .collect();
        assert_eq!(rows.len(), 5, "{shown}");
        let reasons = [
            "heartbeat",
            "no heartbeat",
            "1 min ago",
            "5 h ago",
            "marked",
            "other status",
            "unknown status",
            "registered",
            "disconnected",
        ];
        let starts: Vec<usize> = rows
            .iter()
            .map(|row| {
                let state_ends = row.find("active ").or(row.find("stale ")).or(row.find("unknown ")).unwrap() + 8;
                let at = reasons.iter().filter_map(|reason| row.get(state_ends..)?.find(reason)).min();
                row.get(..state_ends + at.unwrap_or_else(|| panic!("{row}"))).unwrap().width()
            })
            .collect();
        assert!(starts.iter().all(|start| *start == starts[0]), "{columns}: {starts:?}\n{shown}");
    }
}

#[test]
fn a_dumb_terminal_gets_plain_text() {
    let env = Environment::twelve();
    for args in [
        &["status"][..],
        &["--help"],
        &["help"],
        &["doctor"],
        &["log"],
        &["hooks", "status"],
        &["hooks", "install", "--dry-run"],
    ] {
        let mut command = env.about(args);
        command.env("TERM", "dumb");
        let screen = Terminal::sized(command, 80).finish().1;
        assert!(!screen.contains('\x1b'), "{args:?}: {screen:?}");
    }
    let mut watching = env.about(&["status", "--watch"]);
    watching.env("TERM", "dumb");
    let mut terminal = Terminal::sized(watching, 80);
    terminal.wait_for("3 active").wait_for("Free numbers");
    env.write_registry("{}");
    terminal.wait_for("Free numbers");
    assert!(!terminal.text().contains('\x1b'), "{:?}", terminal.text());
    // Other terminals get colours, which can be disabled for help texts too.
    assert!(on_terminal(&env, &["--help"], 80, "xterm").contains('\x1b'));
    assert!(!on_terminal(&env, &["--color", "never", "--help"], 80, "xterm").contains('\x1b'));
    assert!(!on_terminal(&env, &["status", "--color=never", "--help"], 80, "xterm").contains('\x1b'));
    assert!(is_coloured(&env.run(&["--color", "always", "--help"])));
    assert!(on_terminal(&env, &["status", "--color", "always"], 80, "dumb").contains('\x1b'), "--color always");
}

#[test]
fn json_escapes_control_characters() {
    let odd = "a\u{9b}31m\u{85}\u{202e}\u{2066}\u{200f}\u{feff} \u{645}\u{6cc}\u{200c}\u{62e} \u{65e5}";
    let env = Environment::with(&[(1, "a", "active", Some(1))], crate::environment::now());
    env.write_registry(&env.read_registry().replace("Role 1", odd));
    let shown = env.run(&["status", "--json"]).stdout;
    assert!(
        !shown.chars().any(|c| c != '\n' && c.is_control() || "\u{202e}\u{2066}\u{200f}\u{feff}".contains(c)),
        "{shown:?}"
    );
    assert!(shown.contains("\\u009b31m\\u0085\\u202e"), "{shown}");
    let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(value["sessions"][0]["role"], odd);
    // In plain output, joiners that the script needs stay.
    assert!(env.run(&["status"]).stdout.contains("\u{645}\u{6cc}\u{200c}\u{62e}"));
}
