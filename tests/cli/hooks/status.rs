//! The reports of `hooks status` and `doctor` about hooks: in every settings file that Claude Code reads, including
//! custom commands.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::environment::{Environment, skipped};
use crate::hooks::install::{PROGRAM, done, hooks, line, programs, settings, text, write};

/// The report of `hooks status`, after checking that the doctor's finding is the same.
pub(crate) fn hooks_report(env: &Environment) -> (Value, i32) {
    let status = hooks(env, &["status", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).unwrap();
    let doctor: Value = serde_json::from_str(&env.run(&["doctor", "--json"]).stdout).unwrap();
    let finding = doctor.as_array().unwrap().iter().find(|finding| finding["subject"] == "hooks").unwrap();
    for key in ["health", "message", "remedy"] {
        assert_eq!(finding[key], report[key]);
    }
    (report, status.code)
}

#[test]
fn status_and_doctor_report_the_same_health() {
    let env = Environment::twelve();
    let path = settings(&env);
    let (report, code) = hooks_report(&env);
    assert_eq!((&report["health"], code), (&json!("odd"), 0));
    assert!(report["remedy"].as_str().unwrap().contains("`headcount hooks install`"));
    let no_hook = json!({ "event": "SessionStart", "installed": false, "place": null, "path": null, "program": null, "program_exists": null });
    assert_eq!((&report["events"][0], report["events"].as_array().unwrap().len()), (&no_hook, 4));

    done(&env, &["install"]);
    let (report, code) = hooks_report(&env);
    assert_eq!((&report["health"], &report["remedy"], code), (&json!("fine"), &Value::Null, 0));
    let installed = json!({ "event": "Stop", "installed": true, "place": "user", "path": path, "program": PROGRAM, "program_exists": true });
    assert_eq!(report["events"][2], installed);
    let words = done(&env, &["status"]).stdout;
    assert!(words.contains(&format!("✓ Stop              {} → {PROGRAM}\n", path.display())), "{words}");

    // Installed in settings and as a plugin, as a person may do by hand.
    let installed = text(&path);
    done(&env, &["install", "--plugin"]);
    write(&path, &installed);
    let (report, code) = hooks_report(&env);
    assert_eq!((&report["health"], code), (&json!("wrong"), 1));
    assert!(report["message"].as_str().unwrap().starts_with("The hooks are installed twice"), "{report}");
    assert_eq!(report["events"].as_array().unwrap().len(), 8);
    done(&env, &["uninstall"]);

    for (settings, health, word) in [
        (installed.replace(PROGRAM, "/gone/headcount"), "wrong", "runs /gone/headcount, which does not exist"),
        (installed.replacen("\"SessionEnd\"", "\"Renamed\"", 1), "odd", "has no hook for SessionEnd"),
        (installed.replacen('{', "{\"disableAllHooks\": true,", 1), "odd", "switched off"),
        (installed.replace(" hook\"", "\""), "odd", "outdated or damaged"),
    ] {
        write(&path, &settings);
        let (report, code) = hooks_report(&env);
        assert_eq!((&report["health"], code), (&json!(health), i32::from(health == "wrong")));
        assert!(report["message"].as_str().unwrap().contains(word), "{report}");
    }
    write(&path, "{ // mine");
    let run = hooks(&env, &["status"]);
    assert!(run.code == 1 && run.stderr.contains("comment in line 1"), "{run:?}");
    let doctor = env.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.stdout.contains("✗ hooks: "), "{doctor:?}");
}

/// Writes a settings file in the project of this environment.
fn project(env: &Environment, name: &str, text: &str) -> PathBuf {
    std::fs::create_dir_all(env.workspace().join(".git")).unwrap();
    let path = env.workspace().join(".claude").join(name);
    write(&path, text);
    path
}

