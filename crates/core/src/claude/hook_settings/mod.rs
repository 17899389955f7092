//! Claude Code's settings, and Headcount's hooks in them.
//!
//! Promises: only the bytes of Headcount's own hooks change, in any layout of the file; other programs' hooks stay, in the
//! same lists too, and so does every command a person wrote that runs Headcount among other things; installing twice is
//! installing once, and uninstalling gives the text back as it was. A file with comments, with a duplicate key, or whose `hooks`
//! have another form is refused. Does not read or write files.

mod command_line;
pub mod hook_status;
pub mod levels;
mod read;
mod shell_words;
mod write;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use command_line::Form;
pub use read::is_headcount;
use serde::Serialize;
use serde_json::{Value, json};

use crate::json::{Object, string};
use command_line::{Own, Role};

/// The command of Headcount's program that Claude Code runs.
const WORD: &str = "hook";

/// Seconds. One settings file that names a timeout for `SessionEnd` raises Claude Code's own limit of
/// 1.5 s for all hooks.
const LIMIT: u32 = 5;

/// The event of every use of a tool.
const EVERY_TOOL: &str = "PostToolUse";

/// The events that have hooks, and whether their hooks are asynchronous. Claude Code drops the output of an asynchronous
/// hook: the two that say something to the model are not. At the end of a session, an asynchronous hook would not be waited for.
const EVENTS: [(&str, bool); 5] =
    [("SessionStart", false), ("UserPromptSubmit", false), (EVERY_TOOL, true), ("Stop", true), ("SessionEnd", false)];

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
pub struct HookOptions<'w> {
    /// The program, with its path.
    pub program: &'w str,
    /// Whether every use of a tool is a sign of life too.
    pub every_tool: bool,
    /// How the command is written.
    pub form: Form,
    /// Programs of installed hooks that do not exist: their commands are replaced, however a person spelt them.
    pub missing: &'w [String],
    /// Events whose hooks run from another file already: they get none here.
    pub elsewhere: &'w [String],
}

impl<'w> HookOptions<'w> {
    /// Hooks that start this program, for the settings of this system.
    #[must_use]
    pub fn new(program: &'w str, every_tool: bool) -> Self {
        let form = if cfg!(windows) { Form::Direct } else { Form::Shell };
        Self { program, every_tool, form, missing: &[], elsewhere: &[] }
    }

    /// The events that are listened to.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<> {
        let every_tool = self.every_tool;
        EVENTS.iter().map(|(event, _)| *event).filter(move |event| every_tool || *event != EVERY_TOOL)
    }

    /// The hook of an event.
    fn handler(&self, event: &str) -> Value {
        Self::handler_of(
            event,
            match self.form {
                Form::Shell => (command_line::line(self.program, &[]), None),
                Form::Direct => (self.program.to_owned(), Some(vec![WORD.to_owned()])),
            },
        )
    }

    /// The hook of an event that has this command.
    fn handler_of(event: &str, (command, args): command_line::Written) -> Value {
        let mut handler = json!({ "type": "command", "command": command });
        if let Some(fields) = handler.as_object_mut() {
            fields.extend(args.map(|args| ("args".to_owned(), args.into())));
            fields.extend(is_async(event).then(|| ("async".to_owned(), Value::Bool(true))));
            fields.insert("timeout".into(), LIMIT.into());
        }
        handler
    }
}

fn is_async(event: &str) -> bool {
    EVENTS.iter().any(|(name, is_async)| *name == event && *is_async)
}

/// The events that are always listened to.
pub fn events() -> impl Iterator<Item = &'static str> {
    HookOptions::new("", false).events()
}

/// A hook that has to do with Headcount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event.
    pub event: String,
    /// The program of Headcount that it starts; empty for [`HookKind::Mention`].
    pub program: String,
    /// The command as it is written, with its arguments.
    pub command: String,
    /// What it is.
    pub kind: HookKind,
    /// It works only in part: its arguments were lost or can be, or what it says is dropped.
    pub is_damaged: bool,
}

/// What a hook is to Headcount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    /// It only runs Headcount: installing and uninstalling change it.
    Own,
    /// A person's command that runs Headcount among other things. It is never changed.
    Custom,
    /// A command that names Headcount and does not run its hook. It is never changed.
    Mention,
}

impl Hook {
    /// Whether it runs Headcount's hook.
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.kind != HookKind::Mention
    }

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
    /// What it is to Headcount; `None` if nothing.
    role: Option<Role>,
}

impl Handler {
    /// Headcount's own command in it.
    fn own(&self) -> Option<&Own> {
        match &self.role {
            Some(Role::Own(own)) => Some(own),
            _ => None,
        }
    }

    /// The hook it is, if it has to do with Headcount.
    fn hook(&self, text: &str, event: &str) -> Option<Hook> {
        let (kind, program, is_bare) = match self.role.as_ref()? {
            Role::Own(own) => (HookKind::Own, own.program.clone(), own.is_bare),
            Role::Custom { program } => (HookKind::Custom, program.clone(), false),
            Role::Mention => (HookKind::Mention, String::new(), false),
        };
        let is_dropped = !is_async(event) && self.object.raw(text, "async") == Some("true");
        // Older versions of Claude Code ignore `args`, and delete them when they rewrite the file.
        let is_direct = !cfg!(windows) && self.object.field("args").is_some();
        let is_damaged = kind == HookKind::Own && (is_bare || is_dropped || is_direct);
        Some(Hook { event: event.to_owned(), program, command: self.command(text), kind, is_damaged })
    }

    /// The command as it is written, with its arguments.
    fn command(&self, text: &str) -> String {
        let command = self.object.raw(text, "command").and_then(string).unwrap_or_default();
        let args = self.object.raw(text, "args").and_then(|raw| serde_json::from_str::<Vec<String>>(raw).ok());
        std::iter::once(command).chain(args.unwrap_or_default()).collect::<Vec<_>>().join(" ")
    }
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

    /// A setting that is on or off; `None` if it is not set.
    #[must_use]
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.root.as_ref()?.raw(&self.text, name)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A setting that is a text.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        string(self.root.as_ref()?.raw(&self.text, name)?)
    }

    /// The hooks that have to do with Headcount.
    #[must_use]
    pub fn mentions(&self) -> Vec<Hook> {
        let events = self.hooks.iter().flat_map(|hooks| &hooks.events);
        events.flat_map(|event| event.handlers().filter_map(|handler| handler.hook(&self.text, &event.name))).collect()
    }

    /// Headcount's own hooks.
    #[must_use]
    pub fn own(&self) -> Vec<Hook> {
        self.mentions().into_iter().filter(|hook| hook.kind == HookKind::Own).collect()
    }
}

impl Event {
    fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.groups.iter().flat_map(|group| &group.handlers)
    }

    /// Whether a person's command runs Headcount at it.
    fn is_custom(&self) -> bool {
        self.handlers().any(|handler| matches!(handler.role, Some(Role::Custom { .. })))
    }
}
