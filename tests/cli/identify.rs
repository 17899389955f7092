//! Who a shell is: every branch of the conversation in a real terminal, every flag without one, and what is written.

use serde_json::Value;

use crate::environment::{Environment, Run, now, registry};
use crate::terminal::Terminal;

/// 1 and 2 are active, 3 and 5 stale, 4 signed off.
fn world() -> Environment {
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

fn terminal(world: &Environment, args: &[&str]) -> Terminal {
    Terminal::start(world.about(&[&["identify"], args].concat()))
}

/// The status of each session, in the order of numbers.
fn statuses(world: &Environment) -> Vec<(String, String)> {
    let registry: Value = serde_json::from_str(&world.read_registry()).unwrap();
    let mut entries: Vec<(u64, String)> = registry
        .as_object()
        .unwrap()
        .iter()
        .map(|(number, entry)| (number.parse().unwrap(), entry["status"].as_str().unwrap().to_owned()))
        .collect();
    entries.sort();
    entries.into_iter().map(|(number, status)| (number.to_string(), status)).collect()
}

fn status(world: &Environment, number: &str) -> String {
    statuses(world).into_iter().find(|(found, _)| found == number).unwrap().1
}

/// The three files, as the protocol has them, and an identity beat of this number.
fn is_identified(world: &Environment, number: u64) {
    let text = |name: &str| std::fs::read_to_string(world.workspace().join(name)).unwrap();
    assert_eq!(text(".session_identity"), format!("{number}\n"));
    assert_eq!(text(".session_env"), format!("export FPAI_SESSION_NUMBER={number}\n"));
    assert_eq!(text(".current_session"), format!("session-{number}\n"));
    let names = std::fs::read_dir(world.heartbeats()).unwrap().map(|entry| entry.unwrap().path());
    let beats: Vec<Value> =
        names.map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect();
    let own = beats.iter().filter(|beat| beat["session_number"] == number);
    assert!(own.clone().any(|beat| beat["type"] == "identity_heartbeat"), "{beats:?}");
    // It shows: nobody has to wait for a beat.
    assert_eq!(session(world, number)["state"], "active");
}

fn session(world: &Environment, number: u64) -> Value {
    let status = world.json(&["status"]);
    status["sessions"].as_array().unwrap().iter().find(|session| session["number"] == number).unwrap().clone()
}

/// That nothing at all was written but what was there.
fn untouched(world: &Environment, act: impl FnOnce()) {
    let before = (world.read_registry(), world.everything());
    act();
    assert_eq!((world.read_registry(), world.everything()), before);
}

const CLEAN_UP: &str = "Clean up stale sessions? (y/n): ";
const ACCEPT: &str = "[Enter, another number, or skip]: ";

#[test]
fn the_whole_conversation() {
    let world = world();
    let mut terminal = terminal(&world, &[]);
    terminal.sees("Detected 2 stale session(s)").sees("#3 Role 3: no beat for 5 h").sees("#5 Role 5").sees(CLEAN_UP);
    terminal.types("y").sees("✅ Marked 2 session(s) as inactive");
    // The registry as it is now, and the lowest number that is free in it.
    terminal.sees("2 active").sees("· inactive").sees("Accept #3?").sees(ACCEPT).types("");
    terminal.sees("#3 Role 3: marked inactive. Are you that session? (Y/n): ").types("n");
    terminal.sees("Role (e.g.").types("  Zoë's \"role\" $(id)  ").sees("Goal (e.g.").types("a goal");
    terminal.sees("✅ Registered as session 3").sees("💓 Heartbeat sent");
    let (code, screen) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    is_identified(&world, 3);
    assert_eq!(session(&world, 3)["role"], "Zoë's \"role\" $(id)");
    assert!(session(&world, 3)["terminal"].as_str().unwrap().starts_with("pts/"), "{}", session(&world, 3));
    assert_eq!((status(&world, "4"), status(&world, "5")), ("inactive".into(), "inactive".into()));
    // What was taken back is taken back: the registry of before, entry by entry.
    let log = world.json(&["log"]);
    assert_eq!((&log[0]["what"], &log[1]["what"]), (&"register".into(), &"cleanup".into()));
}

#[test]
fn nothing_is_cleaned_up_unless_somebody_says_yes() {
    for answer in ["n", "", "maybe", "no"] {
        let world = world();
        let mut terminal = terminal(&world, &[]);
        terminal.sees(CLEAN_UP).types(answer).sees("Accept #4?").sees(ACCEPT).types("6");
        terminal.sees("Role (e.g.").types("").sees("Role (e.g.").types("r").sees("Goal (e.g.").types("g");
        terminal.sees("✅ Registered as session 6");
        assert_eq!(terminal.ends().0, 0);
        assert_eq!((status(&world, "3"), status(&world, "5")), ("active".into(), "active".into()), "{answer}");
        is_identified(&world, 6);
    }
}

#[test]
fn numbers_that_lead_nowhere_are_asked_for_again() {
    let world = world();
    let mut terminal = terminal(&world, &["--no-cleanup"]);
    terminal.sees(ACCEPT).types("nonsense").sees(ACCEPT).types("0").sees("Numbers start at 1").sees(ACCEPT);
    terminal.types("-1").sees(ACCEPT).types("99999999999999999999").sees(ACCEPT);
    terminal.types("1").sees("Session 1 is active already").sees(ACCEPT);
    terminal.types("3").sees("#3 Role 3: no beat for 5 h").sees("Are you that session? (y/N): ").types("");
    terminal.sees("Session 3 is registered and quiet").sees(ACCEPT).types("#3");
    terminal.sees("Are you that session? (y/N): ").types("y").sees("✅ Going on as session 3");
    let (code, screen) = terminal.ends();
    assert_eq!((code, screen.matches("Free numbers").count()), (0, 1), "the table is shown once: {screen}");
    is_identified(&world, 3);
    assert!(world.json(&["log"]).as_array().unwrap().is_empty(), "the registry stayed as it was");
}

#[test]
fn somebody_comes_back() {
    for answer in ["", "y", "YES"] {
        let world = world();
        let mut terminal = terminal(&world, &["--no-cleanup"]);
        terminal.sees("Accept #4?").sees(ACCEPT).types("").sees("Are you that session? (Y/n): ").types(answer);
        terminal.sees("✅ Reactivated session 4");
        assert_eq!(terminal.ends().0, 0);
        assert_eq!((status(&world, "4"), session(&world, 4)["role"].clone()), ("active".into(), "Role 4".into()));
        is_identified(&world, 4);
    }
}

#[test]
fn a_shell_that_was_it_is_not_asked_whether_it_is() {
    for (number, how) in [("1", "Going on as"), ("3", "Going on as"), ("4", "Reactivated")] {
        let world = world();
        std::fs::write(world.workspace().join(".session_identity"), format!("{number}\n")).unwrap();
        let mut terminal = terminal(&world, &["--no-cleanup"]);
        terminal.sees(&format!("This shell was #{number} Role {number} last.")).sees(ACCEPT).types(number);
        terminal.sees(&format!("✅ {how} session {number}"));
        let (code, screen) = terminal.ends();
        assert!(code == 0 && !screen.contains("Are you"), "{screen}");
        is_identified(&world, number.parse().unwrap());
    }
}

#[test]
fn leaving_in_the_middle_leaves_everything() {
    let world = world();
    untouched(&world, || {
        let mut terminal = terminal(&world, &["--no-cleanup"]);
        terminal.sees(ACCEPT).types("skip").sees("Skipped: this shell is no session now");
        assert_eq!(terminal.ends().0, 1);
    });
    // The answers end, at every question.
    for (answers, last) in [
        (&[][..], CLEAN_UP),
        (&["n"], ACCEPT),
        (&["n", "4"], "Are you that session? (Y/n): "),
        (&["n", "6"], "Role (e.g."),
        (&["n", "6", "r"], "Goal (e.g."),
    ] {
        untouched(&world, || {
            let mut terminal = terminal(&world, &[]);
            for answer in answers {
                terminal.sees(": ").types(answer);
            }
            terminal.sees(last).ends_input().sees("Stopped: the answers ended");
            assert_eq!(terminal.ends().0, 1);
        });
    }
}

#[test]
fn what_deserves_a_look_first() {
    // Nobody shows life: it is said, and asked all the same.
    let world =
        Environment::with(&[(1, "session-1", "active", Some(500)), (2, "session-2", "active", Some(600))], now());
    let mut asked = terminal(&world, &[]);
    asked.sees("Detected 2 stale").sees("\n\r\n").sees(CLEAN_UP).types("n").sees(ACCEPT).types("skip");
    let (_, screen) = asked.ends();
    let offer: Value = world.json(&["status"])["cleanup"]["caution"].clone();
    assert!(screen.contains(offer["message"].as_str().unwrap()), "{offer} {screen}");
    // There is no evidence: it is not asked, and not done where it was asked for beforehand.
    let world = Environment::new();
    world.write_registry(&registry(&[(1, "session-1", "active", None), (2, "session-2", "active", None)]));
    let mut silent = terminal(&world, &[]);
    silent.sees("Accept #3?").types("skip");
    assert!(!silent.ends().1.contains(CLEAN_UP));
    let run = world.run(&["identify", "--auto-cleanup", "--number", "3", "--role", "r", "--goal", "g"]);
    assert_eq!((run.code, statuses(&world).len()), (0, 3), "{run:?}");
    assert!(run.stderr.contains("Not cleaning up"), "{run:?}");
    assert_eq!(status(&world, "1"), "active");
}

#[test]
fn flags_answer_in_a_terminal_too() {
    let world = world();
    let mut all = terminal(&world, &["--auto-cleanup", "--yes", "--role", "r", "--goal", "g"]);
    all.sees("✅ Marked 2 session(s) as inactive").sees("✅ Registered as session 3");
    let (code, screen) = all.ends();
    assert!(code == 0 && !screen.contains("): "), "{screen}");
    is_identified(&world, 3);
    let mut some = terminal(&world, &["--number", "6", "--role", "r"]);
    some.sees("Goal (e.g.").types("g").sees("✅ Registered as session 6");
    assert_eq!(some.ends().0, 0);
    // A number that came with the command is not asked for again.
    let taken = terminal(&world, &["--number", "1"]);
    let (code, screen) = taken.ends();
    assert!(code == 1 && screen.contains("Session 1 is active already"), "{screen}");
    // JSON is for programs, which nobody asks.
    let json = terminal(&world, &["--json"]);
    let (code, screen) = json.ends();
    assert!(code == 1 && screen.contains("--number N"), "{screen}");
}

fn silent(world: &Environment, args: &[&str]) -> Run {
    world.run(&[&["identify"], args].concat())
}

#[test]
fn without_a_terminal_flags_are_asked_for() {
    let world = world();
    for (args, words) in [
        (&[][..], "--number N (free is 4)"),
        (&["--role", "r", "--goal", "g"], "--number N (free is 4)"),
        (&["--auto-cleanup"], "--number N"),
        (&["--auto-cleanup", "--number", "6"], "--role and --goal"),
        (&["--number", "6"], "--role and --goal"),
        (&["--number", "6", "--role", "r"], "--role and --goal"),
        (&["--number", "4"], "--yes to come back as it, or --role and --goal"),
        (&["--number", "3"], "If this is it, say --yes"),
        (&["--number", "3", "--role", "r", "--goal", "g"], "If this is it, say --yes"),
        (&["--number", "1", "--yes"], "Session 1 is active already"),
        (&["--yes"], "--role and --goal"),
        (&["--number", "0"], "Numbers start at 1"),
    ] {
        untouched(&world, || {
            let run = silent(&world, args);
            assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (1, "", 1), "{args:?} {run:?}");
            assert!(run.stderr.contains(words), "{args:?} {run:?}");
        });
    }
}

