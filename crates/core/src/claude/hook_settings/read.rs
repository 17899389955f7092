//! Reading settings: which of the hooks in them are Headcount's.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::command_line::{Role, of_line, of_program};
use super::{Event, Group, Handler, Hooks, Settings, Unusable};
use crate::json::{NoObject, Object, items, string};

/// The byte order mark some editors put first; skipped, and kept.
const BOM: &str = "\u{feff}";

impl Settings {
    /// Settings that are not there.
    #[must_use]
    pub fn absent() -> Self {
        Self { text: String::new(), root: None, hooks: None }
    }

    /// Reads settings.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Unusable> {
        let text = String::from_utf8(bytes).map_err(|_| Unusable::NotUtf8)?;
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        if text.get(start..).unwrap_or_default().trim_ascii().is_empty() {
            return Ok(Self { text, root: None, hooks: None });
        }
        let body = text.get(start..).unwrap_or_default();
        // Claude Code's own reader is strict: what it refuses is left to the person who wrote it.
        match serde_json::from_str::<BTreeMap<String, &RawValue>>(body) {
            Err(error) if error.classify() != serde_json::error::Category::Data => return Err(malformed(body, &error)),
            _ => {}
        }
        let root = Object::read(&text, start..text.len()).map_err(|reason| not_an_object(reason, "it"))?;
        let hooks = root.field("hooks").map(|field| hooks(&text, field.value.clone())).transpose()?;
        Ok(Self { text, root: Some(root), hooks })
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> Unusable {
    let line = text.lines().nth(error.line().saturating_sub(1));
    let at = line.and_then(|line| line.get(error.column().saturating_sub(1)..)).unwrap_or_default();
    if at.starts_with('/') {
        return Unusable::Comment { line: error.line() };
    }
    Unusable::Malformed { reason: error.to_string() }
}

fn not_an_object(reason: NoObject, place: &str) -> Unusable {
    match reason {
        NoObject::DuplicateKey(key) => Unusable::Twice(key),
        NoObject::Fault(_) => Unusable::Form { place: place.into(), wanted: "an object" },
    }
}

fn hooks(text: &str, range: Range<usize>) -> Result<Hooks, Unusable> {
    let object = Object::read(text, range).map_err(|reason| not_an_object(reason, "`hooks` in it"))?;
    let events = object.fields.iter().map(|field| event(text, field.name.clone(), field.value.clone())).collect();
    Ok(Hooks { object, events })
}

fn event(text: &str, name: String, range: Range<usize>) -> Event {
    match items(text, range.clone()) {
        Some(groups) => {
            let groups = groups.into_iter().map(|range| group(text, range)).collect();
            Event { name, list: Some(range), groups }
        }
        None => Event { name, list: None, groups: Vec::new() },
    }
}

/// A group of hooks. One of a form that is not known has none that are Headcount's.
fn group(text: &str, range: Range<usize>) -> Group {
    let list = Object::read(text, range.clone()).ok().and_then(|group| Some(group.field("hooks")?.value.clone()));
    let handlers = list.and_then(|list| items(text, list)).unwrap_or_default();
    let handlers: Option<Vec<Handler>> = handlers.into_iter().map(|range| handler(text, range)).collect();
    Group { range, handlers: handlers.unwrap_or_default() }
}

fn handler(text: &str, range: Range<usize>) -> Option<Handler> {
    let object = Object::read(text, range).ok()?;
    let role = role(text, &object);
    Some(Handler { object, role })
}

/// What a hook is to Headcount. Hooks that are prompts or addresses start no program.
fn role(text: &str, handler: &Object) -> Option<Role> {
    if handler.raw(text, "type").is_some_and(|kind| string(kind).as_deref() != Some("command")) {
        return None;
    }
    let command = handler.raw(text, "command").and_then(string)?;
    match handler.raw(text, "args") {
        Some("null") | None => of_line(&command),
        Some(raw) => of_program(&command, serde_json::from_str(raw).ok()?),
    }
}

/// Whether a path is that of Headcount's command, wherever it lies.
#[must_use]
pub fn is_headcount(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    name == "headcount" || name.eq_ignore_ascii_case("headcount.exe")
}
