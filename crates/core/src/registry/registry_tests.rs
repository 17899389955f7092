//! Reading any bytes as a registry.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Registry, Unreadable> {
    Registry::read(text.as_bytes().to_vec())
}

#[test]
fn refused_texts_give_the_reason() {
    assert_eq!(read("").unwrap_err(), Unreadable::Empty);
    assert_eq!(read("\u{feff} \n").unwrap_err(), Unreadable::Empty);
    assert_eq!(read("{\"1\": {\n\"role\":").unwrap_err(), Unreadable::Truncated { line: 2 });
    assert_eq!(read("[]").unwrap_err(), Unreadable::NotAnObject);
    assert_eq!(read("12").unwrap_err(), Unreadable::NotAnObject);
    assert!(matches!(read("{} x").unwrap_err(), Unreadable::Malformed { .. }));
    assert!(matches!(read("{/* no */}").unwrap_err(), Unreadable::Malformed { .. }));
    assert!(matches!(read("{\"1\": {},}").unwrap_err(), Unreadable::Malformed { .. }));
    assert!(matches!(read("{\"1\":{},\"1\":{}}").unwrap_err(), Unreadable::DuplicateKey { .. }));
    assert!(matches!(read("{\"1\":{\"a\":1,\"\\u0061\":1}}").unwrap_err(), Unreadable::DuplicateKey { .. }));
    assert_eq!(Registry::read(vec![b'{', 0xff]).unwrap_err(), Unreadable::NotUtf8 { offset: 1 });
    assert_eq!(Registry::read(vec![b'{', b'\n', 0xc3]).unwrap_err(), Unreadable::Truncated { line: 2 });
}

#[test]
fn only_empty_and_truncated_files_are_transient() {
    assert!(read("").unwrap_err().is_transient());
    assert!(read("{\"1\"").unwrap_err().is_transient());
    assert!(!read("[]").unwrap_err().is_transient());
    assert!(!read("{]").unwrap_err().is_transient());
}

#[test]
fn invalid_keys_and_entries_are_listed_separately() {
    let registry =
        read(r#"{"7": {}, "x": {}, "05": {}, "+1": {}, "": {}, "3": [], "99999999999999999999999": {}}"#).unwrap();
    assert_eq!(registry.entries().iter().map(|e| e.number).collect::<Vec<_>>(), [7]);
    assert_eq!(registry.bad_keys(), ["x", "05", "+1", "", "99999999999999999999999"]);
    assert_eq!(registry.bad_entries(), [3]);
}

#[test]
fn every_entry_has_an_id() {
    for (written, id) in [
        (r#""session_id": "a b""#, "a b"),
        (r#""session_id": 4"#, "4"),
        (r#""session_id": null"#, "session-9"),
        (r#""session_id": """#, "session-9"),
        (r#""session_id": ["x"]"#, "session-9"),
        (r#""role": "x""#, "session-9"),
    ] {
        let registry = read(&format!("{{\"9\": {{{written}}}}}")).unwrap();
        assert_eq!(registry.entry(9).unwrap().session_id, id, "{written}");
    }
}

#[test]
fn number_agrees_as_integer_or_text() {
    for (written, agrees) in
        [("9", true), ("\"9\"", true), ("null", true), ("8", false), ("\"x\"", false), ("[]", false)]
    {
        let registry = read(&format!("{{\"9\": {{\"number\": {written}}}}}")).unwrap();
        assert_eq!(registry.entry(9).unwrap().number_agrees, agrees, "{written}");
    }
}

#[test]
fn nonstandard_values_do_not_lose_a_session() {
    for odd in [
        &b"NaN"[..],
        b"-Infinity",
        br#""cut \ud83d""#,
        b"\"raw\nline\x01\"",
        br#""night\! ""#,
        b"\"caf\xe9\"",
        "\"\u{10ffe9}\"".as_bytes(),
    ] {
        let key = if odd.starts_with(b"\"") { odd } else { b"\"x\"" };
        let parts = [b"\xef\xbb\xbf{\"1\": {\"role\": ", odd, b", ", key, b": 5, \"status\": \"active\"}, \"2\": {}}"];
        let text = parts.concat();
        let registry = Registry::read(text.clone()).unwrap();
        assert_eq!(registry.bytes(), text, "{}", text.escape_ascii());
        assert_eq!((registry.entries().len(), registry.entries()[0].status.as_deref()), (2, Some("active")));
    }
    let shown = |text: &[u8]| {
        Registry::read([b"{\"1\": {\"role\": \"", text, b"\"}}"].concat()).unwrap().entries()[0].role.clone()
    };
    assert_eq!(shown(br"cut \ud83d"), "cut \u{fffd}");
    assert_eq!(shown(b"caf\xe9"), "caf\u{fffd}");
    // Keys with different invalid bytes are different keys.
    assert!(Registry::read(b"{\"1\": {\"\xe8\": 1, \"\xe9\": 2}}".to_vec()).is_ok());
    assert!(Registry::read(b"{\"1\": {\"\xe9\": 1, \"\xe9\": 2}}".to_vec()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(registry) = Registry::read(bytes.clone()) {
            prop_assert_eq!(registry.bytes(), bytes);
        }
    }

    #[test]
    fn any_near_json_is_read_or_refused(text in r#"[{}\[\]",:0-9a-fu\\ \n]{0,60}"#) {
        if let Ok(registry) = read(&text) {
            prop_assert_eq!(registry.text(), text);
            prop_assert_eq!(registry.bytes(), registry.text().as_bytes());
        }
    }
}
