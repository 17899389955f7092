//! What is accepted, where it ends, and what it costs.

use std::io::{BufReader, Read};

use proptest::prelude::*;

use super::super::nesting::MAX_DEPTH;
use super::*;

fn extent(text: &[u8]) -> Result<usize, Fault> {
    let mut scanner = Scanner::new(text);
    scanner.value().map(|()| scanner.offset())
}

#[test]
fn a_value_ends_where_it_ends() {
    for (value, rest) in [
        ("{}", "}"),
        ("[]", "]"),
        ("[[], [{}], {\"a\": [1, -2.5e+3, NaN]}]", " ,"),
        ("\"a\\\"b\\\\\"", "\""),
        ("\"\\u12\"", "34\""),
        ("null", "}"),
        ("-Infinity", ","),
        ("12", " "),
    ] {
        assert_eq!(extent(format!(" {value}{rest}").as_bytes()), Ok(value.len() + 1), "{value}");
    }
}

#[test]
fn bad_escapes_are_noticed_and_halves_are_not_bad() {
    let has_bad_escape = |text: &[u8]| {
        let mut scanner = Scanner::new(text);
        scanner.value().unwrap();
        scanner.has_bad_escape()
    };
    for bad in [&br#"["\!"]"#[..], br#"{"\x": 1}"#, br#""\u12""#, br#""\u123g""#, b"\"\\\n\"", b"\"\\\xff\""] {
        assert!(has_bad_escape(bad), "{}", bad.escape_ascii());
    }
    for good in [&br#""\ud83d""#[..], br#""\"\\\/\b\f\n\r\t\u00e9""#, b"\"raw \n\x01\xff\"", b"[NaN]"] {
        assert!(!has_bad_escape(good), "{}", good.escape_ascii());
    }
}

#[test]
fn what_was_cut_is_told_from_what_is_wrong() {
    for cut in ["", " ", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "\"", "\"\\", "\"\\u0", "nul", "[Na", "[-Inf", "-"] {
        assert_eq!(extent(cut.as_bytes()), Err(Fault::End), "{cut}");
    }
    for (wrong, offset) in [
        ("}", 0),
        ("[1 2]", 3),
        ("{\"a\" 1}", 5),
        ("{1: 1}", 1),
        ("[tru]", 1),
        ("+1", 0),
        ("[nulll]", 1),
        ("[12x]", 1),
        ("[0x1]", 1),
    ] {
        let fault = extent(wrong.as_bytes()).unwrap_err();
        assert!(matches!(fault, Fault::Unexpected { offset: at, .. } if at == offset), "{wrong}: {fault:?}");
    }
}

#[test]
fn nesting_is_limited_and_needs_no_stack() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    assert_eq!(extent(&nested(MAX_DEPTH)), Ok(2 * MAX_DEPTH));
    assert_eq!(extent(&nested(MAX_DEPTH + 1)), Err(Fault::TooDeep { offset: MAX_DEPTH + 1 }));
    assert_eq!(extent(&b"{\"a\":".repeat(100_000)), Err(Fault::End));
    // Each level is remembered as what it is.
    assert!(extent(b"[{\"a\": [{\"b\": [1, {}]}, 2]}]").is_ok());
    assert!(extent(b"[{\"a\": [{\"b\": [1, {}]}, 2}]]").is_err());
}

#[test]
fn a_limit_is_kept_to_the_byte() {
    let scan = |limit| Scanner::with_limit(&b"[1, 2]"[..], limit).value();
    assert_eq!(scan(6), Ok(()));
    assert_eq!(scan(5), Err(Fault::TooLong));
}

/// A stream that gives a byte at a time.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

#[test]
fn a_stream_is_read_to_the_end_of_the_value_and_no_further() {
    let text = b"{\"a\": \"\\u00e9\", \"b\": [1]} more";
    let mut scanner = Scanner::new(BufReader::new(Drops(text)));
    let captured = scanner.capture(100, Scanner::value).unwrap().whole().unwrap();
    assert_eq!(captured, text[..text.len() - 5]);
    assert_eq!(scanner.input.into_inner().0, b" more");
    assert!(Scanner::new(&text[..]).capture(5, Scanner::value).unwrap().whole().is_none());
}

proptest! {
    /// What a strict parser takes has the same extent here.
    #[test]
    fn json_is_a_part_of_what_is_accepted(text in r#"[{}\[\]",:0-9a-e.+\-\\ \n]{0,40}"#, rest in "[ ,}\\]]?") {
        let mut strict = serde_json::Deserializer::from_str(&text).into_iter::<serde::de::IgnoredAny>();
        if matches!(strict.next(), Some(Ok(_))) {
            let end = strict.byte_offset();
            let value = [&text[..end], &rest].concat();
            prop_assert_eq!(extent(value.as_bytes()), Ok(end));
        }
    }

    #[test]
    fn any_bytes_are_scanned_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let whole = extent(&bytes);
        let mut in_drops = Scanner::new(BufReader::new(Drops(&bytes)));
        prop_assert_eq!(in_drops.value().map(|()| in_drops.offset()), whole);
    }
}
