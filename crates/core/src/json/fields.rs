//! Selected members of a JSON object that another program wrote.
//!
//! Guarantees: other members are skipped by their extent and may contain anything; no value longer than its limit is
//! kept, and a longer value counts as absent. Of a duplicate key the last value counts, as in JavaScript and Python.

use std::io::BufRead;

use super::fault::Fault;
use super::scanner::Scanner;
use super::text::decode;
use super::{is_number, unsigned};

/// Maximum length of an id, a type, a time and similar texts, in bytes of UTF-8.
pub(crate) const NAME_LIMIT: usize = 256;

/// Maximum length of a path and a title, in bytes of UTF-8.
pub(crate) const PATH_LIMIT: usize = 4096;

/// Maximum length of a value in the file: each byte of the text can be an escape of six bytes.
const RAW_LIMIT: usize = 6 * PATH_LIMIT + 2;

/// The selected members of an object.
pub(crate) struct Fields {
    /// The JSON text of each member; empty if it was too long.
    found: Vec<(&'static str, Vec<u8>)>,
    /// Whether any string of the object contains an escape that JSON does not define.
    pub(crate) has_bad_escape: bool,
}

impl Fields {
    /// Reads the `wanted` members of `text`, which must be one object, possibly surrounded by white space and preceded
    /// by a byte order mark.
    ///
    /// # Errors
    /// If the text is not exactly one object or cannot be scanned.
    pub(crate) fn of(text: &[u8], wanted: &[&'static str]) -> Result<Self, Fault> {
        let mut scanner = Scanner::new(text);
        let fields = Self::scan(&mut scanner, wanted)?;
        scanner.end()?;
        Ok(fields)
    }

    /// Like [`Fields::of`] for a stream, which is read up to the object's closing brace and for at most `limit` bytes.
    ///
    /// # Errors
    /// If the stream does not start with an object, or the object cannot be scanned or is longer than `limit`.
    pub(crate) fn of_stream(stream: impl BufRead, limit: usize, wanted: &[&'static str]) -> Result<Self, Fault> {
        Self::scan(&mut Scanner::with_limit(stream, limit), wanted)
    }

    fn scan<R: BufRead>(scanner: &mut Scanner<R>, wanted: &[&'static str]) -> Result<Self, Fault> {
        let longest = wanted.iter().map(|name| name.len()).max().unwrap_or_default();
        let mut found: Vec<(&'static str, Vec<u8>)> = Vec::new();
        scanner.byte_order_mark()?;
        scanner.open_object()?;
        let mut is_first = true;
        while scanner.next_member(is_first)? {
            is_first = false;
            let key = scanner.capture(6 * longest + 2, Scanner::string)?;
            scanner.colon()?;
            let name = key.whole().and_then(|key| decode(&key));
            let Some(name) = name.and_then(|name| wanted.iter().copied().find(|wanted| *wanted == name)) else {
                scanner.value()?;
                continue;
            };
            let value = scanner.capture(RAW_LIMIT, Scanner::value)?.whole().unwrap_or_default();
            found.retain(|(other, _)| *other != name);
            found.push((name, value));
        }
        Ok(Self { found, has_bad_escape: scanner.has_bad_escape() })
    }

    /// The JSON text of a member; empty if it was too long.
    fn raw(&self, name: &str) -> Option<&[u8]> {
        self.found.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_slice())
    }

    /// Whether a member is present and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|raw| raw != b"null")
    }

    /// Whether a member is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.raw(name) == Some(b"true")
    }

    /// The value of a string member that is not empty and has at most `limit` bytes.
    pub(crate) fn text(&self, name: &str, limit: usize) -> Option<String> {
        decode(self.raw(name)?).filter(|text| !text.is_empty() && text.len() <= limit)
    }

    /// The value of a member that is an unsigned integer.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        unsigned(std::str::from_utf8(self.raw(name)?).ok()?)
    }

