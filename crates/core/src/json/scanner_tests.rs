//! Tests: which values are accepted, where they end, and the limits.

use std::io::{BufReader, Read};

use proptest::prelude::*;

use super::super::nesting::MAX_DEPTH;
use super::*;

fn extent(text: &[u8]) -> Result<usize, Fault> {
    let mut scanner = Scanner::new(text);
    scanner.value().map(|()| scanner.offset())
}

#[test]
fn a_value_ends_before_the_next_token() {
    for (value, rest) in [
        ("{}", "}"),
        ("[]", "]"),
        ("[[], [{}], {\"a\": [1, -2.5e+3, NaN]}]", " ,"),
        ("\"a\\\"b\\\\\"", "\""),
        ("\"\\u12\"", "34\""),
        ("null", "}"),
        ("-Infinity", ","),
        ("12", " "),
        ("None", ","),
        ("[+1, .5, 0x1f, undefined, -NaN, 1_000]", "]"),
    ] {
        assert_eq!(extent(format!(" {value}{rest}").as_bytes()), Ok(value.len() + 1), "{value}");
    }
}

#[test]
fn unknown_escapes_are_reported_and_unpaired_surrogates_are_not() {
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
fn a_truncated_value_is_distinguished_from_an_invalid_one() {
    for cut in ["", " ", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "\"", "\"\\", "\"\\u0", "[nul", "[Na", "[-Inf", "[-"] {
        assert_eq!(extent(cut.as_bytes()), Err(Fault::End), "{cut}");
    }
    for (wrong, offset) in
        [("}", 0), ("[1 2]", 3), ("{\"a\" 1}", 5), ("{1: 1}", 1), ("[$x]", 1), ("'a'", 0), ("[1,]", 3)]
    {
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
    // Each level is closed by its own kind of bracket.
    assert!(extent(b"[{\"a\": [{\"b\": [1, {}]}, 2]}]").is_ok());
    assert!(extent(b"[{\"a\": [{\"b\": [1, {}]}, 2}]]").is_err());
}

#[test]
fn a_limit_is_exact() {
    let scan = |limit| Scanner::with_limit(&b"[1, 2]"[..], limit).value();
    assert_eq!(scan(6), Ok(()));
    assert_eq!(scan(5), Err(Fault::TooLong));
}

/// A stream that returns one byte per read.
struct ByteWise<'b>(&'b [u8]);

impl Read for ByteWise<'_> {
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
    let mut scanner = Scanner::new(BufReader::new(ByteWise(text)));
    let captured = scanner.capture(100, Scanner::value).unwrap().whole().unwrap();
    assert_eq!(captured, text[..text.len() - 5]);
    assert_eq!(scanner.input.into_inner().0, b" more");
    assert!(Scanner::new(&text[..]).capture(5, Scanner::value).unwrap().whole().is_none());
}

proptest! {
    /// A value that a strict parser accepts has the same extent here.
    #[test]
    fn valid_json_has_the_extent_of_a_strict_parser(text in r#"[{}\[\]",:0-9a-e.+\-\\ \n]{0,40}"#, rest in "[ ,}\\]]?") {
        let mut strict = serde_json::Deserializer::from_str(&text).into_iter::<serde::de::IgnoredAny>();
        if matches!(strict.next(), Some(Ok(_))) {
            let end = strict.byte_offset();
            let value = [&text[..end], &rest].concat();
            prop_assert_eq!(extent(value.as_bytes()), Ok(end));
        }
    }

    #[test]
    fn any_bytes_are_scanned_alike_in_chunks_of_any_size(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let whole = extent(&bytes);
        let mut bytewise = Scanner::new(BufReader::new(ByteWise(&bytes)));
        prop_assert_eq!(bytewise.value().map(|()| bytewise.offset()), whole);
    }
}
