//! Several workspaces: named in the configuration, chosen by `--workspace`, together by `--all`.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::environment::{Environment, Run, now, registry, run};

/// A registry with three active sessions, of which one beats, in a folder of its own.
fn add(env: &Environment, name: &str) -> PathBuf {
    let folder = env.root().join(name);
    std::fs::create_dir_all(folder.join("heartbeats")).unwrap();
    let path = folder.join("sessions.json");
    let sessions = [(1, "one", "active", None), (2, "two", "active", None), (3, "three", "active", None)];
    std::fs::write(&path, registry(&sessions)).unwrap();
    let beat = json!({ "timestamp": headcount_core::time::wire(now()) }).to_string();
    std::fs::write(folder.join("heartbeats/2025-11-17_20-00-00-one.json"), beat).unwrap();
    path
}

fn headcount(env: &Environment, args: &[&str]) -> Run {
    run(env.command().args(args))
}

/// The result of each workspace, by name.
fn results(env: &Environment, args: &[&str]) -> Vec<(String, Value)> {
    let run = headcount(env, &[args, &["--all", "--json"]].concat());
    let parse = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        (value["workspace"].as_str().unwrap().to_owned(), value["result"].take())
    };
    run.stdout.lines().map(parse).collect()
}

/// An environment whose configuration names workspaces with these names.
fn env(names: &[&str]) -> Environment {
    let env = Environment::new();
    for name in names {
        let path = add(&env, name);
        let added = headcount(&env, &["workspaces", "add", name, path.to_str().unwrap()]);
        assert_eq!(added.code, 0, "{added:?}");
    }
    env
}

#[test]
fn two_workspaces_are_shown_apart_and_summed() {
    let env = env(&["market", "blog"]);
    assert_eq!(headcount(&env, &["status", "--workspace", "blog", "--short"]).stdout, "1 active, 2 stale\n");
    assert_eq!(headcount(&env, &["status", "--all", "--short"]).stdout, "2 active, 4 stale\n");
    assert_eq!(headcount(&env, &["status", "--all", "--format", "{active}/{stale}"]).stdout, "2/4\n");
    let results = results(&env, &["status"]);
    assert_eq!(results.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["market", "blog"]);
    assert_eq!(results[1].1["counts"]["stale"], 2);
    let shown = headcount(&env, &["status", "--all"]);
    let heading = format!("market · {}", env.root().join("market/sessions.json").display());
    assert!(shown.stdout.starts_with(&heading) && shown.stdout.contains("\nblog · "), "{shown:?}");

    // An action changes the named workspace only.
    assert_eq!(headcount(&env, &["cleanup", "--workspace", "market"]).code, 0);
    assert_eq!(headcount(&env, &["status", "--all", "--short"]).stdout, "2 active, 2 stale\n");
    let logs = self::results(&env, &["log"]);
    assert_eq!((logs[0].1.as_array().unwrap().len(), &logs[1].1), (1, &json!([])));
}

#[test]
fn the_workspace_of_the_folder_is_one_of_all() {
    let env = env(&["market"]);
    let inside = headcount(&env, &["workspaces", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&inside.stdout).unwrap()["workspaces"].as_array().unwrap().len(), 1);
    env.write_registry(&registry(&[(1, "session-1", "active", None)]));
    let names: Vec<String> = results(&env, &["status"]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["workspace", "market"]);
    // It is not counted twice if it is named too.
    let path = env.registry();
    assert_eq!(headcount(&env, &["workspaces", "add", "here", path.to_str().unwrap()]).code, 0);
    let names: Vec<String> = results(&env, &["status"]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["market", "here"]);
}

#[test]
fn twenty_workspaces_are_summed() {
    let names: Vec<String> = (1..=20).map(|number| format!("w{number}")).collect();
    let env = env(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(results(&env, &["status"]).len(), 20);
    assert_eq!(headcount(&env, &["status", "--all", "--short"]).stdout, "20 active, 40 stale\n");
}

#[test]
fn a_workspace_that_cannot_be_read_does_not_hide_the_others() {
    let env = env(&["market", "blog"]);
    std::fs::write(env.root().join("market/sessions.json"), "[]").unwrap();
    let broken = headcount(&env, &["status", "--all"]);
    assert!(broken.code == 1 && broken.stderr.contains("market: ") && broken.stdout.contains("blog · "), "{broken:?}");
    let short = headcount(&env, &["status", "--all", "--short"]);
    assert_eq!((short.code, short.stdout.as_str()), (1, "?\n"));
    // One that disappeared has no sessions.
    std::fs::remove_dir_all(env.root().join("market")).unwrap();
    assert_eq!(headcount(&env, &["status", "--all", "--short"]).stdout, "1 active, 2 stale\n");
}

#[test]
fn workspaces_are_added_and_removed_in_the_configuration() {
    let env = env(&["market"]);
    let file = env.home().join(".config/headcount/config.toml");
    std::fs::write(&file, format!("# mine\ntheme = \"dark\"\n\n{}", std::fs::read_to_string(&file).unwrap())).unwrap();
    let before = std::fs::read_to_string(&file).unwrap();
    for (refused, why) in [
        (&["workspaces", "add", "market", "/r.json"][..], "used twice"),
        (&["workspaces", "add", "a\nb", "/r.json"], "the name is missing or invalid"),
        (&["workspaces", "add", "a\u{202e}b", "/r.json"], "the name is missing or invalid"),
        (&["workspaces", "remove", "blog"], "The configuration has market"),
        (&["status", "--workspace", "blog"], "The configuration has market"),
    ] {
        let run = headcount(&env, refused);
        assert!(run.code == 1 && run.stderr.contains(why), "{run:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(headcount(&env, &["workspaces", "add", "blog", "/b.json", "--heartbeats", "/beats"]).code, 0);
    assert_eq!(headcount(&env, &["workspaces", "remove", "blog"]).code, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let wrong = headcount(&env, &["show", "1", "--all"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("--all works with"), "{wrong:?}");
    assert_eq!(headcount(&env, &["status", "--all", "--workspace", "market"]).code, 2);
}

#[test]
fn two_workspaces_never_have_the_same_name() {
    let env = env(&["market"]);
    let own = add(&env, "other/market");
    let run = run(env.command().env("HEADCOUNT_REGISTRY", &own).args(["status", "--all", "--json"]));
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap()["workspace"].as_str().unwrap().to_owned();
    let names: Vec<String> = run.stdout.lines().map(parse).collect();
    assert_eq!(names, [own.to_str().unwrap(), "market"]);
}

#[test]
fn scripts_are_installed_for_the_named_workspace() {
    let env = env(&["market"]);
    let folder = env.root().join("scripts");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let run = headcount(&env, &["scripts", "install", folder, "--workspace", "market"]);
    assert_eq!(run.code, 0, "{run:?}");
    let name_files = |files: &[&str]| {
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(files.iter().all(|file| text.contains(file)), "{text}");
        }
    };
    name_files(&["market/sessions.json"]);
    let run = headcount(&env, &["scripts", "install", folder, "--workspace", "market", "--heartbeats", "/beats"]);
    assert_eq!(run.code, 0, "{run:?}");
    name_files(&["market/sessions.json", "--heartbeats '/beats'"]);
}

#[cfg(unix)]
#[test]
fn a_path_that_toml_cannot_hold_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let env = env(&["market"]);
    let path = std::ffi::OsStr::from_bytes(b"/\xff.json");
    let run = run(env.command().args(["workspaces", "add", "blog"]).arg(path));
    assert!(run.code == 1 && run.stderr.contains("not valid UTF-8"), "{run:?}");
}
