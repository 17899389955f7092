//! `identify`: every branch of the dialogue in a real terminal, every flag without one, and the files written.

use serde_json::Value;

use crate::environment::{Environment, Run, now, registry};
use crate::terminal::Terminal;

/// Sessions 1 and 2 are active, 3 and 5 stale, 4 is signed off.
fn env() -> Environment {
    Environment::with(
        &[
            (1, "session-1", "active", Some(1)),
            (2, "own-id", "active", Some(5)),
            (3, "session-3", "active", Some(300)),
            (4, "session-4", "inactive", Some(400)),
            (5, "session-5", "active", Some(500)),
        ],
        now(),
    )
}

fn terminal(env: &Environment, args: &[&str]) -> Terminal {
    Terminal::start(env.about(&[&["identify"], args].concat()))
}

/// The status of each session, ordered by number.
fn statuses(env: &Environment) -> Vec<(String, String)> {
    let registry: Value = serde_json::from_str(&env.read_registry()).unwrap();
    let mut entries: Vec<(u64, String)> = registry
        .as_object()
        .unwrap()
        .iter()
        .map(|(number, entry)| (number.parse().unwrap(), entry["status"].as_str().unwrap().to_owned()))
        .collect();
    entries.sort();
    entries.into_iter().map(|(number, status)| (number.to_string(), status)).collect()
}

fn status(env: &Environment, number: &str) -> String {
    statuses(env).into_iter().find(|(found, _)| found == number).unwrap().1
}

/// Checks the three identity files of the protocol, and an identity heartbeat of this number.
fn is_identified(env: &Environment, number: u64) {
    let text = |name: &str| std::fs::read_to_string(env.workspace().join(name)).unwrap();
    assert_eq!(text(".session_identity"), format!("{number}\n"));
    assert_eq!(text(".session_env"), format!("export FPAI_SESSION_NUMBER={number}\n"));
    assert_eq!(text(".current_session"), format!("session-{number}\n"));
    let names = std::fs::read_dir(env.heartbeats()).unwrap().map(|entry| entry.unwrap().path());
    let beats: Vec<Value> =
        names.map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect();
    let own = beats.iter().filter(|beat| beat["session_number"] == number);
    assert!(own.clone().any(|beat| beat["type"] == "identity_heartbeat"), "{beats:?}");
    // Visible immediately, without waiting for the next heartbeat.
    assert_eq!(session(env, number)["state"], "active");
}

fn session(env: &Environment, number: u64) -> Value {
    let status = env.json(&["status"]);
    status["sessions"].as_array().unwrap().iter().find(|session| session["number"] == number).unwrap().clone()
}

/// Checks that `act` writes nothing.
fn untouched(env: &Environment, act: impl FnOnce()) {
    let before = (env.read_registry(), env.everything());
    act();
    assert_eq!((env.read_registry(), env.everything()), before);
}

const CLEAN_UP: &str = "Clean up stale sessions? (y/n): ";
const ACCEPT: &str = "[Enter, another number, or skip]: ";

#[test]
fn the_dialogue_cleans_up_and_registers() {
    let env = env();
    let mut terminal = terminal(&env, &[]);
    terminal
        .wait_for("Detected 2 stale session(s)")
        .wait_for("#3 Role 3: no heartbeat for 5 h")
        .wait_for("#5 Role 5")
        .wait_for(CLEAN_UP);
    terminal.type_line("y").wait_for("✅ Marked 2 session(s) as inactive");
    // The table shows the current registry, and the lowest free number in it.
    terminal.wait_for("2 active").wait_for("· inactive").wait_for("Accept #3?").wait_for(ACCEPT).type_line("");
    terminal.wait_for("#3 Role 3: marked inactive. Is this that session? (Y/n): ").type_line("n");
    terminal.wait_for("Role (e.g.").type_line("  Zoë's \"role\" $(id)  ").wait_for("Goal (e.g.").type_line("a goal");
    terminal.wait_for("✅ Registered as session 3").wait_for("💓 Heartbeat sent");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    is_identified(&env, 3);
    assert_eq!(session(&env, 3)["role"], "Zoë's \"role\" $(id)");
    assert!(session(&env, 3)["terminal"].as_str().unwrap().starts_with("pts/"), "{}", session(&env, 3));
    assert_eq!((status(&env, "4"), status(&env, "5")), ("inactive".into(), "inactive".into()));
    // The log contains both changes.
    let log = env.json(&["log"]);
    assert_eq!((&log[0]["what"], &log[1]["what"]), (&"register".into(), &"cleanup".into()));
}

