//! The text of a registry without the parts that a change may touch.
//!
//! Guarantees: an independent parser, which shares no code with core; only removes bytes, so that the remainders of two
//! texts can be compared. Expects valid JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use headcount_core::Number;

/// How much of a member is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Its value: the member is in both texts.
    Value,
    /// All of it, with a comma: the member is in one of the texts only.
    Member,
}

/// The parts to remove.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    entries: BTreeMap<String, Touch>,
    fields: BTreeMap<String, BTreeMap<String, Touch>>,
    keys: BTreeSet<String>,
}

impl Plan {
    pub(crate) fn whole(&mut self, number: Number, touch: Touch) {
        self.entries.insert(number.to_string(), touch);
    }

    pub(crate) fn key(&mut self, number: Number) {
        self.keys.insert(number.to_string());
    }

    pub(crate) fn field(&mut self, number: Number, name: &str, touch: Touch) {
        self.fields.entry(number.to_string()).or_default().insert(name.to_owned(), touch);
    }
}

/// A member of an object: its name, and the ranges of its key and value.
struct Member {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

/// The text without the parts to remove; `@` replaces a value, `#` a key.
pub(crate) fn outline(text: &str, plan: &Plan) -> String {
    let start = text.find('{').unwrap();
    let root = members(text, start);
    let mut cuts = cuts(text, start, &root, &plan.entries);
    for entry in &root {
        if plan.keys.contains(&entry.name) {
            cuts.push((entry.key.clone(), "#"));
        }
        if let Some(fields) = plan.fields.get(&entry.name) {
            cuts.extend(self::cuts(text, entry.value.start, &members(text, entry.value.start), fields));
        }
    }
    cuts.sort_by_key(|(range, _)| range.start);
    let mut left = String::new();
    let mut at = 0;
    for (range, mark) in cuts {
        left.push_str(&text[at..range.start]);
        left.push_str(mark);
        at = range.end;
    }
    left + &text[at..]
}

/// Whether an object, possibly surrounded by white space, has no members.
pub(crate) fn is_empty(text: &str) -> bool {
    text.find('{').is_none_or(|start| members(text, start).is_empty())
}

/// The ranges to remove from the object that starts at `start`.
fn cuts(
    text: &str,
    start: usize,
    members: &[Member],
    touched: &BTreeMap<String, Touch>,
) -> Vec<(Range<usize>, &'static str)> {
    let is_removed = |member: &Member| touched.get(&member.name) == Some(&Touch::Member);
    if members.iter().all(is_removed) && touched.values().any(|touch| *touch == Touch::Member) {
        // White space between the braces of an object without members belongs to no member.
        return vec![(start + 1..value(text, start) - 1, "")];
    }
    let mut cuts = Vec::new();
    let kept = members.iter().position(|member| !is_removed(member));
    if let Some(kept) = kept.filter(|kept| *kept > 0) {
        cuts.push((members[0].key.start..members[kept].key.start, ""));
    }
    for (index, member) in members.iter().enumerate().skip(kept.unwrap_or(0)) {
        match touched.get(&member.name) {
            Some(Touch::Value) => cuts.push((member.value.clone(), "@")),
            Some(Touch::Member) => cuts.push((members[index - 1].value.end..member.value.end, "")),
            None => {}
        }
    }
    cuts
}

/// The members of the object that starts at `start`.
fn members(text: &str, start: usize) -> Vec<Member> {
    let mut members = Vec::new();
    let mut at = space(text, start + 1);
    while text.as_bytes()[at] == b'"' {
        let key = at..value(text, at);
        let colon = space(text, key.end);
        let value_start = space(text, colon + 1);
        let value = value_start..value(text, value_start);
        let comma = space(text, value.end);
        let name = serde_json::from_str(&text[key.clone()]).unwrap();
        members.push(Member { name, key, value });
        at = space(text, comma + 1);
        if text.as_bytes()[comma] == b'}' {
            break;
        }
    }
    members
}

fn space(text: &str, at: usize) -> usize {
    at + text[at..].bytes().take_while(u8::is_ascii_whitespace).count()
}

/// The end of the value that starts at `start`.
fn value(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (start, 0);
    loop {
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        let is_open = depth > 0 || matches!(bytes[start], b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z');
        if !is_open
            || depth == 0
                && (at >= bytes.len() || matches!(bytes[at], b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))
        {
            return at;
        }
    }
}
