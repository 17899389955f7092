//! Sessions that end, in every way there is.

use headcount_claude::{Client, Signal};
use serde_json::json;

use crate::support::{WORK, installed, registry, soon, start};

/// Starts a session, ends it, and asserts that it signed off.
#[track_caller]
fn signs_off(end: impl FnOnce(&mut Client)) {
    let Some(home) = installed() else { return };
    let mut client = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    client.turn(&home, "first words");
    end(&mut client);
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
    let status = home.status(WORK);
    assert_eq!(status["available_numbers"][0], 1, "{status}");
    assert_eq!((&status["counts"]["stale"], &status["unregistered"]), (&json!(0), &json!([])), "{status}");
    assert_eq!(status["cleanup"]["numbers"], json!([]), "{status}");
    // The next one gets the same number.
    let next = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    assert_eq!(registry(&home, WORK)["1"]["claude"]["pid"], next.pid());
}

#[test]
fn exit() {
    signs_off(|client| client.say("/exit"));
}

#[test]
fn control_c_twice() {
    signs_off(|client| {
        client.press("\x03");
        client.wait("again to exit");
        client.press("\x03");
    });
}

#[test]
fn control_d() {
    signs_off(|client| {
        client.press("\x04");
        client.wait("again to exit");
        client.press("\x04");
    });
}

#[test]
fn interrupt_signal() {
    signs_off(|client| client.send(Signal::INT));
}

#[test]
fn termination_signal() {
    signs_off(|client| client.send(Signal::TERM));
}

#[test]
fn hangup_signal() {
    signs_off(|client| client.send(Signal::HUP));
}

#[test]
fn closed_terminal() {
    signs_off(Client::close_terminal);
}

#[test]
fn end_in_the_middle_of_a_turn() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    client.say("[[delay:60]] slowly");
    headcount_claude::until("the request", || home.api.turns("slowly").first().cloned());
    client.send(Signal::TERM);
    client.wait_end();
    soon(&home, &[(1, "inactive")]);
}

#[test]
fn a_session_that_is_killed_before_its_first_prompt_is_never_stale() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    client.kill();
    let status = home.status(WORK);
    assert_eq!((&status["counts"]["active"], &status["counts"]["stale"]), (&json!(0), &json!(0)), "{status}");
    assert_eq!(status["cleanup"]["numbers"], json!([]), "{status}");
    // Its number is free.
    let _next = start(&home, &[]);
    soon(&home, &[(1, "active")]);
}

#[test]
fn killed_sessions_are_stale_with_their_reason() {
    let Some(home) = installed() else { return };
    let client = start(&home, &[]);
    soon(&home, &[(1, "active")]);
    client.turn(&home, "first words");
    client.kill();
    soon(&home, &[(1, "stale")]);
    let status = home.status(WORK);
    assert_eq!(status["sessions"][0]["reason"], "ended", "{status}");
    assert_eq!(status["unregistered"], json!([]), "the record that stayed behind is of no session: {status}");
    // Its number is free once it is cleaned up, and not before.
    let _second = start(&home, &[]);
    soon(&home, &[(1, "stale"), (2, "active")]);
    home.succeed(WORK, &["cleanup"]);
    assert_eq!(registry(&home, WORK)["1"]["status"], "inactive");
    let third = start(&home, &[]);
    soon(&home, &[(1, "active"), (2, "active")]);
    assert_eq!(registry(&home, WORK)["1"]["claude"]["pid"], third.pid());
}
