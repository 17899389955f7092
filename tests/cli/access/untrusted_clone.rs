//! Files that a cloned repository or another user plants where a registry is searched for. A registry that was only
//! found never redirects a write; a registry that a person names is used as it is.

use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::access::unprivileged_user::clone;
use crate::environment::{Environment, Run, run, skipped};
use crate::hooks::input::given;
use crate::hooks::sessions::log;

const REGISTRY: &str = r#"{"7": {"session_id": "session-7", "number": 7, "status": "active"}}"#;
const SETTINGS: &str = r#"{"permissions": {"allow": ["Bash"]}, "env": {}}"#;

/// A workspace that is a cloned repository, and a folder of the person next to it.
struct Fixture {
    env: Environment,
    own_files: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let env = Environment::new();
        let own_files = env.home().join("own");
        std::fs::create_dir_all(own_files.join("registry")).unwrap();
        std::fs::write(own_files.join("settings.json"), SETTINGS).unwrap();
        std::fs::write(own_files.join("keys"), "ssh-ed25519 AAAA me\n").unwrap();
        std::fs::write(own_files.join("number"), "7\n").unwrap();
        std::fs::write(own_files.join("registry/claude_sessions.json"), REGISTRY).unwrap();
        Self { env, own_files }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.env.workspace().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Plants a link in the clone that leads to a file of the person.
    fn link(&self, target: &str, path: &str) {
        let path = self.env.workspace().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.own_files.join(target), path).unwrap();
    }

    /// The names and contents of the person's own files.
    fn own(&self) -> Vec<(PathBuf, String)> {
        let all = self.env.everything().into_iter().filter(|path| path.starts_with("home/own"));
        let read = |path: &PathBuf| std::fs::read_to_string(self.env.root().join(path)).unwrap_or_default();
        all.map(|path| (path.clone(), read(&path))).collect()
    }

    /// Runs the hook events of a session in a folder.
    fn run_session(&self, folder: &Path, variables: &[(&str, &str)]) -> Vec<Run> {
        let pid = std::process::id().to_string();
        let variables = [variables, &[("CLAUDE_PID", pid.as_str())]].concat();
        let event = |name: &str| {
            let payload = json!({ "hook_event_name": name, "session_id": "s", "cwd": folder, "source": "startup" });
            given(&self.env, payload.to_string().as_bytes(), &variables)
        };
        ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop", "SessionEnd"].map(event).into()
    }

    /// Runs a command in the clone.
    fn command(&self, args: &[&str]) -> Run {
        run(self.env.command().args(args))
    }

    fn doctor(&self) -> Vec<Value> {
        let found = self.command(&["doctor", "--json"]);
        serde_json::from_str(&found.stdout).unwrap()
    }

    /// The finding that names a path.
    fn finding(&self, path: &Path) -> Value {
        let findings = self.doctor();
        let about = |finding: &&Value| finding["message"].as_str().unwrap().contains(path.to_str().unwrap());
        findings.iter().find(|finding| finding["health"] != "fine" && about(finding)).unwrap_or(&Value::Null).clone()
    }
}

const COMMANDS: [&[&str]; 7] = [
    &["status"],
    &["register", "1", "--role", "r", "--goal", "g"],
    &["heartbeat", "1"],
    &["cleanup", "--force"],
    &["reassign", "1", "5"],
    &["reassign", "7", "9"],
    &["undo"],
];

