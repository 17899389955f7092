//! The registry: a JSON object of numbered sessions, read without disturbing a byte of it.
//!
//! Promises: any bytes are either read whole or refused with the reason; every entry knows where its fields stand, so
//! that a change (see `edit.rs`) touches those bytes only. A file with keys twice is refused, because a reader and a
//! writer could take different ones. Does not judge who is alive.

pub mod change;
pub mod identify_flow;
pub mod numbering;
pub mod recognition;
pub mod registration;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::claude::{Claude, ProcessKey};
use crate::json::{Fault, Nested, NoObject, Object, byte_escape, scalar, string};
use crate::time::{self, Time};

/// The number of a session: the key of its entry.
pub type Number = u64;

/// The byte order mark some editors put first; skipped, and kept.
const BOM: &str = "\u{feff}";

/// Why a text is not a registry. Nothing is ever written over such a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes, or only white space: another program is writing it, or emptied it.
    #[error("it is empty")]
    Empty,
    /// It ends in the middle: another program is writing it, or stopped.
    #[error("it ends in the middle, at line {line}")]
    Truncated {
        /// The last line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON: {reason}")]
    Malformed {
        /// The parser's words, with line and column.
        reason: String,
    },
    /// Not UTF-8 outside of its strings.
    #[error("it is not UTF-8 text (byte {offset})")]
    NotUtf8 {
        /// The first byte that is not text, from 0.
        offset: usize,
    },
    /// JSON, but not an object of sessions.
    #[error("it is JSON, but not an object of numbered sessions")]
    NotAnObject,
    /// A key stands twice, so that two readers could see two things.
    #[error("the key {key:?} stands twice in {place}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// "the file" or the session.
        place: String,
    },
}

impl Unreadable {
    /// Whether a writer may just be at work, so that it is worth a second look.
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
    /// Anything else, or nothing.
    Unknown,
}

/// One session's entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub number: Number,
    /// The `session_id`, or `session-<key>` where it is not usable.
    pub session_id: String,
    /// What it does; empty where missing.
    pub role: String,
    /// What it is after; empty where missing.
    pub goal: String,
    /// Its terminal, as it was written.
    pub terminal: Option<String>,
    /// The status, as it was written.
    pub status: Option<String>,
    /// When it was registered.
    pub registered_at: Option<Time>,
    /// When it was reactivated, where a writer says so.
    pub reactivated_at: Option<Time>,
    /// When it was last marked inactive.
    pub marked_inactive_at: Option<Time>,
    /// One of these times lies beyond what is usable.
    pub has_far_time: bool,
    /// The numbers it had before, oldest first.
    pub former_numbers: Vec<Number>,
    /// The Claude Code session behind it, where it is known.
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

    /// The process of the Claude Code session behind it.
    #[must_use]
    pub fn process(&self) -> Option<&ProcessKey> {
        self.claude.as_ref()?.process.as_ref()
    }
}

/// A registry, read whole.
#[derive(Clone, Debug)]
pub struct Registry {
    text: String,
    root: Object,
    entries: Vec<Entry>,
    /// Where the entry of a number is in `entries`.
    places: HashMap<Number, usize>,
    bad_keys: Vec<String>,
    bad_entries: Vec<Number>,
}

