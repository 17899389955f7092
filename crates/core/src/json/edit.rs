//! Edits of JSON text, mainly of a registry, that keep all other bytes.
//!
//! Guarantees: only the bytes of the changed members are replaced; everything else (layout, order, unusual numbers,
//! escapes, a byte order mark, line ends) stays byte for byte; new members are laid out like their neighbours, or as
//! Python's `json.dump` does if there are none. Does not validate the edits.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::json::{Member, Object, quote};
use crate::registry::{Number, Registry};

/// One change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Sets a field of an entry to a JSON text, or removes it.
    Field { number: Number, field: String, value: Option<String> },
    /// Changes the key of an entry.
    Rename { number: Number, to: Number },
    /// Replaces a whole entry, appends it if there is none, or removes it.
    Entry { number: Number, value: Option<String> },
}

/// A byte range and its replacement.
pub(crate) type Splice = (Range<usize>, String);

/// Members of one object to set (to a JSON text) or to remove (`None`).
pub(crate) type Wanted<'e> = Vec<(String, Option<&'e str>)>;

/// The registry's text with these edits applied. Edits of fields of missing entries are ignored.
pub(crate) fn edited(registry: &Registry, edits: &[Edit]) -> String {
    let text = registry.text();
    let mut splices: Vec<Splice> = Vec::new();
    let mut fields: BTreeMap<Number, Wanted<'_>> = BTreeMap::new();
    let mut entries: Wanted<'_> = Vec::new();
    for edit in edits {
        match edit {
            Edit::Field { number, field, value } => {
                fields.entry(*number).or_default().push((field.clone(), value.as_deref()));
            }
            Edit::Rename { number, to } => {
                let key = registry.root().field(&number.to_string()).map(|field| field.key.clone());
                splices.extend(key.map(|key| (key, quote(&to.to_string()))));
            }
            Edit::Entry { number, value } => entries.push((number.to_string(), value.as_deref())),
        }
    }
    for (number, wanted) in fields {
        if let Some(entry) = registry.entry(number) {
            splices.extend(members(text, &entry.object, &wanted, &Layout::of_entries(registry)));
        }
    }
    splices.extend(members(text, registry.root(), &entries, &Layout::python_root()));
    apply_splices(text, splices)
}

/// The splices that set and remove the `wanted` members of an object. `bare` is the layout used if the object is empty.
pub(crate) fn members(text: &str, object: &Object, wanted: &[(String, Option<&str>)], bare: &Layout) -> Vec<Splice> {
    let mut splices = Vec::new();
    let mut gone = vec![false; object.fields.len()];
    let mut added = Vec::new();
    for (name, value) in wanted {
        let at = object.fields.iter().position(|field| field.name == *name);
        match (at.and_then(|at| object.fields.get(at).zip(gone.get_mut(at))), value) {
            (Some((field, _)), Some(value)) => splices.push((field.value.clone(), (*value).to_owned())),
            (Some((_, gone)), None) => *gone = true,
            (None, Some(value)) => added.push((name.as_str(), *value)),
            (None, None) => {}
        }
    }
    let is_emptied = gone.iter().all(|gone| *gone);
    let layout = Layout::of(text, object).unwrap_or_else(|| bare.clone());
    if is_emptied && !(added.is_empty() && object.fields.is_empty()) {
        let inside = object.range.start + 1..object.range.end - 1;
        splices.retain(|(range, _)| !(inside.start <= range.start && range.end <= inside.end));
        splices.push((inside, layout.inside(&added)));
        return splices;
    }
    let spans: Vec<Range<usize>> = object.fields.iter().map(|field| field.key.start..field.value.end).collect();
    splices.extend(removals(&spans, &gone));
    if let Some(last) = object.fields.last() {
        let new = added.iter().map(|(name, value)| format!(",{}{}", layout.between(), layout.member(name, value)));
        splices.push((last.value.end..last.value.end, new.collect()));
    }
    splices
}

/// The splices that remove the members or items marked in `gone`, with their commas. At least one must stay.
pub(crate) fn removals(spans: &[Range<usize>], gone: &[bool]) -> Vec<Splice> {
    let first_kept = gone.iter().position(|gone| !gone).unwrap_or_default();
    let leading = spans.first().zip(spans.get(first_kept)).filter(|_| first_kept > 0);
    let leading = leading.map(|(first, kept)| first.start..kept.start);
    let pairs = spans.iter().zip(spans.iter().skip(1)).zip(gone.iter().skip(1));
    let later = pairs.skip(first_kept).filter(|(_, gone)| **gone).map(|((before, span), _)| before.end..span.end);
    leading.into_iter().chain(later).map(|range| (range, String::new())).collect()
}

