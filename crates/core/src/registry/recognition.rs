//! Recognizes a registry by its first bytes, so that a file of another program with the same name is not used as one.
//!
//! A registry is an empty object, an object of empty objects under numeric keys, or one in which at least one numeric
//! key has an object with one of `session_id`, `status`, `registered_at`. Programs that share the registry truncate and
//! rewrite it, so an empty or truncated file is recognized by what it has so far: no key yet, or a numeric key with an
//! object, may become a registry.
//!
//! Reads strings by their extent only: unknown escapes and raw control characters do not prevent recognition.
//! Does not check that the text is a complete or valid registry; [`crate::Registry::read`] does.

use std::borrow::Cow;

use crate::json::{Fault, Scanner, identity};

/// Keys that identify an entry: it has at least one of them.
const ENTRY_KEYS: [&[u8]; 3] = [b"session_id", b"status", b"registered_at"];

/// The kind of a file, judged by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It is a registry, or may be one that another program is writing now.
    Registry,
    /// It has no keys, or none yet: a registry if it has the name of one.
    Empty,
    /// It is truncated and has only keys of another program so far: reading it again soon is worthwhile.
    Unfinished,
    /// It belongs to another program.
    Foreign(Foreign),
}

/// Why a file is not a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// A list, a number, plain text.
    #[error("not a JSON object")]
    NotAnObject,
    /// An object without any session.
    #[error("none of its keys is the number of a session")]
    NoSession,
}

/// Recognizes a file by its first `bytes`. `is_whole` is true if there are no others.
#[must_use]
pub fn recognize(bytes: &[u8], is_whole: bool) -> Recognition {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Blocks not written before a power loss contain zeros.
    let mut text = Scanner::new(body).with_zeros_as_space();
    match text.space() {
        // Truncated by its writer, or lost in a power loss.
        Err(_) => return Recognition::Empty,
        Ok(b'{') => {}
        Ok(b'[') => return Recognition::Foreign(Foreign::NotAnObject),
        // A registry with merge conflict markers is a registry that cannot be read.
        Ok(_) if has_numbered_object(body) => return Recognition::Registry,
        Ok(_) => return Recognition::Foreign(Foreign::NotAnObject),
    }
    let mut seen = Seen::default();
    match members(&mut text, body, &mut |key, value| seen.member(key, value, body)) {
        Ok(Step::Found) => Recognition::Registry,
        Ok(Step::Next) | Err(Fault::End) if seen.keys == 0 => Recognition::Empty,
        Ok(Step::Next) if !seen.has_foreign => Recognition::Registry,
        Err(Fault::End) if seen.has_numbered => Recognition::Registry,
        Err(Fault::End) if is_whole => Recognition::Unfinished,
        Err(fault) if fault != Fault::End && (seen.has_numbered || has_numbered_object(rest(body, &text))) => {
            Recognition::Registry
        }
        Ok(Step::Next) | Err(_) => Recognition::Foreign(Foreign::NoSession),
    }
}

/// The members seen so far.
#[derive(Default)]
struct Seen {
    keys: usize,
    /// A numeric key has an object.
    has_numbered: bool,
    /// A member is neither a session nor an empty object under a numeric key.
    has_foreign: bool,
}

impl Seen {
    fn member<'t>(&mut self, key: &[u8], value: &mut Scanner<&'t [u8]>, body: &'t [u8]) -> Result<Step, Fault> {
        self.keys += 1;
        if !is_number(key) || value.space()? != b'{' {
            self.has_foreign = true;
            return value.value().map(|()| Step::Next);
        }
        self.has_numbered = true;
        members(value, body, &mut |name, field| {
            self.has_foreign = true;
            if ENTRY_KEYS.contains(&name) {
                return Ok(Step::Found);
            }
            field.value().map(|()| Step::Next)
        })
    }
}

/// Whether a key is a number as the registry writes it.
fn is_number(key: &[u8]) -> bool {
    !key.is_empty()
        && key.len() <= 20
        && key.iter().all(u8::is_ascii_digit)
        && (key == b"0" || key.first() != Some(&b'0'))
}

/// Whether `"<number>": {` occurs in a text that is not JSON.
fn has_numbered_object(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        // The window limits the work per quote, so that the time is proportional to the text.
        let window = rest.get(at..).map(|text| text.get(..256).unwrap_or(text)).unwrap_or_default();
        if is_entry(window) == Ok(true) {
            return true;
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    false
}

/// Whether a text starts with the key and the opening brace of an entry.
fn is_entry(text: &[u8]) -> Result<bool, Fault> {
    let mut scanner = Scanner::new(text).with_zeros_as_space();
    let key = key(&mut scanner, text)?;
    Ok(is_number(&key) && scanner.space()? == b'{')
}

/// Whether to continue with the next member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Next,
    Found,
}

/// A callback for each key; the scanner is positioned at its value.
type Each<'e, 't> = dyn FnMut(&[u8], &mut Scanner<&'t [u8]>) -> Result<Step, Fault> + 'e;

/// Calls `each` with the key of every member of the next object in `body`. `each` must advance past the value.
fn members<'t>(text: &mut Scanner<&'t [u8]>, body: &'t [u8], each: &mut Each<'_, 't>) -> Result<Step, Fault> {
    text.open_object()?;
    let mut is_first = true;
    while text.next_member(is_first)? {
        is_first = false;
        if each(&key(text, body)?, text)? == Step::Found {
            return Ok(Step::Found);
        }
    }
    Ok(Step::Next)
}

/// Advances past a key of `body` and its colon. Returns the decoded key.
fn key<'t>(text: &mut Scanner<&'t [u8]>, body: &'t [u8]) -> Result<Cow<'t, [u8]>, Fault> {
    let start = text.offset();
    text.string()?;
    let raw = body.get(start..text.offset()).unwrap_or_default();
    text.colon()?;
    Ok(identity(raw).unwrap_or_default())
}

/// The text after the scanner's position.
fn rest<'t>(body: &'t [u8], text: &Scanner<&'t [u8]>) -> &'t [u8] {
    body.get(text.offset()..).unwrap_or_default()
}

#[cfg(test)]
#[path = "recognition_tests.rs"]
mod tests;
