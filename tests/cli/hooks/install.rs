//! Hooks in Claude Code's settings: install, uninstall, repair and reports. Files of other programs are restored to the
//! byte.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::environment::{Environment, Run, run, skipped};
use crate::hooks::status::hooks_report;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_headcount");

/// Settings that also contain hooks of other programs.
const THEIRS: &str = "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\n        \"matcher\": \"Bash|Edit\",\n        \"hooks\": [{\"type\": \"command\", \"command\": \"guard.sh\", \"odd\": 1e3}]\n      }\n    ],\n    \"Stop\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}, {\"type\": \"command\", \"command\": \"ding\"}]},\n      {\"hooks\": [], \"unknown\": null}\n    ]\n  },\n  \"permissions\": {\"allow\": [\"Bash(ls:*)\"]}\n}\n";

pub(crate) fn settings(env: &Environment) -> PathBuf {
    env.home().join(".claude/settings.json")
}

/// The command of an installed hook.
pub(crate) fn line(program: &str) -> String {
    format!("\"{program}\" hook")
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn parsed(path: &Path) -> Value {
    serde_json::from_str(text(path).trim_start_matches('\u{feff}')).unwrap()
}

/// The commands that an event starts.
pub(crate) fn programs(path: &Path, event: &str) -> Vec<String> {
    let settings = parsed(path);
    let groups = settings["hooks"][event].as_array().cloned().unwrap_or_default();
    let handlers = groups.iter().flat_map(|group| group["hooks"].as_array().unwrap().clone());
    handlers.map(|handler| handler["command"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn hooks(env: &Environment, args: &[&str]) -> Run {
    env.run(&[&["hooks"], args].concat())
}

pub(crate) fn done(env: &Environment, args: &[&str]) -> Run {
    let run = hooks(env, args);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    run
}

/// Checks that a command fails, names the path and a remedy, and changes nothing.
fn refused(env: &Environment, args: &[&str], words: &[&str]) {
    let before = contents(env);
    let run = hooks(env, args);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (1, "", 1), "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{word:?} is missing: {run:?}");
    }
    assert_eq!(contents(env), before);
}

/// The contents of all files that are not Headcount's own.
fn contents(env: &Environment) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let theirs = env.everything().into_iter().filter(|path| !path.starts_with("home/.local"));
    theirs.map(|path| (path.clone(), std::fs::read(env.root().join(path)).ok())).collect()
}

#[test]
fn uninstalling_hooks_restores_the_settings() {
    for before in [
        None,
        Some(""),
        Some("{}"),
        Some("{ }\r\n"),
        Some(THEIRS),
        Some("\u{feff}{\"hooks\": {\"Stop\": [], \"SessionStart\": [ ]}, \"env\": {\"A\": \"1\"}}"),
        Some("{\n\t\"hooks\": {\n\t}\n}"),
    ] {
        let env = Environment::new();
        std::fs::create_dir(env.home().join(".claude")).unwrap();
        if let Some(before) = before {
            write(&settings(&env), before);
        }
        done(&env, &["install"]);
        let installed = text(&settings(&env));
        for event in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"] {
            assert_eq!(programs(&settings(&env), event).pop().unwrap(), line(PROGRAM), "{installed}");
        }
        assert!(programs(&settings(&env), "PostToolUse").is_empty());
        assert!(done(&env, &["install"]).stdout.starts_with("Nothing to change"));
        assert_eq!(text(&settings(&env)), installed, "install must be idempotent");
        done(&env, &["install", "--every-tool"]);
        assert_eq!(programs(&settings(&env), "PostToolUse"), [line(PROGRAM)]);
        done(&env, &["install"]);
        assert!(programs(&settings(&env), "PostToolUse").is_empty());
        let removed = done(&env, &["uninstall"]);
        assert!(removed.stdout.contains("the files are the same as before"), "{removed:?}");
        assert_eq!(std::fs::read_to_string(settings(&env)).ok().as_deref(), before);
        assert!(done(&env, &["uninstall"]).stdout.starts_with("Nothing to change"));
        let strays: Vec<_> = std::fs::read_dir(env.home().join(".claude")).unwrap().flatten().collect();
        assert_eq!(strays.len(), usize::from(before.is_some()), "{strays:?}");
    }
}

#[test]
fn installed_hooks_have_the_form_of_claude_code() {
    let env = Environment::new();
    done(&env, &["install"]);
    let hook = |event: &str| parsed(&settings(&env))["hooks"][event].clone();
    let plain = json!([{ "hooks": [{ "type": "command", "command": line(PROGRAM), "timeout": 5 }] }]);
    for event in ["SessionStart", "UserPromptSubmit", "SessionEnd"] {
        assert_eq!(hook(event), plain, "{event}");
    }
    let quick = json!([{ "hooks": [{ "type": "command", "command": line(PROGRAM), "async": true, "timeout": 5 }] }]);
    assert_eq!(hook("Stop"), quick);
    done(&env, &["install", "--every-tool"]);
    assert_eq!(hook("PostToolUse"), quick);
}

