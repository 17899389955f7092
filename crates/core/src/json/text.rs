//! Decoding and encoding of JSON strings.
//!
//! Guarantees: decoding accepts every string that the scanner accepts; encoding is that of Python's `json.dump`.

use std::borrow::Cow;

/// Decodes a JSON string, quotes included. Unpaired surrogates and invalid UTF-8 become U+FFFD; raw control characters
/// and unknown escapes are kept as written. `None` if `raw` is not a string.
pub(crate) fn decode(raw: &[u8]) -> Option<String> {
    Some(match unescape(raw, Surrogates::Replaced)? {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
    })
}

/// The decoded bytes of a JSON string, for comparison: different unpaired surrogates differ. `None` if `raw` is not a
/// string.
pub(crate) fn identity(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    unescape(raw, Surrogates::Kept)
}

/// How an unpaired surrogate is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surrogates {
    /// As U+FFFD.
    Replaced,
    /// As three bytes in the pattern of UTF-8 (WTF-8).
    Kept,
}

fn unescape(raw: &[u8], surrogates: Surrogates) -> Option<Cow<'_, [u8]>> {
    let mut rest = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let next = |rest: &[u8]| rest.iter().position(|byte| *byte == b'\\');
    let Some(mut at) = next(rest) else { return Some(Cow::Borrowed(rest)) };
    let mut out = Vec::with_capacity(rest.len());
    loop {
        let (plain, escape) = rest.split_at_checked(at)?;
        out.extend_from_slice(plain);
        rest = decode_escape(escape, surrogates, &mut out);
        at = next(rest).unwrap_or(rest.len());
        if at == rest.len() {
            out.extend_from_slice(rest);
            return Some(Cow::Owned(out));
        }
    }
}

/// Decodes the escape at the start of `text` and returns the text after it.
fn decode_escape<'t>(text: &'t [u8], surrogates: Surrogates, out: &mut Vec<u8>) -> &'t [u8] {
    let [_, kind, rest @ ..] = text else {
        out.extend_from_slice(text);
        return &[];
    };
    let kind = *kind;
    let decoded = match kind {
        b'"' | b'\\' | b'/' => kind,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' if let Some((unit, rest)) = unit(rest) => return code_point(unit, rest, surrogates, out),
        // Unknown escapes keep their backslash.
        _ => {
            out.push(b'\\');
            kind
        }
    };
    out.push(decoded);
    rest
}

/// Parses four hexadecimal digits.
fn unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let add = |value: u32, digit: &u8| Some(value * 16 + char::from(*digit).to_digit(16)?);
    Some((digits.iter().try_fold(0, add)?, rest))
}

/// Encodes the code point that starts with a UTF-16 unit and returns the text after it.
fn code_point<'t>(first: u32, rest: &'t [u8], surrogates: Surrogates, out: &mut Vec<u8>) -> &'t [u8] {
    let second = || unit(rest.strip_prefix(b"\\u")?).filter(|(unit, _)| (0xdc00..0xe000).contains(unit));
    let (point, rest) = match first {
        0xd800..0xdc00 => match second() {
            Some((second, rest)) => (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), rest),
            None => (first, rest),
        },
        _ => (first, rest),
    };
    match char::from_u32(point) {
        None if surrogates == Surrogates::Kept => {
            out.extend([0xe0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3f) as u8, 0x80 | (point & 0x3f) as u8]);
        }
        found => {
            let c = found.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    rest
}

/// A JSON string as Python's `json.dump` writes it: non-ASCII characters as lower-case `\u` escapes.
pub(crate) fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_are_written_as_python_does() {
        let odd = "a/b \"q\" \\ \n\t\r\u{8}\u{c}\u{1}\u{7f}";
        assert_eq!(quote(odd), "\"a/b \\\"q\\\" \\\\ \\n\\t\\r\\b\\f\\u0001\u{7f}\"");
        assert_eq!(quote("Zoë → 🚀"), "\"Zo\\u00eb \\u2192 \\ud83d\\ude80\"");
    }

    #[test]
    fn odd_strings_are_decoded_leniently() {
        for (raw, wanted) in [
            (&br#""plain""#[..], "plain"),
            (br#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude80""#, "\"\\/\u{8}\u{c}\n\r\tAé🚀"),
            (br#""cut \ud83d""#, "cut \u{fffd}"),
            (br#""\ude80 first""#, "\u{fffd} first"),
            (br#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀"),
            (br#""\ud83d\u0041""#, "\u{fffd}A"),
            (br#""\ud83d\!""#, "\u{fffd}\\!"),
            (br#""night\! \x41 \u12 \u""#, "night\\! \\x41 \\u12 \\u"),
            (br#""\u+123""#, "\\u+123"),
            (b"\"line\nbreak\x01\"", "line\nbreak\u{1}"),
            (b"\"caf\xe9 \\n\"", "caf\u{fffd} \n"),
            (b"\"\xff\"", "\u{fffd}"),
            (b"\"\\\xc3\xa9\"", "\\é"),
        ] {
            assert_eq!(decode(raw).as_deref(), Some(wanted), "{}", raw.escape_ascii());
        }
        for raw in [&b"5"[..], b"", b"\"", b"null", b"\"open"] {
            assert_eq!(decode(raw), None, "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn identity_distinguishes_unpaired_surrogates() {
        assert_ne!(identity(br#""\ud83d""#), identity(br#""\ud83e""#));
        assert_eq!(identity(br#""\u0061""#), identity(br#""a""#));
        assert_ne!(identity(b"\"\xe9\""), identity(b"\"\xe8\""));
    }

    proptest! {
        #[test]
        fn quoted_text_is_decoded_back(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert!(quoted.is_ascii());
            prop_assert_eq!(decode(quoted.as_bytes()).unwrap(), text);
        }

        #[test]
        fn valid_json_strings_are_decoded_as_a_strict_parser_does(text in any::<String>()) {
            let strict = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode(strict.as_bytes()).unwrap(), text);
        }

        #[test]
        fn any_bytes_between_quotes_are_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let raw = [b"\"", &bytes[..], b"\""].concat();
            prop_assert!(decode(&raw).is_some() && identity(&raw).is_some());
        }
    }
}