#[test]
fn every_answer_has_a_flag() {
    let check = |args: &[&str], number: u64, how: &str, cleaned_up: &[u64]| {
        let world = world();
        let run = silent(&world, &[args, &["--json"]].concat());
        assert_eq!(run.code, 0, "{args:?} {run:?}");
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&report["number"], &report["how"]), (&number.into(), &how.into()), "{args:?}");
        assert_eq!(report["cleaned_up"], serde_json::json!(cleaned_up));
        is_identified(&world, number);
        let stale = if cleaned_up.is_empty() { "active" } else { "inactive" };
        assert_eq!(status(&world, "5"), stale, "{args:?}: only what was said is cleaned up");
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
fn a_second_time_it_is_known() {
    let world = world();
    let args = ["identify", "--number", "6", "--role", "r", "--goal", "g"];
    let first = world.run(&args);
    assert_eq!((first.code, first.stdout.as_str()), (0, "✅ Registered as session 6\n💓 Heartbeat sent\n"));
    assert!(first.stderr.contains("2 sessions look stale and were left alone"), "{first:?}");
    let before = world.read_registry();
    assert_eq!(world.run(&args).stdout, "✅ Going on as session 6\n💓 Heartbeat sent\n");
    assert_eq!(world.read_registry(), before);
}