/// Copies the program into another folder.
fn copied(env: &Environment, folder: &str) -> PathBuf {
    let path = env.root().join(folder).join("headcount");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Copied by another process: a file that a fork of this process still holds open for writing cannot be executed.
    assert_eq!(run(env.program("cp").arg(PROGRAM).arg(&path)).code, 0);
    path
}

#[test]
fn a_shell_starts_the_program_at_any_path() {
    let env = Environment::new();
    let program = copied(&env, "a b'c \"$HOME\" `d` \\ é*");
    assert_eq!(run(env.program(program.to_str().unwrap()).args(["hooks", "install"])).code, 0);
    let command = programs(&settings(&env), "SessionStart").pop().unwrap();
    for shell in ["sh", "bash"] {
        let run = run(env.program(shell).args(["-c", &format!("{command} --help")]));
        assert!(run.code == 0 && run.stdout.contains("hook"), "{shell}: {command}: {run:?}");
    }
    assert_eq!(hooks_report(&env).0["health"], "fine");
    assert_eq!(run(env.program(program.to_str().unwrap()).args(["hooks", "uninstall"])).code, 0);
    assert!(!settings(&env).exists());
}

#[test]
fn a_moved_program_replaces_its_old_hooks() {
    let env = Environment::new();
    write(&settings(&env), THEIRS);
    done(&env, &["install"]);
    let elsewhere = copied(&env, "bin");
    let mut moved = env.program(elsewhere.to_str().unwrap());
    assert_eq!(run(moved.args(["hooks", "install"])).code, 0);
    assert_eq!(programs(&settings(&env), "Stop"), ["say done", "ding", &line(elsewhere.to_str().unwrap())]);
    assert_eq!(programs(&settings(&env), "SessionEnd"), [line(elsewhere.to_str().unwrap())]);
    // Through a link, which stays valid when the program behind it is replaced.
    let link = env.root().join("bin/link/headcount");
    std::fs::create_dir(link.parent().unwrap()).unwrap();
    symlink(&elsewhere, &link).unwrap();
    assert_eq!(run(env.program("headcount").env("PATH", link.parent().unwrap()).args(["hooks", "install"])).code, 0);
    assert_eq!(programs(&settings(&env), "SessionEnd"), [line(link.to_str().unwrap())]);
    done(&env, &["uninstall"]);
    assert_eq!(text(&settings(&env)), THEIRS);
}

#[test]
fn a_dry_run_shows_the_diff_and_changes_nothing() {
    let env = Environment::new();
    write(&settings(&env), THEIRS);
    let before = contents(&env);
    let dry = done(&env, &["install", "--dry-run"]);
    assert!(dry.stdout.starts_with(&format!("{}\n", settings(&env).display())), "{dry:?}");
    assert!(dry.stdout.contains(&format!(" +             \"command\": \"\\\"{PROGRAM}\\\" hook\",\n")), "{dry:?}");
    assert!(dry.stdout.ends_with("🔍 DRY RUN - No changes made\n"), "{dry:?}");
    assert!(!dry.stdout.contains("guard.sh"), "only three lines of context are shown: {dry:?}");
    assert_eq!(contents(&env), before);
    done(&env, &["install"]);
    let dry = done(&env, &["uninstall", "--dry-run"]);
    assert!(dry.stdout.contains(&format!(" -             \"command\": \"\\\"{PROGRAM}\\\" hook\",\n")), "{dry:?}");
    let changes = env.json(&["hooks", "uninstall", "--dry-run"]);
    assert_eq!((&changes["dry_run"], &changes["changes"][0]["what"]), (&json!(true), &json!("changed")));
    assert_eq!(programs(&settings(&env), "SessionEnd"), [line(PROGRAM)]);
}