    /// Like [`Fields::text`]; of a number its text in the file.
    pub(crate) fn text_or_number(&self, name: &str, limit: usize) -> Option<String> {
        match self.raw(name)? {
            raw if is_number(raw) && raw.len() <= limit => String::from_utf8(raw.to_vec()).ok(),
            _ => self.text(name, limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &[&str] = &["a", "b"];

    fn fields(text: &[u8]) -> Fields {
        Fields::of(text, WANTED).unwrap()
    }

    #[test]
    fn other_members_may_contain_anything() {
        for odd in [
            &b"NaN"[..],
            b"-Infinity",
            b"Infinity",
            br#""half \ud83d""#,
            br#""bad \! \u12 escape""#,
            b"\"raw \n\t\0 controls\"",
            b"\"caf\xe9 \xff\"",
            br#"{"a": "inner", "nested": [NaN, {"b": ["}"]}]}"#,
            b"[[[], {}], 01, 1., 1e999]",
        ] {
            for text in [
                [b"{\"x\": ", odd, b", \"a\": \"A\"}"].concat(),
                [b"\xef\xbb\xbf {\"a\": \"A\", \"x\":", odd, b"}\n"].concat(),
            ] {
                assert_eq!(fields(&text).text("a", 9).as_deref(), Some("A"), "{}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn objects_that_cannot_be_scanned_are_refused() {
        for text in [
            &br#"{"a": "A" "b": 1}"#[..],
            br#"{"a": }"#,
            b"{a: 1}",
            br#"{"a": 1,}"#,
            br#"{"a": [1,]}"#,
            br#"{"a": [}]}"#,
            br#"{"a" 1}"#,
            br#"{"a": 1} x"#,
            br#"{"a": 1}{"a": 2}"#,
            b"[]",
            b"{\"a\": \xff}",
        ] {
            let fault = Fields::of(text, WANTED).err().unwrap();
            assert_ne!(fault, Fault::End, "{}", text.escape_ascii());
        }
        for text in [&b""[..], b" ", b"{", b"{\"a", b"{\"a\": nul", b"{\"a\": [", b"{\"a\": \"\\"] {
            assert_eq!(Fields::of(text, WANTED).err(), Some(Fault::End), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn limits_apply_to_the_decoded_length_and_longer_values_are_absent() {
        for (text, limit, is_kept) in [
            ("x".repeat(8), 8, true),
            ("x".repeat(9), 8, false),
            ("\\u0041".repeat(8), 8, true),
            ("\\u0041".repeat(9), 8, false),
            ("\\u00e9".repeat(4), 8, true),
            ("\\u0041".repeat(PATH_LIMIT), PATH_LIMIT, true),
            ("x".repeat(PATH_LIMIT + 1), PATH_LIMIT, false),
            ("x".repeat(20_000_000), PATH_LIMIT, false),
            (String::new(), 8, false),
        ] {
            let found = fields(format!("{{\"b\": 7, \"a\": \"{text}\"}}").as_bytes());
            assert_eq!(found.text("a", limit).is_some(), is_kept, "{} of {limit}", text.len());
            assert!(found.has("a") && found.number("b") == Some(7));
        }
    }

    #[test]
    fn members_are_converted_by_type() {
        let found = fields(br#"{"a": 12345, "b": null}"#);
        assert_eq!((found.number("a"), found.text("a", 9), found.has("b")), (Some(12345), None, false));
        assert_eq!(found.text_or_number("a", 9).as_deref(), Some("12345"));
        assert_eq!(found.text_or_number("a", 4), None);
        let found = fields(br#"{"a": -Infinity, "b": NaN}"#);
        assert_eq!((found.text_or_number("a", 99), found.text_or_number("b", 99)), (None, None));
        let found = fields(br#"{"a": 12.0, "b": 0x1f, "c": None}"#);
        assert_eq!((found.number("a"), found.number("b"), found.text_or_number("b", 99)), (Some(12), None, None));
        let found = fields(br#"{"a": true, "b": "t"}"#);
        assert!(found.is_true("a") && !found.is_true("b") && found.text_or_number("b", 9).is_some());
        let found = fields(br#"{"a": 1, "\u0061": 2, "b": -1}"#);
        assert_eq!((found.number("a"), found.number("b")), (Some(2), None));
    }
}