#[test]
fn only_a_beat() {
    let world = world();
    let run = silent(&world, &["--heartbeat-only"]);
    assert!(run.code == 1 && run.stderr.contains(".session_identity"), "{run:?}");
    std::fs::write(world.workspace().join(".session_identity"), "3\n").unwrap();
    let before = world.read_registry();
    assert_eq!(silent(&world, &["--heartbeat-only"]).stdout, "💓 Heartbeat for session 3\n");
    assert_eq!(session(&world, 3)["state"], "active");
    assert_eq!(world.read_registry(), before);
    assert_eq!(silent(&world, &["--heartbeat-only", "--number", "5", "--quiet"]).stdout, "");
    assert_eq!(session(&world, 5)["state"], "active");
    assert_eq!(silent(&world, &["--heartbeat-only", "--number", "4"]).code, 1, "who signed off does not beat");
}

#[test]
fn identity_files_that_are_links_are_written_through() {
    let world = world();
    let real = world.root().join("identity");
    std::fs::write(&real, "9\n").unwrap();
    std::os::unix::fs::symlink(&real, world.workspace().join(".session_identity")).unwrap();
    assert_eq!(silent(&world, &["--number", "4", "--yes"]).code, 0);
    assert_eq!(std::fs::read_to_string(real).unwrap(), "4\n");
    assert!(world.workspace().join(".session_identity").is_symlink());
    is_identified(&world, 4);
}