#[test]
fn invalid_settings_are_refused_unchanged() {
    let env = Environment::new();
    let path = settings(&env);
    let named = path.to_str().unwrap().to_owned();
    for (text, reason) in [
        ("{\n  // mine\n  \"model\": \"opus\"\n}\n", "comment in line 2"),
        ("{\"a\": 1,}", "not JSON: trailing comma"),
        ("{\"hooks\": {\"Stop\": [", "not JSON: EOF"),
        ("[]", "it is not an object"),
        ("{\"hooks\": []}", "`hooks` in it is not an object"),
        ("{\"hooks\": {}, \"hooks\": {}}", "\"hooks\" occurs twice"),
        ("{\"hooks\": {\"SessionEnd\": {}}}", "`hooks.SessionEnd` in it is not a list"),
    ] {
        write(&path, text);
        refused(&env, &["install"], &[&named, reason, "Correct it in an editor, then try again"]);
        refused(&env, &["install", "--dry-run"], &[&named, reason]);
    }
    std::fs::write(&path, b"{\"a\": \"\xff\"}").unwrap();
    refused(&env, &["install"], &[&named, "not UTF-8"]);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    refused(&env, &["install"], &[&named, "not a regular file"]);
    std::fs::remove_dir(&path).unwrap();
    symlink("/nonexistent/settings.json", &path).unwrap();
    refused(&env, &["install"], &[&named, "Check what is there"]);
    assert!(!env.state().exists());
}

#[test]
fn changes_made_between_install_and_uninstall_are_kept() {
    let env = Environment::new();
    let path = settings(&env);
    write(&path, THEIRS);
    done(&env, &["install"]);
    // Another program adds a hook, and a person changes a setting.
    let theirs = text(&path).replace("\"model\": \"opus\",", "\"model\": \"sonnet\",").replace(
        "    \"SessionEnd\": [\n",
        "    \"SessionEnd\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"bye\"}]},\n",
    );
    std::fs::write(&path, &theirs).unwrap();
    done(&env, &["install", "--every-tool"]);
    let removed = done(&env, &["uninstall"]);
    assert!(removed.stdout.contains("nothing else in the files was changed"), "not as before: {removed:?}");
    let wanted = THEIRS.replace("opus", "sonnet");
    let end = "    \"SessionEnd\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"bye\"}]}\n    ]\n  },\n  \"permissions\"";
    assert_eq!(text(&path), wanted.replace("    ]\n  },\n  \"permissions\"", &format!("    ],\n{end}")));
    // The same without Headcount's stored copy of the file.
    write(&path, THEIRS);
    done(&env, &["install"]);
    std::fs::remove_dir_all(env.state()).unwrap();
    done(&env, &["uninstall"]);
    assert_eq!(text(&path), THEIRS);
}

#[test]
fn a_link_is_written_through_and_the_mode_stays() {
    let env = Environment::new();
    let real = env.root().join("dotfiles/claude.json");
    write(&real, THEIRS);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::create_dir(env.home().join(".claude")).unwrap();
    symlink(&real, settings(&env)).unwrap();
    let install = done(&env, &["install"]);
    assert!(settings(&env).is_symlink());
    assert_eq!(programs(&real, "SessionEnd"), [line(PROGRAM)]);
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o7777, 0o600);
    // The copy is at the printed path, readable by this user only.
    let copy = env.state().join("hooks").join(real.strip_prefix("/").unwrap());
    assert!(install.stdout.contains(copy.to_str().unwrap()), "{install:?}");
    assert_eq!(text(&copy.join("before-install.json")), THEIRS);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o7777, 0o700);
    done(&env, &["uninstall"]);
    assert!(settings(&env).is_symlink());
    assert_eq!(text(&real), THEIRS);
}

#[test]
fn plugin_and_settings_replace_each_other() {
    let env = Environment::new();
    write(&settings(&env), THEIRS);
    let before = contents(&env);
    let plugin = env.home().join(".claude/skills/headcount");
    let (description, own) = (plugin.join(".claude-plugin/plugin.json"), plugin.join("hooks/hooks.json"));
    done(&env, &["install"]);
    done(&env, &["install", "--plugin"]);
    assert_eq!(text(&settings(&env)), THEIRS, "the settings must be restored");
    assert_eq!(parsed(&description)["name"], "headcount");
    assert_eq!((programs(&own, "SessionStart"), programs(&own, "Stop")), (vec![line(PROGRAM)], vec![line(PROGRAM)]));
    done(&env, &["install", "--plugin"]);
    assert_eq!(programs(&own, "SessionStart").len(), 1);
    // Hooks in the project's settings would run in addition.
    refused(&env, &["install", "--project"], &[own.to_str().unwrap(), "`headcount hooks uninstall`"]);
    done(&env, &["install"]);
    assert!(!plugin.exists(), "the plugin must be removed");
    assert_eq!(programs(&settings(&env), "SessionEnd"), [line(PROGRAM)]);
    done(&env, &["install", "--plugin"]);
    done(&env, &["uninstall"]);
    std::fs::remove_dir(env.home().join(".claude/skills")).unwrap();
    assert_eq!(contents(&env), before);
    // A plugin of another author with the same name.
    write(&description, "{\"name\": \"other\"}");
    refused(&env, &["install", "--plugin"], &[description.to_str().unwrap(), "install without --plugin"]);
}

