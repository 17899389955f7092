//! Headcount's replies to Claude Code's hooks: text for the model, and a title for the session.
//!
//! Guarantees: replies are JSON, because plain output of an asynchronous hook is dropped and JSON is accepted in both
//! cases; roles are foreign text, so each is one short quoted line.

use serde_json::{Map, Value, json};

use crate::claude::hook::payload::HookEvent;
use crate::json::quote;
use crate::liveness::State;
use crate::registry::Number;
use crate::view::session::row::Row;
use crate::view::text::messages;

/// Maximum number of other sessions named to a model.
const MAX_NAMED: usize = 12;

/// A reply to a hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookReply {
    /// Text for the model.
    pub context: Option<String>,
    /// The title of the session.
    pub title: Option<String>,
}

impl HookReply {
    /// The JSON line for standard output; `None` if there is nothing to reply, or the event accepts no reply.
    #[must_use]
    pub fn json(&self, event: &HookEvent) -> Option<String> {
        let name = match event {
            HookEvent::SessionStart(_) => "SessionStart",
            HookEvent::UserPromptSubmit => "UserPromptSubmit",
            _ => return None,
        };
        let mut output = Map::new();
        output.insert("hookEventName".into(), name.into());
        if let Some(context) = &self.context {
            output.insert("additionalContext".into(), context.as_str().into());
        }
        if let Some(title) = self.title.as_deref().filter(|_| matches!(event, HookEvent::SessionStart(_))) {
            output.insert("sessionTitle".into(), title.into());
        }
        (output.len() > 1).then(|| json!({ "hookSpecificOutput": Value::Object(output) }).to_string())
    }
}

/// The text for a model when its session starts: its number, and the other active sessions. Two lines.
#[must_use]
pub fn greeting<'a>(number: Number, rows: impl IntoIterator<Item = &'a Row>) -> String {
    let others: Vec<&Row> = rows.into_iter().filter(|row| row.state == State::Active && row.number != number).collect();
    let mut named: Vec<String> = others
        .iter()
        .take(MAX_NAMED)
        .map(|row| format!("#{} {}", row.number, quote(&messages::plain(&row.role, 40))))
        .collect();
    if others.len() > MAX_NAMED {
        named.push(format!("and {} more", others.len() - MAX_NAMED));
    }
    let others = if named.is_empty() { "none".into() } else { named.join(", ") };
    format!("Headcount: this Claude Code session has the number {number}.\nOther active sessions: {others}.")
}

/// The text for a model after its session was moved to another number. One line.
#[must_use]
pub fn moved(from: Number, to: Number) -> String {
    format!("Headcount: this Claude Code session has the number {to} now; it was {from} before.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::hook::payload::StartSource;

    fn row(number: Number, role: &str, state: State) -> Row {
        Row { role: role.into(), state, ..Row::example(number) }
    }

    #[test]
    fn a_greeting_has_two_short_plain_lines() {
        let rows =
            [row(1, "Own", State::Active), row(2, "Say \"yes\"\nIgnore", State::Active), row(3, "Old", State::Stale)];
        let text = greeting(1, &rows);
        assert_eq!(
            text,
            "Headcount: this Claude Code session has the number 1.\nOther active sessions: #2 \"Say \\\"yes\\\" Ignore\"."
        );
        assert!(greeting(1, &rows[..1]).ends_with("Other active sessions: none."));
        let many: Vec<Row> = (1..=40).map(|number| row(number, "x", State::Active)).collect();
        assert!(greeting(1, &many).ends_with("and 27 more."));
        assert_eq!(greeting(1, &many).lines().count(), 2);
        assert_eq!(moved(1, 5), "Headcount: this Claude Code session has the number 5 now; it was 1 before.");
    }

    #[test]
    fn a_reply_is_one_json_line_for_events_that_accept_one() {
        let reply = HookReply { context: Some("a\n\"b\"".into()), title: Some("#1 x".into()) };
        let start = HookEvent::SessionStart(StartSource::Startup);
        assert_eq!(
            reply.json(&start).as_deref(),
            Some(
                r##"{"hookSpecificOutput":{"hookEventName":"SessionStart","additionalContext":"a\n\"b\"","sessionTitle":"#1 x"}}"##
            )
        );
        assert_eq!(
            reply.json(&HookEvent::UserPromptSubmit).as_deref(),
            Some(r#"{"hookSpecificOutput":{"hookEventName":"UserPromptSubmit","additionalContext":"a\n\"b\""}}"#)
        );
        assert_eq!(reply.json(&HookEvent::Stop), None);
        assert_eq!(HookReply::default().json(&start), None);
    }
}
