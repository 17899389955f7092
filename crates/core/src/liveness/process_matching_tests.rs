//! Tests: which process and which entry belong together.

use super::*;
use crate::claude::activity::ActivityKind;

fn key(pid: u32, started: &str) -> ProcessKey {
    ProcessKey { pid, started: started.into(), domain: Some("linux:m:pid:[1]".into()), boot: None }
}

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap()
}

#[test]
fn only_its_own_process_proves_anything_about_an_entry() {
    use Process::{Alive, Gone, Unknown};
    let registry = read(
        r#"{"1": {"claude": {"pid": 7, "proc_start": "1", "session_id": "s"}}, "2": {}, "3": {"claude": {"session_id": "s"}}}"#,
    );
    let (own_process, plain, id_only) = (&registry.entries()[0], &registry.entries()[1], &registry.entries()[2]);
    let record = Record::read(br#"{"pid": 767, "sessionId": "s", "procStart": "50", "kind": "interactive"}"#).unwrap();
    for own in [Alive, Gone, Unknown] {
        for other in [Alive, Gone, Unknown] {
            let known = |key: &ProcessKey| if key.pid == 7 { own } else { other };
            let records = std::slice::from_ref(&record);
            assert_eq!(process_of(own_process, records, known), own, "{own:?} {other:?}");
            assert_eq!(process_of(plain, records, known), Unknown);
            // A left-over record proves neither life nor death.
            let wanted = if other == Alive { Alive } else { Unknown };
            assert_eq!(process_of(id_only, records, known), wanted, "{other:?}");
            assert_eq!(process_of(id_only, &[], known), Unknown);
        }
    }
}

#[test]
fn only_the_record_of_a_running_process_gives_the_activity() {
    use Process::{Alive, Gone, Unknown};
    let registry = read(
        r#"{"1": {"claude": {"pid": 7, "proc_start": "1", "session_id": "s"}}, "2": {"claude": {"session_id": "s"}},
            "3": {"claude": {"pid": 9, "proc_start": "1", "session_id": "other"}}, "4": {}}"#,
    );
    let record = |pid: u32, more: &str| {
        let text = format!("{{\"pid\": {pid}, \"sessionId\": \"s\", \"kind\": \"interactive\"{more}}}");
        Record::read(text.as_bytes()).unwrap()
    };
    let records = [
        // Another process that resumed the same conversation.
        record(6, r#", "procStart": "1", "status": "busy""#),
        // Left over from a process with the same pid.
        record(7, r#", "procStart": "0", "status": "shell""#),
        record(7, r#", "procStart": "1", "status": "idle""#),
        // Of an old version, without a start time; another conversation.
        record(9, r#", "status": "idle""#),
    ];
    let of = |at: usize, own, other| {
        let known = |key: &ProcessKey| if key.pid == 6 { other } else { own };
        activity_of(&registry.entries()[at], &records, known).map(|activity| activity.kind)
    };
    assert_eq!(of(0, Alive, Alive), Some(ActivityKind::Idle));
    for own in [Gone, Unknown] {
        assert_eq!(of(0, own, Alive), None, "{own:?}: the record may be left over");
        assert_eq!(of(1, own, Alive), Some(ActivityKind::Working), "an entry without a process");
        assert_eq!(of(1, own, Gone), None);
    }
    assert_eq!((of(2, Alive, Alive), of(3, Alive, Alive)), (None, None));
    assert_eq!(activity_of(&registry.entries()[0], &[], |_| Alive), None);
}

#[test]
fn a_session_is_identified_by_its_process() {
    let registry = read(
        r#"{"1": {"status": "inactive", "claude": {"pid": 7, "proc_start": "1", "session_id": "old"}},
            "2": {"status": "active", "claude": {"pid": 8, "proc_start": "1", "session_id": "new"}},
            "3": {"status": "active", "claude": {"session_id": "old"}}, "4": {"status": "active"},
            "5": {"status": "active", "claude": {"pid": 11, "proc_start": "1", "parked_pid": 12, "parked_start": "1"}}}"#,
    );
    let found =
        |process: Option<&ProcessKey>, id: Option<&str>| entry_of(&registry, process, id).map(|entry| entry.number);
    assert_eq!(found(Some(&key(8, "1")), Some("old")), Some(2));
    assert_eq!(found(Some(&key(7, "1")), None), Some(1));
    assert_eq!(found(Some(&key(9, "1")), Some("old")), Some(3), "the one that remembers no process");
    assert_eq!(found(Some(&key(9, "1")), Some("new")), None, "another process with the same conversation");
    assert_eq!(found(Some(&key(12, "1")), None), Some(5), "the terminal that shows a background job");
    assert_eq!(found(None, None), None);
    assert_eq!(found(Some(&key(8, "2")), Some("no-session")), None);
}

#[test]
fn running_sessions_without_an_entry_are_listed() {
    let record = |pid: u32, more: &str| {
        let text = format!(
            "{{\"pid\": {pid}, \"procStart\": \"1\", \"sessionId\": \"s{pid}\", \"kind\": \"interactive\"{more}}}"
        );
        Record::read(text.as_bytes()).unwrap()
    };
    let registry = read(
        r#"{"1": {"status": "active", "claude": {"pid": 10, "proc_start": "1"}},
            "2": {"status": "active", "claude": {"session_id": "s11"}},
            "3": {"status": "inactive", "claude": {"session_id": "s12"}},
            "4": {"status": "active", "claude": {"pid": 60, "proc_start": "1", "session_id": "s13"}}}"#,
    );
    let records = [
        record(30, r#", "name": "quiet-fox", "nameSource": "generated", "cwd": "/home/me/shop/""#),
        record(20, r#", "name": "Builder", "cwd": "/x""#),
        // Session 1 goes on in a job.
        record(10, r#", "parkedJobId": "of 1""#),
        Record { kind: Some(SessionKind::Background), job: Some("of 1".into()), ..record(46, "") },
        record(11, ""),
        record(12, ""),
        record(13, r#", "name": "Resumed twice""#),
        record(40, r#", "entrypoint": "sdk-cli""#),
        record(41, r#", "parkedJobId": "j""#),
        record(42, r#", "kind2": 1, "parkedJobId": "lost""#),
        Record { kind: Some(SessionKind::Background), job: Some("j".into()), ..record(43, "") },
        Record { kind: None, ..record(44, "") },
        Record { process: None, ..record(45, "") },
        record(50, ""),
    ];
    let known = |key: &ProcessKey| if key.pid == 50 { Process::Gone } else { Process::Alive };
    let pids = |counts_sdk| -> Vec<u32> {
        unregistered(&registry, &records, counts_sdk, known).into_iter().map(|(_, found)| found.pid).collect()
    };
    assert_eq!(pids(false), [13, 20, 30, 42, 43]);
    assert_eq!(pids(true), [13, 20, 30, 40, 42, 43]);
    let terminal_is_gone = |key: &ProcessKey| if key.pid == 10 { Process::Gone } else { known(key) };
    let left = unregistered(&registry, &records, false, terminal_is_gone).into_iter().map(|(_, found)| found.pid);
    assert_eq!(left.collect::<Vec<_>>(), [13, 20, 30, 42, 43, 46], "nothing else shows its job");
    let names: Vec<String> =
        unregistered(&registry, &records, false, known).into_iter().map(|(_, found)| found.name).collect();
    assert_eq!(names, ["Resumed twice", "Builder", "shop", "", ""]);
}