#[test]
fn disabled_hooks_are_reported() {
    if Path::new("/etc/claude-code").exists() {
        return skipped("this machine has an organisation's settings for Claude Code");
    }
    let env = Environment::twelve();
    done(&env, &["install"]);
    let remote = env.home().join(".claude/remote-settings.json");
    let off = r#"{"disableAllHooks": true}"#;
    let on = r#"{"disableAllHooks": false}"#;
    for (file, text, health) in [
        ("settings.local.json", off, "odd"),
        ("settings.json", off, "odd"),
        ("settings.local.json", r#"{"allowManagedHooksOnly": true}"#, "fine"),
    ] {
        let path = project(&env, file, text);
        let (report, _) = hooks_report(&env);
        assert_eq!(report["health"], health, "{report}");
        let is_named = report["message"].as_str().unwrap().contains(path.to_str().unwrap());
        assert_eq!(is_named, health == "odd", "{report}");
        std::fs::remove_file(path).unwrap();
    }
    // The value of the higher level applies.
    let (shared, local) = (project(&env, "settings.json", off), project(&env, "settings.local.json", on));
    assert_eq!(hooks_report(&env).0["health"], "fine");
    std::fs::remove_file(local).unwrap();
    write(&remote, on);
    assert_eq!(hooks_report(&env).0["health"], "fine");
    std::fs::remove_file(shared).unwrap();
    for text in [off, r#"{"allowManagedHooksOnly": true}"#] {
        write(&remote, text);
        let (report, _) = hooks_report(&env);
        let is_named = report["message"].as_str().unwrap().contains(remote.to_str().unwrap());
        assert!(report["health"] == "odd" && is_named, "{report}");
        // Installing reports it immediately.
        assert!(hooks(&env, &["install"]).stdout.contains("organisation"), "{text}");
    }
    // The organisation's own hooks do run.
    let own = format!("\"Stop\": [{{\"hooks\": [{{\"type\": \"command\", \"command\": \"'{PROGRAM}' hook\"}}]}}]");
    write(&remote, &format!("{{\"allowManagedHooksOnly\": true, \"hooks\": {{{own}}}}}"));
    let (report, _) = hooks_report(&env);
    assert!(report["message"].as_str().unwrap().contains("no hook for SessionStart"), "{report}");
    assert_eq!(report["events"].as_array().unwrap().iter().filter(|hook| hook["place"] == "managed").count(), 1);
}

#[test]
fn local_settings_are_read_and_never_changed() {
    let env = Environment::twelve();
    let text = json!({ "hooks": { "SessionStart": [{ "hooks": [{ "type": "command", "command": line(PROGRAM) }] }] } });
    let path = project(&env, "settings.local.json", &text.to_string());
    let (report, _) = hooks_report(&env);
    assert_eq!((&report["events"][0]["place"], &report["events"][0]["installed"]), (&json!("local"), &json!(true)));
    for args in [&["install"][..], &["uninstall"], &["install", "--project"], &["uninstall", "--project"]] {
        done(&env, args);
        assert_eq!(self::text(&path), text.to_string(), "{args:?}");
    }
    done(&env, &["install", "--project"]);
    let removed = done(&env, &["uninstall"]).stdout;
    let shared = path.with_file_name("settings.json");
    assert!(removed.contains(&format!("{}: Headcount does not change that file", path.display())), "{removed}");
    assert!(
        removed.contains(&format!("{}: remove them with `headcount hooks uninstall --project`", shared.display())),
        "{removed}"
    );
}

#[test]
fn custom_commands_are_listed_and_never_changed() {
    let env = Environment::new();
    let command = "command -v headcount >/dev/null && headcount hook || true";
    let mention = "git -C ~/src/headcount hook";
    let of = |command: &str| json!([{ "hooks": [{ "type": "command", "command": command }] }]);
    let before = json!({ "hooks": { "SessionStart": of(command), "PreToolUse": of(mention) } }).to_string();
    write(&settings(&env), &before);
    let install = done(&env, &["install"]);
    assert!(install.stdout.contains(command) && !install.stdout.contains(mention), "{install:?}");
    assert_eq!(programs(&settings(&env), "SessionStart"), [command]);
    assert_eq!(programs(&settings(&env), "Stop"), [line(PROGRAM)]);
    let report: Value = serde_json::from_str(&done(&env, &["status", "--json"]).stdout).unwrap();
    assert_eq!((&report["health"], report["events"].as_array().unwrap().len()), (&json!("fine"), 4));
    let others = json!([
        { "event": "SessionStart", "place": "user", "path": settings(&env), "command": command, "runs": true },
        { "event": "PreToolUse", "place": "user", "path": settings(&env), "command": mention, "runs": false },
    ]);
    assert_eq!(report["others"], others);
    let words = done(&env, &["status"]).stdout;
    assert!(words.contains(command) && words.contains(mention), "{words}");
    let uninstall = done(&env, &["uninstall"]);
    assert!(uninstall.stdout.contains(command), "{uninstall:?}");
    assert_eq!(text(&settings(&env)), before);
}
