//! JSON text parsed into byte ranges: the position of each member of an object.
//!
//! Guarantees: everything the scanner can delimit is accepted (see [`scanner`] for what it accepts beyond JSON;
//! comments and trailing commas are not accepted); duplicate keys are reported; strings are decoded leniently. Does not
//! build values to be written back.

pub(crate) mod edit;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

pub(crate) mod byte_escape;
mod captured;
mod fault;
mod fields;
mod nesting;
mod scanner;
mod text;

pub(crate) use fault::Fault;
pub(crate) use fields::{Fields, NAME_LIMIT, PATH_LIMIT};
pub(crate) use scanner::Scanner;
pub(crate) use text::{identity, quote};

/// The position of one member of an object in the text.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// From the opening quote of the key to its closing quote.
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// The position of an object and of its members in the text.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// From `{` to `}`.
    pub(crate) range: Range<usize>,
    pub(crate) fields: Vec<Member>,
}

/// Why a text is not an object.
#[derive(Debug)]
pub(crate) enum NoObject {
    /// The text cannot be scanned. Offsets are relative to the start of the whole text.
    Fault(Fault),
    /// The object has this key more than once.
    DuplicateKey(String),
}

/// A member's value, parsed if it is an object.
pub(crate) struct Nested {
    /// The object and its first duplicate key.
    pub(crate) object: Option<(Object, Option<String>)>,
}

impl Object {
    /// Parses `text[range]`, which must be one object, possibly surrounded by white space.
    ///
    /// # Errors
    /// If it is not exactly one object, or if the object has a duplicate key.
    pub(crate) fn read(text: &str, range: Range<usize>) -> Result<Self, NoObject> {
        Self::whole(text, range, |scanner, _| scanner.value())
    }

    /// Like [`Object::read`], and parses the members that are objects in the same pass. Returns one [`Nested`] per
    /// field.
    ///
    /// # Errors
    /// Those of [`Object::read`], for the outer object. Duplicate keys of inner objects are in [`Nested`].
    pub(crate) fn read_nested(text: &str, range: Range<usize>) -> Result<(Self, Vec<Nested>), NoObject> {
        let from = range.start;
        let mut nested = Vec::new();
        let object = Self::whole(text, range, |scanner, text| {
            let is_object = text.as_bytes().get(scanner.offset()) == Some(&b'{');
            let inner = |scanner: &mut Scanner<&[u8]>, _: &str| scanner.value();
            let object = if is_object { Some(Self::scan(scanner, text, from, inner)?) } else { None };
            nested.push(Nested { object });
            if is_object { Ok(()) } else { scanner.value() }
        })?;
        Ok((object, nested))
    }

    /// Parses `text[range]` as one object. `value` advances the scanner past a value.
    fn whole<'t>(
        text: &'t str,
        range: Range<usize>,
        value: impl FnMut(&mut Scanner<&'t [u8]>, &'t str) -> Result<(), Fault>,
    ) -> Result<Self, NoObject> {
        let from = range.start;
        let body = text.get(range).unwrap_or_default();
        let mut scanner = Scanner::new(body.as_bytes());
        let found = Self::scan(&mut scanner, body, from, value);
        let found = found.and_then(|found| scanner.end().map(|()| found));
        match found.map_err(|fault| NoObject::Fault(fault.moved(from)))? {
            (_, Some(key)) => Err(NoObject::DuplicateKey(key)),
            (object, None) => Ok(object),
        }
    }

    /// Parses the next object of `text`, which starts at offset `from` of a longer text. Also returns the first
    /// duplicate key.
    fn scan<'t>(
        scanner: &mut Scanner<&'t [u8]>,
        text: &'t str,
        from: usize,
        mut value: impl FnMut(&mut Scanner<&'t [u8]>, &'t str) -> Result<(), Fault>,
    ) -> Result<(Self, Option<String>), Fault> {
        scanner.open_object()?;
        let start = from + scanner.offset() - 1;
        let mut seen = Seen::default();
        let mut duplicate = None;
        let mut fields: Vec<Member> = Vec::with_capacity(8);
        while scanner.next_member(fields.is_empty())? {
            let key = scanner.offset();
            scanner.string()?;
            let key = key..scanner.offset();
            scanner.colon()?;
            let at = scanner.offset();
            value(scanner, text)?;
            let raw = text.get(key.clone()).unwrap_or_default();
            let name = string(raw).unwrap_or_default();
            if !seen.is_new(text::identity(raw.as_bytes()).unwrap_or_default()) {
                duplicate.get_or_insert_with(|| name.clone());
            }
            fields.push(Member {
                name,
                key: from + key.start..from + key.end,
                value: from + at..from + scanner.offset(),
            });
        }
        Ok((Self { range: start..from + scanner.offset(), fields }, duplicate))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Member> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the object has no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The JSON text of a member.
    pub(crate) fn raw<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        text.get(self.field(name)?.value.clone())
    }
}