#[test]
fn links_in_a_clone_do_not_redirect_writes() {
    let plants: [(&str, &str); 7] = [
        ("settings.json", "claude_sessions.json"),
        ("keys", "claude_sessions.json"),
        ("nothing-yet", "claude_sessions.json"),
        ("registry/claude_sessions.json", "docs/coordination/claude_sessions.json"),
        ("registry", "docs/coordination"),
        ("registry", "coordination"),
        ("registry/claude_sessions.json", "coordination/claude_sessions.json"),
    ];
    for (target, path) in plants {
        let fixture = Fixture::new();
        fixture.link(target, path);
        let before = fixture.own();
        let about = format!("{path} → {target}");
        for run in fixture.run_session(&fixture.env.workspace(), &[]) {
            assert_eq!(run.code, 0, "{about}: {run:?}");
        }
        // The registry is the one used without the link, and the doctor explains why.
        let own = fixture.env.home().join(".local/share/headcount/claude_sessions.json");
        assert!(std::fs::read_to_string(&own).unwrap().contains("\"s\""), "{about}");
        for args in COMMANDS {
            fixture.command(args);
        }
        assert_eq!(fixture.own(), before, "{about}");
        let planted = fixture.env.workspace().join(path);
        let finding = fixture.finding(&planted);
        assert!(finding["message"].as_str().unwrap().contains("is not used"), "{about}: {finding}");
        assert!(!finding["remedy"].as_str().unwrap().is_empty(), "{about}: {finding}");
    }
}

#[test]
fn links_next_to_a_found_registry_do_not_redirect_writes() {
    for (target, name) in [
        ("registry", "heartbeats"),
        ("nothing-yet", "heartbeats"),
        ("number", ".session_identity"),
        ("number", ".session_env"),
        ("number", ".current_session"),
        ("keys", ".claude_sessions.json.lock"),
        ("nothing-yet", ".claude_sessions.json.lock"),
    ] {
        let fixture = Fixture::new();
        let registry = fixture.write("claude_sessions.json", REGISTRY);
        fixture.link(target, name);
        let before = fixture.own();
        for run in fixture.run_session(&fixture.env.workspace(), &[]) {
            assert_eq!(run.code, 0, "{name}: {run:?}");
        }
        for args in COMMANDS {
            fixture.command(args);
        }
        assert_eq!(fixture.own(), before, "{name} → {target}");
        assert!(!registry.is_symlink(), "{name}");
        if name == "heartbeats" {
            let finding = fixture.finding(&fixture.env.heartbeats());
            assert_eq!((finding["subject"].as_str(), finding["health"].as_str()), (Some("heartbeats"), Some("wrong")));
        }
    }
}

#[test]
fn a_named_registry_is_used_through_links() {
    let fixture = Fixture::new();
    fixture.link("registry/claude_sessions.json", "claude_sessions.json");
    let link = fixture.env.registry();
    let text = || std::fs::read_to_string(fixture.own_files.join("registry/claude_sessions.json")).unwrap();
    let register = |number: &str, command: &mut std::process::Command| {
        let done = run(command.args(["register", number, "--role", "r", "--goal", "g"]));
        assert_eq!(done.code, 0, "{done:?}");
        assert!(link.is_symlink() && text().contains(&format!("\"session-{number}\"")), "{number}: {}", text());
    };
    register("1", fixture.env.command().arg("--registry").arg(&link));
    register("2", fixture.env.command().env("HEADCOUNT_REGISTRY", &link));
    // A hook cannot know what set the variable; the doctor reports that.
    let doctor = run(fixture.env.command().env("HEADCOUNT_REGISTRY", &link).arg("doctor"));
    assert!(doctor.stdout.contains("Hooks do not use $HEADCOUNT_REGISTRY"), "{doctor:?}");
    let config = fixture.env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, format!("registry = {link:?}\n")).unwrap();
    register("3", fixture.env.command().current_dir(fixture.env.home()));
    // A hook uses a configured registry too.
    let home = fixture.env.home();
    fixture.run_session(&home, &[]);
    assert!(text().contains("\"s\""), "{}", text());
    // A registry in a trusted folder counts as named.
    std::fs::write(&config, format!("trusted_folders = [{:?}]\n", fixture.env.workspace())).unwrap();
    register("4", &mut fixture.env.command());
    assert_eq!(fixture.finding(&link), Value::Null);
}

