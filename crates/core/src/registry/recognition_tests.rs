use proptest::prelude::*;

use super::*;

fn whole(text: &str) -> Recognition {
    recognize(text.as_bytes(), true)
}

#[test]
fn registries_are_recognized() {
    for text in [
        r#"{"1": {"session_id": "a"}}"#,
        r#"{"1": {"status": "active"}}"#,
        r#"{"12": {"registered_at": null}}"#,
        r#"{"0": {"role": "a \q \ud800", "goal": [1, {"x": "}"}], "status": NaN}}"#,
        "{\"1\": {\"role\": \"raw\u{1}\n\", \"status\": 1}}",
        // Other keys next to a session, and broken entries.
        r#"{"version": 2, "3": [], "2": {"status": "x"}}"#,
        r#"{"1": {}, "2": {"role": "x"}, "3": {"session_id": 1}}"#,
        r#"{"1": {}, "1": {}}"#,
        // The text after the first session is not examined.
        r#"{"1": {"session_id": "a"}, nonsense"#,
        r#"{"1": {"status": "a"}, "1": {}}"#,
    ] {
        assert_eq!(whole(text), Recognition::Registry, "{text}");
    }
}

#[test]
fn files_of_other_programs_are_foreign() {
    for (text, why) in [
        ("[]", Foreign::NotAnObject),
        (r#"[{"1": {"session_id": "a"}}]"#, Foreign::NotAnObject),
        ("12", Foreign::NotAnObject),
        ("null", Foreign::NotAnObject),
        ("plain text", Foreign::NotAnObject),
        ("# sessions: \"1\"", Foreign::NotAnObject),
        (r#"{"sessions": {}, "messages": []}"#, Foreign::NoSession),
        (r#"{"sessions": {"1": {"session_id": "a"}}}"#, Foreign::NoSession),
        (r#"{"permissions": {"allow": []}, "env": {}}"#, Foreign::NoSession),
        (r#"{"session_id": "a", "status": "active"}"#, Foreign::NoSession),
        (r#"{"01": {"status": "a"}, "+1": {"status": "a"}, "a1": {"status": "a"}}"#, Foreign::NoSession),
        (r#"{"123456": "3f1c-uuid", "7": ["session_id"]}"#, Foreign::NoSession),
        (r#"{"1": {"name": "x"}}"#, Foreign::NoSession),
        (r#"{"1": {}, "name": "x"}"#, Foreign::NoSession),
        (r#"{"a": nonsense nonsense}"#, Foreign::NoSession),
        (r#"{"a": 1,}"#, Foreign::NoSession),
    ] {
        assert_eq!(whole(text), Recognition::Foreign(why), "{text}");
    }
}

#[test]
fn a_registry_that_is_being_written_is_recognized_at_every_length() {
    let text = "\u{feff}{\n  \"2\": {\n    \"role\": \"a \\\" } x\",\n    \"session_id\": \"s\"\n  },\n  \"1\": {}\n}";
    for cut in 0..=text.len() {
        let bytes = &text.as_bytes()[..cut];
        // A truncated byte order mark is not text yet.
        if !(1..3).contains(&cut) {
            let wanted = if cut <= text.match_indices('{').nth(1).unwrap().0 {
                Recognition::Empty
            } else {
                Recognition::Registry
            };
            assert_eq!(recognize(bytes, true), wanted, "{}", bytes.escape_ascii());
        }
    }
    assert_eq!(recognize(&[0; 700], true), Recognition::Empty, "never reached the disk");
    for empty in ["", " \n", "{", "{}", "\u{feff} { }\n"] {
        assert_eq!(whole(empty), Recognition::Empty, "{empty:?}");
    }
}

#[test]
fn a_foreign_file_being_written_is_unfinished() {
    let text = r#"{"sessions": [{"id": 1}], "m": 2}"#;
    for cut in text.find('[').unwrap() + 1..text.len() {
        assert_eq!(whole(&text[..cut]), Recognition::Unfinished, "{cut}");
        assert_eq!(recognize(&text.as_bytes()[..cut], false), Recognition::Foreign(Foreign::NoSession), "{cut}");
    }
}

#[test]
fn a_registry_with_merge_conflicts_is_recognized() {
    let text = "<<<<<<< HEAD\n{\n  \"1\": {\n=======\n{\n  \"2\" : {\n>>>>>>> b\n";
    assert_eq!(whole(text), Recognition::Registry);
    assert_eq!(whole("{\n<<<<<<< HEAD\n  \"1\": {\n"), Recognition::Registry);
    assert_eq!(whole("<<<<<<< HEAD\n{\n  \"name\": {\n"), Recognition::Foreign(Foreign::NotAnObject));
}

#[test]
fn deep_nesting_is_limited() {
    let deep = |levels: usize| format!("{{\"a\": {}", "[".repeat(levels));
    assert_eq!(whole(&deep(1_000_000)), Recognition::Unfinished);
    assert_eq!(whole(&deep(2_000_000)), Recognition::Foreign(Foreign::NoSession));
}

#[test]
fn nonstandard_values_and_escaped_keys_do_not_prevent_recognition() {
    for text in [
        r#"{"1": {"x": NaN, "status": "active"}}"#,
        r#"{"1": {"x": "half \ud83d \! ", "status": -Infinity}}"#,
        "{\"1\": {\"x\": \"raw\n\u{1}\", \"status\": 1}}",
        r#"{"\u0031": {"\u0073tatus": "active"}}"#,
    ] {
        assert_eq!(whole(text), Recognition::Registry, "{text}");
    }
    let bytes = b"\xef\xbb\xbf{\"1\": {\"x\": \"caf\xe9\", \"status\": \"active\"}}";
    assert_eq!(recognize(bytes, true), Recognition::Registry);
}

proptest! {
    #[test]
    fn recognizing_any_bytes_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), is_whole: bool) {
        let _ = recognize(&bytes, is_whole);
    }

    /// Every text that is read as a registry with a session is recognized.
    #[test]
    fn readable_registries_with_a_session_are_recognized(
        text in r#"\{("[0-9a]{1,2}": ?(\{("(status|role|session_id)": ?("x"|1|\[\]))?\}|null),?){0,3}\}"#,
    ) {
        let has_session = |registry: crate::Registry| registry.entries().iter().any(|entry| entry.status.is_some());
        if crate::Registry::read(text.clone().into_bytes()).is_ok_and(has_session) {
            prop_assert_eq!(whole(&text), Recognition::Registry);
        }
    }

    /// The same with some bytes replaced.
    #[test]
    fn damaged_but_readable_registries_are_recognized(
        at in proptest::collection::vec((0usize..90, any::<u8>()), 0..5),
    ) {
        let text = "\u{feff}{\n  \"1\": {\"role\": \"r\", \"n\": 1.5},\n  \"note\": [true, {}],\n  \"2\": {\"status\": \"active\"}\n}\n";
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte) in at {
            if let Some(place) = bytes.get_mut(at).filter(|_| byte != b'\\') {
                *place = byte;
            }
        }
        let has_session = |registry: crate::Registry| registry.entries().iter().any(|entry| entry.status.is_some());
        if crate::Registry::read(bytes.clone()).is_ok_and(has_session) {
            prop_assert_eq!(recognize(&bytes, true), Recognition::Registry, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn recognizing_near_json_does_not_panic(text in r#"[{}\[\]",:0-9a-z\\ \n]{0,60}"#) {
        let _ = whole(&text);
    }
}