impl Registry {
    /// Reads a registry.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let not_text = std::str::from_utf8(&bytes).err();
        let text = byte_escape::to_text(bytes);
        match not_text {
            // Cut within a character is cut like elsewhere: its writer may not be done.
            Some(cut) if cut.error_len().is_none() => Err(Unreadable::Truncated { line: lines(&text) }),
            // In a string such bytes are only odd; elsewhere the file is something else.
            Some(odd) => Self::of_text(text).map_err(|reason| match reason {
                Unreadable::Malformed { .. } | Unreadable::NotAnObject => {
                    Unreadable::NotUtf8 { offset: odd.valid_up_to() }
                }
                other => other,
            }),
            None => Self::of_text(text),
        }
    }

    /// Reads a registry from its text, as [`Registry::text`] returns it.
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

    /// The registry nobody has written yet.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The text it was read from. Bytes that are not UTF-8 are private characters in it; see [`file_bytes`].
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

    /// Where the entry of a number is in [`Registry::entries`].
    pub(crate) fn place(&self, number: Number) -> Option<usize> {
        self.places.get(&number).copied()
    }

    /// The JSON text of an entry, as it stands in the file.
    #[must_use]
    pub fn raw_entry(&self, number: Number) -> Option<&str> {
        self.text.get(self.entry(number)?.object.range.clone())
    }

    /// The fields of an entry in their order, each with its JSON text.
    pub fn fields(&self, number: Number) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.entry(number).map(|entry| entry.object.fields.as_slice()).unwrap_or_default();
        fields.iter().filter_map(|field| Some((field.name.as_str(), self.text.get(field.value.clone())?)))
    }

    pub(crate) fn root(&self) -> &Object {
        &self.root
    }

    /// Top-level keys that are not numbers; left alone.
    #[must_use]
    pub fn bad_keys(&self) -> &[String] {
        &self.bad_keys
    }

    /// Numbers whose value is not an object; left alone, and not free.
    #[must_use]
    pub fn bad_entries(&self) -> &[Number] {
        &self.bad_entries
    }

    /// The JSON text of a field, as it stands in the file.
    #[must_use]
    pub fn raw(&self, number: Number, field: &str) -> Option<&str> {
        self.entry(number)?.object.raw(&self.text, field)
    }
}

/// The bytes of the file that a registry's text stands for: the text of a registry, or what a change made of it.
#[must_use]
pub fn file_bytes(text: &str) -> Cow<'_, [u8]> {
    byte_escape::to_bytes(text)
}

/// How many lines a text has.
fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// A number as a key writes it: decimal, no sign, no leading zero.
fn number(key: &str) -> Option<Number> {
    let canonical = key == "0" || !key.starts_with('0');
    (canonical && key.bytes().all(|b| b.is_ascii_digit())).then(|| key.parse().ok())?
}

fn unreadable(text: &str, why: NoObject, place: &str) -> Unreadable {
    let fault = match why {
        NoObject::DuplicateKey(key) => return Unreadable::DuplicateKey { key, place: place.into() },
        NoObject::Fault(fault) => fault,
    };
    // Lines and columns from 1, columns in bytes, as other parsers count them.
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
    let words = |name: &str| raw(name).and_then(scalar);
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
        session_id: words("session_id").filter(|id| !id.is_empty()).unwrap_or_else(|| format!("session-{number}")),
        role: words("role").unwrap_or_default(),
        goal: words("goal").unwrap_or_default(),
        terminal: words("terminal"),
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
    scalar(raw).is_some_and(|text| text.trim().parse() == Ok(number))
}

impl Default for Registry {
    /// No sessions, as Python writes it.
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
    fn refusals_say_why() {
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
    fn only_a_writer_at_work_is_worth_a_second_look() {
        assert!(read("").unwrap_err().is_transient());
        assert!(read("{\"1\"").unwrap_err().is_transient());
        assert!(!read("[]").unwrap_err().is_transient());
        assert!(!read("{]").unwrap_err().is_transient());
    }

    #[test]
    fn odd_keys_and_entries_are_set_aside() {
        let registry =
            read(r#"{"7": {}, "x": {}, "05": {}, "+1": {}, "": {}, "3": [], "99999999999999999999999": {}}"#).unwrap();
        assert_eq!(registry.entries().iter().map(|e| e.number).collect::<Vec<_>>(), [7]);
        assert_eq!(registry.bad_keys(), ["x", "05", "+1", "", "99999999999999999999999"]);
        assert_eq!(registry.bad_entries(), [3]);
    }

    #[test]
    fn ids_have_a_text_whatever_was_written() {
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
    fn numbers_agree_as_int_or_text() {
        for (written, agrees) in
            [("9", true), ("\"9\"", true), ("null", true), ("8", false), ("\"x\"", false), ("[]", false)]
        {
            let registry = read(&format!("{{\"9\": {{\"number\": {written}}}}}")).unwrap();
            assert_eq!(registry.entry(9).unwrap().number_agrees, agrees, "{written}");
        }
    }

    #[test]
    fn odd_values_cost_no_session() {
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
        // Different odd keys are different keys.
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
