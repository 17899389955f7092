//! Tests: which entries a `SessionEnd` signs off.

use super::*;

#[test]
fn the_session_end_counts_after_the_id_changed_without_an_event() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    assert_eq!(fixture.signs_off(7, "never seen"), Some(1));
}

#[test]
fn the_session_end_of_a_gone_process_is_matched_by_pid() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.number(8, "b", &START);
    let vanished = HookSession { pid: Some(7), ..session(0, "a") };
    fixture.known.gone.push(7);
    assert!(matches!(fixture.apply(&vanished, &ENDED), Transition::SignedOff(numbers, _) if numbers == [1]));
    assert_eq!(fixture.active(), [2]);
}

#[test]
fn a_session_end_needs_no_record_and_no_permission_to_register() {
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    let session_end = HookSession { may_register: false, ..session(7, "a") };
    assert!(matches!(fixture.apply(&session_end, &ENDED), Transition::SignedOff(numbers, _) if numbers == [1]));
}

#[test]
fn the_session_end_of_a_gone_process_does_not_match_another_with_its_pid() {
    let elsewhere = ProcessKey { domain: Some("container".into()), ..key(7) };
    let mut fixture = Fixture::new("{}");
    let container = session(7, "c");
    let claude = Claude { process: Some(elsewhere), ..container.claude.clone() };
    fixture.number_of(&HookSession { claude, ..container }, &PROMPT);
    let vanished = |id: &str| HookSession { pid: Some(7), ..session(0, id) };
    // The one in the container may run.
    fixture.known.unknown = vec![7];
    assert_eq!(fixture.apply(&vanished("a"), &ENDED), Transition::Ignored);
    // No process can be looked up, and both pid and id match.
    assert!(matches!(fixture.apply(&vanished("c"), &ENDED), Transition::SignedOff(numbers, _) if numbers == [1]));
    // Two that ended with the same pid: the id decides.
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "old", &PROMPT);
    let reused = session(7, "new");
    let claude = Claude { process: Some(ProcessKey { started: "later".into(), ..key(7) }), ..reused.claude.clone() };
    fixture.number_of(&HookSession { claude, ..reused }, &PROMPT);
    fixture.known.gone = vec![7];
    assert!(matches!(fixture.apply(&vanished("new"), &ENDED), Transition::SignedOff(numbers, _) if numbers == [2]));
}

/// A sign-off of a process that can no longer be looked up, from a hook that knows its pid space, or not.
fn vanished(pid: u32, id: &str, space: Option<(&str, &str)>) -> HookSession {
    let pid_space = space.map_or_else(PidSpace::default, |(domain, boot)| PidSpace {
        domain: Some(domain.into()),
        boot: Some(boot.into()),
    });
    HookSession { pid: Some(pid), pid_space, ..session(0, id) }
}

#[test]
fn a_session_end_signs_off_no_process_of_another_pid_space() {
    // The same pid and the same conversation on the host, in a container, and before the computer was started again.
    for (domain, boot, is_its) in [("d", "b", true), ("container", "b", false), ("d", "later", false)] {
        let after = |known: Known, id: &str| {
            let mut fixture = Fixture::new("{}");
            fixture.number(7, "a", &PROMPT);
            fixture.known = known;
            let transition = fixture.apply(&vanished(7, id, Some((domain, boot))), &ENDED);
            matches!(transition, Transition::SignedOff(numbers, _) if numbers == [1])
        };
        let unknown = Known { unknown: vec![7], ..Known::default() };
        assert_eq!(after(unknown, "a"), is_its, "{domain} {boot}: a process that cannot be looked at");
        let gone = Known { gone: vec![7], ..Known::default() };
        assert_eq!(after(gone, "never seen"), is_its, "{domain} {boot}: an id that changed without an event");
    }
}

#[test]
fn a_session_end_without_evidence_needs_the_only_entry_with_its_pid_and_id() {
    let in_container = |id: &str| {
        let session = session(7, id);
        let process = Some(ProcessKey { domain: Some("container".into()), ..key(7) });
        HookSession { claude: Claude { process, ..session.claude.clone() }, ..session }
    };
    for (id, wanted) in [("a", None), ("b", Some(1))] {
        let mut fixture = Fixture::new("{}");
        fixture.number(7, "a", &PROMPT);
        fixture.known.unknown.push(7);
        fixture.number_of(&in_container(id), &PROMPT);
        assert_eq!(fixture.active(), [1, 2]);
        let number = match fixture.apply(&vanished(7, "a", None), &ENDED) {
            Transition::SignedOff(numbers, _) => only(numbers.into_iter()),
            _ => None,
        };
        assert_eq!(number, wanted, "{id}");
    }
}

#[test]
fn the_end_of_a_conversation_signs_off_all_processes_that_ended_with_it() {
    // Three processes held it, and the hook knows none: an old version, and its process is gone already.
    let mut fixture = Fixture::new("{}");
    fixture.number(7, "a", &START);
    fixture.number(8, "a", &RESUME);
    fixture.number(9, "a", &RESUME);
    fixture.number(10, "b", &START);
    fixture.known.gone = vec![7, 9, 10];
    let Transition::SignedOff(numbers, (_, changes)) = fixture.apply(&session(0, "a"), &ENDED) else { panic!() };
    assert_eq!((numbers, changes.len()), (vec![1, 3], 2));
    assert_eq!(fixture.active(), [2, 4], "one that may run, and another conversation");
    assert_eq!(fixture.apply(&session(0, "a"), &ENDED), Transition::Ignored);
}

#[test]
fn the_end_of_a_conversation_prefers_entries_of_ended_processes() {
    let mut fixture = Fixture::new(
        r#"{
            "1": {"status": "active", "claude": {"session_id": "a"}},
            "2": {"status": "active", "claude": {"session_id": "a", "pid": 7, "proc_start": "s7"}}
        }"#,
    );
    fixture.known.gone = vec![7];
    assert_eq!(fixture.signs_off(0, "a"), Some(2));
    assert_eq!(fixture.signs_off(0, "a"), Some(1), "it never had a process");
}
