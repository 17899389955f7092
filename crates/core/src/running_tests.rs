//! Whose process is whose.

use super::*;

fn key(pid: u32, started: &str) -> ProcessKey {
    ProcessKey { pid, started: started.into(), domain: Some("linux:m:pid:[1]".into()), boot: None }
}

fn read(text: &str) -> Registry {
    Registry::read(text.as_bytes().to_vec()).unwrap()
}

#[test]
fn a_proof_is_one_of_whoever_may_be_it() {
    use Process::{Alive, Gone, Unknown};
    let registry = read(r#"{"1": {"claude": {"pid": 7, "proc_start": "1", "session_id": "s"}}, "2": {}}"#);
    let (entry, plain) = (registry.entry(1).unwrap(), registry.entry(2).unwrap());
    let resumed = Record::read(br#"{"pid": 767, "sessionId": "s", "procStart": "50", "kind": "interactive"}"#).unwrap();
    for (own, others, wanted) in [
        (Alive, None, Alive),
        (Gone, None, Gone),
        (Unknown, None, Unknown),
        (Gone, Some(Alive), Alive),
        (Gone, Some(Gone), Gone),
        (Gone, Some(Unknown), Unknown),
        (Unknown, Some(Gone), Unknown),
        (Unknown, Some(Alive), Alive),
    ] {
        let records: Vec<Record> = others.map(|_| resumed.clone()).into_iter().collect();
        let known = |key: &ProcessKey| if key.pid == 7 { own } else { others.unwrap() };
        assert_eq!(process_of(entry, &records, known), wanted, "{own:?} {others:?}");
        assert_eq!(process_of(plain, &records, known), Unknown);
    }
    // Somebody else's record says nothing.
    let other = Record { session_id: Some("t".into()), ..resumed };
    assert_eq!(process_of(entry, &[other], |key| if key.pid == 7 { Gone } else { Alive }), Gone);
}

#[test]
fn a_session_is_its_process_before_it_is_its_id() {
    let registry = read(
        r#"{"1": {"status": "inactive", "claude": {"pid": 7, "proc_start": "1", "session_id": "old"}},
            "2": {"status": "active", "claude": {"pid": 8, "proc_start": "1", "session_id": "new"}},
            "3": {"status": "active", "claude": {"session_id": "old"}}, "4": {"status": "active"}}"#,
    );
    let found =
        |process: Option<&ProcessKey>, id: Option<&str>| entry_of(&registry, process, id).map(|entry| entry.number);
    assert_eq!(found(Some(&key(8, "1")), Some("old")), Some(2));
    assert_eq!(found(Some(&key(7, "1")), None), Some(1));
    assert_eq!(found(Some(&key(9, "1")), Some("old")), Some(3), "the active one of two");
    assert_eq!(found(Some(&key(9, "1")), Some("new")), Some(2));
    assert_eq!(found(None, None), None);
    assert_eq!(found(Some(&key(8, "2")), Some("nobody")), None);
}

#[test]
fn who_runs_without_being_registered() {
    let record = |pid: u32, more: &str| {
        let text = format!(
            "{{\"pid\": {pid}, \"procStart\": \"1\", \"sessionId\": \"s{pid}\", \"kind\": \"interactive\"{more}}}"
        );
        Record::read(text.as_bytes()).unwrap()
    };
    let registry = read(
        r#"{"1": {"status": "active", "claude": {"pid": 10, "proc_start": "1"}},
            "2": {"status": "active", "claude": {"session_id": "s11"}},
            "3": {"status": "inactive", "claude": {"session_id": "s12"}}}"#,
    );
    let records = [
        record(30, r#", "cwd": "/home/me/shop/""#),
        record(20, r#", "name": "Builder", "cwd": "/x""#),
        record(10, ""),
        record(11, ""),
        record(12, ""),
        record(40, r#", "entrypoint": "sdk-cli""#),
        record(41, r#", "parkedJobId": "j""#),
        record(42, r#", "kind2": 1, "parkedJobId": "lost""#),
        Record { kind: Some(Kind::Background), job: Some("j".into()), ..record(43, "") },
        Record { kind: None, ..record(44, "") },
        Record { process: None, ..record(45, "") },
        record(50, ""),
    ];
    let known = |key: &ProcessKey| if key.pid == 50 { Process::Gone } else { Process::Alive };
    let pids = |counts_sdk| -> Vec<u32> {
        unregistered(&registry, &records, counts_sdk, known).into_iter().map(|(_, found)| found.pid).collect()
    };
    assert_eq!(pids(false), [20, 30, 42, 43]);
    assert_eq!(pids(true), [20, 30, 40, 42, 43]);
    let names: Vec<String> =
        unregistered(&registry, &records, false, known).into_iter().map(|(_, found)| found.name).collect();
    assert_eq!(names, ["Builder", "shop", "", ""]);
}
