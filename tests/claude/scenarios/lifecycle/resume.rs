//! Conversations that go on in another process.

use headcount_claude::until;

use crate::support::{WORK, active, assert_told, installed, numbers_of, registry, soon, start, states};

#[test]
fn a_resumed_conversation_gets_its_number_back() {
    let Some(home) = installed() else { return };
    for args in [["--continue"].as_slice(), &["--resume"]] {
        let first = start(&home, &[]);
        first.turn(&home, "first words");
        let id = first.record().unwrap()["sessionId"].as_str().unwrap().to_owned();
        let _second = start(&home, &[]);
        soon(&home, &[(1, "active"), (2, "active")]);
        first.say("/exit");
        first.wait_end();
        soon(&home, &[(1, "inactive"), (2, "active")]);
        let mut args = args.to_vec();
        if args == ["--resume"] {
            args.push(&id);
        }
        let resumed = start(&home, &args);
        soon(&home, &[(1, "active"), (2, "active")]);
        let entry = registry(&home, WORK)["1"]["claude"].clone();
        assert_eq!((entry["pid"].as_u64(), entry["session_id"].as_str()), (Some(resumed.pid().into()), Some(&*id)));
        resumed.turn(&home, "words after it");
        assert_told(&home, "words after it", 1);
        resumed.say("/exit");
        resumed.wait_end();
        soon(&home, &[(1, "inactive"), (2, "active")]);
    }
}

#[test]
fn a_fork_is_a_session_of_its_own() {
    let Some(home) = installed() else { return };
    let first = start(&home, &[]);
    first.turn(&home, "first words");
    let id = first.record().unwrap()["sessionId"].as_str().unwrap().to_owned();
    let fork = start(&home, &["--resume", &id, "--fork-session"]);
    fork.turn(&home, "forked words");
    soon(&home, &[(1, "active"), (2, "active")]);
    assert_told(&home, "forked words", 2);
    assert_eq!((numbers_of(&home, first.pid()), numbers_of(&home, fork.pid())), (vec![1], vec![2]));
    fork.say("/exit");
    fork.wait_end();
    soon(&home, &[(1, "active"), (2, "inactive")]);
}

#[test]
fn one_conversation_in_two_processes_is_two_sessions() {
    let Some(home) = installed() else { return };
    let first = start(&home, &[]);
    first.turn(&home, "first words");
    let id = first.record().unwrap()["sessionId"].as_str().unwrap().to_owned();
    let second = start(&home, &["--resume", &id]);
    until("two records with one id", || (second.record()?["sessionId"] == first.record()?["sessionId"]).then_some(()));
    second.turn(&home, "words of the second");
    first.turn(&home, "words of the first");
    assert_eq!(states(&home), active([1, 2]));
    assert_eq!((numbers_of(&home, first.pid()), numbers_of(&home, second.pid())), (vec![1], vec![2]));
    // The goodbye of one is not that of the other.
    second.say("/exit");
    second.wait_end();
    soon(&home, &[(1, "active"), (2, "inactive")]);
    let third = start(&home, &["--resume", &id]);
    third.turn(&home, "words of the third");
    assert_eq!(states(&home), active([1, 2]));
    // The record of one says nothing about the process of the other.
    let pid = third.pid();
    third.kill();
    soon(&home, &[(1, "active"), (2, "stale")]);
    assert_eq!(numbers_of(&home, pid), [2]);
    assert_eq!(first.record().unwrap()["sessionId"], id);
}
