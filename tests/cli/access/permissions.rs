//! File permissions and owners: a change neither widens nor removes the permissions of others, and the doctor reports
//! in advance what will fail.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::access::unprivileged_user::clone;
use crate::environment::{Environment, Run, run, skipped};

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

fn owner(path: &Path) -> (u32, u32) {
    let found = std::fs::symlink_metadata(path).unwrap();
    (found.uid(), found.gid())
}

fn finding(run: &Run, subject: &str) -> Value {
    let findings: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    findings.into_iter().find(|finding| finding["subject"] == subject).unwrap()
}

#[test]
fn new_files_follow_the_umask() {
    for (umask, file, folder) in
        [("022", 0o644, 0o755), ("002", 0o664, 0o775), ("077", 0o600, 0o700), ("000", 0o666, 0o777)]
    {
        let env = Environment::new();
        let headcount = |args: &str| {
            let script = format!("umask {umask}; exec \"$0\" --registry \"$1\" {args}");
            let registry = env.workspace().join("new/claude_sessions.json");
            let done = run(env.program("sh").args(["-c", &script, env!("CARGO_BIN_EXE_headcount")]).arg(registry));
            assert_eq!(done.code, 0, "{umask}: {done:?}");
        };
        headcount("register 1 --role r --goal g");
        headcount("heartbeat 1");
        let at = |name: &str| env.workspace().join("new").join(name);
        for name in ["claude_sessions.json", ".claude_sessions.json.lock"] {
            assert_eq!(format!("{:o}", mode(&at(name))), format!("{file:o}"), "{umask}: {name}");
        }
        for name in ["", "heartbeats"] {
            assert_eq!(format!("{:o}", mode(&at(name))), format!("{folder:o}"), "{umask}: {name}");
        }
        for beat in std::fs::read_dir(at("heartbeats")).unwrap() {
            assert_eq!(format!("{:o}", mode(&beat.unwrap().path())), format!("{file:o}"), "{umask}");
        }
        // Existing files keep their mode under any umask.
        allow(&at("claude_sessions.json"), 0o640);
        headcount("release 1");
        assert_eq!(mode(&at("claude_sessions.json")), 0o640, "{umask}");
    }
}

/// A command as a user with one supplementary group and its own home.
fn as_member(env: &Environment, command: &Command, user: u32, group: u32) -> Command {
    let home = env.root().join(format!("home-{user}"));
    std::fs::create_dir_all(&home).unwrap();
    chown(&home, Some(user), Some(user)).unwrap();
    let mut member = env.program("setpriv");
    let binary = command.get_args().last().unwrap();
    member.args([format!("--reuid={user}"), format!("--regid={user}"), format!("--groups={group}")]).arg(binary);
    member.env("HOME", home);
    member
}

