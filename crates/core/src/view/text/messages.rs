//! Texts for people: spans of time, reasons, names.
//!
//! Guarantees: every sentence of the tray and the notifications is made here or in the module of its subject (`badge`,
//! `menu`, `announcement`). Does not add markup.

use crate::claude::activity::{ActivityKind, WaitingFor};
pub use crate::foreign_text::{json_escaped, plain};
use crate::liveness::{Reason, State};
use crate::time::local_time;
use crate::view::session::row::Row;
use crate::view::text::shared_texts::{self as texts, activity_words, fill};
use crate::view::text::time_span::{brief_span, span};
use chrono::TimeZone;

use crate::time::{self, Time};

/// The app's name, as desktops show it.
pub const NAME: &str = texts::APP_NAME;

/// A text prefixed with the app's name: "Headcount: 3 active · 9 stale".
#[must_use]
pub fn with_app_name(text: &str) -> String {
    format!("{NAME}: {text}")
}

/// The app's id on Linux: the name of its desktop file and of its icon, its window class and its `AppStream` id.
pub const APP_ID: &str = "headcount-tray";

/// The labels of notification buttons.
pub mod button {
    /// Marks the named sessions inactive.
    pub const CLEAN_UP: &str = "Clean up";
    /// Opens the window; for servers that show a label for a click on the text.
    pub const OPEN: &str = "Open";
    /// Opens the cleanup's preview.
    pub const REVIEW: &str = "Review…";
    /// Shows a session.
    pub const SHOW: &str = "Show";
    /// Snoozes notifications.
    pub const SNOOZE: &str = "Snooze";
    /// Undoes a change.
    pub const UNDO: &str = super::texts::UNDO;
    /// Applies a change again.
    pub const APPLY_AGAIN: &str = "Apply again";
}

/// Escapes text for a place that renders markup.
#[must_use]
pub fn escape_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a session is doing: "waits for a permission, 3 min". `None` if that is not known.
#[must_use]
pub fn activity(row: &Row, now: Time) -> Option<String> {
    let activity = row.activity?;
    let since = activity.since.map(|since| span(time::age(since, now)));
    let words = activity_words(activity.kind);
    Some(since.map_or_else(|| words.into(), |since| format!("{words}, {since}")))
}

/// What an active session is doing, if that is known, else the reason for its state. Of other states both.
#[must_use]
pub fn condition(row: &Row, now: Time) -> String {
    match (activity(row, now), row.state) {
        (None, _) => why(row, now),
        (Some(activity), State::Active) => with_circumstances(row, activity),
        (Some(activity), _) => format!("{activity} · {}", why(row, now)),
    }
}

/// A short form of [`condition`], for a narrow terminal: "permission 3 min".
#[must_use]
pub fn condition_briefly(row: &Row, now: Time) -> String {
    let Some(activity) = row.activity else { return why_briefly(row, now) };
    let words = match activity.kind {
        ActivityKind::Waiting(WaitingFor::Permission) => "permission",
        ActivityKind::Waiting(WaitingFor::Answer) => "answer",
        ActivityKind::BackgroundShell => "shell",
        kind => activity_words(kind),
    };
    let since = activity.since.map(|since| format!(" {}", brief_span(time::age(since, now))));
    format!("{words}{}", since.unwrap_or_default())
}

/// The reason for a session's state, "no heartbeat for 5 h 32 min", and whether it runs in the background and is kept.
#[must_use]
pub fn why(row: &Row, now: Time) -> String {
    with_circumstances(row, reason(row, now))
}

/// A text about a session, followed by what else holds for it.
fn with_circumstances(row: &Row, text: String) -> String {
    let is_background = row.is_background && row.state != State::Inactive;
    let circumstances = [(is_background, texts::IN_BACKGROUND), (row.is_kept, texts::KEPT)];
    circumstances.into_iter().filter(|(holds, _)| *holds).fold(text, |text, (_, words)| format!("{text}, {words}"))
}

fn reason(row: &Row, now: Time) -> String {
    let since = |time: Option<Time>| time.map(|time| span(time::age(time, now)));
    let ago = |what: &str, time| {
        since(time).map_or_else(|| what.to_owned(), |span| format!("{what} {}", fill(texts::AGO, span)))
    };
    let quiet =
        |time| since(time).map_or_else(|| texts::NO_HEARTBEAT.into(), |span| fill(texts::NO_HEARTBEAT_FOR, span));
    match row.reason {
        Reason::Heartbeat => ago(texts::HEARTBEAT, row.last_heartbeat),
        Reason::Registered => format!("{}, {}", ago(texts::REGISTERED, row.last_sign_of_life), texts::NO_HEARTBEAT_YET),
        Reason::Process if row.last_heartbeat.is_some() => {
            format!("{}, {}", texts::PROCESS_RUNNING, quiet(row.last_heartbeat))
        }
        Reason::Process => texts::PROCESS_RUNNING.into(),
        Reason::Timeout => quiet(row.last_sign_of_life),
        Reason::Never if row.last_sign_of_life.is_some() => {
            format!("{}, {}", ago(texts::REGISTERED, row.last_sign_of_life), texts::NO_HEARTBEAT)
        }
        Reason::Never => texts::NO_HEARTBEAT.into(),
        Reason::Ended if row.state == State::Inactive => texts::ENDED_UNUSED.into(),
        Reason::Ended => texts::PROCESS_ENDED.into(),
        Reason::Disconnected => ago(texts::DISCONNECTED, row.last_heartbeat),
        Reason::Marked if row.is_beating => texts::MARKED_BUT_BEATING.into(),
        Reason::Marked => texts::MARKED_INACTIVE.into(),
        Reason::Status => row
            .status
            .as_deref()
            .map_or_else(|| texts::NO_STATUS.into(), |status| fill(texts::UNKNOWN_STATUS, plain(status, 20))),
    }
}

