//! The replaced scripts, run by real shells: installation, removal, output and effects.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use serde_json::Value;

use crate::environment::{Environment, Run, now, run};
use crate::terminal::Terminal;

const NAMES: [&str; 4] =
    ["claude-session-register.sh", "session-cleanup-stale.sh", "session-heartbeat.sh", "session-identify.sh"];

/// A workspace with two of the old scripts in `scripts/`, next to the registry.
struct Fixture(Environment);

impl Fixture {
    /// Session 3 is active, 4 and 5 are stale.
    fn new() -> Self {
        let fixture = Environment::with(
            &[(3, "session-3", "active", Some(1)), (4, "own", "active", Some(300)), (5, "session-5", "active", None)],
            now(),
        );
        let scripts = fixture.workspace().join("scripts");
        std::fs::create_dir(&scripts).unwrap();
        std::fs::write(scripts.join("session-heartbeat.sh"), "#!/bin/bash\necho the old heartbeat\n").unwrap();
        std::fs::set_permissions(scripts.join("session-heartbeat.sh"), std::fs::Permissions::from_mode(0o750)).unwrap();
        symlink("elsewhere.sh", scripts.join("session-identify.sh")).unwrap();
        Self(fixture)
    }

    fn script(&self, name: &str) -> PathBuf {
        self.0.workspace().join("scripts").join(name)
    }

    fn scripts(&self, args: &[&str]) -> Run {
        run(self.0.command().arg("scripts").args(args).arg(self.script("")))
    }

    fn installed() -> Self {
        let fixture = Self::new();
        let run = fixture.scripts(&["install"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        fixture
    }

    /// Runs a script with a shell, from a folder outside of the workspace.
    fn sh(&self, shell: &str, name: &str, args: &[&str]) -> Run {
        run(self.0.program(shell).current_dir("/").arg(self.script(name)).args(args))
    }

    /// The folder's contents: names, link targets, texts, modes.
    fn listing(&self) -> Vec<(String, Option<PathBuf>, Option<String>, u32)> {
        let mut listing: Vec<_> = std::fs::read_dir(self.script(""))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let mode = std::fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
                (name, std::fs::read_link(&path).ok(), std::fs::read_to_string(&path).ok(), mode)
            })
            .collect();
        listing.sort();
        listing
    }
}

const SHELLS: [&str; 2] = ["sh", "bash"];

#[test]
fn uninstalling_scripts_restores_the_originals() {
    let fixture = Fixture::new();
    let before = fixture.listing();
    let dry = fixture.scripts(&["install", "--dry-run"]);
    assert!(dry.code == 0 && dry.stdout.ends_with("🔍 DRY RUN - No changes made\n"), "{dry:?}");
    assert_eq!(fixture.listing(), before);
    assert_eq!(fixture.scripts(&["install"]).code, 0);
    let installed = fixture.listing();
    let names: Vec<&str> = installed.iter().map(|(name, ..)| name.as_str()).collect();
    let wanted = [NAMES[0], NAMES[1], NAMES[2], "session-heartbeat.sh.orig", NAMES[3], "session-identify.sh.orig"];
    assert_eq!(names, wanted);
    for name in NAMES {
        let (_, link, text, mode) = installed.iter().find(|(found, ..)| found == name).unwrap();
        assert!(link.is_none() && text.as_ref().unwrap().lines().count() == 2 && mode & 0o100 != 0, "{name}");
    }
    assert!(fixture.scripts(&["install"]).stdout.starts_with("Nothing to change"));
    assert_eq!(fixture.listing(), installed, "install must be idempotent");
    let dry = fixture.scripts(&["uninstall", "--dry-run"]);
    assert!(dry.stdout.contains("restored ") && dry.stdout.contains("removed "), "{dry:?}");
    assert_eq!(fixture.listing(), installed);
    assert_eq!(fixture.scripts(&["uninstall"]).code, 0);
    assert_eq!(fixture.listing(), before);
    assert!(fixture.scripts(&["uninstall"]).stdout.starts_with("Nothing to change"));
}