/// The keys of an object so far. Up to [`Seen::FEW`] keys are compared one by one, which is faster than hashing.
#[derive(Default)]
struct Seen<'t> {
    few: Vec<Cow<'t, [u8]>>,
    many: HashSet<Cow<'t, [u8]>>,
}

impl<'t> Seen<'t> {
    /// Number of keys up to which they are compared instead of hashed.
    const MAX_COMPARED: usize = 16;

    /// Remembers a key. Returns whether it was not there yet.
    fn is_new(&mut self, key: Cow<'t, [u8]>) -> bool {
        if self.few.len() < Self::MAX_COMPARED {
            let is_new = !self.few.contains(&key);
            self.few.reserve(8);
            self.few.push(key);
            return is_new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        self.many.insert(key)
    }
}

/// The ranges of the items of `text[range]`; `None` if that is not exactly one list.
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

/// The value of a string, or the text of a number.
pub(crate) fn scalar(raw: &str) -> Option<String> {
    if is_number(raw.as_bytes()) { Some(raw.to_owned()) } else { string(raw) }
}

/// Whether a value is a number. `NaN`, the infinities and `0x1f` are not.
fn is_number(raw: &[u8]) -> bool {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    raw.strip_prefix(b"-").unwrap_or(raw).first().is_some_and(u8::is_ascii_digit) && raw.iter().all(is_of_number)
}

/// The largest integer up to which a floating-point number is exact.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// An unsigned integer in decimal digits, or as some programs write one: `12.0`, `1.2e1`.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    let as_float = || {
        let is_plain = is_number(text.as_bytes());
        text.parse::<f64>().ok().filter(|value| is_plain && (0.0..=MAX_EXACT).contains(value) && value.fract() == 0.0)
    };
    text.parse().ok().filter(|_| !text.starts_with('+')).or_else(|| as_float().map(|value| value as u64))
}

