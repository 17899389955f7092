//! Sessions that start: one, many at once, and those that do not count.

use std::collections::BTreeSet;

use headcount_claude::{Client, until};
use serde_json::json;

use crate::support::{
    WORK, active, assert_told, bare, beats, installed, numbers_of, registry, soon, start, states, told,
};

#[test]
fn a_session_is_registered_and_its_model_told_with_the_first_prompt() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    let entry = registry(&home, WORK)["1"].take();
    assert_eq!(entry["claude"]["pid"], client.pid(), "{entry}");
    assert_eq!(entry["claude"]["session_id"], client.record().unwrap()["sessionId"], "{entry}");
    until("the beat of the registration", || (beats(&home) == 1).then_some(()));
    client.turn(&home, "first words");
    assert_told(&home, "first words", 1);
    assert_eq!(home.status(WORK)["sessions"][0]["process"], "alive");
    assert_eq!(states(&home), active([1]));
}

#[test]
fn twelve_that_start_in_two_crowds_get_twelve_numbers_and_are_told_them() {
    let Some(home) = installed() else { return };
    let mut clients = Vec::new();
    for _ in 0..2 {
        let crowd: Vec<Client> = (0..6).map(|_| Client::start(&home, WORK, &[])).collect();
        crowd.iter().for_each(Client::wait_ready);
        clients.extend(crowd);
    }
    // Before any of them was given a prompt.
    until("twelve entries", || (registry(&home, WORK).as_object().unwrap().len() >= 12).then_some(()));
    assert_eq!(states(&home), active(1..=12));
    let mut numbers = BTreeSet::new();
    for (index, client) in clients.iter().enumerate() {
        let own = numbers_of(&home, client.pid());
        assert_eq!(own.len(), 1, "{own:?} for {}", client.pid());
        numbers.extend(&own);
        let prompt = format!("prompt {index} of the crowd");
        client.say(&prompt);
        until("the request", || home.api.turns(&prompt).first().cloned());
        assert_told(&home, &prompt, own[0]);
    }
    assert_eq!(numbers, (1..=12).collect());
    assert_eq!(states(&home), active(1..=12));
}

#[test]
fn a_run_without_a_terminal_is_not_counted() {
    let Some(home) = installed() else { return };
    let run = home.run(home.claude(), WORK, &["-p", "say something"]);
    assert!(run.code == 0 && run.stdout.contains("FAKE ANSWER."), "{run:?}");
    assert_eq!(registry(&home, WORK), json!({}));
    assert_eq!(beats(&home), 0);
    assert_eq!(told(&home, "say something"), [""; 0]);
    // A person can have such runs counted.
    std::fs::create_dir_all(home.at(".config/headcount")).unwrap();
    std::fs::write(home.at(".config/headcount/config.toml"), "count_sdk_runs = true\n").unwrap();
    let run = home.run(home.claude(), WORK, &["-p", "say it again"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_told(&home, "say it again", 1);
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn a_session_inside_of_another_is_not_counted() {
    let Some(mut home) = installed() else { return };
    home.variables = vec![("CLAUDECODE".into(), "1".into()), ("CLAUDE_CODE_CHILD_SESSION".into(), "1".into())];
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    assert_eq!(client.record(), None, "a nested session writes no record");
    assert_eq!(told(&home, "first words"), [""; 0]);
    client.say("/exit");
    client.wait_end();
    assert_eq!(registry(&home, WORK), json!({}));
    assert_eq!(beats(&home), 0);
}

#[test]
fn sessions_are_counted_before_any_hook_is_installed() {
    let Some(home) = bare() else { return };
    let clients: Vec<Client> = (0..2).map(|_| start(&home, &[])).collect();
    clients[0].turn(&home, "first words");
    until("both records", || clients.iter().all(|client| client.record().is_some()).then_some(()));
    let status = home.status(WORK);
    assert_eq!(status["counts"]["running"], 2, "{status}");
    assert_eq!(status["counts"]["unregistered"], 2, "{status}");
    assert_eq!(status["counts"]["active"], 0, "{status}");
    let text = home.succeed(WORK, &["status"]);
    assert!(text.lines().next().unwrap().contains("2 running · 2 not registered"), "{text}");
    assert_eq!(registry(&home, WORK), json!({}), "nothing is registered by being seen");
    // Hooks that are installed meanwhile register a session at its next prompt, once the client has read its settings again.
    home.succeed(WORK, &["hooks", "install"]);
    let prompts = (1..=20).map(|number| format!("prompt {number}"));
    let prompt = prompts.into_iter().find(|prompt| {
        clients[1].turn(&home, prompt);
        !told(&home, prompt).is_empty()
    });
    assert_told(&home, &prompt.unwrap(), 1);
    let status = home.status(WORK);
    assert_eq!(status["counts"]["running"], 2, "{status}");
    assert_eq!(status["counts"]["unregistered"], 1, "{status}");
}