#[test]
fn foreign_scripts_are_never_overwritten() {
    let fixture = Fixture::installed();
    // A script that a person restored by hand: it and its original now belong to that person.
    std::fs::write(fixture.script("session-heartbeat.sh"), "#!/bin/bash\necho newer\n").unwrap();
    let before = fixture.listing();
    let refused = fixture.scripts(&["install"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
    assert!(refused.stderr.contains("session-heartbeat.sh.orig exists already"), "{refused:?}");
    assert_eq!(fixture.listing(), before);
    assert_eq!(fixture.scripts(&["uninstall"]).code, 0);
    let text = |name: &str| std::fs::read_to_string(fixture.script(name)).unwrap();
    assert_eq!(
        (text("session-heartbeat.sh"), text("session-heartbeat.sh.orig").contains("the old")),
        ("#!/bin/bash\necho newer\n".into(), true)
    );
    let missing = fixture.0.root().join("missing");
    let nowhere = run(fixture.0.command().args(["scripts", "install"]).arg(&missing));
    assert!(nowhere.code == 1 && nowhere.stderr.contains(missing.to_str().unwrap()), "{nowhere:?}");
    assert!(!missing.exists());
}

#[test]
fn reinstalling_updates_the_path_of_a_moved_program() {
    let fixture = Fixture::installed();
    let elsewhere = fixture.0.root().join("it's a bin/headcount");
    std::fs::create_dir(elsewhere.parent().unwrap()).unwrap();
    assert_eq!(run(fixture.0.program("cp").arg(env!("CARGO_BIN_EXE_headcount")).arg(&elsewhere)).code, 0);
    let mut moved = fixture.0.program(elsewhere.to_str().unwrap());
    assert_eq!(run(moved.args(["scripts", "install"]).arg(fixture.script(""))).code, 0);
    assert!(
        fixture
            .listing()
            .iter()
            .any(|(_, _, text, _)| text.as_ref().is_some_and(|text| text.contains("it'\\''s a bin")))
    );
    for shell in SHELLS {
        assert_eq!(fixture.sh(shell, "session-cleanup-stale.sh", &["--dry-run"]).code, 0);
    }
    assert_eq!(fixture.scripts(&["uninstall"]).code, 0);
    assert_eq!(fixture.listing().len(), 2);
}

#[test]
fn the_cleanup_script_behaves_like_the_original() {
    for shell in SHELLS {
        let fixture = Fixture::installed();
        // The way in which the identify script runs it.
        let line = format!(
            "set -e; count=$('{}' --dry-run 2>/dev/null | grep '💤 Stale sessions:' | awk '{{print $4}}'); echo \"$count\"",
            fixture.script("session-cleanup-stale.sh").display()
        );
        assert_eq!(run(fixture.0.program(shell).args(["-c", &line])).stdout, "2\n");
        let dry = fixture.sh(shell, "session-cleanup-stale.sh", &["--timeout-minutes", "400", "--dry-run"]);
        assert!(dry.stdout.contains("  Timeout: 400 minutes\n  Dry Run: true\n"), "{dry:?}");
        assert!(dry.stdout.contains("  💤 Stale sessions: 1\n"), "{dry:?}");
        let odd = fixture.sh(shell, "session-cleanup-stale.sh", &["--now"]);
        let script = fixture.script("session-cleanup-stale.sh");
        let usage =
            format!("Unknown option: --now\nUsage: {} [--timeout-minutes MINUTES] [--dry-run]\n", script.display());
        assert_eq!((odd.code, odd.stdout), (1, usage));
        assert_eq!(fixture.sh(shell, "session-cleanup-stale.sh", &["--timeout-minutes", "soon"]).code, 1);
        let done = fixture.sh(shell, "session-cleanup-stale.sh", &[]);
        assert!(done.code == 0 && done.stdout.contains("✅ Marked 2 session(s) as inactive\n"), "{done:?}");
        assert_eq!(fixture.0.json(&["status"])["counts"]["inactive"], 2);
    }
}

#[test]
fn the_registration_script_behaves_like_the_original() {
    for shell in SHELLS {
        let fixture = Fixture::installed();
        let odd = "R \"$(touch /tmp/x)\" <b>";
        let done = fixture.sh(shell, "claude-session-register.sh", &["12", odd, "a goal", "own-12", "s012"]);
        assert_eq!(done.code, 0, "{done:?}");
        let begin = format!(
            "✅ Session #12 registered successfully!\n   Session ID: own-12\n   Role: {odd}\n   Terminal: s012\n\nTotal sessions registered: 4/13\n\nAll registered sessions:\n  # 3. Role 3 "
        );
        assert!(done.stdout.starts_with(&begin), "{done:?}");
        assert!(done.stdout.ends_with("(own-12)\n"), "{done:?}");
        let registry: Value = serde_json::from_str(&fixture.0.read_registry()).unwrap();
        assert_eq!((&registry["12"]["role"], &registry["12"]["session_id"]), (&odd.into(), &"own-12".into()));
        let plain = fixture.sh(shell, "claude-session-register.sh", &["2", "r", "g"]);
        assert!(plain.stdout.contains("   Session ID: session-2\n   Role: r\n   Terminal: unknown\n"), "{plain:?}");
        let taken = fixture.sh(shell, "claude-session-register.sh", &["3", "r", "g"]);
        assert_eq!((taken.code, taken.stderr.as_str()), (1, ""), "{taken:?}");
        assert!(taken.stdout.starts_with("❌ ERROR: Number 3 is already taken!\n\nTaken numbers:\n"), "{taken:?}");
        for few in [&[][..], &["7", "r"], &["seven", "r", "g"]] {
            let usage = fixture.sh(shell, "claude-session-register.sh", few);
            let script = fixture.script("claude-session-register.sh");
            assert!(
                usage.code == 1 && usage.stdout.starts_with(&format!("Usage: {} NUMBER ", script.display())),
                "{usage:?}"
            );
        }
    }
}

/// The newest heartbeat of an id.
fn beat(fixture: &Fixture, id: &str) -> Value {
    let names = std::fs::read_dir(fixture.0.heartbeats()).unwrap().map(|entry| entry.unwrap().path());
    let newest = names.filter(|path| path.to_str().unwrap().ends_with(&format!("-{id}.json"))).max().unwrap();
    serde_json::from_str(&std::fs::read_to_string(newest).unwrap()).unwrap()
}

#[test]
fn the_heartbeat_script_behaves_like_the_original() {
    for shell in SHELLS {
        let fixture = Fixture::installed();
        let current = |text: &str| std::fs::write(fixture.0.workspace().join(".current_session"), text).unwrap();
        let nobody = fixture.sh(shell, "session-heartbeat.sh", &[]);
        assert_eq!((nobody.code, nobody.stderr.as_str()), (1, ""));
        assert!(nobody.stdout.starts_with("⚠️  No active session."), "{nobody:?}");
        // Selected by id, and by number without a newline.
        for (id, beats_as) in [("own\n", "own"), ("session-4", "own"), ("session-5\n", "session-5")] {
            current(id);
            let done = fixture.sh(shell, "session-heartbeat.sh", &["building", "a \"target\"", "2", "50%", "tests"]);
            assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, "", ""), "{done:?}");
            let beat = beat(&fixture, beats_as);
            let said = ["session_id", "action", "target", "phase", "progress", "next_action"]
                .map(|key| beat[key].as_str().unwrap().to_owned());
            assert_eq!(said, [beats_as, "building", "a \"target\"", "2", "50%", "tests"]);
        }
        assert_eq!(fixture.0.json(&["status"])["counts"]["active"], 3);
        current("session-4");
        // Its argument counts, as it did for the old script.
        std::thread::sleep(std::time::Duration::from_millis(1010));
        assert_eq!(fixture.sh(shell, "session-heartbeat.sh", &["disconnected"]).code, 0);
        assert_eq!(fixture.0.json(&["status"])["sessions"][1]["reason"], "disconnected");
        current("session-1763247310\n");
        let unknown = fixture.sh(shell, "session-heartbeat.sh", &[]);
        assert!(unknown.code == 1 && unknown.stderr.contains("session-1763247310 is not in"), "{unknown:?}");
    }
}

