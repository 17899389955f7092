//! What the commands report about a session that begins, goes on and ends, without anything that a person has to do.

use headcount_claude::Home;
use serde_json::{Value, json};

use crate::support::{WORK, bare, soon, start};

/// The output of a command in [`WORK`], as JSON. `doctor` fails where something is wrong outside of the home.
fn report(home: &Home, command: &[&str]) -> Value {
    let run = home.run(home.headcount(), WORK, &[command, &["--json"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{command:?}: {error}: {run:?}"))
}

/// Asserts that doctor has nothing to say about the sessions and their hooks.
#[track_caller]
fn assert_healthy(home: &Home, when: &str) {
    let findings = report(home, &["doctor"]);
    for subject in ["registry", "heartbeats", "hooks"] {
        let mut about = findings.as_array().unwrap().iter().filter(|finding| finding["subject"] == subject).peekable();
        assert!(about.peek().is_some(), "{subject}: {findings}");
        assert!(about.all(|finding| finding["health"] == "fine"), "{subject} {when}: {findings}");
    }
}

/// The changes in the log, oldest first: what was done, and to which numbers.
fn log(home: &Home) -> Vec<(Value, Value)> {
    let lines = report(home, &["log"]);
    lines.as_array().unwrap().iter().rev().map(|line| (line["what"].clone(), line["numbers"].clone())).collect()
}

#[test]
fn the_log_lists_no_bookkeeping_and_doctor_finds_nothing() {
    let Some(home) = bare() else { return };
    home.succeed(WORK, &["hooks", "install"]);
    let client = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    client.turn(&home, "first words");
    // The entry gets another conversation, and the number that the model was told.
    client.say("/clear");
    client.turn(&home, "second words");
    assert_eq!(log(&home), [(json!("register"), json!([1]))]);
    assert_healthy(&home, "while a session runs");
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
    assert_eq!(log(&home), [(json!("register"), json!([1])), (json!("release"), json!([1]))]);
    assert_healthy(&home, "after all sessions ended");
}

#[test]
fn uninstall_claims_that_the_settings_are_as_before_only_if_they_are() {
    let Some(home) = bare() else { return };
    let settings = home.at(".claude/settings.json");
    let live = || {
        let client = start(&home, &[]);
        client.turn(&home, "first words");
        client.say("/exit");
        client.wait_end();
    };
    // The first start of the client rewrites its settings.
    std::fs::write(&settings, r#"{"theme": "dark"}"#).unwrap();
    live();
    let own = std::fs::read_to_string(&settings).unwrap();
    let uninstalled = |change: &dyn Fn()| {
        home.succeed(WORK, &["hooks", "install"]);
        live();
        change();
        let said = home.succeed(WORK, &["hooks", "uninstall"]);
        (said.contains("the files are the same as before"), std::fs::read_to_string(&settings).unwrap())
    };
    assert_eq!(uninstalled(&|| {}), (true, own.clone()));
    // A person adds a setting meanwhile.
    let (claims, left) = uninstalled(&|| {
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, text.replacen('{', "{\n  \"verbose\": true,", 1)).unwrap();
    });
    let [own, left] = [own, left].map(|text| serde_json::from_str::<Value>(&text).unwrap());
    assert!(!claims && left["verbose"] == json!(true), "{left}");
    assert_eq!((&left["theme"], &left["hooks"]), (&own["theme"], &Value::Null));
}
