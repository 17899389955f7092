//! A reversible mapping of any bytes to text, so that a file with some invalid UTF-8 can be edited as text.
//!
//! Guarantees: `to_bytes(to_text(bytes))` equals `bytes`; valid UTF-8 is unchanged. Works like Python's
//! `surrogateescape`, but with private-use characters because Rust strings have no surrogates: a byte that is not part
//! of valid UTF-8 becomes one of U+10FF80 to U+10FFFF, and so does each byte of such a character in the file.

use std::borrow::Cow;

/// Added to a byte of 0x80 or above to get its escape character.
const BASE: u32 = 0x10_ff00;

/// The first three bytes in UTF-8 of all escape characters.
const STARTS: [&[u8]; 2] = [&[0xf4, 0x8f, 0xbe], &[0xf4, 0x8f, 0xbf]];

/// Maps bytes to text.
pub(crate) fn to_text(bytes: Vec<u8>) -> String {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if !has_escape(&text) => return text,
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len() + 16);
    let escape = |byte: &u8| char::from_u32(BASE + u32::from(*byte)).unwrap_or(char::REPLACEMENT_CHARACTER);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match byte(c) {
                Some(_) => text.extend(c.encode_utf8(&mut [0; 4]).as_bytes().iter().map(escape)),
                None => text.push(c),
            }
        }
        text.extend(chunk.invalid().iter().map(escape));
    }
    text
}

/// Maps text back to the bytes it came from.
pub(crate) fn to_bytes(text: &str) -> Cow<'_, [u8]> {
    if !has_escape(text) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

/// The text for display: escaped bytes become U+FFFD.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if has_escape(text) {
        let shown = |c| if byte(c).is_some() { char::REPLACEMENT_CHARACTER } else { c };
        return Cow::Owned(text.chars().map(shown).collect());
    }
    Cow::Borrowed(text)
}

/// The byte that an escape character represents; `None` for other characters.
fn byte(c: char) -> Option<u8> {
    u8::try_from(u32::from(c).checked_sub(BASE)?).ok().filter(|byte| *byte >= 0x80)
}

fn has_escape(text: &str) -> bool {
    // Search for the first byte of the sequence, which is rare in text.
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == 0xf4) {
        rest = rest.get(at..).unwrap_or_default();
        if STARTS.iter().any(|start| rest.starts_with(start)) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_invalid_utf8_is_escaped() {
        assert_eq!(to_text("Zoë 🚀\u{10ff7f}".into()), "Zoë 🚀\u{10ff7f}");
        assert_eq!(to_text(b"caf\xe9!".to_vec()), "caf\u{10ffe9}!");
        assert_eq!(shown("caf\u{10ffe9}!"), "caf\u{fffd}!");
        // An escape character that is in the file is escaped byte by byte, so that it is kept.
        let own = "\u{10ffe9}";
        assert_eq!(to_text(own.into()).chars().count(), 4);
        assert_eq!(to_bytes(&to_text(own.into())), own.as_bytes());
    }

    proptest! {
        #[test]
        fn any_bytes_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(to_bytes(&to_text(bytes.clone())).into_owned(), bytes);
        }

        #[test]
        fn any_text_round_trips(
            text in proptest::collection::vec(prop_oneof![any::<char>(), proptest::char::range('\u{10ff00}', '\u{10ffff}')], 0..20),
        ) {
            let text: String = text.into_iter().collect();
            prop_assert_eq!(to_bytes(&to_text(text.clone().into_bytes())).into_owned(), text.into_bytes());
        }
    }
}
