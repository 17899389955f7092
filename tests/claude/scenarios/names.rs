//! What a session is called: its role in the registry follows the names that people give, and the client shows its number.

use headcount_claude::{Home, until};

use crate::support::{WORK, active, assert_told, installed, registry, registry_path, soon, start, states};

fn role(home: &Home) -> String {
    registry(home, WORK)["1"]["role"].as_str().unwrap().to_owned()
}

#[test]
fn the_role_follows_a_rename_and_a_branch() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    assert_eq!(role(&home), WORK, "the generated name is none");
    client.say("/rename Ship the thing");
    client.wait("Session renamed to: Ship the thing");
    client.turn(&home, "second words");
    assert_eq!(role(&home), "Ship the thing");

    // Another conversation in the same process.
    let id = client.record().unwrap()["sessionId"].clone();
    client.say("/branch Other way");
    client.wait("Branched session");
    client.turn(&home, "third words");
    assert_ne!(client.record().unwrap()["sessionId"], id);
    assert_eq!(registry(&home, WORK)["1"]["claude"]["session_id"], client.record().unwrap()["sessionId"]);
    assert_eq!(states(&home), active([1]));
    assert_told(&home, "third words", 1);
    assert_eq!(role(&home), "Other way");

    // A role that a person set in the registry stays.
    let path = registry_path(&home, WORK);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"Other way\"", "\"Reviewer\"", 1)).unwrap();
    client.say("/rename Third name");
    client.wait("Session renamed to: Third name");
    client.turn(&home, "fourth words");
    assert_eq!(role(&home), "Reviewer");
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn a_branch_without_a_name_keeps_the_number() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    client.say("/branch");
    client.wait("Branched session");
    client.turn(&home, "second words");
    assert_eq!(states(&home), active([1]));
    assert_told(&home, "second words", 1);
    client.say("/exit");
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn a_name_on_the_command_line_is_the_role() {
    let Some(home) = installed() else { return };
    let client = start(&home, &["--name", "Builder"]);
    client.turn(&home, "first words");
    assert_eq!(role(&home), "Builder");
    client.say("/exit");
    client.wait_end();
    let run = home.run(home.claude(), WORK, &["--bg", "--name", "Night shift", "second words"]);
    assert_eq!(run.code, 0, "{run:?}");
    until("the turn", || home.api.is_answered("second words").then_some(()));
    assert_eq!(role(&home), "Night shift");
    assert_told(&home, "second words", 1);
}
