//! What Claude Code reveals: records of every shape, and whose process is whose.

use super::*;

fn record(more: &str) -> Option<Record> {
    Record::read(format!("{{\"pid\": 767, \"sessionId\": \"s\"{more}}}").as_bytes())
}

fn key(pid: u32, started: &str) -> ProcessKey {
    ProcessKey { pid, started: started.into(), domain: Some("linux:m:pid:[1]".into()), boot: None }
}

#[test]
fn the_table_of_records() {
    for (fields, wanted) in [
        (r#""kind": "interactive", "entrypoint": "cli""#, Some(Kind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "claude-vscode""#, Some(Kind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "claude-desktop""#, Some(Kind::Interactive)),
        (r#""kind": "interactive""#, Some(Kind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "sdk-cli""#, Some(Kind::Sdk)),
        (r#""kind": "interactive", "entrypoint": "sdk-ts""#, Some(Kind::Sdk)),
        (r#""entrypoint": "sdk-py""#, Some(Kind::Sdk)),
        (r#""kind": "bg", "jobId": "j""#, Some(Kind::Background)),
        (r#""kind": "bg", "spare": true"#, None),
        (r#""kind": "bg", "spare": false"#, Some(Kind::Background)),
        (r#""kind": "daemon""#, None),
        (r#""kind": "daemon-worker", "entrypoint": "cli""#, None),
        (r#""kind": 5, "entrypoint": []"#, None),
    ] {
        assert_eq!(record(&format!(", {fields}")).unwrap().kind, wanted, "{fields}");
    }
}

#[test]
fn torn_and_odd_records() {
    for torn in ["", "{", "{\"pid\": 767, \"sess", "[]", "{}", "{\"pid\": \"767\"}", "{\"pid\": 0}", "{\"pid\": -4}"] {
        assert_eq!(Record::read(torn.as_bytes()), None, "{torn}");
    }
    assert_eq!(Record::read(&[0xff, 0xfe]), None);
    assert_eq!(record("").unwrap().process, None);
    let started = |more: &str| record(more).unwrap().process.map(|key| key.started);
    assert_eq!(started(r#", "procStart": "12345""#).as_deref(), Some("12345"));
    assert_eq!(started(r#", "procStart": 12345"#).as_deref(), Some("12345"));
    assert_eq!(started(r#", "procStart": """#), None);
    let unknown = record(r#", "procStart": "1", "somethingNew": {"a": [1]}, "cwd": null, "name": 5"#).unwrap();
    assert_eq!((unknown.cwd, unknown.name), (None, None));
}

#[test]
fn the_object_comes_back_as_it_was_written() {
    let whole = Claude {
        process: Some(ProcessKey { boot: Some("b".into()), ..key(7, "99") }),
        session_id: Some("é".into()),
        transcript: Some("/t".into()),
        cwd: Some("C:\\x".into()),
        told: Some(13),
    };
    let written = |claude: &Claude| {
        let members: Vec<String> =
            claude.members().iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        Claude::read(&format!("{{{}}}", members.join(", ")))
    };
    assert_eq!(written(&whole).as_ref(), Some(&whole));
    assert_eq!(written(&Claude::default()), Some(Claude::default()));
    assert_eq!(Claude::read("5"), None);
}

#[test]
fn what_is_not_said_does_not_tell_processes_apart() {
    let plain = ProcessKey { domain: None, ..key(7, "99") };
    assert!(plain.is(&key(7, "99")));
    assert!(!plain.is(&key(7, "98")) && !plain.is(&key(8, "99")));
    assert!(!key(7, "99").is(&ProcessKey { domain: Some("darwin".into()), ..key(7, "99") }));
    let booted = |boot: &str| ProcessKey { boot: Some(boot.into()), ..key(7, "99") };
    assert!(booted("a").is(&key(7, "99")) && !booted("a").is(&booted("b")));
}
