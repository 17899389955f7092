//! Messages about the outcome of an action: a title, and a few lines of plain text.
//!
//! Guarantees: a message names what happened and the skipped sessions with their reasons. Does not show messages.

use crate::desktop;
use crate::liveness::cleanup::{CleanupDone, UndoDone};
use crate::registry::Number;
use crate::registry::change::Skipped;
use crate::view::snapshot::RevertedChange;
use crate::view::text::messages;
use crate::view::text::shared_texts::{self as texts, fill};

/// Maximum number of skipped sessions that are named.
const MAX_NAMED: usize = 4;

/// The message, shown once, that the desktop has no tray: title and body.
#[must_use]
pub fn no_tray(desktop: desktop::DesktopKind) -> (String, String) {
    let remedy = desktop.tray_remedy();
    let body = format!("This desktop does not show tray icons. {remedy} To open the window, start Headcount again.");
    ("Headcount is running".into(), body)
}

/// The message that a second start named another registry than the one shown: title and body.
#[must_use]
pub fn other_registry(shown: &str, asked: &str) -> (String, String) {
    let (shown, asked) = (messages::plain(shown, 300), messages::plain(asked, 300));
    let body =
        format!("It shows {shown}. To show {asked}, choose it in Settings, or quit Headcount and start it again.");
    ("Headcount shows another registry".into(), body)
}

/// The title after an action failed.
pub const NOTHING_CHANGED: &str = texts::NOTHING_CHANGED;

/// The title if the window does not open.
pub const NO_WINDOW: &str = "Could not open the window";

/// The body if the window's process failed at its start, with the system's description of its end.
#[must_use]
pub fn window_ended(status: &str, has_web_engine: bool) -> String {
    if has_web_engine {
        return format!("Its process ended at once ({status}). The tray's menu and the command work without it.");
    }
    "It needs Microsoft Edge WebView2, which is not installed: install its Evergreen Runtime from Microsoft. The tray's \
     menu and the command work without it."
        .into()
}

/// The message after a cleanup: title and body.
#[must_use]
pub fn cleaned_up(done: &CleanupDone) -> (String, String) {
    let left = done.skipped.iter().map(reason);
    if done.marked.is_empty() {
        return ("Nothing to clean up".into(), messages::list(None, left.take(MAX_NAMED)));
    }
    let numbers: Vec<String> = done.marked.iter().take(12).map(ToString::to_string).collect();
    let more = if done.marked.len() > 12 { ", …" } else { "" };
    let free = if done.marked.len() == 1 { "Its number is free again:" } else { "Their numbers are free again:" };
    let lead = format!("{free} {}{more}", numbers.join(", "));
    (
        fill(texts::COUNT_MARKED_INACTIVE, messages::sessions(done.marked.len())),
        messages::list(Some(lead), left.take(MAX_NAMED)),
    )
}

/// The message after registering a running session: title and body.
#[must_use]
pub fn registered(number: Number) -> (String, String) {
    (format!("Registered as session {number}"), String::new())
}

/// The message after registering all running sessions: title and body.
#[must_use]
pub fn registered_all(numbers: &[Number]) -> (String, String) {
    let listed: Vec<String> = numbers.iter().take(12).map(|number| format!("#{number}")).collect();
    let more = if numbers.len() > listed.len() { ", …" } else { "" };
    (format!("Registered {}", messages::sessions(numbers.len())), format!("{}{more}", listed.join(", ")))
}

/// The message after another program reverted a change: title and body.
#[must_use]
pub fn reverted(change: &RevertedChange) -> (String, String) {
    let count = change.numbers.len();
    let title = format!("A change of {} was reverted", messages::sessions(count));
    (title, "Another program overwrote Headcount's change with an older copy of the registry.".into())
}

/// The message after a change was applied again: title and body.
#[must_use]
pub fn redone(redone: &UndoDone) -> (String, String) {
    let title = counted(redone, "{} changed again", "Nothing was changed again");
    (title, messages::list(None, redone.refused.iter().take(MAX_NAMED).map(reason)))
}

/// The count of restored sessions: "3 sessions restored", or that there were none.
fn counted(turned: &UndoDone, some: &str, none: &str) -> String {
    match turned.restored.len() {
        0 => none.into(),
        count => fill(some, messages::sessions(count)),
    }
}

fn reason(skipped: &Skipped) -> String {
    format!("#{} {}", skipped.number, skipped.why)
}

/// The message after an undo: title and body.
#[must_use]
pub fn undone(undone: &UndoDone) -> (String, String) {
    let title = counted(undone, texts::COUNT_RESTORED, texts::NOTHING_RESTORED);
    (title, messages::list(None, undone.refused.iter().take(MAX_NAMED).map(reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_fails_says_what_to_install() {
        assert!(window_ended("exit code: 1", true).contains("(exit code: 1)"));
        let without = window_ended("exit code: 1", false);
        assert!(without.contains("install its Evergreen Runtime") && !without.contains("exit code"), "{without}");
    }

    #[test]
    fn messages_count_and_name_sessions() {
        let left = Skipped { number: 4, why: "is active".into() };
        let done = CleanupDone { marked: vec![2, 3], skipped: vec![left.clone()], change: None };
        let (title, body) = cleaned_up(&done);
        assert_eq!(title, "2 sessions marked inactive");
        assert_eq!(body, "Their numbers are free again: 2, 3\n· #4 is active");
        let nothing = CleanupDone { skipped: vec![left.clone()], ..CleanupDone::default() };
        assert_eq!(cleaned_up(&nothing), ("Nothing to clean up".into(), "#4 is active".into()));
        let back = UndoDone { restored: vec![2], refused: vec![left], change: "c".into() };
        assert_eq!(undone(&back), ("1 session restored".into(), "#4 is active".into()));
        assert_eq!(redone(&back).0, "1 session changed again");
        assert_eq!(undone(&UndoDone { restored: vec![], ..back }).0, "Nothing was restored");
        assert_eq!(
            reverted(&RevertedChange { change: "c".into(), numbers: vec![2, 3] }).0,
            "A change of 2 sessions was reverted"
        );
    }
}