#[test]
fn cleanup_needs_an_explicit_yes() {
    for answer in ["n", "", "maybe", "no"] {
        let env = env();
        let mut terminal = terminal(&env, &[]);
        terminal.wait_for(CLEAN_UP).type_line(answer).wait_for("Accept #4?").wait_for(ACCEPT).type_line("6");
        terminal
            .wait_for("Role (e.g.")
            .type_line("")
            .wait_for("Role (e.g.")
            .type_line("r")
            .wait_for("Goal (e.g.")
            .type_line("g");
        terminal.wait_for("✅ Registered as session 6");
        assert_eq!(terminal.finish().0, 0);
        assert_eq!((status(&env, "3"), status(&env, "5")), ("active".into(), "active".into()), "{answer}");
        is_identified(&env, 6);
    }
}

#[test]
fn rejected_numbers_are_asked_for_again() {
    let env = env();
    let mut terminal = terminal(&env, &["--no-cleanup"]);
    terminal
        .wait_for(ACCEPT)
        .type_line("nonsense")
        .wait_for(ACCEPT)
        .type_line("0")
        .wait_for("Numbers start at 1")
        .wait_for(ACCEPT);
    terminal.type_line("-1").wait_for(ACCEPT).type_line("99999999999999999999").wait_for(ACCEPT);
    terminal.type_line("1").wait_for("Session 1 is already active").wait_for(ACCEPT);
    terminal
        .type_line("3")
        .wait_for("#3 Role 3: no heartbeat for 5 h")
        .wait_for("Is this that session? (y/N): ")
        .type_line("");
    terminal.wait_for("Session 3 is registered, but stale").wait_for(ACCEPT).type_line("#3");
    terminal.wait_for("Is this that session? (y/N): ").type_line("y").wait_for("✅ Continuing as session 3");
    let (code, screen) = terminal.finish();
    assert_eq!((code, screen.matches("Free numbers").count()), (0, 1), "the table must be shown once: {screen}");
    is_identified(&env, 3);
    assert!(env.json(&["log"]).as_array().unwrap().is_empty(), "the registry stayed as it was");
}

#[test]
fn a_signed_off_session_is_reactivated_on_confirmation() {
    for answer in ["", "y", "YES"] {
        let env = env();
        let mut terminal = terminal(&env, &["--no-cleanup"]);
        terminal
            .wait_for("Accept #4?")
            .wait_for(ACCEPT)
            .type_line("")
            .wait_for("Is this that session? (Y/n): ")
            .type_line(answer);
        terminal.wait_for("✅ Reactivated session 4");
        assert_eq!(terminal.finish().0, 0);
        assert_eq!((status(&env, "4"), session(&env, 4)["role"].clone()), ("active".into(), "Role 4".into()));
        is_identified(&env, 4);
    }
}

#[test]
fn the_shells_own_session_needs_no_confirmation() {
    for (number, how) in [("1", "Continuing as"), ("3", "Continuing as"), ("4", "Reactivated")] {
        let env = env();
        std::fs::write(env.workspace().join(".session_identity"), format!("{number}\n")).unwrap();
        let mut terminal = terminal(&env, &["--no-cleanup"]);
        terminal
            .wait_for(&format!("This shell was last identified as #{number} Role {number}."))
            .wait_for(ACCEPT)
            .type_line(number);
        terminal.wait_for(&format!("✅ {how} session {number}"));
        let (code, screen) = terminal.finish();
        assert!(code == 0 && !screen.contains("Is this"), "{screen}");
        is_identified(&env, number.parse().unwrap());
    }
}

