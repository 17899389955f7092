//! Changing a registry's text without disturbing the rest of it.
//!
//! Promises: only the bytes of the fields that change are touched; everything else (layout, order, odd numbers,
//! escapes, a byte order mark, line ends) stays as it was, byte for byte; a new field is laid out like its neighbours.
//! Does not check that a change makes sense.

use std::ops::Range;

use crate::registry::{Entry, Number, Registry};

/// One field of one entry, as it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldEdit {
    pub(crate) number: Number,
    pub(crate) field: String,
    /// JSON text; nothing removes the field.
    pub(crate) value: Option<String>,
}

/// The text of the registry with these fields changed. Entries that do not exist are passed over.
pub(crate) fn edited(registry: &Registry, edits: &[FieldEdit]) -> String {
    let mut splices: Vec<(Range<usize>, String)> = edits.iter().filter_map(|edit| splice(registry, edit)).collect();
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let text = registry.text();
    let mut out = String::with_capacity(text.len() + 64 * splices.len());
    let mut copied = 0;
    for (range, replacement) in splices {
        out.push_str(text.get(copied..range.start).unwrap_or_default());
        out.push_str(&replacement);
        copied = copied.max(range.end);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

fn splice(registry: &Registry, edit: &FieldEdit) -> Option<(Range<usize>, String)> {
    let entry = registry.entry(edit.number)?;
    let position = entry.fields.iter().position(|field| field.name == edit.field);
    match (position, &edit.value) {
        (Some(at), Some(value)) => Some((entry.fields.get(at)?.value.clone(), value.clone())),
        (None, Some(value)) => Some(append(registry.text(), entry, &edit.field, value)),
        (Some(at), None) => Some((removal(entry, at)?, String::new())),
        (None, None) => None,
    }
}

/// A new last field, with the white space of the one before it.
fn append(text: &str, entry: &Entry, name: &str, value: &str) -> (Range<usize>, String) {
    let key = quote(name);
    let Some(last) = entry.fields.last() else {
        let inside = entry.range.start + 1;
        return (inside..inside, format!("{key}: {value}"));
    };
    let before = entry.fields.len().checked_sub(2).and_then(|at| entry.fields.get(at));
    let gap_start = before.map_or(entry.range.start + 1, |field| field.value.end);
    let gap = text.get(gap_start..last.key.start).unwrap_or_default().trim_start_matches(',');
    let colon = text.get(last.key.end..last.value.start).unwrap_or(": ");
    // The first field of a one-line object follows its brace directly; a second one does not follow its comma so.
    let gap = if before.is_none() && gap.is_empty() && colon.ends_with(' ') { " " } else { gap };
    // White space may stand before the comma too; it belongs to the comma, not to the new field.
    let gap = gap.rsplit(',').next().unwrap_or(gap);
    (last.value.end..last.value.end, format!(",{gap}{key}{colon}{value}"))
}

/// The bytes a field takes up, with the comma that goes with it.
fn removal(entry: &Entry, at: usize) -> Option<Range<usize>> {
    let field = entry.fields.get(at)?;
    if let Some(before) = at.checked_sub(1).and_then(|at| entry.fields.get(at)) {
        return Some(before.value.end..field.value.end);
    }
    Some(match entry.fields.get(at + 1) {
        Some(after) => field.key.start..after.key.start,
        None => field.key.start..field.value.end,
    })
}

/// A JSON string as Python's `json.dump` writes it: everything beyond ASCII as lower-case `\uXXXX`.
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

    fn set(number: Number, field: &str, value: Option<&str>) -> FieldEdit {
        FieldEdit { number, field: field.into(), value: value.map(Into::into) }
    }

    fn after(text: &str, edits: &[FieldEdit]) -> String {
        edited(&Registry::read(text.as_bytes().to_vec()).unwrap(), edits)
    }

    #[test]
    fn every_layout_keeps_itself() {
        let both = [set(1, "status", Some("\"inactive\"")), set(1, "m", Some("1"))];
        for (before, wanted) in [
            (
                "{\n  \"1\": {\n    \"status\": \"active\"\n  }\n}",
                "{\n  \"1\": {\n    \"status\": \"inactive\",\n    \"m\": 1\n  }\n}",
            ),
            (
                "{\n    \"1\": {\n        \"a\": 1.10,\n        \"status\": \"active\"\n    }\n}\n",
                "{\n    \"1\": {\n        \"a\": 1.10,\n        \"status\": \"inactive\",\n        \"m\": 1\n    }\n}\n",
            ),
            ("{\"1\": {\"status\": \"active\"}}", "{\"1\": {\"status\": \"inactive\", \"m\": 1}}"),
            ("{\"1\":{\"a\":1e3,\"status\":\"active\"}}", "{\"1\":{\"a\":1e3,\"status\":\"inactive\",\"m\":1}}"),
            ("{\"1\":{\"status\":\"active\"}}", "{\"1\":{\"status\":\"inactive\",\"m\":1}}"),
            (
                "\u{feff}{\r\n\t\"1\" : {\r\n\t\t\"a\" : 1 ,\r\n\t\t\"status\" : \"active\"\r\n\t}\r\n}\r\n",
                "\u{feff}{\r\n\t\"1\" : {\r\n\t\t\"a\" : 1 ,\r\n\t\t\"status\" : \"inactive\",\r\n\t\t\"m\" : 1\r\n\t}\r\n}\r\n",
            ),
        ] {
            assert_eq!(after(before, &both), wanted);
        }
    }

    #[test]
    fn what_was_appended_can_be_taken_out_again() {
        for before in ["{\"1\": {\"status\": \"active\"}}", "{\n  \"1\": {\n    \"a\": 1,\n    \"b\": 2\n  }\n}"] {
            let with = after(before, &[set(1, "m", Some("\"x\""))]);
            assert_eq!(after(&with, &[set(1, "m", None)]), before);
        }
    }

    #[test]
    fn first_middle_and_only_fields_can_go() {
        assert_eq!(after("{\"1\": {\"a\": 1, \"b\": 2}}", &[set(1, "a", None)]), "{\"1\": {\"b\": 2}}");
        assert_eq!(
            after("{\"1\": {\"a\": 1, \"b\": 2, \"c\": 3}}", &[set(1, "b", None)]),
            "{\"1\": {\"a\": 1, \"c\": 3}}"
        );
        assert_eq!(after("{\"1\": { \"a\": 1 }}", &[set(1, "a", None)]), "{\"1\": {  }}");
        assert_eq!(after("{\"1\": {}}", &[set(1, "a", Some("1"))]), "{\"1\": {\"a\": 1}}");
        assert_eq!(after("{\"1\": {}}", &[set(1, "a", None), set(2, "a", Some("1"))]), "{\"1\": {}}");
    }

    #[test]
    fn strings_are_written_as_python_does() {
        assert_eq!(
            quote("a/b \"q\" \\ \n\t\r\u{8}\u{c}\u{1}\u{7f}"),
            "\"a/b \\\"q\\\" \\\\ \\n\\t\\r\\b\\f\\u0001\u{7f}\""
        );
        assert_eq!(quote("Zoë → 🚀"), "\"Zo\\u00eb \\u2192 \\ud83d\\ude80\"");
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert!(quoted.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn other_bytes_stay(
            ws in "[ \t\r\n]{0,3}", pad in "[ \n]{0,2}", tail in "[ \n]{0,2}", other in "-?[1-9][0-9]{0,30}(\\.[0-9]{1,3}0)?",
        ) {
            let text = format!("{{{ws}\"1\"{pad}:{ws}{{{ws}\"x\"{pad}:{ws}{other}{pad},{ws}\"status\"{pad}:{ws}\"active\"{ws}}}{tail}}}{tail}");
            let out = after(&text, &[set(1, "status", Some("\"inactive\"")), set(1, "m", Some("7"))]);
            // Taking the two changes out again gives the text back.
            let back = after(&out, &[set(1, "status", Some("\"active\"")), set(1, "m", None)]);
            prop_assert_eq!(back, text);
            let value: serde_json::Value = serde_json::from_str(&out).unwrap();
            prop_assert_eq!(&value["1"]["status"], "inactive");
            prop_assert_eq!(&value["1"]["m"], 7);
        }
    }
}
