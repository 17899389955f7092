//! Words for people: spans of time and reasons.
//!
//! Promises: every sentence the tray and the notifications say is made here or in the module whose matter it is
//! (`badge`, `menu`, `announcement`). Does not mark up.

pub use crate::foreign_text::{json_escaped, plain};
use crate::liveness::{Reason, State};
use crate::time::local_time;
use crate::view::row::Row;
use chrono::TimeZone;

use crate::time::{self, Time};

/// The app's name, where a desktop shows one.
pub const NAME: &str = "Headcount";

/// A text that says whose it is: "Headcount: 3 active · 9 stale".
#[must_use]
pub fn named(text: &str) -> String {
    format!("{NAME}: {text}")
}

/// The app's id on Linux: the name of its desktop file, of its icon, of its windows' class, and its `AppStream` id.
pub const APP_ID: &str = "headcount-tray";

/// What stands on the buttons of notifications.
pub mod button {
    /// Marks what was named inactive.
    pub const CLEAN_UP: &str = "Clean up";
    /// Opens the window, where a click on the text needs a name.
    pub const OPEN: &str = "Open";
    /// Opens the cleanup's preview.
    pub const REVIEW: &str = "Review…";
    /// Quietens notifications.
    pub const SNOOZE: &str = "Snooze";
    /// Takes a change back.
    pub const UNDO: &str = "Undo";
    /// Makes a change again.
    pub const APPLY_AGAIN: &str = "Apply again";
}

/// Text for a place that reads it as markup, so that it shows as it is.
#[must_use]
pub fn unmarked(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A span as a person says it: "40 s", "15 min", "5 h 32 min", "3 days".
#[must_use]
pub fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86400 if minutes % 60 == 0 => format!("{hours} h"),
        3600..86400 => format!("{hours} h {} min", minutes % 60),
        86400..172_800 => "1 day".into(),
        _ => format!("{days} days"),
    }
}

/// Why a session is what it is, in words: "no beat for 5 h 32 min", and that it runs in the background.
#[must_use]
pub fn why(row: &Row, now: Time) -> String {
    let reason = reason(row, now);
    if row.is_background && row.state != State::Inactive { format!("{reason}, in the background") } else { reason }
}

fn reason(row: &Row, now: Time) -> String {
    let since = |time: Option<Time>| time.map(|time| span(time::age(time, now)));
    let ago = |what: &str, time| since(time).map_or_else(|| what.to_owned(), |span| format!("{what} {span} ago"));
    match row.reason {
        Reason::Heartbeat => ago("beat", row.last_heartbeat),
        Reason::Registered => ago("registered", row.last_sign_of_life) + ", no beat yet",
        Reason::Process => since(row.last_heartbeat)
            .map_or_else(|| "its process runs".into(), |span| format!("its process runs, quiet for {span}")),
        Reason::Timeout => {
            since(row.last_sign_of_life).map_or_else(|| "no beat".into(), |span| format!("no beat for {span}"))
        }
        Reason::Never => row
            .last_sign_of_life
            .map_or_else(|| "never beat".into(), |_| ago("never beat, registered", row.last_sign_of_life)),
        Reason::Ended if row.state == State::Inactive => "ended unused".into(),
        Reason::Ended => "its process ended".into(),
        Reason::Disconnected => ago("said goodbye", row.last_heartbeat),
        Reason::Marked if row.is_beating => "marked inactive, but it beats".into(),
        Reason::Marked => "marked inactive".into(),
        Reason::Status => row
            .status
            .as_deref()
            .map_or_else(|| "has no status".into(), |status| format!("unknown status “{}”", plain(status, 20))),
    }
}

/// The same in few letters, for a narrow terminal: "no beat 5 h".
#[must_use]
pub fn why_briefly(row: &Row, now: Time) -> String {
    let since =
        |time: Option<Time>| time.map(|time| format!(" {}", brief_span(time::age(time, now)))).unwrap_or_default();
    match row.reason {
        Reason::Heartbeat => format!("beat{}", since(row.last_heartbeat)),
        Reason::Registered => "no beat yet".into(),
        Reason::Process => "runs".into(),
        Reason::Timeout => format!("no beat{}", since(row.last_sign_of_life)),
        Reason::Never => "never beat".into(),
        Reason::Ended => "ended".into(),
        Reason::Disconnected => "said goodbye".into(),
        Reason::Marked if row.is_beating => "marked, beats".into(),
        Reason::Marked => "marked".into(),
        Reason::Status => "odd status".into(),
    }
}

/// A span in its largest unit: "5 h".
fn brief_span(seconds: u64) -> String {
    match seconds {
        3600..86400 => format!("{} h", seconds / 3600),
        86400.. => format!("{} d", seconds / 86400),
        _ => span(seconds),
    }
}

/// A moment as people say it: "02:14", on another day "16 Nov, 02:14".
pub fn time_of_day<Z: TimeZone>(at: Time, now: Time, zone: &Z) -> String {
    let (at, today) = (local_time::wall(at, zone), local_time::wall(now, zone).date());
    let form = if at.date() == today { "%H:%M" } else { "%-d %b, %H:%M" };
    at.format(form).to_string()
}

/// A session as it is named in a line: "#2 Architect".
#[must_use]
pub fn name(row: &Row, limit: usize) -> String {
    let role = plain(&row.role, limit);
    let role = if role.is_empty() { plain(&row.session_id, limit) } else { role };
    format!("#{} {role}", row.number)
}

/// "1 session", "9 sessions".
#[must_use]
pub fn sessions(count: usize) -> String {
    if count == 1 { "1 session".into() } else { format!("{count} sessions") }
}

/// A sentence and items below it, one a line. Some servers join the lines of a notification, so each item but a lone one
/// begins with a separator.
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

    #[test]
    fn joined_lines_of_a_list_stay_apart() {
        let items = |count: usize| ["one", "two", "three"].into_iter().take(count).map(str::to_owned);
        assert_eq!(list(None, items(0)), "");
        assert_eq!(list(None, items(1)), "one");
        assert_eq!(list(None, items(2)), "· one\n· two");
        assert_eq!(list(Some("Lead.".into()), items(0)), "Lead.");
        assert_eq!(list(Some("Lead.".into()), items(1)), "Lead.\n· one");
    }

    #[test]
    fn a_reason_says_that_a_session_runs_in_the_background() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let snapshot = crate::notification::announcement::tests::snapshot(&[(1, 5)], now);
        let row = Row { is_background: true, ..(*snapshot.rows[0]).clone() };
        assert_eq!(why(&row, now), "beat 5 min ago, in the background");
        let ended = Row { state: State::Inactive, reason: Reason::Ended, ..row };
        assert_eq!(why(&ended, now), "ended unused");
    }

    #[test]
    fn spans() {
        for (seconds, wanted) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3600, "1 h"),
            (19_920, "5 h 32 min"),
            (86_399, "23 h 59 min"),
            (86_400, "1 day"),
            (259_200, "3 days"),
        ] {
            assert_eq!(span(seconds), wanted);
        }
    }
}
