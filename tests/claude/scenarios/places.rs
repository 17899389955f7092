//! Folders: where a session belongs, and where the hooks can be installed.

use headcount_claude::{Client, Home, until};
use serde_json::{Value, json};

use crate::support::{
    WORK, active, add_registry, assert_told, bare, beats, installed, registry, registry_path, soon, start, states, told,
};

/// Adds a hook of a project that records the payload of every Stop event.
fn record_stops(home: &Home) {
    let script = "{ cat; echo; } >>\"$HOME/stops\"";
    let hook = json!({ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": script }] }] } });
    std::fs::create_dir_all(home.at(WORK).join(".claude")).unwrap();
    std::fs::write(home.at(WORK).join(".claude/settings.local.json"), hook.to_string()).unwrap();
}

#[test]
fn a_shell_that_changes_to_another_workspace_registers_nothing_there() {
    let Some(home) = Home::new(&[WORK, "other"]) else { return };
    add_registry(&home, WORK);
    add_registry(&home, "other");
    home.succeed(WORK, &["hooks", "install", "--every-tool"]);
    record_stops(&home);
    let other = home.at("other");
    let client = start(&home, &["--allowedTools", "Bash", "--add-dir", other.to_str().unwrap()]);
    client.turn(&home, &format!("[[bash:cd {}]]", other.display()));
    client.turn(&home, "second words");
    let stops = std::fs::read_to_string(home.at("stops")).unwrap();
    let last: Value = serde_json::from_str(stops.lines().rfind(|line| !line.is_empty()).unwrap()).unwrap();
    assert_eq!(last["cwd"], json!(other), "the session's folder has to follow for this to test anything");
    assert_eq!(registry(&home, "other"), json!({}));
    assert!(!registry_path(&home, "other").with_file_name("heartbeats").exists());
    assert_eq!(states(&home), active([1]));
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
    assert_eq!(registry(&home, "other"), json!({}));
}

#[test]
fn a_session_that_moves_to_another_workspace_stays_where_it_is_registered() {
    let Some(home) = Home::new(&[WORK, "other"]) else { return };
    add_registry(&home, WORK);
    add_registry(&home, "other");
    home.succeed(WORK, &["hooks", "install"]);
    let other = home.at("other");
    let client = start(&home, &["--add-dir", other.to_str().unwrap()]);
    client.turn(&home, "first words");
    client.say(&format!("/cd {}", other.display()));
    until("the move", || client.record().filter(|record| record["cwd"] == json!(other)));
    client.turn(&home, "second words");
    assert_eq!(registry(&home, "other"), json!({}));
    assert_eq!(states(&home), active([1]));
    // It is counted once, and each registry says where the sessions of others are.
    let _second = Client::ready(&home, "other", &[]);
    until("the second session", || (home.status("other")["counts"]["active"] == 1).then_some(()));
    let status = home.status(WORK);
    assert_eq!((&status["counts"]["running"], &status["unregistered"]), (&json!(2), &json!([])), "{status}");
    assert_eq!(status["elsewhere"][0]["running"], 1, "{status}");
    assert!(home.succeed(WORK, &["status"]).lines().next().unwrap().contains("1 in other"));
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
    assert_eq!(home.status("other")["counts"]["active"], 1);
}

#[test]
fn sessions_of_another_configuration_folder_are_counted() {
    let Some(mut home) = installed() else { return };
    let own = start(&home, &[]);
    let second = home.at("second");
    std::fs::create_dir(&second).unwrap();
    std::fs::copy(home.at(".claude.json"), second.join(".claude.json")).unwrap();
    let folder = vec![("CLAUDE_CONFIG_DIR".to_owned(), second.display().to_string())];
    // Without hooks: found through the environment of its process.
    home.variables.clone_from(&folder);
    let unregistered = start(&home, &[]);
    unregistered.turn(&home, "first words");
    home.variables.clear();
    let status = home.status(WORK);
    assert_eq!((&status["counts"]["active"], &status["counts"]["running"]), (&json!(1), &json!(2)), "{status}");
    assert_eq!(status["unregistered"][0]["pid"], unregistered.pid(), "{status}");
    unregistered.kill();
    // With hooks: registered in the same registry.
    home.variables.clone_from(&folder);
    home.succeed(WORK, &["hooks", "install"]);
    let registered = start(&home, &[]);
    registered.turn(&home, "second words");
    home.variables.clear();
    assert_told(&home, "second words", 2);
    assert_eq!(states(&home), active([1, 2]));
    for ended in [own, registered] {
        ended.say("/exit");
        ended.wait_end();
    }
    soon(&home, &[(1, "inactive"), (2, "inactive")]);
}

/// Makes [`WORK`] a repository with its registry in the first commit.
fn commit_registry(home: &Home) {
    git(home, &["init", "--quiet"]);
    git(home, &["add", "docs"]);
    git(home, &["-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "--quiet", "--message", "registry"]);
}

#[track_caller]
fn git(home: &Home, args: &[&str]) {
    let run = home.run("git".as_ref(), WORK, args);
    assert_eq!(run.code, 0, "{args:?}: {run:?}");
}

#[test]
fn a_linked_worktree_belongs_to_the_registry_of_its_main_one() {
    let Some(home) = Home::new(&[WORK, "linked"]) else { return };
    add_registry(&home, WORK);
    home.succeed(WORK, &["hooks", "install"]);
    std::fs::remove_dir(home.at("linked")).unwrap();
    commit_registry(&home);
    git(&home, &["worktree", "add", "--quiet", "../linked"]);
    assert_eq!(registry(&home, "linked"), json!({}), "the registry is tracked");
    let client = Client::ready(&home, "linked", &[]);
    client.turn(&home, "first words");
    assert_told(&home, "first words", 1);
    assert_eq!(states(&home), active([1]));
    assert_eq!(registry(&home, "linked"), json!({}));
    assert_eq!(home.status("linked")["counts"]["active"], 1);
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn a_session_that_enters_a_worktree_keeps_its_entry() {
    let Some(home) = installed() else { return };
    commit_registry(&home);
    record_stops(&home);
    let client = start(&home, &["--allowedTools", "EnterWorktree"]);
    client.turn(&home, "first words");
    client.turn(&home, "[[worktree:side]]");
    client.turn(&home, "second words");
    let stops = std::fs::read_to_string(home.at("stops")).unwrap();
    let last: Value = serde_json::from_str(stops.lines().rfind(|line| !line.is_empty()).unwrap()).unwrap();
    let side = format!("{WORK}/.claude/worktrees/side");
    assert_eq!(last["cwd"], json!(home.at(&side)), "the session has to be in the worktree for this to test anything");
    assert_eq!(registry(&home, &side), json!({}), "the registry is tracked");
    assert_eq!(states(&home), active([1]));
    assert_eq!(home.status(&side)["counts"]["active"], 1);
    assert_eq!(told(&home, "second words").len(), 1, "nothing has changed for the model");
    client.say("/exit");
    // The client asks whether to keep the worktree.
    client.wait("Exiting worktree session");
    client.press("\r");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

/// A whole life of a session with hooks that were installed with these arguments.
fn lives_with(args: &[&str]) {
    let Some(home) = bare() else { return };
    home.succeed(WORK, &[&["hooks", "install"], args].concat());
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    assert_told(&home, "first words", 1);
    assert_eq!(states(&home), active([1]), "{args:?}");
    assert!(beats(&home) >= 1, "{args:?}");
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
    // A plugin's hooks go with those of the person's settings.
    let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--plugin").collect();
    home.succeed(WORK, &[&["hooks", "uninstall"], &*args].concat());
    let client = start(&home, &[]);
    client.turn(&home, "second words");
    assert!(told(&home, "second words").is_empty(), "{args:?}");
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn hooks_in_the_settings_of_a_person() {
    lives_with(&[]);
}

#[test]
fn hooks_in_the_settings_of_a_project() {
    lives_with(&["--project"]);
}

#[test]
fn hooks_as_a_plugin() {
    lives_with(&["--plugin"]);
}
