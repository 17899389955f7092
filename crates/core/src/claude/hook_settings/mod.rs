//! Claude Code's settings files, and Headcount's hooks in them.
//!
//! Guarantees: only the bytes of Headcount's own hooks change, in any layout of the file; hooks of other programs stay,
//! in the same lists too, and so does every command written by a person that runs Headcount among other things;
//! installing twice gives the same text as once, and uninstalling restores the text. A file with comments, with a
//! duplicate key, or with `hooks` of another form is refused. Does not read or write files.

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
use command_line::{CommandRole, Own};

/// The command of Headcount's program that hooks run.
const COMMAND: &str = "hook";

/// The timeout of a hook, in seconds. If any settings file sets a timeout for `SessionEnd`, Claude Code raises its own
/// limit of 1.5 s for all hooks.
const TIMEOUT_SECONDS: u32 = 5;

/// The event after every use of a tool.
const EVERY_TOOL: &str = "PostToolUse";

/// The events with hooks, and whether their hooks are asynchronous. Claude Code drops the output of asynchronous hooks,
/// so the two with output for the model are synchronous. So is `SessionEnd`, because Claude Code does not wait for an
/// asynchronous hook at the end of a session.
const EVENTS: [(&str, bool); 5] =
    [("SessionStart", false), ("UserPromptSubmit", false), (EVERY_TOOL, true), ("Stop", true), ("SessionEnd", false)];

/// Why a settings file is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// It contains comments.
    #[error("it has a comment in line {line}, which JSON does not allow")]
    Comment {
        /// The line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON: {reason}")]
    Malformed {
        /// The parser's message, with line and column.
        reason: String,
    },
    /// A key occurs twice, so that two programs could read different values.
    #[error("the key {0:?} occurs twice in it")]
    Twice(String),
    /// JSON of another form than Claude Code's settings.
    #[error("{place} is not {wanted}")]
    Form {
        /// The part concerned.
        place: String,
        /// The expected form.
        wanted: &'static str,
    },
}

/// The hooks to install.
#[derive(Clone, Copy, Debug)]
pub struct HookOptions<'w> {
    /// The program, with its path.
    pub program: &'w str,
    /// Whether to install a hook for every use of a tool.
    pub every_tool: bool,
    /// The form of the command.
    pub form: Form,
    /// Programs of installed hooks that do not exist. Their commands are replaced, even if a person wrote them.
    pub missing: &'w [String],
    /// Events with hooks in another file already: they get no hook here.
    pub elsewhere: &'w [String],
}

impl<'w> HookOptions<'w> {
    /// Hooks that run this program, in the form for this system.
    #[must_use]
    pub fn new(program: &'w str, every_tool: bool) -> Self {
        let form = if cfg!(windows) { Form::Direct } else { Form::Shell };
        Self { program, every_tool, form, missing: &[], elsewhere: &[] }
    }

    /// The events that get a hook.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<> {
        let every_tool = self.every_tool;
        EVENTS.iter().map(|(event, _)| *event).filter(move |event| every_tool || *event != EVERY_TOOL)
    }

    /// The new hook of an event.
    fn handler(&self, event: &str) -> Value {
        Self::handler_of(
            event,
            match self.form {
                Form::Shell => (command_line::line(self.program, &[]), None),
                Form::Direct => (self.program.to_owned(), Some(vec![COMMAND.to_owned()])),
            },
        )
    }

    /// The hook of an event with this command.
    fn handler_of(event: &str, (command, args): command_line::Written) -> Value {
        let mut handler = json!({ "type": "command", "command": command });
        if let Some(fields) = handler.as_object_mut() {
            fields.extend(args.map(|args| ("args".to_owned(), args.into())));
            fields.extend(is_async(event).then(|| ("async".to_owned(), Value::Bool(true))));
            fields.insert("timeout".into(), TIMEOUT_SECONDS.into());
        }
        handler
    }
}

fn is_async(event: &str) -> bool {
    EVENTS.iter().any(|(name, is_async)| *name == event && *is_async)
}

/// The events that always get a hook.
pub fn events() -> impl Iterator<Item = &'static str> {
    HookOptions::new("", false).events()
}

/// A hook that runs or names Headcount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event.
    pub event: String,
    /// The program of Headcount that it runs; empty for [`HookKind::Mention`].
    pub program: String,
    /// The command as written, with its arguments.
    pub command: String,
    /// Its kind.
    pub kind: HookKind,
    /// It works only in part: its arguments were lost or can be lost, or its output is dropped.
    pub is_damaged: bool,
}

/// The relation of a hook to Headcount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    /// It runs Headcount and nothing else: installing and uninstalling change it.
    Own,
    /// A command written by a person that runs Headcount among other things. It is never changed.
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

    /// Whether it runs after every use of a tool.
    #[must_use]
    pub fn is_of_every_tool(&self) -> bool {
        self.event == EVERY_TOOL
    }
}

/// A parsed settings file.
#[derive(Clone, Debug)]
pub struct Settings {
    text: String,
    /// `None` if the text has only white space.
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
    /// The range of the list of groups; `None` if the value is not a list.
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
    /// Its relation to Headcount, if any.
    role: Option<CommandRole>,
}

impl Handler {
    /// The command, if it is Headcount's own.
    fn own(&self) -> Option<&Own> {
        match &self.role {
            Some(CommandRole::Own(own)) => Some(own),
            _ => None,
        }
    }

    /// The hook, if it runs or names Headcount.
    fn hook(&self, text: &str, event: &str) -> Option<Hook> {
        let (kind, program, is_bare) = match self.role.as_ref()? {
            CommandRole::Own(own) => (HookKind::Own, own.program.clone(), own.is_bare),
            CommandRole::Custom { program } => (HookKind::Custom, program.clone(), false),
            CommandRole::Mention => (HookKind::Mention, String::new(), false),
        };
        let is_dropped = !is_async(event) && self.object.raw(text, "async") == Some("true");
        // Older versions of Claude Code ignore `args`, and drop them when they rewrite the file.
        let is_direct = !cfg!(windows) && self.object.field("args").is_some();
        let is_damaged = kind == HookKind::Own && (is_bare || is_dropped || is_direct);
        Some(Hook { event: event.to_owned(), program, command: self.command(text), kind, is_damaged })
    }

    /// The command as written, with its arguments.
    fn command(&self, text: &str) -> String {
        let command = self.object.raw(text, "command").and_then(string).unwrap_or_default();
        let args = self.object.raw(text, "args").and_then(|raw| serde_json::from_str::<Vec<String>>(raw).ok());
        std::iter::once(command).chain(args.unwrap_or_default()).collect::<Vec<_>>().join(" ")
    }
}

impl Settings {
    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the file has no settings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root.as_ref().is_none_or(Object::is_empty)
    }

    /// The value of a boolean setting; `None` if it is not set.
    #[must_use]
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.root.as_ref()?.raw(&self.text, name)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The value of a string setting.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        string(self.root.as_ref()?.raw(&self.text, name)?)
    }

    /// The hooks that run or name Headcount.
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

    /// Whether a command written by a person runs Headcount for it.
    fn is_custom(&self) -> bool {
        self.handlers().any(|handler| matches!(handler.role, Some(CommandRole::Custom { .. })))
    }
}
