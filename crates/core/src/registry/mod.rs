//! The registry: a JSON object of numbered sessions, parsed without changing any byte.
//!
//! Guarantees: any bytes are either read completely or refused with the reason; every entry has the byte ranges of its
//! fields, so that a change (see `edit.rs`) replaces only those bytes. A file with duplicate keys is refused, because a
//! reader and a writer could use different ones. Does not judge whether sessions are alive.

pub mod change;
pub mod identify_flow;
pub mod numbering;
pub mod recognition;
pub mod registration;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::claude::{Claude, ProcessKey};
use crate::json::{Fault, Nested, NoObject, Object, byte_escape, scalar, string, unsigned};
use crate::time::{self, Time};

/// The number of a session: the key of its entry.
pub type Number = u64;

/// The byte order mark that some editors write; skipped when parsing, and kept.
const BOM: &str = "\u{feff}";

/// Why a text is not a registry. Such a file is never overwritten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes, or only white space: another program is writing or has emptied it.
    #[error("it is empty")]
    Empty,
    /// It is cut off: another program is writing it, or was interrupted.
    #[error("it is cut off at line {line}")]
    Truncated {
        /// The last line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON: {reason}")]
    Malformed {
        /// The parser's message, with line and column.
        reason: String,
    },
    /// Invalid UTF-8 outside of its strings.
    #[error("it is not UTF-8 text (byte {offset})")]
    NotUtf8 {
        /// The offset of the first invalid byte, from 0.
        offset: usize,
    },
    /// JSON, but not an object of sessions.
    #[error("it is JSON, but not an object of numbered sessions")]
    NotAnObject,
    /// A key occurs twice, so that two programs could read different values.
    #[error("the key {key:?} occurs twice in {place}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// "the file" or the session.
        place: String,
    },
}

impl Unreadable {
    /// Whether a writer may be about to complete the file, so that reading it again soon is worthwhile.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Empty | Self::Truncated { .. })
    }
}

/// The class of an entry's `status` (protocol §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `active`, `working`, `idle`.
    Active,
    /// `inactive`, `offline`.
    Inactive,
    /// Any other status, or none.
    Unknown,
}

/// A session's entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub number: Number,
    /// The `session_id`, or `session-<key>` if that is not usable.
    pub session_id: String,
    /// The role; empty if missing.
    pub role: String,
    /// The goal; empty if missing.
    pub goal: String,
    /// The terminal, unchanged.
    pub terminal: Option<String>,
    /// The status, unchanged.
    pub status: Option<String>,
    /// When it was registered.
    pub registered_at: Option<Time>,
    /// When it was reactivated, if a writer recorded that.
    pub reactivated_at: Option<Time>,
    /// When it was last marked inactive.
    pub marked_inactive_at: Option<Time>,
    /// One of these times is after the last usable moment.
    pub has_far_time: bool,
    /// The numbers it had before, oldest first.
    pub former_numbers: Vec<Number>,
    /// The Claude Code session of the entry, if known.
    pub claude: Option<Claude>,
    /// Whether `number` is missing or equal to the key.
    pub number_agrees: bool,
    pub(crate) object: Object,
}

impl Entry {
    /// The class of its status.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.status.as_deref() {
            Some("active" | "working" | "idle") => Class::Active,
            Some("inactive" | "offline") => Class::Inactive,
            _ => Class::Unknown,
        }
    }

    /// The process of its Claude Code session, if known.
    #[must_use]
    pub fn process(&self) -> Option<&ProcessKey> {
        self.claude.as_ref()?.process.as_ref()
    }
}

/// A registry, read completely.
#[derive(Clone, Debug)]
pub struct Registry {
    text: String,
    root: Object,
    entries: Vec<Entry>,
    /// The index in `entries` of each number.
    places: HashMap<Number, usize>,
    bad_keys: Vec<String>,
    bad_entries: Vec<Number>,
}

