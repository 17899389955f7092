//! Jobs: sessions that start in the background, those that are moved there by a command, and processes that wait for one.

use headcount_claude::{Client, Home, until};
use serde_json::{Value, json};

use crate::support::{
    WORK, active, assert_told, installed, numbers_of, record_of_job, records, registry, soon, start, states,
};

/// Starts a job. Returns its id.
fn dispatch(home: &Home, args: &[&str]) -> String {
    let run = home.run(home.claude(), WORK, &[&["--bg", "--permission-mode", "default"], args].concat());
    assert_eq!(run.code, 0, "{run:?}");
    // backgrounded · 8b5079f1
    run.stdout.split_whitespace().nth(2).unwrap().to_owned()
}

/// Waits for the answer to a prompt of a job. Returns the pid of its process.
fn answered(home: &Home, job: &str, prompt: &str) -> u32 {
    until("the answer", || home.api.is_answered(prompt).then_some(()));
    pid(&until("the record of the job", || record_of_job(home, job)))
}

fn pid(record: &Value) -> u32 {
    u32::try_from(record["pid"].as_u64().unwrap()).unwrap()
}

fn stop(home: &Home, job: &str) {
    let run = home.run(home.claude(), WORK, &["stop", job]);
    assert_eq!(run.code, 0, "{run:?}");
}

/// Asserts that one session runs, that it is in the background, and that no other process counts as one.
#[track_caller]
fn assert_one_in_the_background(home: &Home) {
    let status = home.status(WORK);
    assert_eq!(status["counts"]["running"], 1, "{status}");
    assert_eq!(status["unregistered"], json!([]), "{status}");
    let mut rows = status["sessions"].as_array().unwrap().iter().filter(|row| row["state"] == "active");
    assert!(rows.next().is_some_and(|row| row["is_background"] == true), "{status}");
}

#[test]
fn a_job_is_a_session_until_it_is_stopped() {
    let Some(home) = installed() else { return };
    let job = dispatch(&home, &["first words"]);
    let pid = answered(&home, &job, "first words");
    assert_eq!(states(&home), active([1]));
    assert_eq!(numbers_of(&home, pid), [1]);
    assert_told(&home, "first words", 1);
    assert_one_in_the_background(&home);
    assert_eq!(registry(&home, WORK)["1"]["role"], WORK, "neither the prompt nor a generated name");

    // The terminal that shows it is no session.
    let terminal = Client::ready(&home, WORK, &["attach", &job]);
    terminal.turn(&home, "second words");
    assert_eq!(states(&home), active([1]));
    assert_one_in_the_background(&home);
    terminal.press("\x1a");
    terminal.wait_end();
    assert_eq!(states(&home), active([1]));

    stop(&home, &job);
    soon(&home, &[(1, "inactive")]);

    // Attached again, it goes on in another process.
    let terminal = Client::ready(&home, WORK, &["attach", &job]);
    until("the session", || (states(&home) == active([1])).then_some(()));
    terminal.turn(&home, "third words");
    assert_told(&home, "third words", 1);
    let again = answered(&home, &job, "third words");
    assert_ne!(again, pid);
    assert_eq!(numbers_of(&home, again), [1]);
    assert_one_in_the_background(&home);
    terminal.say("/stop");
    until("the sign-off", || (registry(&home, WORK)["1"]["status"] == "inactive").then_some(()));
    assert_eq!(states(&home), [(1, "inactive".to_owned())]);
}

#[test]
fn a_session_that_is_moved_to_the_background_by_a_command_keeps_its_number() {
    let Some(home) = installed() else { return };
    let earlier = start(&home, &[]);
    let client = start(&home, &[]);
    soon(&home, &[(1, "active"), (2, "active")]);
    client.turn(&home, "first words");
    // A lower number becomes free, of a session of the same folder.
    earlier.say("/exit");
    earlier.wait_end();
    soon(&home, &[(1, "inactive"), (2, "active")]);
    client.say("/bg");
    client.wait_end();
    let record = until("the background process", || {
        records(&home).into_iter().find(|record| record["jobId"].is_string() && record["spare"] != true)
    });
    let job = record["jobId"].as_str().unwrap();
    until("the session", || {
        let status = home.status(WORK);
        (status["counts"]["active"] == 1).then_some(())
    });
    assert_eq!(states(&home), [(1, "inactive".to_owned()), (2, "active".to_owned())], "{}", registry(&home, WORK));
    assert_eq!(numbers_of(&home, pid(&record)), [2]);
    assert_eq!(record["name"], "#2 work", "the title that the first session was given");
    assert_one_in_the_background(&home);

    let terminal = Client::ready(&home, WORK, &["attach", job]);
    terminal.turn(&home, "second words");
    assert_told(&home, "second words", 2);
    drop(terminal);
    assert_one_in_the_background(&home);
    stop(&home, job);
    soon(&home, &[(1, "inactive"), (2, "inactive")]);
}

#[test]
fn a_conversation_that_is_resumed_in_the_background_gets_its_number_back() {
    let Some(home) = installed() else { return };
    let first = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    let client = start(&home, &[]);
    soon(&home, &[(1, "active"), (2, "active")]);
    client.turn(&home, "first words");
    let id = client.record().unwrap()["sessionId"].as_str().unwrap().to_owned();
    for ended in [first, client] {
        ended.say("/exit");
        ended.wait_end();
    }
    soon(&home, &[(1, "inactive"), (2, "inactive")]);
    let job = dispatch(&home, &["--resume", &id, "words after it"]);
    let pid = answered(&home, &job, "words after it");
    assert_eq!(numbers_of(&home, pid), [2], "{}", registry(&home, WORK));
    assert_told(&home, "words after it", 2);
    assert_one_in_the_background(&home);
}

#[test]
fn a_process_that_waits_for_a_job_is_no_session_until_it_gets_one() {
    let Some(home) = installed() else { return };
    let view = Client::start(&home, WORK, &["agents"]);
    view.wait("describe a task for a new session");
    until("a spare process", || records(&home).into_iter().find(|record| record["spare"] == true));
    assert_eq!(registry(&home, WORK), json!({}));
    assert_eq!(home.status(WORK)["counts"]["running"], 0);
    view.press("first words");
    view.wait("❯ first words");
    view.press("\r");
    let record = until("the job", || {
        records(&home).into_iter().find(|record| record["spare"] != true && record["jobId"].is_string())
    });
    answered(&home, record["jobId"].as_str().unwrap(), "first words");
    assert_eq!(numbers_of(&home, pid(&record)), [1]);
    assert_told(&home, "first words", 1);
    assert_one_in_the_background(&home);
}
