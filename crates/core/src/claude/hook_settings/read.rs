//! Parses settings files and finds Headcount's hooks in them.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::command_line::{CommandRole, of_line, of_program};
use super::{Event, Group, Handler, Hooks, Settings, Unusable};
use crate::json::{NoObject, Object, items, string};

/// The byte order mark that some editors write; skipped when parsing, and kept.
const BOM: &str = "\u{feff}";

impl Settings {
    /// The settings of a file that does not exist.
    #[must_use]
    pub fn absent() -> Self {
        Self { text: String::new(), root: None, hooks: None }
    }

    /// Parses a settings file.
    ///
    /// # Errors
    /// If the text is not strict JSON, has a duplicate key, or `hooks` is not an object.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Unusable> {
        let text = String::from_utf8(bytes).map_err(|_| Unusable::NotUtf8)?;
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        if text.get(start..).unwrap_or_default().trim_ascii().is_empty() {
            return Ok(Self { text, root: None, hooks: None });
        }
        let body = text.get(start..).unwrap_or_default();
        // Claude Code's own parser is strict: a file that it refuses is not changed.
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

/// Parses a group of hooks. A group of unknown form has no handlers.
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

/// The relation of a hook to Headcount. Hooks that are prompts or URLs run no program.
fn role(text: &str, handler: &Object) -> Option<CommandRole> {
    if handler.raw(text, "type").is_some_and(|kind| string(kind).as_deref() != Some("command")) {
        return None;
    }
    let command = handler.raw(text, "command").and_then(string)?;
    match handler.raw(text, "args") {
        Some("null") | None => of_line(&command),
        Some(raw) => of_program(&command, serde_json::from_str(raw).ok()?),
    }
}

/// Whether a path is that of Headcount's command, in any folder.
#[must_use]
pub fn is_headcount(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    name == "headcount" || name.eq_ignore_ascii_case("headcount.exe")
}
