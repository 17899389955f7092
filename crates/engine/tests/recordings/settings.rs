//! Recordings of the settings: configuration, autostart, Claude Code's hooks.

use serde_json::{Value, json};

use crate::fixture::{Definition, Fixture};
use crate::tape::Tape;

/// The settings that are recorded with two other values, one after the other.
fn values() -> [(&'static str, [Value; 2]); 6] {
    [
        ("timeout_minutes", [json!(10), json!(120)]),
        ("notifications", [json!(false), json!(true)]),
        ("theme", [json!("dark"), json!("light")]),
        ("auto_cleanup", [json!(true), json!(false)]),
        ("count_sdk_runs", [json!(true), json!(false)]),
        ("session_titles", [json!(false), json!(true)]),
    ]
}

pub(crate) const TAPES: [fn() -> Tape; 9] = [
    settings,
    || switches("settings-overridden", overridden),
    || switches("settings-invalid", invalid),
    || switches("settings-read-only", read_only),
    || hooks("hooks-installed", installed),
    || hooks("hooks-broken", broken),
    || hooks("hooks-disabled", disabled),
    || hooks("hooks-in-project", in_project),
    || hooks("hooks-without-command", without_command),
];

fn overridden() -> Fixture {
    let mut fixture = calm();
    fixture.overrides.registry = Some(fixture.registry());
    fixture.overrides.heartbeats = Some(fixture.heartbeats());
    fixture
}

fn invalid() -> Fixture {
    let fixture = calm();
    std::fs::write(fixture.path(".config/headcount/config.toml"), "registri = \"/somewhere\"\n").unwrap();
    fixture
}

/// No lock file can be made beside the configuration.
fn read_only() -> Fixture {
    let fixture = calm();
    std::fs::create_dir_all(fixture.path(".config/headcount/.config.toml.lock")).unwrap();
    fixture
}

fn installed() -> Fixture {
    let fixture = calm();
    crate::commands::run(&fixture, "install_hooks", &json!({})).unwrap();
    fixture
}

/// The command was moved after the hooks were installed.
fn broken() -> Fixture {
    let fixture = installed();
    std::fs::remove_file(fixture.path("bin/headcount")).unwrap();
    fixture.place_program("app/headcount");
    fixture
}

fn disabled() -> Fixture {
    let fixture = installed();
    let path = fixture.path(".claude/settings.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    settings["disableAllHooks"] = true.into();
    std::fs::write(path, settings.to_string()).unwrap();
    fixture
}

fn in_project() -> Fixture {
    let fixture = installed();
    std::fs::create_dir_all(fixture.path("shop/.claude")).unwrap();
    std::fs::rename(fixture.path(".claude/settings.json"), fixture.path("shop/.claude/settings.json")).unwrap();
    fixture
}

fn without_command() -> Fixture {
    let fixture = calm();
    std::fs::remove_file(fixture.path("bin/headcount")).unwrap();
    fixture
}

/// Each setting, the snooze, the start at login and the hooks.
fn settings() -> Tape {
    let mut tape = Tape::new("settings", calm);
    for (key, values) in values() {
        tape.branch(|branch| {
            for value in values {
                branch.act("set", &json!({ "key": key, "value": value }));
            }
        });
    }
    tape.branch(|branch| {
        for is_wanted in [true, false] {
            branch.act("start_at_login", &json!({ "isWanted": is_wanted }));
        }
    });
    tape.branch(|branch| {
        branch.act("install_hooks", &json!({}));
        branch.act("remove_hooks", &json!({}));
    });
    tape.branch(|branch| {
        for choice in ["hour", "off"] {
            branch.act("snooze", &json!({ "choice": choice }));
        }
    });
    tape.branch(|branch| {
        for minutes in [0, 10, 30, 60, 120, 240, 1440] {
            branch.read("preview_timeout", &json!({ "minutes": minutes }));
        }
    });
    tape
}

/// One switch, and resetting the chosen files.
fn switches(name: &'static str, make: fn() -> Fixture) -> Tape {
    let mut tape = Tape::new(name, make);
    for (key, value) in [("auto_cleanup", json!(true)), ("registry", Value::Null), ("heartbeats", Value::Null)] {
        tape.branch(|branch| {
            branch.act("set", &json!({ "key": key, "value": value }));
        });
    }
    tape
}

/// Hooks that are installed or removed.
fn hooks(name: &'static str, make: fn() -> Fixture) -> Tape {
    let mut tape = Tape::new(name, make);
    for command in ["install_hooks", "remove_hooks"] {
        tape.branch(|branch| {
            branch.act(command, &json!({}));
        });
    }
    tape
}

fn calm() -> Fixture {
    Fixture::new(&Definition::read("calm"))
}
