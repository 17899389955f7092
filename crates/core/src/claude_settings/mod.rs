//! Claude Code's settings, and Headcount's hooks in them.
//!
//! Promises: only the bytes of Headcount's own hooks change, in whatever layout the file has; other programs' hooks stay,
//! in the same lists too; putting them in twice is putting them in once, and taking them out again gives the text back as it
//! was. A file with comments, with a key twice, or whose `hooks` have another form is refused. Does not read or write files.

mod read;
pub mod standing;
mod write;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use read::is_headcount;
use serde_json::{Value, json};

use crate::json::Object;

/// The word that makes a command line of Headcount's program a hook's.
const WORD: &str = "hook";

/// Seconds. One settings file that names a limit for the end of a session lifts Claude Code's own of 1.5 s for all.
const LIMIT: u32 = 5;

/// The event that comes with every use of a tool.
const EVERY_TOOL: &str = "PostToolUse";

/// The events Headcount listens to, and whether Claude Code need not wait for it: at a start it is told something, and at
/// an end there is no later.
const EVENTS: [(&str, bool); 5] =
    [("SessionStart", false), ("UserPromptSubmit", true), (EVERY_TOOL, true), ("Stop", true), ("SessionEnd", false)];

/// Why settings are left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// It has comments.
    #[error("it has a comment in line {line}, which strict JSON has not")]
    Comment {
        /// The line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON: {reason}")]
    Malformed {
        /// The parser's words, with line and column.
        reason: String,
    },
    /// A key stands twice, so that two readers could see two things.
    #[error("the key {0:?} stands twice in it")]
    Twice(String),
    /// JSON of another form than Claude Code's settings have.
    #[error("{place} is not {wanted}")]
    Form {
        /// What.
        place: String,
        /// What it should be.
        wanted: &'static str,
    },
}

/// What is to be installed.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'w> {
    /// The command, with its path.
    pub program: &'w str,
    /// Whether every use of a tool is a sign of life too.
    pub every_tool: bool,
}

impl Wish<'_> {
    /// The events that are listened to.
    pub fn events(&self) -> impl Iterator<Item = &'static str> {
        let every_tool = self.every_tool;
        EVENTS.iter().map(|(event, _)| *event).filter(move |event| every_tool || *event != EVERY_TOOL)
    }

    /// The hook of an event.
    fn handler(&self, event: &str) -> Value {
        let is_async = EVENTS.iter().any(|(name, is_async)| *name == event && *is_async);
        let mut handler = json!({ "type": "command", "command": self.program, "args": [WORD] });
        if let (true, Some(fields)) = (is_async, handler.as_object_mut()) {
            fields.insert("async".into(), Value::Bool(true));
        }
        handler.as_object_mut().map(|fields| fields.insert("timeout".into(), LIMIT.into()));
        handler
    }
}

/// The events that are always listened to.
pub fn events() -> impl Iterator<Item = &'static str> {
    Wish { program: "", every_tool: false }.events()
}

/// One of Headcount's hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event.
    pub event: String,
    /// The program it starts.
    pub program: String,
}

impl Hook {
    /// Whether it comes with every use of a tool.
    #[must_use]
    pub fn is_of_every_tool(&self) -> bool {
        self.event == EVERY_TOOL
    }
}

/// Settings that were read.
#[derive(Clone, Debug)]
pub struct Settings {
    text: String,
    /// Nothing where there is only white space.
    root: Option<Object>,
    hooks: Option<Hooks>,
}

#[derive(Clone, Debug)]
struct Hooks {
    object: Object,
    events: Vec<Event>,
}

#[derive(Clone, Debug)]
struct Event {
    name: String,
    /// The list of groups; nothing where the value is no list.
    list: Option<Range<usize>>,
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    range: Range<usize>,
    handlers: Vec<Handler>,
}

#[derive(Clone, Debug)]
struct Handler {
    object: Object,
    /// The program it starts, where that is Headcount.
    program: Option<String>,
}

impl Settings {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root.as_ref().is_none_or(Object::is_empty)
    }

    /// Whether hooks are switched off altogether.
    #[must_use]
    pub fn are_hooks_off(&self) -> bool {
        self.root.as_ref().and_then(|root| root.raw(&self.text, "disableAllHooks")) == Some("true")
    }

    /// Headcount's hooks.
    #[must_use]
    pub fn own(&self) -> Vec<Hook> {
        let events = self.hooks.iter().flat_map(|hooks| &hooks.events);
        let own = events.flat_map(|event| {
            let programs = event.handlers().filter_map(|handler| handler.program.clone());
            programs.map(|program| Hook { event: event.name.clone(), program })
        });
        own.collect()
    }
}

impl Event {
    fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.groups.iter().flat_map(|group| &group.handlers)
    }
}
