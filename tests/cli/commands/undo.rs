//! `undo`: restores the original bytes, unless the sessions were changed since.

use serde_json::json;

use crate::environment::Environment;

#[test]
fn undo_restores_the_original_bytes() {
    let env = Environment::twelve();
    // An unusual layout, unusual values, and a time from an earlier cleanup.
    let odd = env
        .read_registry()
        .replacen(
            "\"goal\": \"g\"",
            "\"goal\":\t\"\\u00e9 \\/ \\ud83d\", \"x\" : 1.10e3,\r\n\"big\": 1234567890123456789012345",
            1,
        )
        .replacen("\"number\": 5", "\"marked_inactive_at\" :\"2025-11-15T00:00:00Z\"  ,\n \"number\": 5", 1);
    let odd = format!("\u{feff}  {odd}\n\n");
    env.write_registry(&odd);
    let change = env.json(&["cleanup"])["change"].as_str().unwrap().to_owned();
    assert_ne!(env.read_registry(), odd);
    let run = env.run(&["undo"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, "↩ Restored 9 sessions: 4, 5, 6, 7, 8, 9, 10, 11, 12\n");
    assert_eq!(env.read_registry(), odd);

    // A second undo has nothing to undo, and naming the change does not undo it twice.
    let again = env.run(&["undo"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, "There is no change to undo.\n"));
    assert_eq!(env.json(&["undo"]), json!({ "restored": [], "refused": [], "change": null }));
    let named = env.run(&["undo", &change]);
    assert_eq!((named.code, named.stdout.as_str()), (1, ""), "{named:?}");
    assert!(named.stderr.contains("Nothing was undone"), "{named:?}");
    assert_eq!(env.read_registry(), odd);
}

#[test]
fn undo_skips_sessions_changed_since() {
    let env = Environment::twelve();
    let before = env.read_registry();
    assert_eq!(env.run(&["cleanup", "--only", "4,5,6"]).code, 0);
    // Another session takes number 4, and session 5 is reactivated by hand.
    let foreign = env.read_registry().replace("\"session_id\": \"session-4\"", "\"session_id\": \"newcomer\"");
    let at = foreign.find("\"5\": {").unwrap();
    let foreign = foreign[..at].to_owned() + &foreign[at..].replacen("\"inactive\"", "\"active\"", 1);
    env.write_registry(&foreign);
    let run = env.run(&["undo"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "↩ Restored 1 session: 6\n"));
    assert!(run.stderr.contains("session 4 belongs to another session now; it was skipped"), "{run:?}");
    assert!(run.stderr.contains("session 5 was changed since; it was skipped"), "{run:?}");
    let after = env.read_registry();
    let sixth = |text: &str| text[text.find("\"6\": {").unwrap()..].split_once('}').unwrap().0.to_owned();
    assert_eq!(sixth(&after), sixth(&before));
    assert_eq!(after.replace(&sixth(&before), ""), foreign.replace(&sixth(&foreign), ""), "nothing else changed");
}

#[test]
fn undoing_an_unknown_change_is_an_error() {
    let env = Environment::twelve();
    let before = env.read_registry();
    for change in ["nonsense", "", "../../journal"] {
        let run = env.run(&["undo", change]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains(&format!("no change {change}")) || change.is_empty(), "{run:?}");
    }
    assert_eq!(env.read_registry(), before);
    // The change of another registry is unknown here too.
    let other = env.workspace().join("other.json");
    std::fs::write(&other, &before).unwrap();
    let change = env.json(&["cleanup"])["change"].as_str().unwrap().to_owned();
    let run = crate::environment::run(env.command().arg("--registry").arg(other).args(["undo", &change]));
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn without_a_cleanup_there_is_nothing_to_undo() {
    let env = Environment::new();
    let run = env.run(&["undo"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "There is no change to undo.\n", ""));
    assert_eq!(env.everything().len(), 2);
}

#[test]
fn a_cleanup_of_thousands_can_be_undone() {
    let env = Environment::new();
    std::fs::create_dir(env.heartbeats()).unwrap();
    let ids: Vec<String> = (1..=3000).map(|number| format!("session-{number}-{}", "long".repeat(20))).collect();
    let sessions: Vec<_> = (1..).zip(&ids).map(|(number, id)| (number, id.as_str(), "active", None)).collect();
    env.write_registry(&crate::environment::registry(&sessions));
    let before = env.read_registry();
    let change = env.json(&["cleanup"])["change"].as_str().unwrap().to_owned();
    assert_eq!(env.json(&["undo"])["restored"].as_array().unwrap().len(), 3000);
    assert_eq!(env.read_registry(), before);
    assert_eq!(env.json(&["undo"])["change"], serde_json::Value::Null);
    // A change is found by its id even if others followed.
    assert_eq!(env.json(&["cleanup", "--only", "1"])["marked"], json!([1]));
    let run = env.run(&["undo", &change, "--json"]);
    let undone: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, undone["refused"].as_array().unwrap().len()), (1, 3000));
}

#[test]
fn undo_fails_while_the_registry_is_unreadable() {
    let env = Environment::twelve();
    assert_eq!(env.run(&["cleanup"]).code, 0);
    env.write_registry("[]");
    let run = env.run(&["undo"]);
    assert_eq!(run.code, 1);
    assert_eq!(env.read_registry(), "[]");
}
