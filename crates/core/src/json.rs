//! JSON text taken apart without losing a byte: where each member of an object stands.
//!
//! Promises: what can be told apart is taken apart (see [`scanner`] for what is accepted beyond JSON: no comments, no
//! trailing commas); keys that stand twice are reported; strings are decoded leniently. Does not build values to be written
//! back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

pub(crate) mod byte_escape;
mod fields;
mod scanner;
mod text;

pub(crate) use fields::{Fields, NAME_LIMIT, PATH_LIMIT};
pub(crate) use scanner::Fault;
pub(crate) use text::quote;

use scanner::Scanner;

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
    /// It cannot be taken apart. Offsets are those of the text.
    Fault(Fault),
    /// This key stands twice.
    Twice(String),
}

impl Object {
    /// Takes apart the object that is all of `text[range]`, white space around it aside.
    pub(crate) fn read(text: &str, range: Range<usize>) -> Result<Self, NoObject> {
        let from = range.start;
        let body = text.get(range).unwrap_or_default();
        let faulty = |fault: Fault| NoObject::Fault(fault.moved(from));
        let mut scanner = Scanner::new(body.as_bytes());
        scanner.open_object().map_err(faulty)?;
        let start = from + scanner.offset() - 1;
        let mut seen: HashSet<Cow<'_, [u8]>> = HashSet::new();
        let mut fields: Vec<Field> = Vec::new();
        while scanner.next_member(fields.is_empty()).map_err(faulty)? {
            let mut field = || {
                let key = scanner.offset();
                scanner.string()?;
                let key = key..scanner.offset();
                scanner.colon()?;
                let value = scanner.offset();
                scanner.value()?;
                Ok((key, value..scanner.offset()))
            };
            let (key, value) = field().map_err(faulty)?;
            let raw = body.get(key.clone()).unwrap_or_default();
            let name = string(raw).unwrap_or_default();
            if !seen.insert(text::identity(raw.as_bytes()).unwrap_or_default()) {
                return Err(NoObject::Twice(name));
            }
            let moved = |range: Range<usize>| from + range.start..from + range.end;
            fields.push(Field { name, key: moved(key), value: moved(value) });
        }
        let end = from + scanner.offset();
        scanner.end().map_err(faulty)?;
        Ok(Self { range: start..end, fields })
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
    let from = range.start;
    let body = text.get(range)?;
    let mut scanner = Scanner::new(body.as_bytes());
    let mut items = Vec::new();
    scanner.open_list().ok()?;
    while scanner.next_item(items.is_empty()).ok()? {
        let start = from + scanner.offset();
        scanner.value().ok()?;
        items.push(start..from + scanner.offset());
    }
    scanner.end().ok()?;
    Some(items)
}

/// A string, or a number as its decimal text.
pub(crate) fn scalar(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

/// A JSON string, decoded leniently; `None` if it is something else.
pub(crate) fn string(raw: &str) -> Option<String> {
    text::decode(byte_escape::shown(raw).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<(String, &str, &str)> {
        let object = Object::read(text, 0..text.len()).unwrap();
        let part = |range: &Range<usize>| &text[range.clone()];
        object.fields.iter().map(|field| (field.name.clone(), part(&field.key), part(&field.value))).collect()
    }

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
    fn odd_values_keep_their_extent() {
        let text = "{\"a\":NaN,\"b\" : -Infinity , \"c\": \"\\ud83d \\! \n\", \"d\":[\"}\", {\"e\": 01}]}";
        let wanted = [
            ("a", "\"a\"", "NaN"),
            ("b", "\"b\"", "-Infinity"),
            ("c", "\"c\"", "\"\\ud83d \\! \n\""),
            ("d", "\"d\"", "[\"}\", {\"e\": 01}]"),
        ];
        assert_eq!(members(text), wanted.map(|(name, key, value)| (name.to_owned(), key, value)));
    }

    #[test]
    fn keys_that_stand_twice_are_found_by_what_they_are_equal_to() {
        let read = |text: &str| Object::read(text, 0..text.len()).map(|object| object.fields.len());
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": 1, "\u0061": 1}"#, r#"{"\ud83d": 1, "\uD83D": 1}"#] {
            assert!(matches!(read(text), Err(NoObject::Twice(_))), "{text}");
        }
        // Halves of different pairs look the same, and are not.
        assert_eq!(read(r#"{"\ud83d": 1, "\ud83e": 1, "\ufffd": 1}"#).unwrap(), 3);
    }

    #[test]
    fn items_know_their_bytes() {
        let text = r#"x [ "a,]" ,NaN,[1, 2]]"#;
        let found = items(text, 2..text.len()).unwrap();
        assert_eq!(found.iter().map(|item| &text[item.clone()]).collect::<Vec<_>>(), [r#""a,]""#, "NaN", "[1, 2]"]);
        for text in ["[1,]", "[1", "{}", "[] 1", "[1 2]", "[,1]"] {
            assert_eq!(items(text, 0..text.len()), None, "{text}");
        }
        assert_eq!(items("[ ]", 0..3), Some(Vec::new()));
    }

    #[test]
    fn scalars() {
        assert_eq!(string("5"), None);
        assert_eq!(scalar("5"), Some("5".into()));
        assert_eq!(scalar("[5]"), None);
        assert_eq!(scalar("NaN"), None);
    }
}
