//! Turns, tools, and the commands that change a conversation: the number stays.

use headcount_claude::until;
use serde_json::json;

use crate::support::{WORK, active, assert_told, beats, installed, registry, soon, start, states, told};

#[test]
fn prompts_and_tools_are_signs_of_life() {
    let Some(home) = installed() else { return };
    let client = start(&home, &["--allowedTools", "Bash(touch:*)"]);
    let before = home.status(WORK)["sessions"][0]["last_heartbeat"].clone();
    client.turn(&home, "[[bash:touch made]] please");
    assert!(home.at(WORK).join("made").exists());
    client.turn(&home, "second words");
    // At most one file in a minute, and the first beat was that of the registration.
    assert!((1..=3).contains(&beats(&home)), "{}", beats(&home));
    let row = home.status(WORK)["sessions"][0].clone();
    assert!(row["last_heartbeat"].as_str() >= before.as_str(), "{row}");
    assert_eq!(row["is_beating"], true, "{row}");
    // Told once: the second prompt repeats nothing.
    let told = told(&home, "second words");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(states(&home), active([1]));
}

#[test]
fn a_command_in_the_shell_of_a_session_is_about_that_session() {
    let Some(home) = installed() else { return };
    // A short path, because the prompt has to fit on a line.
    std::os::unix::fs::symlink(home.headcount(), home.at("headcount")).unwrap();
    let _other = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    let client = start(&home, &["--allowedTools", "Bash"]);
    soon(&home, &[(1, "active"), (2, "active")]);
    let output = |name: &str| std::fs::read_to_string(home.at(WORK).join(name)).unwrap();
    client.turn(&home, "[[bash:~/headcount heartbeat >beat]] first");
    assert!(output("beat").contains('2'), "{}", output("beat"));
    client.turn(&home, "[[bash:~/headcount identify </dev/null >who]] second");
    assert!(output("who").contains('2'), "{}", output("who"));
    assert_eq!(states(&home), active([1, 2]));
    client.turn(&home, "[[bash:~/headcount release]] third");
    assert_eq!(states(&home), [(1, "active".to_owned()), (2, "inactive".to_owned())]);
}

#[test]
fn clear_keeps_the_number() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    let entry = registry(&home, WORK)["1"]["claude"].clone();
    client.say("/clear");
    let id = until("another session id", || {
        let id = client.record()?["sessionId"].clone();
        (id != entry["session_id"]).then_some(id)
    });
    until("the new id in the registry", || (registry(&home, WORK)["1"]["claude"]["session_id"] == id).then_some(()));
    client.turn(&home, "second words");
    assert_told(&home, "second words", 1);
    assert_eq!(states(&home), active([1]));
    assert_eq!(registry(&home, WORK)["1"]["claude"]["pid"], entry["pid"]);
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn compact_keeps_the_number() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    client.say("/compact");
    client.wait("Compacted");
    client.turn(&home, "second words");
    assert_told(&home, "second words", 1);
    assert_eq!(states(&home), active([1]));
}

#[test]
fn a_permission_prompt_is_part_of_a_turn() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.say("[[bash:touch made]] please");
    client.wait("Do you want to proceed");
    until("a waiting record", || client.record().filter(|record| record["status"] == "waiting"));
    assert_eq!(states(&home), active([1]));
    assert!(!home.at(WORK).join("made").exists());
    // A dialog ignores keys for about half a second after it appears.
    until("the answer", || {
        client.press("1");
        headcount_claude::within(std::time::Duration::from_millis(500), || {
            home.at(WORK).join("made").exists().then_some(())
        })
    });
    until("an idle record", || client.record().filter(|record| record["status"] == "idle"));
    assert_eq!(states(&home), active([1]));
}

#[test]
fn a_number_that_a_person_changed_is_told_with_the_next_prompt() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    home.succeed(WORK, &["reassign", "1", "7"]);
    client.turn(&home, "second words");
    assert_told(&home, "second words", 7);
    client.turn(&home, "third words");
    let told = told(&home, "third words");
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(states(&home), active([7]));
    assert_eq!(registry(&home, WORK)["7"]["former_numbers"], json!([1]));
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(7, "inactive")]);
}
