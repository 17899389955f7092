//! Sessions that go to the background and come back.

use headcount_claude::{Client, Home, Process, Signal, until};
use serde_json::Value;

use crate::support::{WORK, active, assert_told, installed, numbers_of, record_of_job, registry, soon, start, states};

/// The record of the background process in which the session of a terminal's client goes on.
fn background(home: &Home, client: &Client) -> Option<Value> {
    let job = client.record()?["parkedJobId"].as_str()?.to_owned();
    record_of_job(home, &job)
}

#[test]
fn a_session_in_the_background_keeps_its_number_and_counts_once() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.turn(&home, "first words");
    client.wait("← for agents");
    client.press("\x1b[D");
    client.wait("moved to the background");
    let record =
        until("the background process", || background(&home, &client).filter(|record| record["status"] == "idle"));
    let pid = u32::try_from(record["pid"].as_u64().unwrap()).unwrap();
    soon(&home, &[(1, "active")]);
    until("the background process in the entry", || (numbers_of(&home, pid) == [1]).then_some(()));
    let status = home.status(WORK);
    assert_eq!(status["sessions"][0]["is_background"], true, "{status}");
    assert_eq!(status["unregistered"].as_array().unwrap().len(), 0, "{status}");
    assert_eq!(status["counts"]["running"], 1, "{status}");

    // Attached again, it goes on under its number.
    client.press("\r");
    client.wait_for("conversation", |screen| {
        screen.contains("FAKE ANSWER.") && !screen.contains("moved to the background")
    });
    client.say("second words");
    until("the turn", || {
        let is_idle = background(&home, &client)?["status"] == "idle";
        (is_idle && !home.api.turns("second words").is_empty()).then_some(())
    });
    assert_told(&home, "second words", 1);
    assert_eq!(states(&home), active([1]));

    // The end of the terminal is not the end of the session.
    client.wait("← for agents");
    client.press("\x1b[D");
    client.wait("moved to the background");
    client.press("\x03");
    client.wait("again to exit");
    client.press("\x03");
    client.wait_end();
    soon(&home, &[(1, "active")]);
    assert_eq!(numbers_of(&home, pid), [1], "{}", registry(&home, WORK));
    // The end of the background process is.
    let process = Process::open(pid).unwrap();
    process.send(Signal::TERM);
    assert!(process.ends_within(headcount_claude::DEADLINE));
    soon(&home, &[(1, "inactive")]);
}
