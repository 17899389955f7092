//! The registry: a JSON object of numbered sessions, parsed without changing any byte.
//!
//! Guarantees: any bytes are either read completely or refused with the reason; every entry has the byte ranges of its
//! fields, so that a change (see `edit.rs`) replaces only those bytes. A file with duplicate keys is refused, because a
//! reader and a writer could use different ones. Does not judge whether sessions are alive.

pub mod change;
mod entry;
pub mod identify_flow;
pub mod numbering;
pub mod preferences;
pub mod recognition;
pub mod registration;
pub mod undo;
mod unreadable;

use std::borrow::Cow;
use std::collections::HashMap;

pub use entry::{Class, Entry};
pub use unreadable::Unreadable;

use crate::json::{Nested, Object, byte_escape};

/// The number of a session: the key of its entry.
pub type Number = u64;

/// The byte order mark that some editors write; skipped when parsing, and kept.
const BOM: &str = "\u{feff}";

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
            Some(cut) if cut.error_len().is_none() => Err(Unreadable::Truncated { line: unreadable::lines(&text) }),
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
            .map_err(|why| Unreadable::of(&text, why, "the file"))?;
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
                    registry.entries.push(Entry::of(&text, number, object));
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

/// Parses a key as a number: decimal, no sign, no leading zero.
fn number(key: &str) -> Option<Number> {
    let canonical = key == "0" || !key.starts_with('0');
    (canonical && key.bytes().all(|b| b.is_ascii_digit())).then(|| key.parse().ok())?
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
#[path = "registry_tests.rs"]
mod tests;
