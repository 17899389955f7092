//! The payload of Claude Code's hooks on standard input: one JSON object per event.
//!
//! Guarantees: any bytes are a payload, incomplete, or refused; nothing after the first value is read, because several
//! versions never close the pipe. Fields are optional and can have any type, because the format changes between
//! versions. Does not decide what an event means for the registry.

use std::io::BufRead;

use crate::json::{Fault, Fields, NAME_LIMIT, PATH_LIMIT};

/// Maximum length of a payload, in bytes. The input and the result of a tool are part of it.
const PAYLOAD_LIMIT: usize = 64 * 1024 * 1024;

/// The event of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookEvent {
    /// A session started, or continues under another id.
    SessionStart(StartSource),
    /// A person sent a prompt.
    UserPromptSubmit,
    /// A tool was used.
    PostToolUse,
    /// The turn ended.
    Stop,
    /// A session ended, or its id did.
    SessionEnd(Ending),
    /// Anything else: a sign of life.
    Other,
}

/// How a session started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartSource {
    /// As a new session.
    Startup,
    /// As the continuation of an earlier one.
    Resume,
    /// After `/clear`: the same process, a new id.
    Clear,
    /// After `/compact`: the same process, the same id.
    Compact,
    /// As a fork of another session.
    Fork,
    /// In an unknown way.
    Unknown,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It continues under another id in the same process.
    Continues,
    /// It has ended.
    Ended,
}

/// The payload of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The event.
    pub event: HookEvent,
    /// Claude Code's id of the session.
    pub session_id: Option<String>,
    /// The session's transcript.
    pub transcript_path: Option<String>,
    /// Its working folder.
    pub cwd: Option<String>,
    /// The session's title.
    pub title: Option<String>,
    /// The event comes from a subagent, which is not a session of its own.
    pub is_of_subagent: bool,
}

/// The result of reading a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayloadReading {
    /// A complete payload.
    Whole(Payload),
    /// The bytes so far are valid, but the payload is not complete.
    Incomplete,
    /// Not a payload, and more bytes cannot make it one.
    Refused,
}

/// Reads the first JSON value of a stream, and no byte after it: several versions never close the stream. Members that
/// are not needed, such as a prompt or the input of a tool, are skipped and can contain anything.
pub fn read(stream: impl BufRead) -> PayloadReading {
    match Fields::of_stream(stream, PAYLOAD_LIMIT, FIELDS) {
        Ok(found) => PayloadReading::Whole(payload(&found)),
        Err(Fault::End) => PayloadReading::Incomplete,
        Err(_) => PayloadReading::Refused,
    }
}

/// The fields of a payload that are read.
const FIELDS: &[&str] =
    &["hook_event_name", "source", "reason", "session_id", "transcript_path", "cwd", "session_title", "agent_id"];

fn payload(found: &Fields) -> Payload {
    let word = |name: &str| found.text(name, NAME_LIMIT);
    Payload {
        event: event(word("hook_event_name").as_deref(), word("source").as_deref(), word("reason").as_deref()),
        session_id: word("session_id"),
        transcript_path: found.text("transcript_path", PATH_LIMIT),
        cwd: found.text("cwd", PATH_LIMIT),
        title: found.text("session_title", PATH_LIMIT),
        is_of_subagent: found.has("agent_id"),
    }
}

