//! Tests: records of every form, and which process a record belongs to.

use super::*;

fn record(more: &str) -> Option<Record> {
    Record::read(format!("{{\"pid\": 767, \"sessionId\": \"s\"{more}}}").as_bytes())
}

fn key(pid: u32, started: &str) -> ProcessKey {
    ProcessKey { pid, started: started.into(), domain: Some("linux:m:pid:[1]".into()), boot: None }
}

#[test]
fn records_are_classified() {
    for (fields, wanted) in [
        (r#""kind": "interactive", "entrypoint": "cli""#, Some(SessionKind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "claude-vscode""#, Some(SessionKind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "claude-desktop""#, Some(SessionKind::Interactive)),
        (r#""kind": "interactive""#, Some(SessionKind::Interactive)),
        (r#""kind": "interactive", "entrypoint": "sdk-cli""#, Some(SessionKind::Sdk)),
        (r#""kind": "interactive", "entrypoint": "sdk-ts""#, Some(SessionKind::Sdk)),
        (r#""entrypoint": "sdk-py""#, Some(SessionKind::Sdk)),
        (r#""kind": "bg", "jobId": "j""#, Some(SessionKind::Background)),
        (r#""kind": "bg", "spare": true"#, None),
        (r#""kind": "bg", "spare": false"#, Some(SessionKind::Background)),
        (r#""kind": "daemon""#, None),
        (r#""kind": "daemon-worker", "entrypoint": "cli""#, None),
        (r#""kind": "interactive", "spare": true"#, None),
        (r#""spare": true"#, None),
    ] {
        assert_eq!(record(&format!(", {fields}")).unwrap().kind, wanted, "{fields}");
    }
}

#[test]
fn records_of_unknown_kind_are_ignored() {
    for fields in [
        r#""startedAt": 5"#,
        r#""kind": "something-new""#,
        r#""kind": 5, "entrypoint": []"#,
        r#""kind": null, "entrypoint": "cli""#,
        r#""spare": false"#,
    ] {
        let text = format!("{{\"pid\": 767, {fields}}}");
        assert_eq!(Record::read(text.as_bytes()), None, "{fields}");
        assert!(!Record::is_torn(text.as_bytes()), "{fields}");
    }
}

#[test]
fn other_members_of_a_record_may_contain_anything() {
    for odd in [&b"NaN"[..], br#""\ud83d""#, b"\"raw\n\x01\"", br#""bad \! escape""#, b"\"caf\xe9\"", b"[{\"pid\": 1}]"]
    {
        let text = [b"\xef\xbb\xbf{\"pid\": 767, \"x\": ", odd, b", \"kind\": \"bg\", \"name\": ", odd, b"}"].concat();
        let found = Record::read(&text).unwrap();
        assert_eq!((found.pid, found.kind), (767, Some(SessionKind::Background)), "{}", text.escape_ascii());
    }
    let cut = record(r#", "kind": "interactive", "name": "Fix it \ud83d""#).unwrap();
    assert_eq!(cut.name.as_deref(), Some("Fix it \u{fffd}"));
}

#[test]
fn long_fields_count_as_absent() {
    let of = |length: usize| {
        let text = "x".repeat(length);
        record(&format!(
            r#", "kind": "bg", "jobId": "{text}", "cwd": "{text}", "name": "{text}", "procStart": "{text}""#
        ))
        .unwrap()
    };
    let short = of(256);
    assert!(short.job.is_some() && short.cwd.is_some() && short.process.is_some());
    let longer = of(257);
    assert!(longer.job.is_none() && longer.process.is_none() && longer.cwd.is_some() && longer.name.is_some());
    assert!(of(4096).cwd.is_some());
    let long = of(4097);
    assert_eq!((long.cwd, long.name, long.pid), (None, None, 767));
}

#[test]
fn torn_and_invalid_records_are_not_read() {
    for torn in ["", "{", "{\"pid\": 767, \"sess", "{\"pid\": 767}}", "{\"pid\" 767}"] {
        assert!(Record::is_torn(torn.as_bytes()), "{torn}");
        assert_eq!(Record::read(torn.as_bytes()), None, "{torn}");
    }
    for torn in ["[]", "{}", "{\"pid\": \"767\"}", "{\"pid\": 0}", "{\"pid\": -4}"] {
        assert_eq!(Record::read(torn.as_bytes()), None, "{torn}");
    }
    assert_eq!(Record::read(&[0xff, 0xfe]), None);
    let record = |more: &str| record(&format!(", \"kind\": \"bg\"{more}"));
    assert_eq!(record("").unwrap().process, None);
    let started = |more: &str| record(more).unwrap().process.map(|key| key.started);
    assert_eq!(started(r#", "procStart": "12345""#).as_deref(), Some("12345"));
    assert_eq!(started(r#", "procStart": 12345"#).as_deref(), Some("12345"));
    assert_eq!(started(r#", "procStart": """#), None);
    let unknown = record(r#", "procStart": "1", "somethingNew": {"a": [1]}, "cwd": null, "name": 5"#).unwrap();
    assert_eq!((unknown.cwd, unknown.name), (None, None));
}

#[test]
fn names_are_given_generated_or_of_unknown_source() {
    for (fields, is_given, is_generated) in [
        (r#", "name": "n", "nameSource": "user""#, true, false),
        (r#", "name": "alpha-3a", "nameSource": "derived""#, false, true),
        (r#", "name": "n", "nameSource": "auto""#, false, true),
        (r#", "name": "n", "nameSource": "peer""#, false, false),
        (r#", "name": "8a928389", "jobId": "8a928389""#, false, true),
        (r#", "name": "n", "jobId": "8a928389""#, false, false),
        (r#", "name": "n""#, false, false),
        ("", false, false),
    ] {
        let record = record(&format!(r#", "kind": "bg"{fields}"#)).unwrap();
        assert_eq!((record.is_named_by_person, record.is_name_generated), (is_given, is_generated), "{fields}");
    }
    assert!(record(r#", "kind": "bg", "spare": true"#).unwrap().is_spare);
    assert!(!record(r#", "kind": "bg", "spare": 1"#).unwrap().is_spare);
}

#[test]
fn a_record_of_another_process_does_not_match() {
    let fields = |more: &str| record(&format!(r#", "kind": "bg"{more}"#)).unwrap();
    let with_start = fields(r#", "procStart": "1""#);
    let own = key(767, "1");
    assert!(with_start.is_of(Some(&own), Some("another id")));
    assert!(!with_start.is_of(Some(&key(767, "2")), Some("s")));
    let without_start = fields("");
    assert!(without_start.is_of(Some(&own), Some("s")) && without_start.is_of(Some(&own), None));
    assert!(!without_start.is_of(Some(&own), Some("another id")));
}

#[test]
fn a_change_of_activity_is_told_from_other_changes() {
    let fields = |more: &str| record(&format!(r#", "kind": "bg", "name": "n"{more}"#)).unwrap();
    let idle = fields(r#", "status": "idle""#);
    for (more, wanted) in [
        (r#", "status": "idle""#, true),
        (r#", "status": "waiting", "waitingFor": "input needed", "statusUpdatedAt": 1791212538438"#, true),
        ("", true),
        (r#", "status": "idle", "cwd": "/x""#, false),
        (r#", "status": "busy", "procStart": "5""#, false),
    ] {
        assert_eq!(idle.differs_in_activity_at_most(&fields(more)), wanted, "{more}");
    }
}

#[test]
fn missing_fields_do_not_distinguish_processes() {
    let plain = ProcessKey { domain: None, ..key(7, "99") };
    assert!(plain.is(&key(7, "99")));
    assert!(!plain.is(&key(7, "98")) && !plain.is(&key(8, "99")));
    assert!(!key(7, "99").is(&ProcessKey { domain: Some("darwin".into()), ..key(7, "99") }));
    let booted = |boot: &str| ProcessKey { boot: Some(boot.into()), ..key(7, "99") };
    assert!(booted("a").is(&key(7, "99")) && !booted("a").is(&booted("b")));
}