#[test]
fn project_hooks_are_installed_in_the_project_only() {
    let env = Environment::new();
    let (deep, path) = (env.workspace().join("src/deep"), env.workspace().join(".claude/settings.json"));
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::create_dir(env.workspace().join(".git")).unwrap();
    let in_deep = |args: &[&str]| run(env.command().current_dir(&deep).arg("hooks").args(args));
    assert_eq!(in_deep(&["install", "--project"]).code, 0);
    assert_eq!(programs(&path, "SessionEnd"), [line(PROGRAM)]);
    assert!(!settings(&env).exists());
    let plugin = in_deep(&["install", "--plugin"]);
    assert!(plugin.code == 1 && plugin.stderr.contains("`headcount hooks uninstall --project`"), "{plugin:?}");
    assert_eq!(in_deep(&["uninstall"]).code, 0);
    assert!(path.exists(), "without --project the user's settings are meant");
    assert_eq!(in_deep(&["uninstall", "--project"]).code, 0);
    assert!(!path.exists());
}

#[test]
fn claude_config_dir_is_respected() {
    let env = Environment::new();
    let elsewhere = env.root().join("claude");
    assert_eq!(run(env.about(&["hooks", "install"]).env("CLAUDE_CONFIG_DIR", &elsewhere)).code, 0);
    assert_eq!(programs(&elsewhere.join("settings.json"), "SessionEnd"), [line(PROGRAM)]);
    assert!(!env.home().join(".claude").exists());
}

#[test]
fn read_only_settings_suggest_the_plugin() {
    let env = Environment::new();
    write(&settings(&env), "{}");
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&settings(&env), 0o444);
    let named = settings(&env);
    refused(&env, &["install"], &[named.to_str().unwrap(), "read-only", "`headcount hooks install --plugin`"]);
    done(&env, &["install", "--plugin"]);
    assert_eq!(text(&settings(&env)), "{}");
    done(&env, &["uninstall"]);
    set(&settings(&env), 0o644);
    done(&env, &["install"]);
    set(&settings(&env), 0o444);
    let run = hooks(&env, &["uninstall"]);
    assert!(run.code == 1 && run.stderr.contains("read-only") && !run.stderr.contains("--plugin"), "{run:?}");
    // A folder that only other users can write.
    if rustix::process::geteuid().is_root() {
        return skipped("root may write everywhere");
    }
    set(&settings(&env), 0o644);
    done(&env, &["uninstall"]);
    set(named.parent().unwrap(), 0o555);
    let run = hooks(&env, &["install"]);
    set(named.parent().unwrap(), 0o755);
    assert!(run.code == 1 && run.stderr.contains("`headcount hooks install --plugin`"), "{run:?}");
}

#[test]
fn uninstall_reports_restored_files_only_if_identical() {
    let env = Environment::new();
    // Hooks that Headcount did not install are removed too.
    let idiom =
        json!({ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "headcount hook || true" }] }] } });
    write(&settings(&env), &idiom.to_string());
    done(&env, &["install"]);
    let removed = done(&env, &["uninstall"]);
    assert!(!removed.stdout.contains("the same as before"), "{removed:?}");
    // A change by another program in between, and a second install after it.
    for again in [false, true] {
        write(&settings(&env), THEIRS);
        done(&env, &["install"]);
        write(&settings(&env), &text(&settings(&env)).replace("opus", "sonnet"));
        if again {
            done(&env, &["install", "--every-tool"]);
        }
        let removed = done(&env, &["uninstall"]);
        assert!(!removed.stdout.contains("the same as before"), "{removed:?}");
        assert_eq!(text(&settings(&env)), THEIRS.replace("opus", "sonnet"));
    }
    // Reverted by hand and installed again.
    write(&settings(&env), THEIRS);
    done(&env, &["install"]);
    done(&env, &["install", "--every-tool"]);
    assert!(done(&env, &["uninstall"]).stdout.contains("the same as before"));
    assert_eq!(text(&settings(&env)), THEIRS);
}

#[test]
fn a_tilde_in_claude_config_dir_is_the_home() {
    let env = Environment::new();
    assert_eq!(run(env.about(&["hooks", "install"]).env("CLAUDE_CONFIG_DIR", "~/c")).code, 0);
    assert_eq!(programs(&env.home().join("c/settings.json"), "SessionEnd"), [line(PROGRAM)]);
    assert!(!env.workspace().join("~").exists());
}

#[test]
fn hooks_commands_need_no_valid_registry() {
    let env = Environment::new();
    env.write_registry("nonsense");
    done(&env, &["install"]);
    done(&env, &["uninstall"]);
    assert_eq!(env.read_registry(), "nonsense");
}