/// A JSON string, decoded leniently; `None` if `raw` is not a string.
pub(crate) fn string(raw: &str) -> Option<String> {
    let body = raw.strip_prefix('"')?.strip_suffix('"')?;
    // Fast path: most strings have neither JSON escapes nor byte escapes.
    if body.bytes().all(|byte| byte != b'\\' && byte < 0xf4) {
        return Some(body.to_owned());
    }
    text::decode(byte_escape::shown(raw).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(text: &str) -> Vec<(String, &str, &str)> {
        let object = Object::read(text, 0..text.len()).unwrap();
        let part = |range: &Range<usize>| &text[range.clone()];
        object.fields.iter().map(|field| (field.name.clone(), part(&field.key), part(&field.value))).collect()
    }

    #[test]
    fn members_have_the_ranges_of_their_bytes() {
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
    fn duplicate_keys_are_compared_decoded() {
        let read = |text: &str| Object::read(text, 0..text.len()).map(|object| object.fields.len());
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": 1, "\u0061": 1}"#, r#"{"\ud83d": 1, "\uD83D": 1}"#] {
            assert!(matches!(read(text), Err(NoObject::DuplicateKey(_))), "{text}");
        }
        // With many keys too, which are hashed.
        let many = |more: &str| {
            let keys: Vec<String> = (0..40).map(|n| format!("\"{n}\": {n}")).collect();
            read(&format!("{{{}, {more}}}", keys.join(", ")))
        };
        assert_eq!(many("\"40\": 1").unwrap(), 41);
        for duplicate in ["\"0\": 1", "\"15\": 1", "\"16\": 1", "\"\\u0031\u{37}\": 1", "\"39\": 1"] {
            assert!(matches!(many(duplicate), Err(NoObject::DuplicateKey(_))), "{duplicate}");
        }
        // Unpaired surrogates of different pairs are shown the same but are different keys.
        assert_eq!(read(r#"{"\ud83d": 1, "\ud83e": 1, "\ufffd": 1}"#).unwrap(), 3);
    }

    #[test]
    fn items_have_the_ranges_of_their_bytes() {
        let text = r#"x [ "a,]" ,NaN,[1, 2]]"#;
        let found = items(text, 2..text.len()).unwrap();
        assert_eq!(found.iter().map(|item| &text[item.clone()]).collect::<Vec<_>>(), [r#""a,]""#, "NaN", "[1, 2]"]);
        for text in ["[1,]", "[1", "{}", "[] 1", "[1 2]", "[,1]"] {
            assert_eq!(items(text, 0..text.len()), None, "{text}");
        }
        assert_eq!(items("[ ]", 0..3), Some(Vec::new()));
    }

    #[test]
    fn unsigned_accepts_integers_in_any_notation() {
        for (text, wanted) in [
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("1.2e1", Some(12)),
            ("12E0", Some(12)),
            ("18446744073709551615", Some(u64::MAX)),
            ("12.5", None),
            ("-1", None),
            ("+1", None),
            ("1e300", None),
            ("99999999999999999999", None),
            ("0x1", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(unsigned(text), wanted, "{text}");
        }
    }

    #[test]
    fn scalar_accepts_strings_and_numbers_only() {
        assert_eq!(string("5"), None);
        assert_eq!(scalar("5"), Some("5".into()));
        assert_eq!(scalar("[5]"), None);
        assert_eq!(scalar("-5"), Some("-5".into()));
        for word in ["NaN", "Infinity", "-Infinity", "null", "true", "0x1f", "12x", ".5", "None"] {
            assert_eq!(scalar(word), None, "{word}");
        }
    }

    proptest! {
        /// Parsing nested objects in the same pass gives the same result as parsing each on its own.
        #[test]
        fn nested_objects_are_parsed_like_separate_ones(text in r#"[{}\[\]",:0-9a-b\\ ]{0,40}|\{("[ab]":(\{("[ab]": ?[01],?){0,2}\}|1),?){0,3}\}"#) {
            let all = 0..text.len();
            let (plain, nested) = (Object::read(&text, all.clone()), Object::read_nested(&text, all));
            match (plain, nested) {
                (Ok(plain), Ok((object, nested))) => {
                    prop_assert_eq!(format!("{plain:?}"), format!("{object:?}"));
                    for (field, Nested { object }) in plain.fields.iter().zip(nested) {
                        let (inner, object) = (Object::read(&text, field.value.clone()), object);
                        match (inner, object) {
                            (Ok(inner), Some((object, None))) => prop_assert_eq!(format!("{inner:?}"), format!("{object:?}")),
                            (Err(NoObject::DuplicateKey(key)), Some((_, Some(duplicate)))) => prop_assert_eq!(key, duplicate),
                            (Err(NoObject::Fault(_)), None) => {}
                            (inner, object) => prop_assert!(false, "{:?} {:?}", inner, object),
                        }
                    }
                }
                (plain, nested) => prop_assert_eq!(format!("{:?}", plain.err()), format!("{:?}", nested.err())),
            }
        }
    }
}