#[test]
fn aborting_the_dialogue_changes_nothing() {
    let env = env();
    untouched(&env, || {
        let mut terminal = terminal(&env, &["--no-cleanup"]);
        terminal.wait_for(ACCEPT).type_line("skip").wait_for("Skipped: this shell is not identified as a session");
        assert_eq!(terminal.finish().0, 1);
    });
    // The input ends at each question in turn.
    for (answers, last) in [
        (&[][..], CLEAN_UP),
        (&["n"], ACCEPT),
        (&["n", "4"], "Is this that session? (Y/n): "),
        (&["n", "6"], "Role (e.g."),
        (&["n", "6", "r"], "Goal (e.g."),
    ] {
        untouched(&env, || {
            let mut terminal = terminal(&env, &[]);
            for answer in answers {
                terminal.wait_for(": ").type_line(answer);
            }
            terminal.wait_for(last).send_eof().wait_for("Stopped: the input ended");
            assert_eq!(terminal.finish().0, 1);
        });
    }
}

#[test]
fn cleanup_shows_a_caution_and_needs_evidence() {
    // No session shows a sign of life: a caution is printed, and the question is still asked.
    let env = Environment::with(&[(1, "session-1", "active", Some(500)), (2, "session-2", "active", Some(600))], now());
    let mut asked = terminal(&env, &[]);
    asked
        .wait_for("Detected 2 stale")
        .wait_for("\n\r\n")
        .wait_for(CLEAN_UP)
        .type_line("n")
        .wait_for(ACCEPT)
        .type_line("skip");
    let (_, screen) = asked.finish();
    let offer: Value = env.json(&["status"])["cleanup"]["caution"].clone();
    assert!(screen.contains(offer["message"].as_str().unwrap()), "{offer} {screen}");
    // Without evidence the cleanup is not offered, and not performed with `--auto-cleanup`.
    let env = Environment::new();
    env.write_registry(&registry(&[(1, "session-1", "active", None), (2, "session-2", "active", None)]));
    let mut silent = terminal(&env, &[]);
    silent.wait_for("Accept #3?").type_line("skip");
    assert!(!silent.finish().1.contains(CLEAN_UP));
    let run = env.run(&["identify", "--auto-cleanup", "--number", "3", "--role", "r", "--goal", "g"]);
    assert_eq!((run.code, statuses(&env).len()), (0, 3), "{run:?}");
    assert!(run.stderr.contains("Nothing was cleaned up"), "{run:?}");
    assert_eq!(status(&env, "1"), "active");
}

#[test]
fn flags_replace_questions_in_a_terminal() {
    let env = env();
    let mut all = terminal(&env, &["--auto-cleanup", "--yes", "--role", "r", "--goal", "g"]);
    all.wait_for("✅ Marked 2 session(s) as inactive").wait_for("✅ Registered as session 3");
    let (code, screen) = all.finish();
    assert!(code == 0 && !screen.contains("): "), "{screen}");
    is_identified(&env, 3);
    let mut some = terminal(&env, &["--number", "6", "--role", "r"]);
    some.wait_for("Goal (e.g.").type_line("g").wait_for("✅ Registered as session 6");
    assert_eq!(some.finish().0, 0);
    // A number from the command line is not asked for again.
    let taken = terminal(&env, &["--number", "1"]);
    let (code, screen) = taken.finish();
    assert!(code == 1 && screen.contains("Session 1 is already active"), "{screen}");
    // With JSON no questions are asked.
    let json = terminal(&env, &["--json"]);
    let (code, screen) = json.finish();
    assert!(code == 1 && screen.contains("--number N"), "{screen}");
}

fn silent(env: &Environment, args: &[&str]) -> Run {
    env.run(&[&["identify"], args].concat())
}