/// The text with the splices applied. Their ranges must not overlap.
pub(crate) fn apply_splices(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + 64 * splices.len());
    let mut copied = 0;
    for (range, replacement) in splices {
        out.push_str(text.get(copied..range.start).unwrap_or_default());
        out.push_str(&replacement);
        copied = range.end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

/// The white space of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Between `{` and the first key.
    open: String,
    /// Between a comma and the next key.
    between: Option<String>,
    /// Between a key and its value, with the colon.
    colon: String,
    /// Between the last value and `}`.
    close: String,
}

impl Layout {
    /// The layout of an object; `None` if it has no members.
    pub(crate) fn of(text: &str, object: &Object) -> Option<Self> {
        let (first, last) = (object.fields.first()?, object.fields.last()?);
        let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        let before_last = object.fields.iter().rev().nth(1).map(|field| part(field.value.end..last.key.start));
        Some(Self {
            open: part(object.range.start + 1..first.key.start),
            // White space before the comma is not part of the gap after it.
            between: before_last.map(|gap| gap.rsplit(',').next().unwrap_or_default().to_owned()),
            colon: part(last.key.end..last.value.start),
            close: part(last.value.end..object.range.end - 1),
        })
    }

    /// The layout of a list. Lists have no colon: `colon` is that of the object that contains the list.
    pub(crate) fn of_list(text: &str, list: Range<usize>, items: &[Range<usize>], colon: &str) -> Option<Self> {
        let bare =
            |item: &Range<usize>| Member { name: String::new(), key: item.start..item.start, value: item.clone() };
        let object = Object { range: list, fields: items.iter().map(bare).collect() };
        Some(Self { colon: colon.to_owned(), ..Self::of(text, &object)? })
    }

    /// The layout of Python and JavaScript with an indent of two spaces, at this depth.
    pub(crate) fn python(depth: usize) -> Self {
        let line = |depth| format!("\n{}", "  ".repeat(depth));
        Self { open: line(depth), between: None, colon: ": ".into(), close: line(depth - 1) }
    }

    fn python_root() -> Self {
        Self::python(1)
    }

    /// The layout of the registry's entries: that of the last entry with fields, else one derived from the root's.
    pub(crate) fn of_entries(registry: &Registry) -> Self {
        let text = registry.text();
        let entry = registry.entries().iter().rev().find_map(|entry| Self::of(text, &entry.object));
        entry.or_else(|| Self::of(text, registry.root()).map(|root| root.inner())).unwrap_or_else(|| Self::python(2))
    }

    /// This layout, one level deeper.
    pub(crate) fn inner(&self) -> Self {
        let indent = self.open.strip_prefix(&self.close).unwrap_or("  ");
        let open = if self.open.contains('\n') { format!("{}{indent}", self.open) } else { self.open.clone() };
        let close = if self.open.contains('\n') { self.open.clone() } else { self.close.clone() };
        Self { open, between: self.between.clone().filter(|gap| !gap.contains('\n')), colon: self.colon.clone(), close }
    }

    /// Between a key and its value, with the colon.
    pub(crate) fn colon(&self) -> &str {
        &self.colon
    }

    /// Between a comma and the next key.
    pub(crate) fn between(&self) -> &str {
        match &self.between {
            Some(between) => between,
            None if self.open.contains('\n') => &self.open,
            // Without another member to copy from, a space after the colon means a space after the comma.
            None if self.colon.ends_with(' ') => " ",
            None => "",
        }
    }

    fn member(&self, name: &str, value: &str) -> String {
        format!("{}{}{value}", quote(name), self.colon)
    }

    fn inside(&self, members: &[(&str, &str)]) -> String {
        if members.is_empty() {
            return String::new();
        }
        let members: Vec<String> = members.iter().map(|(name, value)| self.member(name, value)).collect();
        format!("{}{}{}", self.open, members.join(&format!(",{}", self.between())), self.close)
    }

    /// The text of an object with these members.
    pub(crate) fn object(&self, members: &[(&str, &str)]) -> String {
        format!("{{{}}}", self.inside(members))
    }

    /// The text of a list of numbers, as a member's value in this layout.
    pub(crate) fn numbers(&self, numbers: &[Number]) -> String {
        let items: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        self.list(&items)
    }

    fn list(&self, items: &[String]) -> String {
        if items.is_empty() {
            return "[]".into();
        }
        let inner = self.inner();
        let (open, close) =
            if self.open.contains('\n') { (inner.open.as_str(), inner.close.as_str()) } else { ("", "") };
        let between = if self.open.contains('\n') { open } else { self.between() };
        format!("[{open}{}{close}]", items.join(&format!(",{between}")))
    }

    /// The text of any value, as a member's value in this layout. Strings are written as JavaScript does.
    pub(crate) fn value(&self, value: &Value) -> String {
        let inner = self.inner();
        match value {
            Value::Array(items) => self.list(&items.iter().map(|item| inner.value(item)).collect::<Vec<_>>()),
            Value::Object(fields) => {
                let fields: Vec<(&str, String)> =
                    fields.iter().map(|(name, value)| (name.as_str(), inner.value(value))).collect();
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                inner.object(&fields)
            }
            plain => plain.to_string(),
        }
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
