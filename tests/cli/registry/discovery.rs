//! Which registry a command uses, and what is reported about a configuration (design §4).

use std::path::{Path, PathBuf};

use crate::access::unprivileged_user::clone;
use crate::environment::{Environment, Run, run, skipped};

fn write_registry_at(path: &Path) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "{}").unwrap();
    path.to_owned()
}

fn configure(env: &Environment, text: &str) -> PathBuf {
    let path = env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// The registry and the heartbeats folder that `status` uses when started in `folder`.
fn found(env: &Environment, folder: &Path, variables: &[(&str, &Path)], args: &[&str]) -> (PathBuf, PathBuf) {
    let mut command = env.command();
    let run = run(command.current_dir(folder).envs(variables.iter().copied()).args(["status", "--json"]).args(args));
    assert_eq!(run.code, 0, "{run:?}");
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let path = |key: &str| PathBuf::from(status[key].as_str().unwrap());
    (path("registry"), path("heartbeats"))
}

#[test]
fn registry_sources_have_an_order_of_precedence() {
    let env = Environment::new();
    let deep = env.workspace().join("src/deep");
    std::fs::create_dir_all(&deep).unwrap();
    let registry = |variables: &[(&str, &Path)], args: &[&str]| found(&env, &deep, variables, args).0;

    let own = env.home().join(".local/share/headcount/claude_sessions.json");
    assert_eq!(registry(&[], &[]), own);
    let elsewhere = env.root().join("data");
    assert_eq!(registry(&[("XDG_DATA_HOME", &elsewhere)], &[]), elsewhere.join("headcount/claude_sessions.json"));
    assert!(!own.parent().unwrap().exists() && !elsewhere.exists(), "status must not create anything");

    let configured = env.root().join("configured.json");
    configure(&env, &format!("registry = {configured:?}\n"));
    assert_eq!(registry(&[], &[]), configured);
    for near in ["claude_sessions.json", "coordination/claude_sessions.json", "docs/coordination/claude_sessions.json"]
    {
        let near = write_registry_at(&env.workspace().join(near));
        assert_eq!(registry(&[], &[]), near);
    }
    // The nearest folder takes precedence, whichever of the names it contains.
    let nearest = write_registry_at(&env.workspace().join("src/claude_sessions.json"));
    assert_eq!(registry(&[], &[]), nearest);
    let variable = env.root().join("variable.json");
    let variables = [("HEADCOUNT_REGISTRY", variable.as_path())];
    assert_eq!(registry(&variables, &[]), variable);
    assert_eq!(registry(&[("HEADCOUNT_REGISTRY", Path::new(""))], &[]), nearest, "an empty variable is none");
    assert_eq!(registry(&[("HEADCOUNT_REGISTRY", Path::new("x.json"))], &[]), deep.join("x.json"));
    let said = env.root().join("said.json");
    assert_eq!(registry(&variables, &["--registry", said.to_str().unwrap()]), said);
    assert_eq!(registry(&variables, &["--registry", "x.json"]), deep.join("x.json"));
}

#[test]
fn heartbeats_default_to_a_folder_next_to_the_registry() {
    let env = Environment::new();
    let folder = env.workspace();
    let (configured, beats) = (env.root().join("c/r.json"), env.root().join("beats"));
    configure(&env, &format!("registry = {configured:?}\nheartbeats = {beats:?}\n"));
    assert_eq!(found(&env, &folder, &[], &[]), (configured.clone(), beats));
    let near = write_registry_at(&env.registry());
    assert_eq!(
        found(&env, &folder, &[], &[]),
        (near, env.heartbeats()),
        "the configured folder belongs to the configured registry only"
    );
    assert_eq!(found(&env, &folder, &[], &["--heartbeats", "b"]).1, folder.join("b"));
}

#[test]
fn the_timeout_argument_overrides_the_configured_one() {
    let env = Environment::twelve();
    configure(&env, "timeout_minutes = 400\n");
    assert_eq!(env.json(&["status"])["counts"]["stale"], 0);
    assert_eq!(env.json(&["status", "--timeout-minutes", "120"])["counts"]["stale"], 9);
}

fn status_with(config: &str) -> (Environment, PathBuf, Run) {
    let env = Environment::twelve();
    let path = configure(&env, config);
    let run = env.run(&["status"]);
    (env, path, run)
}

#[test]
fn invalid_configuration_keys_are_reported_and_the_others_apply() {
    let nonsense = "registri = \"x\"\ntimeout_minutes = -1\nheartbeats = \"relative\"\nnotifications = \"yes\"\n";
    let (_env, path, run) = status_with(nonsense);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("3 active · 9 stale"), "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{run:?}");
    for key in ["registri", "timeout_minutes", "heartbeats", "notifications"] {
        let wanted = |line: &&str| line.contains(path.to_str().unwrap()) && line.contains(&format!("{key:?}"));
        assert_eq!(lines.iter().filter(|line| wanted(line)).count(), 1, "{key}: {run:?}");
    }
    for broken in ["= oops", "timeout_minutes = 400\ntimeout_minutes = 1\n"] {
        let (_env, path, run) = status_with(broken);
        assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
        assert!(run.stderr.contains(path.to_str().unwrap()), "{run:?}");
        assert!(run.stdout.starts_with("3 active · 9 stale"), "{run:?}");
    }
}

#[test]
fn a_configuration_that_is_a_pipe_does_not_block() {
    let env = Environment::twelve();
    let path = env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let run = env.run(&["status"]);
    assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
    assert!(run.stderr.contains(path.to_str().unwrap()), "{run:?}");
}

#[test]
fn without_a_home_commands_can_read_but_not_change() {
    // A user without an entry in the user database, so that no home is found elsewhere.
    let env = Environment::new();
    let Some(mut command) = env.as_user(54321) else {
        return skipped("cannot become another user here");
    };
    command.env_remove("HOME");
    env.write_registry("{\"1\": {\"session_id\": \"a\", \"status\": \"active\"}}");
    let registry = env.registry();
    let runs = [&["status"][..], &["log"], &["release", "1"]].map(|arguments| {
        let mut command = clone(&command);
        run(command.arg("--registry").arg(&registry).args(arguments))
    });
    assert!(runs[0].code == 0 && runs[0].stdout.contains("1 stale"), "{runs:?}");
    assert_eq!((runs[1].code, runs[1].stderr.as_str()), (0, ""), "{runs:?}");
    let refused = &runs[2];
    assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr.lines().count()), (1, "", 1), "{refused:?}");
    assert!(refused.stderr.contains("set HOME"), "{refused:?}");
    // No journal is written elsewhere instead.
    let left: Vec<_> = env.everything().into_iter().filter(|path| path.ends_with("journal.jsonl")).collect();
    assert!(left.is_empty(), "{left:?}");
    // Without a home there is no default path for a registry.
    let none = run(command.arg("status").current_dir(env.root()));
    assert_eq!((none.code, none.stdout.as_str()), (1, ""), "{none:?}");
    assert!(none.stderr.contains("set HOME"), "{none:?}");
}