/// A short form of the reason, for a narrow terminal, which shows the state too: "5 h ago".
#[must_use]
pub fn why_briefly(row: &Row, now: Time) -> String {
    let ago = |time: Option<Time>| {
        time.map_or_else(|| "no heartbeat".into(), |time| format!("{} ago", brief_span(time::age(time, now))))
    };
    match row.reason {
        Reason::Heartbeat => ago(row.last_heartbeat),
        Reason::Registered => "registered".into(),
        Reason::Process => "running".into(),
        Reason::Timeout => ago(row.last_sign_of_life),
        Reason::Never => "no heartbeat".into(),
        Reason::Ended => "ended".into(),
        Reason::Disconnected => "disconnected".into(),
        Reason::Marked if row.is_beating => "heartbeats".into(),
        Reason::Marked => "marked".into(),
        Reason::Status => "other status".into(),
    }
}

/// A time of day: "02:14", on another day "16 Nov, 02:14".
pub fn time_of_day<Z: TimeZone>(at: Time, now: Time, zone: &Z) -> String {
    let (at, today) = (local_time::wall(at, zone), local_time::wall(now, zone).date());
    let form = if at.date() == today { "%H:%M" } else { "%-d %b, %H:%M" };
    at.format(form).to_string()
}

/// A session's number and role: "#2 Architect".
#[must_use]
pub fn name(row: &Row, limit: usize) -> String {
    let role = plain(&row.role, limit);
    let role = if role.is_empty() { plain(&row.session_id, limit) } else { role };
    format!("#{} {role}", row.number)
}

/// "1 session", "9 sessions".
#[must_use]
pub fn sessions(count: usize) -> String {
    if count == 1 { texts::ONE_SESSION.into() } else { fill(texts::SESSIONS, count) }
}

/// A sentence and items below it, one per line. Some servers join the lines of a notification, so each item begins with
/// a separator, unless it is the only line.
#[must_use]
pub fn list(lead: Option<String>, items: impl IntoIterator<Item = String>) -> String {
    let mut lines: Vec<String> = items.into_iter().collect();
    if lead.is_some() || lines.len() > 1 {
        for line in &mut lines {
            line.insert_str(0, "· ");
        }
    }
    lead.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::activity::Activity;

    #[test]
    fn items_of_a_list_are_separated_even_if_lines_are_joined() {
        let items = |count: usize| ["one", "two", "three"].into_iter().take(count).map(str::to_owned);
        assert_eq!(list(None, items(0)), "");
        assert_eq!(list(None, items(1)), "one");
        assert_eq!(list(None, items(2)), "· one\n· two");
        assert_eq!(list(Some("Lead.".into()), items(0)), "Lead.");
        assert_eq!(list(Some("Lead.".into()), items(1)), "Lead.\n· one");
    }

    #[test]
    fn the_reason_of_a_background_session_names_the_background() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5)], now);
        let row = Row { is_background: true, ..(*snapshot.rows[0]).clone() };
        assert_eq!(why(&row, now), "heartbeat 5 min ago, in the background");
        let kept = Row { is_kept: true, ..row.clone() };
        assert_eq!(why(&kept, now), "heartbeat 5 min ago, in the background, kept");
        let ended = Row { state: State::Inactive, reason: Reason::Ended, ..row };
        assert_eq!(why(&ended, now), "ended before its first prompt");
    }

    #[test]
    fn the_condition_of_an_active_session_is_its_activity() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let since = crate::time::parse("2025-11-17T19:56:00Z");
        let snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5)], now);
        let row = |kind, since| {
            let activity = Some(Activity { kind, since });
            Row { activity, ..(*snapshot.rows[0]).clone() }
        };
        let permission = ActivityKind::Waiting(WaitingFor::Permission);
        for (kind, since, wanted, brief) in [
            (permission, since, "waits for a permission, 4 min", "permission 4 min"),
            (ActivityKind::Waiting(WaitingFor::Answer), None, "waits for an answer", "answer"),
            (ActivityKind::Working, since, "working, 4 min", "working 4 min"),
            (ActivityKind::Idle, None, "idle", "idle"),
            (ActivityKind::BackgroundShell, since, "background shell, 4 min", "shell 4 min"),
        ] {
            let row = row(kind, since);
            assert_eq!((condition(&row, now).as_str(), condition_briefly(&row, now).as_str()), (wanted, brief));
        }
        let unknown = Row { activity: None, ..row(permission, None) };
        assert_eq!(condition(&unknown, now), "heartbeat 5 min ago");
        assert_eq!(condition_briefly(&unknown, now), "5 min ago");
        let stale = Row { state: State::Stale, reason: Reason::Timeout, ..row(permission, None) };
        assert_eq!(condition(&stale, now), "waits for a permission · no heartbeat for 5 min");
        let background = Row { is_background: true, ..row(permission, None) };
        assert_eq!(condition(&background, now), "waits for a permission, in the background");
    }
}