#[test]
fn the_identify_script_behaves_like_the_original() {
    for shell in SHELLS {
        let fixture = Fixture::installed();
        let script = fixture.script("session-identify.sh");
        let mut command = fixture.0.program(shell);
        command.arg(&script).current_dir("/");
        let mut terminal = Terminal::start(command);
        terminal.wait_for("Clean up stale sessions? (y/n): ").type_line("n").wait_for("Accept #1?").type_line("");
        terminal
            .wait_for("Role (e.g.")
            .type_line("r")
            .wait_for("Goal (e.g.")
            .type_line("g")
            .wait_for("✅ Registered as session 1");
        assert_eq!(terminal.finish().0, 0);
        assert_eq!(std::fs::read_to_string(fixture.0.workspace().join(".current_session")).unwrap(), "session-1\n");
        assert_eq!(fixture.sh(shell, "session-heartbeat.sh", &[]).code, 0, "the scripts share the session's identity");
        let beats = fixture.sh(shell, "session-identify.sh", &["--heartbeat-only"]);
        assert_eq!((beats.code, beats.stdout.as_str()), (0, "💓 Heartbeat for session 1\n"));
        let silent = fixture.sh(shell, "session-identify.sh", &[]);
        assert!(silent.code == 1 && silent.stderr.contains("--number N"), "{silent:?}");
        let odd = fixture.sh(shell, "session-identify.sh", &["--nonsense"]);
        assert!(odd.code == 2 && odd.stderr.starts_with("error: "), "{odd:?}");
        // A shell that sources the script continues.
        let line = format!(". '{}' >/dev/null 2>&1; echo still here", script.display());
        assert_eq!(run(fixture.0.program(shell).args(["-c", &line])).stdout, "still here\n");
    }
}

#[test]
fn scripts_use_a_named_registry() {
    let fixture = Fixture::new();
    let other = fixture.0.root().join("other's.json");
    std::fs::write(&other, "{}").unwrap();
    let mut install = fixture.0.command();
    install.arg("--registry").arg(&other).args(["scripts", "install"]).arg(fixture.script(""));
    assert_eq!(run(&mut install).code, 0);
    assert_eq!(fixture.sh("sh", "claude-session-register.sh", &["1", "r", "g"]).code, 0);
    assert!(std::fs::read_to_string(&other).unwrap().contains("session-1"));
    // Named by the environment variable, as for every command.
    let installed = Fixture::installed();
    let before = installed.0.read_registry();
    let mut register = installed.0.program("sh");
    register.arg(installed.script("claude-session-register.sh")).args(["2", "r", "g"]);
    assert_eq!(run(register.env("HEADCOUNT_REGISTRY", &other)).code, 0);
    assert!(std::fs::read_to_string(&other).unwrap().contains("session-2"));
    assert_eq!(installed.0.read_registry(), before);
}
