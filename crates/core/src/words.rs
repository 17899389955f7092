//! Words for people: spans of time, reasons, and foreign text made harmless.
//!
//! Promises: every sentence the tray and the notifications say is made here or in the module whose matter it is
//! (`badge`, `menu`, `announcement`); text from the files comes out of [`plain`] as one line without control characters
//! or writing-direction tricks. Does not mark up.

use crate::liveness::{Reason, State};
use crate::row::Row;
use chrono::TimeZone;

use crate::time::{self, Time};

/// The app's name, where a desktop shows one.
pub const NAME: &str = "Headcount";

/// What stands on the buttons of notifications.
pub mod button {
    /// Marks what was named inactive.
    pub const CLEAN_UP: &str = "Clean up";
    /// Opens the cleanup's preview.
    pub const REVIEW: &str = "Review…";
    /// Quietens notifications.
    pub const SNOOZE: &str = "Snooze";
    /// Takes a change back.
    pub const UNDO: &str = "Undo";
    /// Makes a change again.
    pub const APPLY_AGAIN: &str = "Apply again";
}

/// Foreign text as one plain line of at most `limit` characters; an ellipsis says that there was more.
#[must_use]
pub fn plain(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut is_gap = false;
    for c in text.chars().filter(|c| !is_trick(*c)) {
        if c.is_whitespace() || c.is_control() {
            is_gap = !out.is_empty();
            continue;
        }
        for c in is_gap.then_some(' ').into_iter().chain([c]) {
            if length == limit {
                out.pop();
                out.push('…');
                return out;
            }
            out.push(c);
            length += 1;
        }
        is_gap = false;
    }
    out
}

/// Text for a place that reads it as markup, so that it shows as it is.
#[must_use]
pub fn unmarked(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Characters without a shape of their own that change how others are shown: direction, joining, tags.
fn is_trick(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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

/// A moment as people say it: "02:14", on another day "16 Nov, 02:14".
pub fn time_of_day<Z: TimeZone>(at: Time, now: Time, zone: &Z) -> String {
    let (at, today) = (at.with_timezone(zone).naive_local(), now.with_timezone(zone).date_naive());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_that_a_session_runs_in_the_background() {
        let now = crate::time::parse("2025-11-17T20:00:00Z").unwrap();
        let snapshot = crate::announcement::tests::snapshot(&[(1, 5)], now);
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

    #[test]
    fn foreign_text_is_one_harmless_line() {
        assert_eq!(plain("  a\n\tb\u{7} c\r\n", 20), "a b c");
        assert_eq!(plain("\u{202e}evil\u{2066}\u{200b}", 20), "evil");
        assert_eq!(plain("abcdefgh", 8), "abcdefgh");
        assert_eq!(plain("abcdefghi", 8), "abcdefg…");
        assert_eq!(plain("\u{1b}[31mred", 20), "[31mred");
        assert_eq!(plain("", 8), "");
        assert_eq!(plain("x", 0), "…");
    }
}