fn event(name: Option<&str>, source: Option<&str>, reason: Option<&str>) -> HookEvent {
    match name {
        Some("SessionStart") => HookEvent::SessionStart(match source {
            Some("startup") => StartSource::Startup,
            Some("resume") => StartSource::Resume,
            Some("clear") => StartSource::Clear,
            Some("compact") => StartSource::Compact,
            Some("fork") => StartSource::Fork,
            _ => StartSource::Unknown,
        }),
        Some("UserPromptSubmit") => HookEvent::UserPromptSubmit,
        Some("PostToolUse") => HookEvent::PostToolUse,
        Some("Stop") => HookEvent::Stop,
        Some("SessionEnd") => HookEvent::SessionEnd(match reason {
            Some("clear" | "resume") => Ending::Continues,
            _ => Ending::Ended,
        }),
        _ => HookEvent::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &str) -> Payload {
        match read(text.as_bytes()) {
            PayloadReading::Whole(payload) => payload,
            other => panic!("{other:?}: {text}"),
        }
    }

    #[test]
    fn every_event_and_source_is_recognized() {
        for (fields, wanted) in [
            (
                r#""hook_event_name": "SessionStart", "source": "startup""#,
                HookEvent::SessionStart(StartSource::Startup),
            ),
            (r#""hook_event_name": "SessionStart", "source": "resume""#, HookEvent::SessionStart(StartSource::Resume)),
            (r#""hook_event_name": "SessionStart", "source": "clear""#, HookEvent::SessionStart(StartSource::Clear)),
            (
                r#""hook_event_name": "SessionStart", "source": "compact""#,
                HookEvent::SessionStart(StartSource::Compact),
            ),
            (r#""hook_event_name": "SessionStart", "source": "fork""#, HookEvent::SessionStart(StartSource::Fork)),
            (r#""hook_event_name": "SessionStart", "source": 5"#, HookEvent::SessionStart(StartSource::Unknown)),
            (r#""hook_event_name": "UserPromptSubmit", "prompt": "x""#, HookEvent::UserPromptSubmit),
            (r#""hook_event_name": "PostToolUse", "tool_input": {"a": []}"#, HookEvent::PostToolUse),
            (r#""hook_event_name": "Stop", "stop_hook_active": false"#, HookEvent::Stop),
            (r#""hook_event_name": "SessionEnd", "reason": "clear""#, HookEvent::SessionEnd(Ending::Continues)),
            (r#""hook_event_name": "SessionEnd", "reason": "resume""#, HookEvent::SessionEnd(Ending::Continues)),
            (r#""hook_event_name": "SessionEnd", "reason": "other""#, HookEvent::SessionEnd(Ending::Ended)),
            (r#""hook_event_name": "SessionEnd""#, HookEvent::SessionEnd(Ending::Ended)),
            (r#""hook_event_name": "Notification""#, HookEvent::Other),
            (r#""x": 1"#, HookEvent::Other),
        ] {
            assert_eq!(whole(&format!("{{{fields}}}")).event, wanted, "{fields}");
        }
    }

    #[test]
    fn fields_of_unexpected_types_count_as_absent() {
        let payload = whole(r#"{"session_id": "", "cwd": 5, "transcript_path": null, "agent_id": null}"#);
        assert_eq!((payload.session_id, payload.cwd, payload.is_of_subagent), (None, None, false));
        let payload = whole(r#"{"session_id": "a", "cwd": "/x", "session_title": "T", "agent_id": "b"}"#);
        assert_eq!(payload.session_id.as_deref(), Some("a"));
        assert_eq!((payload.cwd.as_deref(), payload.title.as_deref()), (Some("/x"), Some("T")));
        assert!(payload.is_of_subagent);
    }

    #[test]
    fn nonstandard_values_do_not_affect_other_fields() {
        for odd in [
            &b"NaN"[..],
            b"-Infinity",
            br#""cut \ud83d""#,
            br#""\ude80""#,
            b"\"line one\nline two\ttab \x00\"",
            br#""C:\Users \! \u12""#,
            b"\"caf\xe9\"",
            b"{\"session_id\": \"inner\", \"x\": [\"}\"]}",
        ] {
            for name in ["prompt", "tool_input", "session_title", "transcript_path", "prompt\\ud83d"] {
                let text =
                    [b"{\"", name.as_bytes(), b"\": ", odd, b", \"session_id\": \"a\", \"hook_event_name\": \"Stop\"}"];
                for text in [text.concat(), [b"\xef\xbb\xbf \n", &text.concat()[..]].concat()] {
                    let PayloadReading::Whole(payload) = read(&text[..]) else { panic!("{}", text.escape_ascii()) };
                    assert_eq!((payload.session_id.as_deref(), payload.event), (Some("a"), HookEvent::Stop));
                }
            }
        }
        let cut = whole(r#"{"session_title": "Fix the login \ud83d", "cwd": "/\ud83d", "session_id": "\udead"}"#);
        assert_eq!(cut.title.as_deref(), Some("Fix the login \u{fffd}"));
        assert_eq!((cut.cwd.as_deref(), cut.session_id.as_deref()), (Some("/\u{fffd}"), Some("\u{fffd}")));
    }

    #[test]
    fn values_that_are_too_long_count_as_absent() {
        let of = |length: usize| {
            let text = "x".repeat(length);
            whole(&format!(
                r#"{{"cwd": "{text}", "session_id": "{text}", "session_title": "{text}", "agent_id": "{text}", "source": "startup", "hook_event_name": "SessionStart"}}"#
            ))
        };
        for (length, has_id, has_path) in [
            (256, true, true),
            (257, false, true),
            (4096, false, true),
            (4097, false, false),
            (5_000_000, false, false),
        ] {
            let payload = of(length);
            let found = (payload.session_id.is_some(), payload.cwd.is_some(), payload.title.is_some());
            assert_eq!(found, (has_id, has_path, has_path), "{length}");
            assert!(payload.is_of_subagent && payload.event == HookEvent::SessionStart(StartSource::Startup));
        }
    }

    #[test]
    fn an_endless_payload_is_refused() {
        let endless = std::io::BufReader::new(std::io::Read::chain(&b"{\"x\": \""[..], std::io::repeat(b'x')));
        assert_eq!(read(endless), PayloadReading::Refused);
    }

    #[test]
    fn bytes_after_the_value_are_not_read() {
        assert_eq!(whole("{}"), whole("{} and then \u{0} something"));
        assert!(matches!(read(&b"{\"a\": 1}\n{\"b\""[..]), PayloadReading::Whole(_)));
        assert_eq!(read(&b""[..]), PayloadReading::Incomplete);
        assert_eq!(read(&b"  \n"[..]), PayloadReading::Incomplete);
        assert_eq!(read(&b"{\"session_id\": \"a"[..]), PayloadReading::Incomplete);
        for refused in [&b"[]"[..], b"5 ", b"\"x\"", b"null ", b"nonsense", b"{\"a\": \xff\"}"] {
            assert_eq!(read(refused), PayloadReading::Refused, "{refused:?}");
        }
    }

    proptest! {
        /// Every proper prefix of a payload is incomplete.
        #[test]
        fn any_prefix_is_incomplete(cut in 0usize..92) {
            let text = r#"{"session_id": "a\"b", "hook_event_name": "Stop", "x": [1, {"y": null}], "cwd": "/tmp/\u00e9"}"#;
            prop_assert_eq!(read(text.get(..cut).unwrap_or_default().as_bytes()), PayloadReading::Incomplete);
        }
    }
}
