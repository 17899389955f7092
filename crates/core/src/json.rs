//! JSON text taken apart without losing a byte: where each member of an object stands.
//!
//! Promises: strict JSON only (no comments, no trailing commas); keys that stand twice are reported; strings as Python
//! reads and writes them, halves of surrogate pairs included. Does not build values to be written back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Where one member of an object stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// From the opening quote of the key to its closing quote.
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// Where an object and its members stand in the text.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// From `{` to `}`.
    pub(crate) range: Range<usize>,
    pub(crate) fields: Vec<Field>,
}

/// Why a text is no object.
#[derive(Debug)]
pub(crate) enum NoObject {
    /// The parser's reason.
    Json(serde_json::Error),
    /// This key stands twice.
    Twice(String),
}

impl Object {
    /// Takes apart the object that is all of `text[range]`, white space around it aside.
    pub(crate) fn read(text: &str, range: Range<usize>) -> Result<Self, NoObject> {
        let body = text.get(range).unwrap_or_default();
        let members: Members<'_> = serde_json::from_str(body).map_err(NoObject::Json)?;
        let range = place(text, body.trim_ascii());
        let mut seen = HashSet::with_capacity(members.0.len());
        let mut fields: Vec<Field> = Vec::with_capacity(members.0.len());
        let mut after = range.start + 1;
        for (name, value) in &members.0 {
            if !seen.insert(name.as_ref()) {
                return Err(NoObject::Twice(name.to_string()));
            }
            let value = place(text, value.get());
            // Between the value before and this one stand only white space, a comma, the key and a colon.
            let between = text.get(after..value.start).unwrap_or_default();
            let (open, close) = (between.find('"').unwrap_or(0), between.rfind('"').unwrap_or(0));
            fields.push(Field { name: name.to_string(), key: after + open..after + close + 1, value: value.clone() });
            after = value.end;
        }
        Ok(Self { range, fields })
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether it is one, and has no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The JSON text of a member.
    pub(crate) fn raw<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        text.get(self.field(name)?.value.clone())
    }
}

/// Where the items of the list that is all of `text[range]` stand; nothing where it is no list.
pub(crate) fn items(text: &str, range: Range<usize>) -> Option<Vec<Range<usize>>> {
    let items: Vec<&RawValue> = serde_json::from_str(text.get(range)?).ok()?;
    Some(items.into_iter().map(|item| place(text, item.get())).collect())
}

/// Where a value borrowed from `text` stands in it.
fn place(text: &str, value: &str) -> Range<usize> {
    let start = (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + value.len()
}

/// A string, or a number as its decimal text.
pub(crate) fn scalar(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

/// A JSON string. Half of a surrogate pair, as left behind by a cut emoji, is shown as U+FFFD and not a reason to
/// refuse the file: Python reads and writes such strings.
pub(crate) fn string(raw: &str) -> Option<String> {
    if !raw.starts_with('"') {
        return None;
    }
    serde_json::from_str(raw).ok().or_else(|| {
        let Wtf8(bytes) = serde_json::from_str(raw).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// A JSON string as Python's `json.dump` writes it: everything beyond ASCII as a lower-case `\u` escape.
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

/// The members of an object, in order, each value as it stands in the text.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A key, borrowed where it holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The bytes of a JSON string, lone surrogates included.
struct Wtf8(Vec<u8>);

impl<'de> Deserialize<'de> for Wtf8 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Wtf8;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Wtf8, E> {
                Ok(Wtf8(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_know_their_bytes() {
        let text = "\u{feff} { \"1\" : {\"status\"\t:\r\n \"active\" , \"x\\u0041\": 1e3}} \n";
        let root = Object::read(text, 3..text.len()).unwrap();
        assert_eq!(&text[root.range.clone()], &text[4..text.len() - 2]);
        let entry = Object::read(text, root.fields[0].value.clone()).unwrap();
        assert_eq!(entry.raw(text, "status"), Some("\"active\""));
        assert_eq!(entry.raw(text, "xA"), Some("1e3"));
        assert_eq!(&text[entry.fields[1].key.clone()], "\"x\\u0041\"");
    }

    #[test]
    fn strings_are_written_as_python_does() {
        let odd = "a/b \"q\" \\ \n\t\r\u{8}\u{c}\u{1}\u{7f}";
        assert_eq!(quote(odd), "\"a/b \\\"q\\\" \\\\ \\n\\t\\r\\b\\f\\u0001\u{7f}\"");
        assert_eq!(quote("Zoë → 🚀"), "\"Zo\\u00eb \\u2192 \\ud83d\\ude80\"");
    }

    #[test]
    fn half_an_emoji_is_shown_as_something_odd() {
        assert!(string(r#""cut \ud83d""#).unwrap().starts_with("cut \u{fffd}"));
        assert_eq!(string("5"), None);
        assert_eq!(scalar("5"), Some("5".into()));
        assert_eq!(scalar("[5]"), None);
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert!(quoted.is_ascii());
            prop_assert_eq!(string(&quoted).unwrap(), text);
        }
    }
}
