//! Tests: records of every status, torn ones and ones with unknown words, as activities.

use super::*;
use crate::claude::Record;
use serde_json::{Value, json};

/// A record of the client, version 2.1.332. `more` are members after those of every record, or instead of them.
fn recorded(more: &str) -> String {
    format!(
        "{{\"pid\":767,\"sessionId\":\"31d88d15-0000-4000-8000-000000000000\",\"cwd\":\"/w\",\
         \"startedAt\":1791212478356,\"procStart\":\"81234\",\"version\":\"2.1.332\",\"kind\":\"interactive\",\
         \"entrypoint\":\"cli\",\"name\":\"w-3a\",\"nameSource\":\"derived\"{more},\"updatedAt\":1791212599000}}"
    )
}

fn activity(text: &str, now: &str) -> Value {
    let activity = Record::read(text.as_bytes()).and_then(|record| record.activity);
    activity.map_or(Value::Null, |activity| json!(activity.seen_at(time::parse(now).unwrap())))
}

#[test]
fn the_status_of_a_record_gives_the_activity() {
    let since = "2026-10-05T15:02:18Z";
    let updated = r#","statusUpdatedAt":1791212538438"#;
    for (status, wanted) in [
        (r#","status":"busy""#, json!({"kind": "working", "since": since})),
        (r#","status":"idle""#, json!({"kind": "idle", "since": since})),
        (r#","status":"shell""#, json!({"kind": "background_shell", "since": since})),
        (
            r#","status":"waiting","waitingFor":"permission prompt""#,
            json!({"kind": "waiting", "for": "permission", "since": since}),
        ),
        (
            r#","status":"waiting","waitingFor":"input needed""#,
            json!({"kind": "waiting", "for": "answer", "since": since}),
        ),
        // What is left of an earlier status does not count.
        (r#","status":"busy","waitingFor":"permission prompt""#, json!({"kind": "working", "since": since})),
        // A menu that a person opened.
        (r#","status":"waiting","waitingFor":"dialog open""#, Value::Null),
        // The first write, and words that are not known.
        ("", Value::Null),
        (r#","status":"waiting""#, Value::Null),
        (r#","status":"waiting","waitingFor":"something new""#, Value::Null),
        (r#","status":"waiting","waitingFor":["permission prompt"]"#, Value::Null),
        (r#","status":"Idle""#, Value::Null),
        (r#","status":"paused""#, Value::Null),
        (r#","status":null"#, Value::Null),
        (r#","status":{"kind":"idle"}"#, Value::Null),
        (r#","status":"""#, Value::Null),
    ] {
        let text = recorded(&format!("{status}{updated}"));
        assert_eq!(activity(&text, "2026-10-05T15:10:00Z"), wanted, "{status}");
    }
}

#[test]
fn a_torn_record_has_no_activity() {
    let whole = recorded(r#","status":"waiting","waitingFor":"permission prompt","statusUpdatedAt":1791212538438"#);
    for end in 0..whole.len() {
        assert_eq!(activity(&whole[..end], "2026-10-05T15:10:00Z"), Value::Null, "cut off at {end}");
    }
}

#[test]
fn times_that_cannot_be_right_are_omitted() {
    let now = "2026-10-05T15:10:00Z";
    for (updated, wanted) in [
        ("1791212538438", json!("2026-10-05T15:02:18Z")),
        // As old as its session: a clock that was set back a little.
        ("1791212478000", json!("2026-10-05T15:01:18Z")),
        // A clock that is ahead by less than the tolerance.
        ("1791213060000", json!("2026-10-05T15:11:00Z")),
        ("1791299999000", Value::Null),
        ("253402300800000", Value::Null),
        ("18446744073709551616", Value::Null),
        ("1791126078438", Value::Null),
        ("0", Value::Null),
        ("-1791212538438", Value::Null),
        ("1791212538438.5", Value::Null),
        ("1e999", Value::Null),
        ("\"1791212538438\"", Value::Null),
        ("null", Value::Null),
    ] {
        let text = recorded(&format!(",\"status\":\"idle\",\"statusUpdatedAt\":{updated}"));
        assert_eq!(activity(&text, now), json!({"kind": "idle", "since": wanted}), "{updated}");
    }
    let without_start = r#"{"pid":7,"kind":"bg","status":"idle","statusUpdatedAt":0}"#;
    assert_eq!(activity(without_start, now), json!({"kind": "idle", "since": null}));
}
