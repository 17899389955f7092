//! Words for people: spans of time, reasons, and foreign text made harmless.
//!
//! Promises: every sentence the tray and the notifications say is made here or in the module whose matter it is
//! (`badge`, `menu`, `announcement`); text from the files comes out of [`plain`] as one line without control characters
//! or writing-direction tricks, and out of [`json_escaped`] without either. Does not mark up.

use crate::liveness::{Reason, State};
use crate::local_time;
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
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_joiner = !is_gap && is_needed_joiner(out.chars().next_back(), c, chars.peek().copied());
        if is_trick(c) && !is_joiner {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            is_gap = !out.is_empty();
            continue;
        }
        for c in is_gap.then_some(' ').into_iter().chain([c]) {
            if length == limit {
                out.pop();
                out.truncate(out.trim_end_matches([ZWJ, ZWNJ]).len());
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

/// JSON text whose strings have control characters and tricks as escapes: the same value, harmless on a terminal.
#[must_use]
pub fn json_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // JSON's own text is ASCII, its line breaks included: what is escaped stands in a string.
        let is_odd = !c.is_ascii() && c.is_control() || c == '\u{7f}' || matches!(c, '\u{2028}' | '\u{2029}');
        if is_odd || is_trick(c) && c != ZWJ && c != ZWNJ {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
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

/// The zero-width joiner and non-joiner.
const ZWJ: char = '\u{200d}';
const ZWNJ: char = '\u{200c}';

/// Whether a joiner changes the letters or the emoji it stands between: Persian and the scripts of India are not written
/// without, and neither are families and professions in emoji. After Unicode's rules for identifiers, by whole scripts.
fn is_needed_joiner(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (ZWJ | ZWNJ, Some(before)) = (joiner, before) else { return false };
    let is_emoji = |c: char| {
        matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}')
    };
    let joins_letters = is_joining(before) && (after.is_some_and(is_joining) || is_virama(before));
    let joins_emoji = (is_emoji(before) || before == '\u{fe0f}') && after.is_some_and(is_emoji);
    joins_letters || joiner == ZWJ && joins_emoji
}

/// Letters and marks of scripts whose letters change by joining: Arabic, Syriac, N'Ko, Mongolian, and those of India and
/// South-East Asia.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{7ff}' | '\u{840}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{a840}'..='\u{a8ff}' | '\u{a980}'..='\u{a9df}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Marks that join a consonant to the next, or end it.
fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
            | '\u{1039}'
            | '\u{17d2}'
    )
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
    fn joiners_stay_only_where_a_script_needs_them() {
        for kept in [
            "می\u{200c}خواهم",
            "श्री\u{200d}मान",
            "ක්\u{200d}ෂ",
            "ന്\u{200d} x",
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}💻",
        ] {
            assert_eq!(plain(kept, 20), kept, "{kept:?}");
        }
        for (text, wanted) in [
            ("ad\u{200d}min", "admin"),
            ("ad\u{200c}min", "admin"),
            ("\u{200d}a\u{200c}", "a"),
            ("م\u{200c}a", "مa"),
            ("م\u{200c}\u{200c}\u{200d}م", "م\u{200d}م"),
            ("👨\u{200c}👩", "👨👩"),
            ("👨\u{200d}a", "👨a"),
            ("م \u{200d}م", "م م"),
        ] {
            assert_eq!(plain(text, 20), wanted, "{text:?}");
        }
    }

    #[test]
    fn json_is_harmless_and_the_same_value() {
        let odd =
            "a\u{85}\u{9b}31m\u{202e}\u{2066}\u{200e}\u{7f}\u{2028}\u{feff}\u{e0041}é\u{1b}می\u{200c}خ日❤\u{fe0f}";
        let value = serde_json::json!({ odd: [odd, { "x": odd }] });
        let text = json_escaped(&serde_json::to_string_pretty(&value).unwrap_or_default());
        let is_harmless = |c: char| c == '\n' || !(c.is_control() || is_trick(c) && c != ZWNJ || c == '\u{2028}');
        assert!(text.chars().all(is_harmless), "{text:?}");
        assert!(text.contains("\\u009b31m\\u202e\\u2066\\u200e\\u007f\\u2028\\ufeff\\udb40\\udc41é\\u001b"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }

    #[test]
    fn foreign_text_is_one_harmless_line() {
        assert_eq!(plain("  a\n\tb\u{7} c\r\n", 20), "a b c");
        assert_eq!(plain("\u{202e}evil\u{2066}\u{200b}", 20), "evil");
        assert_eq!(plain("abcdefgh", 8), "abcdefgh");
        assert_eq!(plain("abcdefghi", 8), "abcdefg…");
        assert_eq!(plain("\u{1b}[31mred", 20), "[31mred");
        assert_eq!(plain("", 8), "");
        assert_eq!(plain("می\u{200c}خواهم", 2), "م…");
        assert_eq!(plain("x", 0), "…");
    }
}