impl Registry {
    /// Reads a registry from the bytes of its file.
    ///
    /// # Errors
    /// If the bytes are not a registry; [`Unreadable`] has the reasons.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let invalid = std::str::from_utf8(&bytes).err();
        let text = byte_escape::to_text(bytes);
        match invalid {
            // Cut within a character is like any other truncation: its writer may not be done.
            Some(cut) if cut.error_len().is_none() => Err(Unreadable::Truncated { line: lines(&text) }),
            // Invalid bytes in a string are accepted; elsewhere the file is not JSON.
            Some(odd) => Self::of_text(text).map_err(|reason| match reason {
                Unreadable::Malformed { .. } | Unreadable::NotAnObject => {
                    Unreadable::NotUtf8 { offset: odd.valid_up_to() }
                }
                other => other,
            }),
            None => Self::of_text(text),
        }
    }

    /// Reads a registry from a text as [`Registry::text`] returns it.
    pub(crate) fn of_text(text: String) -> Result<Self, Unreadable> {
        let body = text.strip_prefix(BOM).unwrap_or(&text);
        if body.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        let (root, values) = Object::read_nested(&text, text.len() - body.len()..text.len())
            .map_err(|why| unreadable(&text, why, "the file"))?;
        let mut registry = Self { root, ..Self::default() };
        for (field, Nested { object }) in registry.root.fields.iter().zip(values) {
            let Some(number) = number(&field.name) else {
                registry.bad_keys.push(field.name.clone());
                continue;
            };
            match object {
                Some((_, Some(key))) => {
                    return Err(Unreadable::DuplicateKey { key, place: format!("session {number}") });
                }
                Some((object, None)) => {
                    registry.places.insert(number, registry.entries.len());
                    registry.entries.push(entry(&text, number, object));
                }
                None => registry.bad_entries.push(number),
            }
        }
        Ok(Self { text, ..registry })
    }

    /// A registry without sessions, for a file that does not exist yet.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The text it was read from. Invalid UTF-8 is mapped to private-use characters; see [`file_bytes`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        file_bytes(&self.text)
    }

    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a number.
    #[must_use]
    pub fn entry(&self, number: Number) -> Option<&Entry> {
        self.place(number).and_then(|at| self.entries.get(at))
    }

    /// The index in [`Registry::entries`] of a number's entry.
    pub(crate) fn place(&self, number: Number) -> Option<usize> {
        self.places.get(&number).copied()
    }

    /// The JSON text of an entry, unchanged.
    #[must_use]
    pub fn raw_entry(&self, number: Number) -> Option<&str> {
        self.text.get(self.entry(number)?.object.range.clone())
    }

    /// The names and JSON texts of an entry's fields, in the order of the file.
    pub fn fields(&self, number: Number) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.entry(number).map(|entry| entry.object.fields.as_slice()).unwrap_or_default();
        fields.iter().filter_map(|field| Some((field.name.as_str(), self.text.get(field.value.clone())?)))
    }

    pub(crate) fn root(&self) -> &Object {
        &self.root
    }

    /// Top-level keys that are not numbers. They are never changed.
    #[must_use]
    pub fn bad_keys(&self) -> &[String] {
        &self.bad_keys
    }

    /// Numbers with a value that is not an object. They are never changed and do not count as free.
    #[must_use]
    pub fn bad_entries(&self) -> &[Number] {
        &self.bad_entries
    }

    /// The JSON text of a field, unchanged.
    #[must_use]
    pub fn raw(&self, number: Number, field: &str) -> Option<&str> {
        self.entry(number)?.object.raw(&self.text, field)
    }
}

/// The file's bytes for a registry text, from [`Registry::text`] or from a change.
#[must_use]
pub fn file_bytes(text: &str) -> Cow<'_, [u8]> {
    byte_escape::to_bytes(text)
}

/// The number of lines of a text.
fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// Parses a key as a number: decimal, no sign, no leading zero.
fn number(key: &str) -> Option<Number> {
    let canonical = key == "0" || !key.starts_with('0');
    (canonical && key.bytes().all(|b| b.is_ascii_digit())).then(|| key.parse().ok())?
}

fn unreadable(text: &str, why: NoObject, place: &str) -> Unreadable {
    let fault = match why {
        NoObject::DuplicateKey(key) => return Unreadable::DuplicateKey { key, place: place.into() },
        NoObject::Fault(fault) => fault,
    };
    // Lines and columns are counted from 1, columns in bytes, like other parsers do.
    let at = |offset: usize| {
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n');
        let column = line.clone().next_back().unwrap_or_default().len() + 1;
        format!("at line {} column {column}", line.count())
    };
    match fault {
        Fault::End => Unreadable::Truncated { line: lines(text) },
        Fault::NotAnObject => Unreadable::NotAnObject,
        Fault::Unexpected { offset, wanted } => {
            Unreadable::Malformed { reason: format!("expected {wanted} {}", at(offset)) }
        }
        Fault::TooDeep { offset } => Unreadable::Malformed { reason: format!("nested too deeply {}", at(offset)) },
        Fault::TooLong => Unreadable::Malformed { reason: "too long".into() },
    }
}

fn entry(text: &str, number: Number, object: Object) -> Entry {
    let raw = |name: &str| object.raw(text, name);
    let text_of = |name: &str| raw(name).and_then(scalar);
    let mut has_far_time = false;
    let [registered_at, reactivated_at, marked_inactive_at] = ["registered_at", "reactivated_at", "marked_inactive_at"]
        .map(|name| {
            let written = raw(name).and_then(string)?;
            let time = time::parse(&written);
            has_far_time |= time.is_none() && time::is_too_late(&written);
            time
        });
    Entry {
        number,
        session_id: text_of("session_id").filter(|id| !id.is_empty()).unwrap_or_else(|| format!("session-{number}")),
        role: text_of("role").unwrap_or_default(),
        goal: text_of("goal").unwrap_or_default(),
        terminal: text_of("terminal"),
        status: raw("status").and_then(string),
        registered_at,
        reactivated_at,
        marked_inactive_at,
        has_far_time,
        former_numbers: raw("former_numbers").and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default(),
        claude: raw("claude").and_then(Claude::read),
        number_agrees: raw("number").is_none_or(|raw| raw == "null" || agrees(raw, number)),
        object,
    }
}

fn agrees(raw: &str, number: Number) -> bool {
    scalar(raw).is_some_and(|text| unsigned(text.trim()) == Some(number))
}

impl Default for Registry {
    /// A registry without sessions, in the form that Python writes.
    fn default() -> Self {
        Self {
            text: "{}".into(),
            root: Object { range: 0..2, fields: Vec::new() },
            entries: Vec::new(),
            places: HashMap::new(),
            bad_keys: Vec::new(),
            bad_entries: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
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
            let parts =
                [b"\xef\xbb\xbf{\"1\": {\"role\": ", odd, b", ", key, b": 5, \"status\": \"active\"}, \"2\": {}}"];
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
}