#[test]
fn without_a_terminal_missing_flags_are_errors() {
    let env = env();
    for (args, words) in [
        (&[][..], "--yes for the lowest free number (4)"),
        (&["--role", "r", "--goal", "g"], "--yes for the lowest free number (4)"),
        (&["--auto-cleanup"], "--number N"),
        (&["--auto-cleanup", "--number", "6"], "--role and --goal"),
        (&["--number", "6"], "--role and --goal"),
        (&["--number", "6", "--role", "r"], "--role and --goal"),
        (&["--number", "4"], "--yes to continue as that session, or --role and --goal"),
        (&["--number", "3"], "Use --yes if this is that session"),
        (&["--number", "3", "--role", "r", "--goal", "g"], "Use --yes if this is that session"),
        (&["--number", "1", "--yes"], "Session 1 is already active"),
        (&["--yes"], "--role and --goal"),
        (&["--number", "0"], "Numbers start at 1"),
    ] {
        untouched(&env, || {
            let run = silent(&env, args);
            assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (1, "", 1), "{args:?} {run:?}");
            assert!(run.stderr.contains(words), "{args:?} {run:?}");
        });
    }
}

#[test]
fn flags_cover_all_answers() {
    let check = |args: &[&str], number: u64, how: &str, cleaned_up: &[u64]| {
        let env = env();
        let run = silent(&env, &[args, &["--json"]].concat());
        assert_eq!(run.code, 0, "{args:?} {run:?}");
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&report["number"], &report["how"]), (&number.into(), &how.into()), "{args:?}");
        assert_eq!(report["cleaned_up"], serde_json::json!(cleaned_up));
        is_identified(&env, number);
        let stale = if cleaned_up.is_empty() { "active" } else { "inactive" };
        assert_eq!(status(&env, "5"), stale, "{args:?}: only the requested cleanup is performed");
    };
    check(&["--number", "6", "--role", "r", "--goal", "g"], 6, "registered", &[]);
    check(&["--number", "4", "--role", "r", "--goal", "g", "--no-cleanup"], 4, "registered", &[]);
    check(&["--number", "4", "--yes"], 4, "reactivated", &[]);
    check(&["--number", "3", "--yes"], 3, "known", &[]);
    check(&["--yes", "--role", "r", "--goal", "g"], 4, "registered", &[]);
    check(&["--yes", "--role", "r", "--goal", "g", "--auto-cleanup"], 3, "registered", &[3, 5]);
    check(&["--number", "3", "--auto-cleanup", "--yes"], 3, "reactivated", &[3, 5]);
}

#[test]
fn repeating_identify_changes_nothing() {
    let env = env();
    let args = ["identify", "--number", "6", "--role", "r", "--goal", "g"];
    let first = env.run(&args);
    assert_eq!((first.code, first.stdout.as_str()), (0, "✅ Registered as session 6\n💓 Heartbeat sent\n"));
    assert!(first.stderr.contains("2 sessions stale; use --auto-cleanup"), "{first:?}");
    let before = env.read_registry();
    assert_eq!(env.run(&args).stdout, "✅ Continuing as session 6\n💓 Heartbeat sent\n");
    assert_eq!(env.read_registry(), before);
}

#[test]
fn heartbeat_only_writes_just_a_heartbeat() {
    let env = env();
    let run = silent(&env, &["--heartbeat-only"]);
    assert!(run.code == 1 && run.stderr.contains(".session_identity"), "{run:?}");
    std::fs::write(env.workspace().join(".session_identity"), "3\n").unwrap();
    let before = env.read_registry();
    assert_eq!(silent(&env, &["--heartbeat-only"]).stdout, "💓 Heartbeat for session 3\n");
    assert_eq!(session(&env, 3)["state"], "active");
    assert_eq!(env.read_registry(), before);
    assert_eq!(silent(&env, &["--heartbeat-only", "--number", "5", "--quiet"]).stdout, "");
    assert_eq!(session(&env, 5)["state"], "active");
    assert_eq!(silent(&env, &["--heartbeat-only", "--number", "4"]).code, 1, "a signed-off session must not beat");
}

#[test]
fn identity_files_that_are_links_are_written_through() {
    let env = env();
    let real = env.root().join("identity");
    std::fs::write(&real, "9\n").unwrap();
    std::os::unix::fs::symlink(&real, env.workspace().join(".session_identity")).unwrap();
    assert_eq!(silent(&env, &["--number", "4", "--yes"]).code, 0);
    assert_eq!(std::fs::read_to_string(real).unwrap(), "4\n");
    assert!(env.workspace().join(".session_identity").is_symlink());
    is_identified(&env, 4);
}
