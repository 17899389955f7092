//! Files and payloads with invalid values in fields that are not needed: the needed fields are read, and the invalid
//! values are kept.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::environment::{AT, Environment, Run, ended};

/// Values that a strict JSON parser rejects, and whether a heartbeat with one causes a warning.
const ODD: [(&[u8], bool); 13] = [
    (b"NaN", false),
    (b"Infinity", false),
    (b"-Infinity", false),
    (b"[NaN, {\"x\": -Infinity}]", false),
    (b"None", false),
    (b"[-NaN, +1, .5, undefined]", false),
    (b"0x1F", false),
    (br#""cut \ud83d""#, false),
    (br#""\ude80 first""#, false),
    (b"\"line one\nline two\ttab \x01\"", false),
    (br#""night\! \u12""#, true),
    (b"\"caf\xe9\"", true),
    (b"\"\xff\xfe\"", true),
];

/// Runs the hook with these bytes on standard input.
fn hook(env: &Environment, payload: &[u8]) -> Run {
    let mut command = env.command();
    command.arg("hook").env("CLAUDE_PID", std::process::id().to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload).unwrap();
    let code = ended(&mut child, &command);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_payload_with_invalid_values_registers_its_session() {
    for (odd, _) in ODD {
        for (name, mark) in [("prompt", ""), ("tool_input", ""), ("session_title", "\u{feff}")] {
            let env = Environment::new();
            env.write_registry("{}");
            let start = format!("{mark}{{\"session_id\": \"a\", \"hook_event_name\": \"SessionStart\", \"{name}\": ");
            let run = hook(&env, &[start.as_bytes(), odd, b"}"].concat());
            assert_eq!(run.code, 0, "{run:?}");
            assert_eq!(env.json(&["status"])["counts"]["active"], 1, "{name}: {}", odd.escape_ascii());
        }
    }
}

#[test]
fn an_id_of_twenty_megabytes_is_not_stored() {
    let env = Environment::new();
    env.write_registry("{}");
    let long = "x".repeat(20_000_000);
    for event in ["SessionStart", "Stop"] {
        let payload = format!(
            "{{\"session_id\": \"{long}\", \"transcript_path\": \"{long}\", \"session_title\": \"{long}\", \"hook_event_name\": \"{event}\"}}"
        );
        assert_eq!(hook(&env, payload.as_bytes()).code, 0);
        assert_eq!(env.json(&["status"])["counts"]["active"], 1);
        assert!(env.read_registry().len() < 4096);
    }
}

#[test]
fn a_record_with_invalid_values_counts_if_it_has_a_kind() {
    let started = std::fs::read_to_string("/proc/self/stat").unwrap();
    let started = started.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().to_owned();
    let payload = br#"{"session_id": "a", "hook_event_name": "SessionStart", "source": "startup"}"#;
    let with_record = |rest: &[u8]| {
        let env = Environment::new();
        env.write_registry("{}");
        let folder = env.home().join(".claude/sessions");
        std::fs::create_dir_all(&folder).unwrap();
        let (pid, cwd) = (std::process::id(), env.workspace());
        let start = format!("\u{feff}{{\"pid\": {pid}, \"procStart\": \"{started}\", \"cwd\": {cwd:?}, ");
        std::fs::write(folder.join(format!("{pid}.json")), [start.as_bytes(), rest, b"}"].concat()).unwrap();
        env
    };
    for (odd, _) in ODD {
        let record = [b"\"kind\": \"interactive\", \"name\": ", odd, b", \"x\": ", odd].concat();
        let found = with_record(&record).json(&["status"])["unregistered"].as_array().unwrap().len();
        assert_eq!(found, 1, "{}", odd.escape_ascii());
    }
    for (kind, unregistered, active) in [
        (r#""kind": "interactive""#, 1, 1),
        (r#""startedAt": 5"#, 0, 1),
        (r#""kind": "something-new""#, 0, 1),
        (r#""kind": NaN, "entrypoint": "cli""#, 0, 1),
        (r#""kind": "daemon""#, 0, 0),
        (r#""kind": "daemon-worker""#, 0, 0),
        (r#""kind": "bg", "spare": true"#, 0, 0),
        (r#""spare": true"#, 0, 0),
    ] {
        let env = with_record(kind.as_bytes());
        assert_eq!(env.json(&["status"])["unregistered"].as_array().unwrap().len(), unregistered, "{kind}");
        assert_eq!(hook(&env, payload).code, 0);
        assert_eq!(env.json(&["status"])["counts"]["active"], active, "{kind}");
    }
}

#[test]
fn a_heartbeat_with_invalid_values_keeps_its_time() {
    for (odd, is_broken) in ODD {
        let env = Environment::new();
        env.write_registry(r#"{"1": {"status": "active"}}"#);
        let name = "2025-11-17_19-00-00-session-1.json";
        let path = env.write_beat(name, "");
        let text = [b"\xef\xbb\xbf{\"target\": ", odd, b", \"timestamp\": \"2025-11-17T19:30:00Z\"}"].concat();
        std::fs::write(path, text).unwrap();
        let status = env.json(&["status", "--at", AT]);
        assert_eq!(status["sessions"][0]["last_heartbeat"], "2025-11-17T19:30:00Z", "{}", odd.escape_ascii());
        let warned = status["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "broken_heartbeat");
        assert_eq!(warned, is_broken, "{}", odd.escape_ascii());
    }
}

#[test]
fn a_registry_with_invalid_values_can_be_changed_and_keeps_them() {
    for (odd, _) in ODD {
        let env = Environment::new();
        env.write_registry("");
        std::fs::create_dir(env.heartbeats()).unwrap();
        let text = [
            b"{\n  \"1\": {\n    \"goal\": ",
            odd,
            b",\n    \"status\": \"active\",\n    \"\xf0\x9f\x9a\x80\": ",
            odd,
            b"\n  },\n  \"2\": {\"role\": ",
            odd,
            b", \"status\":\"active\"},\n  \"notes\": ",
            odd,
            b"\n}\n",
        ]
        .concat();
        std::fs::write(env.registry(), &text).unwrap();
        let status = env.json(&["status", "--at", AT]);
        assert_eq!(status["sessions"].as_array().unwrap().len(), 2, "{}", odd.escape_ascii());
        assert_eq!(status["sessions"][0]["state"], "stale");

        for args in [&["cleanup", "--force"][..], &["reassign", "1", "5"], &["reactivate", "2"]] {
            assert_eq!(env.run(args).code, 0, "{args:?} {}", odd.escape_ascii());
            let after = std::fs::read(env.registry()).unwrap();
            let count = |text: &[u8]| text.windows(odd.len()).filter(|window| *window == odd).count();
            assert_eq!(count(&after), count(&text), "{args:?}: {}", after.escape_ascii());
        }
        for _ in 0..3 {
            assert_eq!(env.run(&["undo"]).code, 0);
        }
        let after = std::fs::read(env.registry()).unwrap();
        assert_eq!(after, text, "{}", after.escape_ascii());
    }
}

#[test]
fn unpaired_surrogates_are_shown_as_replacement_characters() {
    let env = Environment::new();
    env.write_registry(r#"{"1": {"role": "Fix the login \ud83d", "session_id": "\ude80x", "status": "active"}}"#);
    let session: Value = env.json(&["status"])["sessions"][0].clone();
    assert_eq!(session["role"], "Fix the login \u{fffd}");
    assert_eq!(session["session_id"], "\u{fffd}x");
}