#[test]
fn a_registry_variable_counts_as_found_in_a_hook() {
    let own = |fixture: &Fixture| fixture.env.home().join(".local/share/headcount/claude_sessions.json");
    // Not through a link, and not a file of another program.
    for (target, path) in [("registry/claude_sessions.json", "x.json"), ("settings.json", "x.json")] {
        let fixture = Fixture::new();
        fixture.link(target, path);
        for named in [fixture.env.workspace().join(path), fixture.own_files.join("settings.json")] {
            let before = fixture.own();
            let home = fixture.env.home();
            fixture.run_session(&home, &[("HEADCOUNT_REGISTRY", named.to_str().unwrap())]);
            assert_eq!(fixture.own(), before, "{target} as {}", named.display());
            assert!(std::fs::read_to_string(own(&fixture)).unwrap().contains("\"s\""));
        }
    }
    // A registry that could have been found is used, and a file with the default name may be created.
    for name in ["sessions/there.json", "sessions/claude_sessions.json"] {
        let fixture = Fixture::new();
        let there = fixture.write("sessions/there.json", REGISTRY).with_file_name(Path::new(name).file_name().unwrap());
        fixture.run_session(&fixture.env.home(), &[("HEADCOUNT_REGISTRY", there.to_str().unwrap())]);
        assert!(std::fs::read_to_string(&there).unwrap().contains("\"s\""), "{name}: {}", log(&fixture.env));
        assert!(!own(&fixture).exists());
    }
    // No file with another name is created.
    let fixture = Fixture::new();
    fixture.run_session(
        &fixture.env.home(),
        &[("HEADCOUNT_REGISTRY", fixture.env.home().join(".bash_login").to_str().unwrap())],
    );
    assert!(!fixture.env.home().join(".bash_login").exists());
    // Another configuration folder does not extend this.
    let fixture = Fixture::new();
    let config = fixture
        .write("config/headcount/config.toml", &format!("registry = {:?}\n", fixture.own_files.join("settings.json")));
    let before = fixture.own();
    fixture
        .run_session(&fixture.env.home(), &[("XDG_CONFIG_HOME", config.ancestors().nth(2).unwrap().to_str().unwrap())]);
    assert_eq!(fixture.own(), before);
    assert!(log(&fixture.env).contains("is not a registry"), "{}", log(&fixture.env));
}