#[test]
fn group_members_can_change_a_shared_registry() {
    let env = Environment::twelve();
    let Some(as_user) = env.as_user(54321) else { return skipped("cannot become another user here") };
    let (registry, folder) = (env.registry(), env.workspace());
    chown(&folder, Some(54321), Some(100)).unwrap();
    chown(&registry, Some(54321), Some(100)).unwrap();
    chown(env.heartbeats(), Some(54321), Some(100)).unwrap();
    allow(&folder, 0o2775);
    allow(&env.heartbeats(), 0o2775);
    allow(&registry, 0o664);
    let member = |user, args: &[&str]| {
        let done = run(as_member(&env, &as_user, user, 100).arg("--registry").arg(&registry).args(args));
        assert_eq!(done.code, 0, "{user}: {done:?}");
        assert_eq!((owner(&registry), mode(&registry)), ((54321, 100), 0o664), "{user} {args:?}");
        done
    };
    for (number, user) in [("21", 54321), ("22", 54322), ("23", 54323)] {
        member(user, &["register", number, "--role", "r", "--goal", "g"]);
        member(user, &["heartbeat", number]);
    }
    // A shorter text is truncated to its length, and can be undone to the byte.
    let before = env.read_registry();
    member(54322, &["release", "21"]);
    member(54322, &["undo"]);
    assert_eq!(env.read_registry(), before);
    for (number, is_there) in [("21", true), ("22", true), ("23", true), ("1", true)] {
        assert_eq!(env.read_registry().contains(&format!("\"session-{number}\"")), is_there, "{number}");
    }
    // A user who may write the file but not its folder can still use the existing lock file.
    allow(&folder, 0o755);
    member(54323, &["release", "23"]);
    // A user who may not write the file changes nothing, and the doctor reports it.
    allow(&registry, 0o644);
    let mut outsider = as_member(&env, &as_user, 54324, 54324);
    outsider.arg("--registry").arg(&registry);
    let before = env.read_registry();
    let refused = run(clone(&outsider).args(["release", "22"]));
    assert_eq!((refused.code, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert_eq!(env.read_registry(), before);
    let doctor = run(outsider.args(["doctor", "--json"]));
    let finding = finding(&doctor, "registry");
    assert!(finding["health"] == "wrong" && finding["message"].as_str().unwrap().contains("54321"), "{finding}");
}

#[test]
fn files_created_by_root_belong_to_the_owner_of_the_folder() {
    let env = Environment::new();
    let Some(person) = env.as_user(54321) else { return skipped("cannot become another user here") };
    let folder = env.workspace();
    let sudo = |args: &[&str]| {
        let done = run(env.command().env("SUDO_UID", "54321").args(args));
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
    };
    let registry = folder.join("new/coordination/claude_sessions.json");
    sudo(&["--registry", registry.to_str().unwrap(), "register", "1", "--role", "r", "--goal", "g"]);
    // Found from there, because the user who ran sudo is trusted, as in git.
    let near = |command: &mut Command, args: &[&str]| run(command.current_dir(folder.join("new")).args(args));
    let beaten = near(env.command().env("SUDO_UID", "54321"), &["heartbeat", "1"]);
    assert_eq!(beaten.code, 0, "{beaten:?}");
    for path in env.everything() {
        assert_eq!(owner(&env.root().join(&path)), (54321, 54321), "{}", path.display());
    }
    for args in [&["heartbeat", "1"][..], &["release", "1"], &["undo"]] {
        let done = near(&mut clone(&person), args);
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
    }
    // Root without sudo counts as another user, as in git.
    let cron = near(&mut env.command(), &["status", "--json"]);
    assert!(!cron.stdout.contains(registry.to_str().unwrap()), "{cron:?}");
}

#[test]
fn the_doctor_checks_permissions_without_leaving_files() {
    let env = Environment::twelve();
    let Some(mut person) = env.as_user(54321) else { return skipped("cannot become another user here") };
    person.arg("--registry").arg(env.registry());
    let examine = || run(clone(&person).args(["doctor", "--json"]));
    let health = |subject: &str| {
        let finding = finding(&examine(), subject);
        (finding["health"].as_str().unwrap().to_owned(), finding["remedy"].as_str().unwrap_or_default().to_owned())
    };
    let before = env.everything();
    assert_eq!((health("heartbeats").0, health("journal").0), ("fine".into(), "fine".into()));
    assert_eq!(env.everything(), before, "the doctor's checks left a file");
    // Created by sudo.
    chown(env.heartbeats(), Some(0), Some(0)).unwrap();
    let (state, remedy) = health("heartbeats");
    assert!(state == "wrong" && remedy.contains("sudo chown"), "{state}: {remedy}");
    // Missing, and not creatable.
    std::fs::rename(env.heartbeats(), env.root().join("away")).unwrap();
    chown(env.workspace(), Some(0), Some(0)).unwrap();
    assert_eq!(health("heartbeats").0, "wrong");
    chown(env.home(), Some(0), Some(0)).unwrap();
    assert_eq!(health("journal").0, "wrong");
    let homeless = run(clone(&person).env_remove("HOME").args(["doctor", "--json"]));
    let finding = finding(&homeless, "journal");
    assert!(finding["health"] == "wrong" && finding["remedy"].as_str().unwrap().contains("HOME"), "{finding}");
}

#[test]
fn a_deleted_working_folder_is_reported_and_no_other_registry_is_used() {
    let env = Environment::twelve();
    let gone = env.workspace().join("gone");
    let in_gone = |args: &[&str], variables: &[(&str, &Path)]| {
        std::fs::create_dir(&gone).unwrap();
        let script = "cd \"$0\" && rmdir \"$0\" && exec \"$@\"";
        let mut shell = env.program("sh");
        shell.args(["-c", script]).arg(&gone).arg(env!("CARGO_BIN_EXE_headcount")).args(args);
        run(shell.envs(variables.iter().copied()))
    };
    let before = env.everything();
    for args in [&["status"][..], &["register", "20", "--role", "r", "--goal", "g"], &["cleanup"], &["doctor"]] {
        let refused = in_gone(args, &[]);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{args:?}: {refused:?}");
        assert!(
            refused.stderr.contains("current folder was deleted") && refused.stderr.contains("--registry"),
            "{refused:?}"
        );
        let relative = in_gone(&[&["--registry", "claude_sessions.json"], args].concat(), &[]);
        assert!(relative.code == 1 && relative.stderr.contains("current folder was deleted"), "{relative:?}");
    }
    assert_eq!(env.everything(), before);
    let registry = env.registry();
    let named = in_gone(&["--registry", registry.to_str().unwrap(), "status"], &[]);
    assert!(named.code == 0 && named.stdout.starts_with("3 active · 9 stale"), "{named:?}");
    let named = in_gone(&["status"], &[("HEADCOUNT_REGISTRY", registry.as_path())]);
    assert_eq!(named.code, 0, "{named:?}");
}