#[test]
fn a_registry_of_another_user_is_not_used() {
    let fixture = Fixture::new();
    let Some(command) = fixture.env.as_user(54321) else { return skipped("cannot become another user here") };
    // A folder above the working folder that another user can write, as in a shared folder.
    let (registry, inner) = (fixture.write("claude_sessions.json", REGISTRY), fixture.env.workspace().join("mine"));
    std::fs::create_dir(&inner).unwrap();
    let own = |path: &Path, owner: u32| chown(path, Some(owner), Some(owner)).unwrap();
    own(&inner, 54321);
    let status = |owner_of_file: u32, owner_of_folder: u32| {
        own(&registry, owner_of_file);
        own(&fixture.env.workspace(), owner_of_folder);
        let found = run(clone(&command).current_dir(&inner).args(["status", "--json"]));
        assert_eq!(found.code, 0, "{found:?}");
        let status: Value = serde_json::from_str(&found.stdout).unwrap();
        status["registry"] == registry.to_str().unwrap()
    };
    for (file, folder, is_used) in [
        (54321, 54321, true),
        (0, 0, true),
        (0, 54321, true),
        (12345, 54321, false),
        (54321, 12345, false),
        (12345, 12345, false),
    ] {
        assert_eq!(status(file, folder), is_used, "a file of {file} in a folder of {folder}");
    }
    let doctor = run(clone(&command).current_dir(&inner).arg("doctor"));
    let line = format!("{} is not used: {} belongs to user 12345", registry.display(), registry.display());
    assert!(doctor.stdout.contains(&line) && doctor.stdout.contains("trusted_folders = ["), "{doctor:?}");
    // The remedy works.
    let config = fixture.env.home().join(".config/headcount/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, format!("trusted_folders = [{:?}]\n", fixture.env.workspace())).unwrap();
    assert!(status(12345, 12345));
}

#[test]
fn files_of_other_programs_are_not_changed() {
    for text in [
        "[]",
        "[{\"session_id\": \"a\", \"status\": \"active\"}]",
        "{\"sessions\": {\"1\": {\"session_id\": \"a\"}}, \"messages\": []}",
        "{\"session_id\": \"a\", \"status\": \"active\"}",
        "{\"123456789\": \"0f1c7d\", \"chats\": 1}",
        "# notes on sessions\n",
        "null",
    ] {
        let fixture = Fixture::new();
        let registry = fixture.write("claude_sessions.json", text);
        fixture.run_session(&fixture.env.workspace(), &[]);
        for args in COMMANDS {
            fixture.command(args);
        }
        assert_eq!(std::fs::read_to_string(&registry).unwrap(), text);
        let beside: Vec<_> = std::fs::read_dir(fixture.env.workspace()).unwrap().collect();
        assert_eq!(beside.len(), 1, "{text}: {beside:?}");
        let finding = fixture.finding(&registry);
        assert!(finding["message"].as_str().is_some_and(|said| said.contains("not a registry")), "{text}: {finding}");
    }
}

#[test]
fn a_truncated_file_of_another_program_is_not_changed() {
    let fixture = Fixture::new();
    let registry = fixture.write("claude_sessions.json", "{\"version\": 1");
    let done = fixture.command(&["register", "1", "--role", "r", "--goal", "g"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(std::fs::read_to_string(&registry).unwrap(), "{\"version\": 1");
    assert!(fixture.env.home().join(".local/share/headcount/claude_sessions.json").exists());
}

#[test]
fn a_registry_being_written_is_not_replaced_by_another() {
    for torn in ["", "{", "{\"7\": {\"ro", "\0\0\0\0"] {
        let fixture = Fixture::new();
        let registry = fixture.write("claude_sessions.json", torn);
        let done = fixture.command(&["register", "1", "--role", "r", "--goal", "g"]);
        assert_eq!(done.code, 1, "{torn:?}: {done:?}");
        assert!(done.stderr.contains(registry.to_str().unwrap()), "{torn:?}: {done:?}");
        assert_eq!(std::fs::read_to_string(&registry).unwrap(), torn);
        assert!(!fixture.env.home().join(".local/share/headcount/claude_sessions.json").exists(), "{torn:?}");
    }
}

#[test]
fn a_linked_worktree_shares_the_registry_of_the_main_one() {
    let fixture = Fixture::new();
    let main = fixture.write("docs/coordination/claude_sessions.json", REGISTRY);
    let workspace = fixture.env.workspace();
    let git = |args: &[&str]| {
        let mut git = fixture.env.program("git");
        git.args(["-c", "user.email=a@b", "-c", "user.name=n", "-c", "init.defaultBranch=main"]).args(args);
        git.output().is_ok_and(|output| output.status.success())
    };
    let beside = fixture.env.root().join("beside");
    if !git(&["init", "-q"]) || !git(&["add", "-A"]) || !git(&["commit", "-qm", "x"]) {
        return skipped("no git here");
    }
    assert!(
        git(&["worktree", "add", "-q", ".claude/worktrees/a"])
            && git(&["worktree", "add", "-q", beside.to_str().unwrap()])
    );
    for folder in [workspace.join(".claude/worktrees/a"), beside.clone(), beside.join("docs/coordination")] {
        let status = run(fixture.env.command().current_dir(&folder).args(["status", "--json"]));
        let status: Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(status["registry"], main.to_str().unwrap(), "{}", folder.display());
        let doctor = run(fixture.env.command().current_dir(&folder).arg("doctor"));
        assert!(doctor.stdout.contains("is a linked worktree of"), "{doctor:?}");
    }
    fixture.run_session(&beside, &[]);
    assert!(std::fs::read_to_string(&main).unwrap().contains("\"s\""), "{}", log(&fixture.env));
    assert_eq!(std::fs::read_to_string(beside.join("docs/coordination/claude_sessions.json")).unwrap(), REGISTRY);
}
